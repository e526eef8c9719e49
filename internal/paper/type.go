package paper

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/typeface"
)

// Sizes of type in points. Nothing is smaller than small.
const (
	small  = 9.0
	body   = 9.5
	strong = 11.0
	title  = 15.0
)

// faces are the cuts the sheets use.
type faces struct{ reg, bold, cond, condBold *pdf.Font }

// loadFaces parses the embedded fonts, once for the life of the process.
var loadFaces = sync.OnceValues(func() (faces, error) {
	var f faces
	for face, to := range map[typeface.Face]**pdf.Font{
		typeface.Regular: &f.reg, typeface.Bold: &f.bold,
		typeface.CondensedRegular: &f.cond, typeface.CondensedBold: &f.condBold,
	} {
		b, err := typeface.TTF(face)
		if err != nil {
			return f, fmt.Errorf("read %s: %w", face, err)
		}
		if *to, err = pdf.ParseFont(b); err != nil {
			return f, fmt.Errorf("parse %s: %w", face, err)
		}
	}
	return f, nil
})

// unprintable stands for a character that the fonts do not have.
const unprintable = '□'

// draw returns s as it can be drawn: composed characters (NFC), no control or
// direction characters, a box for what the fonts lack. Line ends stay.
func (f faces) draw(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r', unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r) && !f.cond.Has(r):
			return ' '
		case r == '\u2010', r == '\u2011', r == '\u00ad':
			return '-'
		case r == utf8.RuneError || !f.cond.Has(r):
			return unprintable
		}
		return r
	}, norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
}

// style is a cut at a size.
type style struct {
	font *pdf.Font
	size float64
}

// leading is the distance of base lines in millimetres.
func (s style) leading() float64 { return s.size * 25.4 / 72 * 1.24 }

func (s style) width(text string) float64 { return s.font.Width(text, s.size) }

// wrap breaks text into lines no wider than width millimetres: at blanks, else
// after a hyphen, slash or comma, else inside the word. Nothing is lost but the
// blank at a break. At least one character goes on a line.
func (s style) wrap(text string, width float64) []string {
	var out []string
	for para := range strings.SplitSeq(text, "\n") {
		out = append(out, s.fold(strings.TrimRight(para, " "), width)...)
	}
	return out
}

// atMost returns no more than n lines; where lines are left out the last one
// says so.
func (v voice) atMost(n int, lines []string) []string {
	if len(lines) <= n {
		return lines
	}
	return append(lines[:n-1:n-1], fmt.Sprintf(v.say("… (+%d Zeilen)", "… (+%d lines)"), len(lines)-n+1))
}

func (s style) fold(para string, width float64) []string {
	width = max(width, 0)
	if s.width(para) <= width {
		return []string{para}
	}
	var out []string
	line := ""
	for _, word := range strings.Split(para, " ") {
		with := word
		if line != "" {
			with = line + " " + word
		}
		if s.width(with) <= width {
			line = with
			continue
		}
		if line != "" {
			out = append(out, line)
		}
		for s.width(word) > width {
			n := s.cut(word, width)
			out = append(out, word[:n])
			word = word[n:]
		}
		line = word
	}
	return append(out, line)
}

// cut returns how many bytes of a word that is too wide go on this line.
func (s style) cut(word string, width float64) int {
	last, soft := 0, 0
	sum := 0.0
	for i, r := range word {
		sum += s.font.Width(string(r), s.size)
		if sum > width && i > 0 {
			break
		}
		last = i + utf8.RuneLen(r)
		if strings.ContainsRune("-/,;.)_", r) {
			soft = last
		}
	}
	if soft > last/3 {
		return soft
	}
	if last == 0 { // an invalid byte: cannot come from draw
		return 1
	}
	return last
}
