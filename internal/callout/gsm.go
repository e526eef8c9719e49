package callout

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// An SMS holds 160 characters of the alphabet of GSM 03.38 (3GPP TS 23.038,
// 6.2.1), or 153 in each of several parts. One character outside of it makes the
// gateway send all of it as UCS-2, with 67 in each part: two parts become five,
// and some gateways cut or refuse them.

// gsmOnce are its characters, and gsmTwice those that take the room of two.
const (
	gsmOnce  = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "^{}\\[~]|€"
)

// gsmLike are characters that people type, in those of the alphabet.
var gsmLike = strings.NewReplacer(
	"–", "-", "—", "-", "−", "-", "‐", "-", "‑", "-", "…", "...", "„", "\"", "“", "\"", "”", "\"", "«", "\"", "»", "\"", "‚", "'", "‘", "'", "’", "'", "`", "'", "´", "'",
	"\u00a0", " ", "\u202f", " ", "•", "-", "·", "-", "●", "-", "→", "->", "×", "x", "≥", ">=", "≤", "<=", "°", " Grad ", "²", "2", "³", "3", "µ", "u", "½", "1/2", "ẞ", "SS",
	"ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ð", "d", "þ", "th", "ı", "i", "œ", "oe", "Œ", "OE",
)

// gsm is the text in the alphabet of an SMS: a letter without its accent, "?"
// where nothing is like it.
func gsm(s string) string {
	var b strings.Builder
	for _, r := range gsmLike.Replace(norm.NFC.String(s)) {
		if gsmRoom(r) > 0 {
			b.WriteRune(r)
			continue
		}
		like := '?'
		for _, part := range norm.NFD.String(string(r)) { // the letter, then its accents
			if gsmRoom(part) > 0 {
				like = part
			}
			break
		}
		b.WriteRune(like)
	}
	return b.String()
}

// gsmRoom is how much room a character takes in an SMS; 0 where it has none.
func gsmRoom(r rune) int {
	switch {
	case strings.ContainsRune(gsmOnce, r):
		return 1
	case strings.ContainsRune(gsmTwice, r):
		return 2
	}
	return 0
}

// gsmSize is the room that a text takes in an SMS.
func gsmSize(s string) int {
	n := 0
	for _, r := range s {
		n += max(gsmRoom(r), 1)
	}
	return n
}

// gsmCut shortens a text to the room, and says so with dots.
func gsmCut(s string, room int) string {
	if gsmSize(s) <= room {
		return s
	}
	n, dots := 0, "..."
	if room < 10 {
		dots = ""
	}
	for i, r := range s {
		if n += max(gsmRoom(r), 1); n > room-len(dots) {
			return s[:i] + dots
		}
	}
	return s
}
