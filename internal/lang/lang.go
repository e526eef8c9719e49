// Package lang holds what is said in two languages: German first, English
// second. A text that a person reads is written in both at the place where it
// is said, so that neither can be forgotten or go stale in a catalogue.
package lang

// Lang is the language of a page or sheet.
type Lang string

const (
	DE Lang = "de" // German, the default
	EN Lang = "en" // English
)

// Parse returns the language named by a BCP 47 tag such as "en-GB"; everything
// that is not English is German.
func Parse(tag string) Lang {
	if len(tag) >= 2 && (tag[:2] == "en" || tag[:2] == "EN") {
		return EN
	}
	return DE
}

// Text is one sentence in both languages.
type Text struct{ DE, EN string }

// In returns the text in l. A text without English stays German.
func (t Text) In(l Lang) string {
	if l == EN && t.EN != "" {
		return t.EN
	}
	return t.DE
}
