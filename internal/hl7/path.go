package hl7

// Get returns the text at a path such as PID-5.1, PID-3(2).4.1 or OBX[3]-5:
// segment, [which one of that name], field, (repetition), component and
// subcomponent, all counted from 1. What the path leaves out is the first.
//
// It returns "" for what is absent, for a null value, and for a path that is
// none. MSH-1 and MSH-2 are the delimiters as sent.
func (m *Message) Get(path string) string {
	p, ok := parsePath(path)
	if !ok {
		return ""
	}
	n := p.segment
	for i := range m.segs {
		if !m.named(i, path[:3]) {
			continue
		}
		if n--; n == 0 {
			return m.At(i).Field(p.field).Rep(p.rep - 1).Comp(p.comp).Sub(p.sub)
		}
	}
	return ""
}

// place is a parsed path; every number counts from 1.
type place struct{ segment, field, rep, comp, sub int }

func parsePath(s string) (place, bool) {
	p := place{1, 0, 1, 1, 1}
	if len(s) < 5 {
		return p, false
	}
	s = s[3:]
	ok := true
	if s[0] == '[' {
		if p.segment, s, ok = number(s[1:], ']'); !ok {
			return p, false
		}
	}
	if len(s) == 0 || s[0] != '-' {
		return p, false
	}
	if p.field, s, ok = number(s[1:], 0); !ok {
		return p, false
	}
	if len(s) > 0 && s[0] == '(' {
		if p.rep, s, ok = number(s[1:], ')'); !ok {
			return p, false
		}
	}
	if len(s) > 0 && s[0] == '.' {
		if p.comp, s, ok = number(s[1:], 0); !ok {
			return p, false
		}
	}
	if len(s) > 0 && s[0] == '.' {
		if p.sub, s, ok = number(s[1:], 0); !ok {
			return p, false
		}
	}
	return p, s == ""
}

// number reads a number from 1 to 999,999 and, if end is not 0, the character
// that must follow it.
func number(s string, end byte) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < 6 && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if n == 0 {
		return 0, "", false
	}
	s = s[i:]
	if end == 0 {
		return n, s, true
	}
	if len(s) == 0 || s[0] != end {
		return 0, "", false
	}
	return n, s[1:], true
}
