package hl7

// Delims are the characters that part a message, as its MSH-1 and MSH-2 name
// them (HL7 v2.5 section 2.5.4). A zero byte means: not in use.
type Delims struct {
	Field        byte // MSH-1, usually |
	Component    byte // usually ^
	Repetition   byte // usually ~
	Escape       byte // usually \
	Subcomponent byte // usually &
	Truncation   byte // usually not in use; # from v2.7 on
}

// DefaultDelims returns the delimiters nearly everybody sends: |^~\&.
func DefaultDelims() Delims {
	return Delims{Field: '|', Component: '^', Repetition: '~', Escape: '\\', Subcomponent: '&'}
}

// Header returns MSH-1 and MSH-2 as they stand behind the letters MSH.
func (d Delims) Header() string {
	b := make([]byte, 0, 6)
	b = append(b, d.Field)
	for _, c := range [...]byte{d.Component, d.Repetition, d.Escape, d.Subcomponent, d.Truncation} {
		if c == 0 {
			break
		}
		b = append(b, c)
	}
	return string(b)
}

// usable reports whether c can part fields: a letter, a digit, a blank or a
// line end there means that this is no MSH but a word that begins with MSH.
func usable(c byte) bool {
	switch {
	case c == 0, c >= 0x80, c == ' ', c == '\t', c == '\r', c == '\n', c == 0x0B, c == 0x1C:
		return false
	case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		return false
	}
	return true
}

// readDelims reads the delimiters of an MSH (or FHS, BHS) line. A character
// that is named twice counts once: MSH-2 as ^~\\& is seen in the field.
func readDelims(line []byte) (Delims, bool) {
	if len(line) < 4 || !usable(line[3]) {
		return Delims{}, false
	}
	d := Delims{Field: line[3]}
	slots := [...]*byte{&d.Component, &d.Repetition, &d.Escape, &d.Subcomponent, &d.Truncation}
	n := 0
	for _, c := range line[4:] {
		if c == d.Field || n == len(slots) || !usable(c) {
			break
		}
		if c == d.Component || c == d.Repetition || c == d.Escape || c == d.Subcomponent {
			continue
		}
		*slots[n] = c
		n++
	}
	return d, true
}
