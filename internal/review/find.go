package review

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/lang"
)

// relation finds charts opened by somebody who, as far as is known, had nothing
// to do with the patient then.
func (in *input) relation() []Hit {
	var out []Hit
	for _, who := range in.people() {
		p, ok := in.w.People[who]
		if !ok {
			continue
		}
		days, of := in.byDay(only(in.person[who], opensChart))
		for _, day := range days {
			strange := distinct(only(of[day], func(a *Access) bool { return !in.knows(a) }))
			bare := only(of[day], func(a *Access) bool { return in.knows(a) && !in.related(p, a) })
			n := distinct(bare)
			if n < in.r.Relation.Least {
				continue
			}
			h := in.hit("relation", day, bare, min(100, in.r.Relation.Points+2*n))
			wards := "das ganze Haus"
			wardsEN := "the whole house"
			if len(p.Wards) > 0 {
				wards = strings.Join(p.Wards, ", ")
				wardsEN = wards
			}
			work := p.work()
			h.Why = append(h.Why,
				lang.Text{DE: fmt.Sprintf("%s geöffnet, ohne dass ein Behandlungsbezug zu sehen ist (von %d an diesem Tag).", count(n, "Akte", "Akten"), distinct(of[day])), EN: fmt.Sprintf("%s opened without a visible treatment relation (of %d that day).", count(n, "chart", "charts"), distinct(of[day]))},
				lang.Text{DE: "Stationen der Person: " + wards + ". Rollen: " + work.DE + ".", EN: "Wards of the person: " + wardsEN + ". Roles: " + work.EN + "."})
			if lost := only(bare, func(a *Access) bool { return len(in.w.Patients[a.Patient].Stays) == 0 }); len(lost) > 0 {
				h.Against = append(h.Against, lang.Text{DE: count(distinct(lost), "Patient hat", "Patienten haben") + " hier keinen bekannten Aufenthalt: er kann vor der Zeit der Aufzeichnung liegen.", EN: count(distinct(lost), "patient has", "patients have") + " no known stay here: it may lie before the time of the records."})
			}
			if strange > 0 {
				h.Against = append(h.Against, lang.Text{DE: count(strange, "Patient ist", "Patienten sind") + " hier nicht bekannt und wurden nicht mitgezählt.", EN: count(strange, "patient is", "patients are") + " not known here and not counted."})
			}
			out = append(out, h)
		}
	}
	return out
}

// knows reports whether anything is known here of the patient: of somebody
// unknown nobody can say who treats them.
func (in *input) knows(a *Access) bool {
	_, ok := in.w.Patients[a.Patient]
	return ok
}

// related reports whether the person can have had to do with the patient at the
// time of the access.
func (in *input) related(p Person, a *Access) bool {
	pt, known := in.w.Patients[a.Patient]
	if !known {
		return false
	}
	r := in.r.Relation
	near := func(s Stay) bool {
		return !a.At.Before(s.From.Add(-r.Ahead)) && (s.To.IsZero() || a.At.Before(s.To.Add(r.After)))
	}
	house := len(p.Wards) == 0 && !outsider(p.Roles) || slices.ContainsFunc(p.Roles, func(role string) bool { return slices.Contains(r.House, role) })
	wards := p.Wards
	for _, d := range in.onDuty(a.Person, a.At) {
		house = house || len(d.Wards) == 0
		wards = append(slices.Clip(wards), d.Wards...)
	}
	for _, s := range pt.Stays {
		if near(s) && (house || slices.Contains(wards, s.Ward)) {
			return true
		}
	}
	return house && in.ordered(a)
}

// ordered reports whether something was asked for the patient around the access.
func (in *input) ordered(a *Access) bool {
	return slices.ContainsFunc(in.w.Patients[a.Patient].Orders, func(t time.Time) bool {
		return !a.At.Before(t.Add(-in.r.Relation.Ahead)) && a.At.Before(t.Add(in.r.Relation.After))
	})
}

// outsider reports whether none of the roles treats patients: no ward then does
// not mean every ward.
func outsider(roles []string) bool {
	return !slices.ContainsFunc(roles, func(r string) bool { return r != "it" && r != "auditor" })
}

// mass finds days with many more patients than the person and the role are used
// to.
func (in *input) mass() []Hit {
	role := in.roleMedians()
	var out []Hit
	for _, who := range in.people() {
		charts := func(list []*Access) (days []string, of map[string][]*Access) { return in.byDay(only(list, opensChart)) }
		pastDays, past := charts(in.before[who])
		days, of := charts(in.person[who])
		for _, day := range days {
			n := distinct(of[day])
			if n < in.r.Mass.Least {
				continue
			}
			var usual []int
			for _, d := range pastDays {
				usual = append(usual, distinct(past[d]))
			}
			for _, d := range days {
				if d < day {
					usual = append(usual, distinct(of[d]))
				}
			}
			own, knows := median(usual), len(usual) >= in.r.Mass.Days
			of2, roleKnown := role[in.mainRole(who)]
			if knows && (float64(n) < in.r.Mass.Times*own || float64(n) <= of2) || !knows && roleKnown && float64(n) < in.r.Mass.Role*of2 {
				continue
			}
			h := in.hit("mass", day, of[day], min(100, in.r.Mass.Points+n/10))
			h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("%s an einem Tag geöffnet, zwischen %s und %s.", count(n, "Patient", "Patienten"), in.clock(h.From), in.clock(h.To)), EN: fmt.Sprintf("%s opened on one day, between %s and %s.", count(n, "patient", "patients"), in.clock(h.From), in.clock(h.To))})
			if knows {
				h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("An einem gewöhnlichen Tag sind es bei dieser Person %s (Median aus %d Tagen).", number(own), len(usual)), EN: fmt.Sprintf("On a usual day it is %s for this person (median of %d days).", number(own), len(usual))})
			} else {
				h.Against = append(h.Against, lang.Text{DE: fmt.Sprintf("Von dieser Person sind erst %d frühere Tage bekannt: der eigene Rhythmus ist unsicher.", len(usual)), EN: fmt.Sprintf("Only %d earlier days of this person are known: the own rhythm is uncertain.", len(usual))})
			}
			if roleKnown {
				h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("In derselben Rolle sind es %s am Tag.", number(of2)), EN: fmt.Sprintf("In the same role it is %s a day.", number(of2))})
			}
			out = append(out, h)
		}
	}
	return out
}

func (in *input) mainRole(who string) string {
	if p, ok := in.w.People[who]; ok && len(p.Roles) > 0 {
		return p.Roles[0]
	}
	return ""
}

// roleMedians returns how many patients a usual day of a role has, over the
// people whose rhythm lies before the span.
func (in *input) roleMedians() map[string]float64 {
	days := map[string][]int{}
	for who, list := range in.before {
		role := in.mainRole(who)
		if role == "" {
			continue
		}
		_, of := in.byDay(only(list, opensChart))
		for _, l := range of {
			days[role] = append(days[role], distinct(l))
		}
	}
	out := map[string]float64{}
	for role, n := range days {
		if len(n) >= in.r.Mass.Days {
			out[role] = median(n)
		}
	}
	return out
}

func median(n []int) float64 {
	if len(n) == 0 {
		return 0
	}
	n = slices.Clone(n)
	slices.Sort(n)
	if m := len(n) / 2; len(n)%2 == 0 {
		return float64(n[m-1]+n[m]) / 2
	}
	return float64(n[len(n)/2])
}

func number(x float64) string {
	if x == math.Trunc(x) {
		return fmt.Sprintf("%.0f", x)
	}
	return strings.Replace(fmt.Sprintf("%.1f", x), ".", ",", 1)
}

// hours finds reading outside the hours of the role and of the own habit.
func (in *input) hours() []Hit {
	var out []Hit
	for _, who := range in.people() {
		var habit [24]int
		for _, a := range in.before[who] {
			habit[a.At.In(in.w.Zone).Hour()]++
		}
		learnt := len(in.before[who])
		shifts := in.shiftsOf(who)
		p, known := in.w.People[who]
		days, of := in.byDay(in.person[who])
		for _, day := range days {
			odd := only(of[day], func(a *Access) bool {
				if len(in.onDuty(who, a.At)) > 0 || len(shifts) == 0 && known && opensChart(a) && in.related(p, a) {
					return false // a night of somebody who works around the clock, with the own patients
				}
				at := a.At.In(in.w.Zone)
				if learnt >= in.r.Hours.Learn {
					return float64(habit[at.Hour()]) < in.r.Hours.Share*float64(learnt)
				}
				return len(shifts) > 0 && !slices.ContainsFunc(shifts, func(s shift) bool { return s.has(at) || s.has(at.Add(-handover)) || s.has(at.Add(handover)) })
			})
			if len(odd) < in.r.Hours.Least {
				continue
			}
			h := in.hit("hours", day, odd, min(100, in.r.Hours.Points+distinct(odd)/5))
			h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("%s zwischen %s und %s.", count(len(odd), "Zugriff", "Zugriffe"), in.clock(h.From), in.clock(h.To)), EN: fmt.Sprintf("%s between %s and %s.", count(len(odd), "access", "accesses"), in.clock(h.From), in.clock(h.To))})
			if learnt >= in.r.Hours.Learn {
				h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("In diesen Stunden liest die Person sonst fast nie (weniger als %s %% ihrer %d früheren Zugriffe je Stunde).", number(100*in.r.Hours.Share), learnt), EN: fmt.Sprintf("The person hardly ever reads in these hours (less than %s %% of %d earlier accesses for each hour).", number(100*in.r.Hours.Share), learnt)})
				if len(shifts) == 0 {
					h.Against = append(h.Against, lang.Text{DE: "Für die Rolle sind keine Arbeitszeiten hinterlegt: sie kann rund um die Uhr arbeiten. Ein Wechsel zwischen Tag- und Nachtdienst sieht genauso aus.", EN: "No working hours are set for the role: it may work around the clock. A change between day and night shifts looks the same."})
				}
			} else {
				h.Why = append(h.Why, lang.Text{DE: "Das liegt außerhalb der Zeiten, die für die Rolle hinterlegt sind.", EN: "That is outside the hours set for the role."})
				h.Against = append(h.Against, lang.Text{DE: "Die eigene Gewohnheit der Person ist noch nicht bekannt.", EN: "The person's own habit is not known yet."})
			}
			out = append(out, h)
		}
	}
	return out
}

// shiftsOf returns the hours of the person's roles, none where a role works
// around the clock or nobody knows it.
func (in *input) shiftsOf(who string) []shift {
	var out []shift
	for _, role := range in.w.People[who].Roles {
		s, err := parseShift(in.r.Hours.Roles[role])
		if err != nil {
			return nil
		}
		out = append(out, s)
	}
	return out
}

// beforeChange finds who read a patient's data before it was altered.
func (in *input) beforeChange() []Hit {
	read := map[string][]*Access{}
	for i := range in.all {
		if a := &in.all[i]; a.Patient != "" && a.Deed != Searched && a.Deed != Listed && a.At.Before(in.span.To) {
			read[string(a.Patient)] = append(read[string(a.Patient)], a)
		}
	}
	var out []Hit
	for _, c := range in.w.Alters {
		if !in.span.Has(c.At) {
			continue
		}
		by := map[string][]*Access{}
		var who []string
		for _, a := range read[string(c.Patient)] {
			if a.At.After(c.At) || c.At.Sub(a.At) > in.r.Before.Within {
				continue
			}
			if by[a.Person] == nil {
				who = append(who, a.Person)
			}
			by[a.Person] = append(by[a.Person], a)
		}
		slices.Sort(who)
		for _, p := range who {
			list := by[p]
			bare := in.w.People[p].Name == "" || !slices.ContainsFunc(list, func(a *Access) bool { return in.related(in.w.People[p], a) })
			points := in.r.Before.Points / 2
			if bare || in.acted(c.By, p) {
				points = in.r.Before.Points
			}
			h := in.hit("before-change", c.Ref, list, min(100, points))
			h.Why = append(h.Why,
				lang.Text{DE: fmt.Sprintf("Am %s wurde geändert: %s.", in.clock(c.At), c.What.DE), EN: fmt.Sprintf("Altered on %s: %s.", in.clock(c.At), c.What.EN)},
				lang.Text{DE: fmt.Sprintf("Davor hat die Person diese Akte %s geöffnet, zuletzt %s vorher.", times(len(list), lang.DE), lasting(c.At.Sub(list[len(list)-1].At), lang.DE)), EN: fmt.Sprintf("Before that the person opened this chart %s, last %s earlier.", times(len(list), lang.EN), lasting(c.At.Sub(list[len(list)-1].At), lang.EN))})
			if bare {
				h.Why = append(h.Why, lang.Text{DE: "Ein Behandlungsbezug ist nicht zu sehen.", EN: "No treatment relation is visible."})
			} else {
				h.Against = append(h.Against, lang.Text{DE: "Die Person hatte mit dem Patienten zu tun.", EN: "The person had to do with the patient."})
			}
			in.said(&h, c.By, p)
			out = append(out, h)
		}
	}
	return out
}

// operated are the fields in which a message says who did what it tells (HL7
// v2.9.1: operator, entered by, action by). Every other person in it ordered,
// answers for or signed what was altered.
var operated = []string{"EVN-5", "ORC-10", "ORC-19"}

// namedFields gives each field of a message that names people, with its words.
func namedFields(by string) func(yield func(field string, words []string) bool) {
	return func(yield func(string, []string) bool) {
		for part := range strings.SplitSeq(by, ";") {
			words := strings.FieldsFunc(part, func(r rune) bool { return r == ' ' || r == ',' || r == '(' || r == ')' })
			if len(words) > 1 && !yield(words[0], words[1:]) {
				return
			}
		}
	}
}

func hasID(words []string, id string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, id) })
}

// acted reports whether a message names the person as who altered it: by the
// sign-in name, or by a name that nobody else here has.
func (in *input) acted(by, id string) bool {
	for field, words := range namedFields(by) {
		if slices.Contains(operated, field) && (hasID(words, id) || in.onlyOne(words, id)) {
			return true
		}
	}
	return false
}

// onlyOne reports whether words hold surname and initial of the person, and of
// nobody else here. A surname of many is nobody's.
func (in *input) onlyOne(words []string, id string) bool {
	p := in.w.People[id]
	if !p.called(words) || slices.ContainsFunc(in.r.Own.Common, func(n string) bool { return Fold(n) == p.surname() }) {
		return false
	}
	for other, x := range in.w.People {
		if other != id && x.called(words) {
			return false
		}
	}
	return true
}

// called reports whether words hold surname and initial: "Kurz M" of "M. Kurz".
func (p Person) called(words []string) bool {
	f := strings.Fields(p.Name)
	if len(f) < 2 {
		return false
	}
	surname, given := p.surname(), Fold(f[len(f)-2])
	if surname == "" || given == "" || !slices.ContainsFunc(words, func(w string) bool { return Fold(w) == surname }) {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool {
		w = Fold(w)
		return w != surname && w != "" && w[0] == given[0]
	})
}

// said adds what the message of a change says about the person. A surname is not
// a person, and who ordered something has not altered it.
func (in *input) said(h *Hit, by, id string) {
	surname := in.w.People[id].surname()
	other, alike, another := "", "", false
	for field, words := range namedFields(by) {
		operates := slices.Contains(operated, field)
		switch {
		case operates && hasID(words, id):
			h.Why = append(h.Why, lang.Text{DE: "Die Nachricht nennt diese Person als die, die geändert hat: " + by + ".", EN: "The message names this person as the one who altered it: " + by + "."})
			return
		case operates && in.onlyOne(words, id):
			h.Why = append(h.Why, lang.Text{DE: "Die Nachricht nennt diese Person dem Namen nach als die, die geändert hat: " + by + ".", EN: "The message names this person by name as the one who altered it: " + by + "."})
			h.Against = append(h.Against, lang.Text{DE: "Der Anmeldename dort ist ein anderer: es kann jemand gleichen Namens sein, der hier nicht bekannt ist.", EN: "The sign-in name there is another one: it may be somebody of the same name who is not known here."})
			return
		case hasID(words, id):
			other = field
		case surname != "" && slices.ContainsFunc(words, func(w string) bool { return Fold(w) == surname }):
			alike = field
		case operates:
			another = true
		}
	}
	switch {
	case other != "":
		h.Against = append(h.Against, lang.Text{DE: "Die Nachricht nennt diese Person, aber nicht als die, die geändert hat (" + other + "): " + by + ".", EN: "The message names this person, but not as the one who altered it (" + other + "): " + by + "."})
	case alike != "":
		h.Why = append(h.Why, lang.Text{DE: "Die Nachricht nennt diesen Nachnamen (" + alike + "): " + by + ".", EN: "The message names this surname (" + alike + "): " + by + "."})
		h.Against = append(h.Against, lang.Text{DE: "Der Nachname allein sagt nicht, wer gemeint ist; der Anmeldename steht nicht da.", EN: "The surname alone does not say who is meant; the sign-in name is not there."})
	case another:
		h.Against = append(h.Against, lang.Text{DE: "Die Nachricht nennt eine andere Person: " + by + ".", EN: "The message names another person: " + by + "."})
	}
}

func times(n int, l lang.Lang) string {
	if l == lang.EN {
		return count(n, "time", "times")
	}
	return fmt.Sprintf("%d-mal", n)
}

// lasting is a length of time to the minute.
func lasting(d time.Duration, l lang.Lang) string {
	return lang.Lasting(d.Truncate(time.Minute)).In(l)
}

// searches finds days with many searches after which nothing was opened.
func (in *input) searches() []Hit {
	var out []Hit
	for _, who := range in.people() {
		searched := func(a *Access) bool { return a.Deed == Searched }
		_, all := in.byDay(only(in.person[who], searched))
		days, of := in.byDay(in.idleSearches(who))
		for _, day := range days {
			idle := of[day]
			if len(idle) < in.r.Searches.Least {
				continue
			}
			h := in.hit("searches", day, idle, min(100, in.r.Searches.Points+len(idle)/5))
			h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("%s, von denen keine innerhalb von %s zu einer Akte führte (von %d an diesem Tag).", count(len(idle), "Suche", "Suchen"), lasting(in.r.Searches.Within, lang.DE), len(all[day])), EN: fmt.Sprintf("%s that did not lead to a chart within %s (of %d that day).", count(len(idle), "search", "searches"), lasting(in.r.Searches.Within, lang.EN), len(all[day]))})
			out = append(out, h)
		}
	}
	return out
}

// idleSearches are the searches of a person in the span after which no chart was
// opened, also where midnight or the end of the span came between.
func (in *input) idleSearches(who string) []*Access {
	list := slices.Concat(in.person[who], in.after[who])
	var idle []*Access
	next := len(list)
	for i, a := range slices.Backward(list) {
		if opensChart(a) || a.Deed == Changed && a.subject() != "" {
			next = i
		}
		if i < len(in.person[who]) && a.Deed == Searched && (next == len(list) || list[next].At.Sub(a.At) > in.r.Searches.Within) {
			idle = append(idle, a)
		}
	}
	slices.Reverse(idle)
	return idle
}

// glass finds break-glass reading that came often in a day, or for patients of
// whom nothing was known.
func (in *input) glass() []Hit {
	var out []Hit
	for _, who := range in.people() {
		days, of := in.byDay(only(in.person[who], func(a *Access) bool { return a.Glass || a.Deed == Unlocked }))
		for _, day := range days {
			list := of[day]
			reasons, idle := map[string]bool{}, 0
			for _, a := range list {
				reasons[a.Session+"\x00"+a.Reason] = true
			}
			came := func(a *Access) bool { return cameOf(list, a) }
			if last := list[len(list)-1].At; in.w.Now.Sub(last) > time.Hour && !slices.ContainsFunc(in.person[who], came) && !slices.ContainsFunc(in.after[who], came) {
				idle = len(reasons)
			}
			bare := 0
			if p, ok := in.w.People[who]; ok {
				bare = distinct(only(list, func(a *Access) bool { return opensChart(a) && !in.related(p, a) }))
			}
			if len(reasons) < in.r.Glass.Least && bare == 0 && idle == 0 {
				continue
			}
			h := in.hit("glass", day, list, min(100, in.r.Glass.Points+5*len(reasons)+2*bare))
			h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("An einem Tag mit %s gelesen, %s.", count(len(reasons), "Grund", "Gründen"), count(distinct(list), "Patient", "Patienten")), EN: fmt.Sprintf("Read with %s on one day, %s.", count(len(reasons), "reason", "reasons"), count(distinct(list), "patient", "patients"))})
			if bare > 0 {
				h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("Bei %s ist kein Behandlungsbezug zu sehen.", count(bare, "Patient", "Patienten")), EN: fmt.Sprintf("For %s no treatment relation is visible.", count(bare, "patient", "patients"))})
			}
			if idle > 0 {
				h.Why = append(h.Why, lang.Text{DE: "Danach wurde keine Akte geöffnet.", EN: "No chart was opened after it."})
			}
			out = append(out, h)
		}
	}
	return out
}

// glassCovers is how long after a reason what was opened still came of it.
const glassCovers = 12 * time.Hour

// cameOf reports whether an access opened a chart after one of the reasons: a
// foreign log marks only the reason, and a night goes over midnight.
func cameOf(reasons []*Access, a *Access) bool {
	return opensChart(a) && slices.ContainsFunc(reasons, func(r *Access) bool {
		return !a.At.Before(r.At) && a.At.Sub(r.At) <= glassCovers && (r.subject() == "" || r.subject() == a.subject())
	})
}

// ownName finds the own record and patients of the same surname.
func (in *input) ownName() []Hit {
	common := map[string]bool{}
	for _, n := range in.r.Own.Common {
		common[Fold(n)] = true
	}
	var out []Hit
	for _, who := range in.people() {
		p, ok := in.w.People[who]
		if !ok {
			continue
		}
		by := map[string][]*Access{}
		var keys []string
		for _, a := range only(in.person[who], opensChart) {
			same := p.surname() != "" && in.w.Patients[a.Patient].Surname == p.surname() && !common[p.surname()]
			if a.Patient == "" || !same && !slices.Contains(p.Own, a.Patient) {
				continue
			}
			if by[string(a.Patient)] == nil {
				keys = append(keys, string(a.Patient))
			}
			by[string(a.Patient)] = append(by[string(a.Patient)], a)
		}
		for _, k := range keys {
			list := by[k]
			own := slices.Contains(p.Own, list[0].Patient)
			points, why := in.r.Own.Points, lang.Text{DE: "Der Patient trägt den Nachnamen der Person, die liest.", EN: "The patient has the surname of the person who reads."}
			if own {
				points, why = min(100, points+15), lang.Text{DE: "Es ist laut Liste die eigene Akte der Person.", EN: "According to the list it is the person's own record."}
			}
			h := in.hit("own-name", k, list, points)
			h.Why = append(h.Why, why)
			if with := only(list, func(a *Access) bool { return in.related(p, a) }); len(with) > 0 && !own {
				if len(with) == len(list) {
					h.Points /= 2
				}
				h.Against = append(h.Against, lang.Text{DE: fmt.Sprintf("Bei %d von %d Zugriffen hatte die Person auf ihrer Station mit dem Patienten zu tun.", len(with), len(list)), EN: fmt.Sprintf("For %d of %d accesses the person had to do with the patient on the own ward.", len(with), len(list))})
			}
			out = append(out, h)
		}
	}
	return out
}

// flagged finds who opened the chart of somebody in the list.
func (in *input) flagged() []Hit {
	var out []Hit
	for _, who := range in.people() {
		by := map[string][]*Access{}
		var keys []string
		for _, a := range only(in.person[who], opensChart) {
			if in.w.Flagged[a.Patient] == "" || a.Patient == "" {
				continue
			}
			if p, ok := in.w.People[who]; ok && in.related(p, a) {
				continue
			}
			if by[string(a.Patient)] == nil {
				keys = append(keys, string(a.Patient))
			}
			by[string(a.Patient)] = append(by[string(a.Patient)], a)
		}
		for _, k := range keys {
			h := in.hit("flagged", k, by[k], in.r.Flagged.Points)
			word := in.w.Flagged[by[k][0].Patient]
			h.Why = append(h.Why, lang.Text{DE: "Der Patient steht in der Liste der besonders geschützten Akten: " + word + ". Ein Behandlungsbezug ist nicht zu sehen.", EN: "The patient is in the list of specially protected charts: " + word + ". No treatment relation is visible."})
			out = append(out, h)
		}
	}
	return out
}

// ownPrints is how many times as many prints of the own patients are a hit.
const ownPrints = 8

// takeOut finds days with many prints and exports.
func (in *input) takeOut() []Hit {
	var out []Hit
	for _, who := range in.people() {
		days, of := in.byDay(only(in.person[who], func(a *Access) bool { return a.Deed == Printed || a.Deed == Exported }))
		for _, day := range days {
			list := of[day]
			exports := len(only(list, func(a *Access) bool { return a.Deed == Exported }))
			p, known := in.w.People[who]
			bare := len(only(list, func(a *Access) bool { return !known || !in.related(p, a) }))
			if bare < in.r.TakeOut.Least && len(list) < ownPrints*in.r.TakeOut.Least && exports == 0 {
				continue // the folder of the own ward is printed at each outage
			}
			h := in.hit("take-out", day, list, min(100, in.r.TakeOut.Points+5*exports+len(list)/5))
			h.Why = append(h.Why, lang.Text{DE: fmt.Sprintf("An einem Tag %s und %s.", count(len(list)-exports, "Druck", "Drucke"), count(exports, "Ausleitung", "Ausleitungen")), EN: fmt.Sprintf("%s and %s on one day.", count(len(list)-exports, "print", "prints"), count(exports, "export", "exports"))})
			out = append(out, h)
		}
	}
	return out
}
