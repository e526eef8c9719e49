// Package typeface holds the one type family of screens and sheets: Notbetrieb
// Sans and its condensed cut, as TrueType for PDF and as WOFF2 for browsers. It
// draws nothing and chooses no sizes.
//
// The family is IBM Plex Sans with the chart's marks (▲ ● ‼ □ ⚠ and others)
// added, renamed as the SIL Open Font License asks; derive.py made the files.
// Its figures are tabular by default, so numbers stand under each other without
// any font feature.
package typeface

import (
	"embed"
)

//go:embed files
var files embed.FS

// A Face is one cut of the family.
type Face string

const (
	Regular          Face = "NotbetriebSans-Regular"
	Bold             Face = "NotbetriebSans-Bold"
	Italic           Face = "NotbetriebSans-Italic"
	CondensedRegular Face = "NotbetriebSansCondensed-Regular"
	CondensedBold    Face = "NotbetriebSansCondensed-Bold"
	CondensedItalic  Face = "NotbetriebSansCondensed-Italic"
)

// Faces returns every cut of the family.
func Faces() []Face {
	return []Face{Regular, Bold, Italic, CondensedRegular, CondensedBold, CondensedItalic}
}

// TTF returns the TrueType file of the face, about 200 kB. The caller must not
// change the bytes. An unknown face returns an error.
func TTF(f Face) ([]byte, error) { return files.ReadFile("files/" + string(f) + ".ttf") }

// WOFF2 returns the web font file of the face, about 65 kB. An unknown face
// returns an error.
func WOFF2(f Face) ([]byte, error) { return files.ReadFile("files/" + string(f) + ".woff2") }

// Licence returns the text of the SIL Open Font License with its copyright line.
func Licence() ([]byte, error) { return files.ReadFile("files/OFL.txt") }
