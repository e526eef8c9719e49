package interpret

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// person reads PID (and NK1 for a newborn's mother).
func (r *reader) person(pid segment, aside bool) {
	if !pid.Exists() {
		return
	}
	d := clinical.Demographics{
		Birth: r.saidDate(pid, 7), BirthTime: r.birthTime(pid), Sex: r.sex(pid.Field(8)),
		Address: saidAddress(pid.Field(11)), Phones: saidPhones(pid.Field(13), pid.Field(14)),
		Language: saidLabel(pid.Field(15)), Religion: saidLabel(pid.Field(17)), Citizen: saidLabel(pid.Field(26)),
		Died: r.saidTime(pid, 29), Dead: saidFlag(pid.Field(30)), Mother: r.mother(pid),
		Multiple: saidFlag(pid.Field(24)), BirthOrder: saidNumber(pid.Field(25)),
		Unknown: saidFlag(pid.Field(31)), Aside: aside || r.f.aside,
	}
	d.Name, d.BirthName = r.names(pid.Field(5))
	if n, ok := d.Name.Value(); ok && d.Unknown.Silent() && r.s.unknownName[fold(n.Family)] {
		d.Unknown = clinical.Say(true)
	}
	if says(&d) {
		r.emit(d)
	}
}

// says reports whether anything is said of the person.
func says(d *clinical.Demographics) bool {
	return !(d.Name.Silent() && d.BirthName.Silent() && d.Birth.Silent() && d.BirthTime.Silent() && d.Sex.Silent() &&
		d.Address.Silent() && d.Phones.Silent() && d.Language.Silent() && d.Religion.Silent() && d.Citizen.Silent() &&
		d.Died.Silent() && d.Dead.Silent() && d.Mother.Silent() && d.BirthOrder.Silent() && d.Multiple.Silent() &&
		d.Unknown.Silent())
}

// birthTime is PID-7 where it was sent to the minute.
func (r *reader) birthTime(pid segment) clinical.Said[time.Time] {
	text := pid.Field(7).Text()
	if len(text) <= 8 {
		return clinical.Said[time.Time]{}
	}
	t, p, ok := r.parseTime(text)
	if !ok || p < hl7.ToMinute || t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return clinical.Said[time.Time]{}
	}
	return clinical.Say(t)
}

func (r *reader) sex(f hl7.Field) clinical.Said[clinical.Sex] {
	if f.Null() {
		return clinical.Clear[clinical.Sex]()
	}
	s, ok := r.s.sexes[fold(f.Text())]
	if !ok {
		return clinical.Said[clinical.Sex]{}
	}
	return clinical.Say(s)
}

func saidNumber(f hl7.Field) clinical.Said[int] {
	if f.Null() {
		return clinical.Clear[int]()
	}
	if n := number(f.Text()); n > 0 {
		return clinical.Say(n)
	}
	return clinical.Said[int]{}
}

func (r *reader) mother(pid segment) clinical.Said[clinical.Identifier] {
	f := pid.Field(21)
	if f.Null() {
		return clinical.Clear[clinical.Identifier]()
	}
	if ids := r.identifiers(f); ids != nil {
		return clinical.Say(ids[0])
	}
	return clinical.Said[clinical.Identifier]{}
}

// names reads PID-5: the legal name and the name at birth (type M or B).
func (r *reader) names(f hl7.Field) (name, birth clinical.Said[clinical.Name]) {
	if f.Null() {
		return clinical.Clear[clinical.Name](), birth
	}
	if f.Empty() {
		return name, birth
	}
	legal := false
	for _, rep := range f.Reps() {
		n := personName(rep)
		if n.Zero() {
			continue
		}
		kind := fold(rep.Comp(7).Text())
		switch {
		case kind == "M" || kind == "B":
			birth = clinical.Say(n)
		case kind == "L" && !legal:
			name, legal = clinical.Say(n), true
		case name.Silent():
			name = clinical.Say(n)
		}
	}
	return name, birth
}

// personName reads an XPN: family^given^further^suffix^prefix^degree.
func personName(rep hl7.Rep) clinical.Name {
	n := familyName(rep.Comp(1))
	n.Given, n.Further = value(rep.Comp(2)), value(rep.Comp(3))
	n.Suffix = value(rep.Comp(4))
	before, degree := value(rep.Comp(5)), value(rep.Comp(6))
	if nobiliary(before) && n.Prefix == "" {
		n.Prefix, before = before, ""
		n.Family = trim(strings.TrimPrefix(n.Family, n.Prefix+" "))
	}
	n.Title = title(before, degree)
	return n
}

// familyName reads an FN: surname&own prefix&own surname. The prefix ("von
// der") is part of the surname in some messages, apart from it in others.
func familyName(c hl7.Comp) clinical.Name {
	if c.Subs() <= 1 {
		return clinical.Name{Family: value(c)}
	}
	n := clinical.Name{Family: trim(c.Sub(1)), Prefix: trim(c.Sub(2))}
	if n.Prefix != "" && len(n.Family) > len(n.Prefix)+1 && strings.EqualFold(n.Family[:len(n.Prefix)+1], n.Prefix+" ") {
		n.Family = trim(n.Family[len(n.Prefix)+1:])
	}
	if n.Family == "" {
		n.Family = trim(c.Sub(3))
	}
	return n
}

// nobiliary reports whether a word is a name prefix such as "von der": it
// begins with a small letter, which titles (Dr., Prof.) do not.
func nobiliary(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(first)
}

// saidAddress reads the first home address (XAD).
func saidAddress(f hl7.Field) clinical.Said[clinical.Address] {
	if f.Null() {
		return clinical.Clear[clinical.Address]()
	}
	if f.Empty() {
		return clinical.Said[clinical.Address]{}
	}
	for _, rep := range f.Reps() {
		switch fold(rep.Comp(7).Text()) {
		case "B", "BDL", "N", "BR": // work, place of birth
			continue
		}
		street := trim(rep.Comp(1).Sub(1))
		if street == "" && rep.Comp(1).Subs() > 1 {
			street = joinWords(trim(rep.Comp(1).Sub(2)), trim(rep.Comp(1).Sub(3)))
		}
		a := clinical.Address{Street: street, City: value(rep.Comp(3)), Zip: value(rep.Comp(5)), Country: value(rep.Comp(6))}
		if a != (clinical.Address{}) {
			return clinical.Say(a)
		}
	}
	return clinical.Said[clinical.Address]{}
}

// saidPhones reads telephone numbers (XTN) of home and work. A mail address is
// none.
func saidPhones(fields ...hl7.Field) clinical.Said[[]string] {
	cleared := false
	var list []string
	for _, f := range fields {
		cleared = cleared || f.Null()
		list = append(list, phones(f)...)
	}
	switch {
	case len(list) > 0:
		return clinical.Say(list)
	case cleared:
		return clinical.Clear[[]string]()
	}
	return clinical.Said[[]string]{}
}

func phones(f hl7.Field) []string {
	if f.Empty() || f.Null() {
		return nil
	}
	var list []string
	for _, rep := range f.Reps() {
		switch fold(rep.Comp(3).Text()) {
		case "INTERNET", "X.400", "TTY":
			continue
		}
		n := value(rep.Comp(1))
		if n == "" {
			n = value(rep.Comp(12))
		}
		if n == "" {
			n = joinWords(value(rep.Comp(5)), value(rep.Comp(6)), value(rep.Comp(7)))
		}
		if n != "" && !strings.Contains(n, "@") {
			list = append(list, n)
		}
	}
	return list
}
