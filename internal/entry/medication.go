package entry

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// The forms of medication have pages of their own: what is prescribed is checked
// against the patient, what is given against what is prescribed.

// Kinds of the forms of medication.
const (
	PrescriptionForm = "prescription" // a new one, or a change of one
	StandingForm     = "rx-standing"  // stopped, paused, resumed
	ContestForm      = "rx-contest"   // decided between here and another system
	DoseForm         = "dose"
)

var prescriptionForm = &Form{
	Kind: PrescriptionForm, Right: "prescribe", Risk: true,
	Title: lang.Text{DE: "Verordnung", EN: "Prescription"},
	Fields: []Field{
		{Name: "drug", Label: lang.Text{DE: "Mittel", EN: "Drug"}, Kind: Line, Need: true, Hint: lang.Text{DE: "Wirkstoff oder Handelsname, ganz ausgeschrieben.", EN: "Substance or brand, in full."}},
		{Name: "pzn", Label: lang.Text{DE: "PZN", EN: "PZN"}, Kind: Line, Max: 100, Hint: lang.Text{DE: "Nur wenn bekannt; auch gescannt.", EN: "Only if known; also scanned."}},
		{Name: "strength", Label: lang.Text{DE: "Stärke", EN: "Strength"}, Kind: Line, Max: 60, Hint: lang.Text{DE: "eines Stücks oder der Lösung: 40 mg, 25 000 IE/5 ml", EN: "of one piece or of the solution: 40 mg, 25 000 IU/5 ml"}},
		{Name: "form", Label: lang.Text{DE: "Form", EN: "Form"}, Kind: Line, Max: 60},
		{Name: "dose", Label: lang.Text{DE: "Einzeldosis", EN: "Single dose"}, Kind: Line, Max: 60, Hint: lang.Text{DE: "mit Einheit: 1 Tbl., 40 mg, 5 000 IE", EN: "with its unit: 1 tablet, 40 mg, 5 000 IU"}},
		{Name: "route", Label: lang.Text{DE: "Weg", EN: "Route"}, Kind: Line, Max: 40, Need: true},
		{Name: "scheme", Label: lang.Text{DE: "Schema", EN: "Scheme"}, Kind: Line, Max: 40, Group: whenGiven, Hint: lang.Text{DE: "1-0-1-0 für morgens-mittags-abends-nachts", EN: "1-0-1-0 for morning-noon-evening-night"}},
		{Name: "times", Label: lang.Text{DE: "Uhrzeiten", EN: "Times"}, Kind: Line, Max: 100, Group: whenGiven, Hint: lang.Text{DE: "08:00 20:00", EN: "08:00 20:00"}},
		{Name: "interval", Label: lang.Text{DE: "Abstand", EN: "Interval"}, Kind: Line, Max: 40, Group: whenGiven, Hint: lang.Text{DE: "alle 8 h, einmalig, 1x wöchentlich", EN: "every 8 h, once, 1x wöchentlich"}},
		{Name: "rate", Label: lang.Text{DE: "Laufrate", EN: "Rate"}, Kind: Line, Max: 40, Group: whenGiven, Hint: lang.Text{DE: "nur Infusionen: 2 ml/h", EN: "infusions only: 2 ml/h"}},
		{Name: "needed", Label: lang.Text{DE: "bei Bedarf", EN: "as needed"}, Kind: Check, Group: asNeeded},
		{Name: "most", Label: lang.Text{DE: "höchstens in 24 h", EN: "at most in 24 h"}, Kind: Line, Max: 60, Group: asNeeded, Hint: lang.Text{DE: "4 g oder 4 × täglich", EN: "4 g or 4 × täglich"}},
		{Name: "indication", Label: lang.Text{DE: "wogegen, wofür", EN: "indication"}, Kind: Line, Group: asNeeded},
		{Name: "start", Label: lang.Text{DE: "ab", EN: "from"}, Kind: Line, Max: 40, Group: fromTo, Hint: lang.Text{DE: "Leer heißt jetzt. Sonst 18:00, morgen 08:00 oder 25.11. 08:00.", EN: "Empty means now. Else 18:00, tomorrow 08:00 or 25.11. 08:00."}},
		{Name: "end", Label: lang.Text{DE: "bis", EN: "until"}, Kind: Line, Max: 40, Group: fromTo, Hint: lang.Text{DE: "Leer heißt bis auf Weiteres.", EN: "Empty means until further notice."}},
		{Name: "note", Label: lang.Text{DE: "Hinweis", EN: "Note"}, Kind: Line, Group: fromTo},
		{Name: "checks", Label: lang.Text{DE: "Prüfung beim Verordnen", EN: "Check while prescribing"}, Kind: Lines},
		{Name: "despite", Label: lang.Text{DE: "Trotzdem verordnet, weil", EN: "Prescribed all the same, because"}, Kind: Lines, Max: 1000},
		{Name: "was", Label: lang.Text{DE: "Ersetzt", EN: "Replaces"}, Kind: Line, Max: 1000},
	},
	Rules: prescriptionRules,
}

const (
	whenGiven = "Wann"
	asNeeded  = "Bei Bedarf"
	fromTo    = "Dauer"
)

var standingForm = &Form{
	Kind: StandingForm, Right: "prescribe", Risk: true,
	Title: lang.Text{DE: "Verordnung absetzen, pausieren, fortsetzen", EN: "Stop, pause or resume a prescription"},
	Fields: []Field{
		{Name: "drug", Label: lang.Text{DE: "Verordnung", EN: "Prescription"}, Kind: Line, Max: 1000},
		{Name: "to", Label: lang.Text{DE: "Nun", EN: "Now"}, Kind: Choice, Need: true, Options: []Option{
			{"stop", lang.Text{DE: "abgesetzt", EN: "stopped"}}, {"hold", lang.Text{DE: "pausiert", EN: "paused"}}, {"resume", lang.Text{DE: "fortgesetzt", EN: "resumed"}},
		}},
		{Name: "why", Label: lang.Text{DE: "Warum", EN: "Why"}, Kind: Line, Need: true},
	},
}

var contestForm = &Form{
	Kind: ContestForm, Right: "prescribe", Risk: true,
	Title: lang.Text{DE: "Strittige Verordnung entschieden", EN: "Contested prescription decided"},
	Fields: []Field{
		{Name: "drug", Label: lang.Text{DE: "Verordnung", EN: "Prescription"}, Kind: Line, Max: 1000},
		{Name: "ours", Label: lang.Text{DE: "Hier stand", EN: "Here it stood as"}, Kind: Line, Max: 1000},
		{Name: "theirs", Label: lang.Text{DE: "Das andere System sagte", EN: "The other system said"}, Kind: Line, Max: 1000},
		{Name: "to", Label: lang.Text{DE: "Es gilt", EN: "What holds is"}, Kind: Choice, Need: true, Options: []Option{
			{"ours", lang.Text{DE: "was hier unterschrieben wurde", EN: "what was signed here"}}, {"theirs", lang.Text{DE: "was das andere System sagt", EN: "what the other system says"}},
		}},
		{Name: "why", Label: lang.Text{DE: "Warum", EN: "Why"}, Kind: Line, Need: true},
	},
}

var doseForm = &Form{
	Kind: DoseForm, Right: "give-doses", Risk: true,
	Title: lang.Text{DE: "Gabe", EN: "Dose"},
	Fields: []Field{
		{Name: "rx", Label: lang.Text{DE: "Verordnung", EN: "Prescription"}, Kind: Line, Max: 1000},
		{Name: "due", Label: lang.Text{DE: "Geplant", EN: "Planned"}, Kind: Line},
		{Name: "status", Label: lang.Text{DE: "Was geschah", EN: "What happened"}, Kind: Choice, Need: true, Options: []Option{
			{string(clinical.Given), lang.Text{DE: "gegeben", EN: "given"}},
			{string(clinical.Partly), lang.Text{DE: "teilweise gegeben", EN: "partly given"}},
			{string(clinical.Refused), lang.Text{DE: "abgelehnt", EN: "refused"}},
			{string(clinical.NotGiven), lang.Text{DE: "nicht gegeben", EN: "not given"}},
			{string(clinical.Postponed), lang.Text{DE: "verschoben", EN: "postponed"}},
		}},
		{Name: "amount", Label: lang.Text{DE: "Gegebene Menge", EN: "Amount given"}, Kind: Line, Max: 60},
		{Name: "why", Label: lang.Text{DE: "Grund", EN: "Reason"}, Kind: Choice, Options: []Option{
			{"will", lang.Text{DE: "möchte es nicht", EN: "does not want it"}},
			{"asleep", lang.Text{DE: "schläft, nicht weckbar", EN: "asleep, cannot be woken"}},
			{"fasting", lang.Text{DE: "nüchtern", EN: "fasting"}},
			{"vomits", lang.Text{DE: "erbricht oder kann nicht schlucken", EN: "vomits or cannot swallow"}},
			{"away", lang.Text{DE: "nicht auf Station (OP, Untersuchung)", EN: "not on the ward (theatre, examination)"}},
			{"values", lang.Text{DE: "Vital- oder Laborwerte", EN: "vital signs or laboratory values"}},
			{"access", lang.Text{DE: "kein Zugang", EN: "no access"}},
			{"missing", lang.Text{DE: "Mittel nicht da", EN: "drug not at hand"}},
			{"told", lang.Text{DE: "ärztliche Anweisung", EN: "physician's instruction"}},
			{"other", lang.Text{DE: "anderer Grund (bitte nennen)", EN: "other reason (please name it)"}},
		}},
		{Name: "words", Label: lang.Text{DE: "In Worten", EN: "In words"}, Kind: Line, Max: 500},
		{Name: "until", Label: lang.Text{DE: "Verschoben auf", EN: "Postponed to"}, Kind: Line, Max: 40, Hint: lang.Text{DE: "Uhrzeit: 10:00", EN: "time: 10:00"}},
		{Name: "band", Label: lang.Text{DE: "Armband gescannt", EN: "Wristband scanned"}, Kind: Line, Max: 400},
		{Name: "pack", Label: lang.Text{DE: "Packung gescannt", EN: "Pack scanned"}, Kind: Line, Max: 400},
		{Name: "asked", Label: lang.Text{DE: "Gefragt und bestätigt", EN: "Asked and confirmed"}, Kind: Lines},
		{Name: "alone", Label: lang.Text{DE: "Ohne Doppelkontrolle, weil", EN: "Without a double check, because"}, Kind: Line, Max: 500},
	},
	Rules: doseRules,
}

// Times is the times of day that the figures of a scheme stand for: morning,
// noon, evening, night.
type Times [4]clinical.DayTime

// UsualTimes are used where a house names none.
func UsualTimes() Times { return Times{8 * 60, 12 * 60, 18 * 60, 22 * 60} }

var (
	schemeText = regexp.MustCompile(`^[0-9½¼¾][0-9.,/½¼¾]*( ?- ?[0-9½¼¾][0-9.,/½¼¾]*){2,3}$`)
	everyHours = regexp.MustCompile(`(?i)^(?:q|alle|every) ?(\d{1,2}) ?(?:h|std\.?|stunden|hours)$`)
)

// schemeTimes returns when a scheme gives something; false for none that can be
// read. The fourth figure is the night.
func schemeTimes(scheme string, usual Times) ([]clinical.DayTime, bool) {
	if !schemeText.MatchString(scheme) {
		return nil, false
	}
	var out []clinical.DayTime
	for i, s := range strings.Split(strings.ReplaceAll(scheme, " ", ""), "-") {
		if strings.Trim(s, "0.,/") != "" {
			out = append(out, usual[i])
		}
	}
	return out, len(out) > 0
}

// clockTimes reads 08:00 20:00, sorted; false if one cannot be read or stands
// twice.
func clockTimes(text string) ([]clinical.DayTime, bool) {
	var out []clinical.DayTime
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ';' || r == '+' }) {
		s = strings.TrimSuffix(s, ",")
		if strings.EqualFold(s, "uhr") || s == "" {
			continue
		}
		if len(s) <= 2 && !strings.Contains(s, ":") {
			s += ":00"
		}
		h, m, ok := parseClock(s)
		if !ok || slices.Contains(out, clinical.DayTime(h*60+m)) {
			return nil, false
		}
		out = append(out, clinical.DayTime(h*60+m))
	}
	slices.Sort(out)
	return out, len(out) > 0
}

// intervalTimes are the times of day of a dose every so many hours from start;
// nil where the interval is no part of a day.
func intervalTimes(interval string, start time.Time) []clinical.DayTime {
	m := everyHours.FindStringSubmatch(strings.TrimSpace(interval))
	if m == nil {
		return nil
	}
	n, _ := strconv.Atoi(m[1])
	if n == 0 || n > 24 || 24%n != 0 {
		return nil
	}
	first := (start.Hour()*60 + start.Minute() + 14) / 15 * 15
	var out []clinical.DayTime
	for i := range 24 / n {
		out = append(out, clinical.DayTime((first+i*n*60)%(24*60)))
	}
	slices.Sort(out)
	return out
}

func miss(field, de, en string) Mistake { return Mistake{Field: field, Say: lang.Text{DE: de, EN: en}} }

func prescriptionRules(f *Filled) []Mistake {
	var wrong []Mistake
	if f.Text("dose") == "" && f.Text("rate") == "" {
		wrong = append(wrong, miss("dose", "Einzeldosis fehlt.", "The single dose is missing."))
	}
	scheme, times := f.Text("scheme"), f.Text("times")
	figures, readable := schemeTimes(scheme, UsualTimes())
	if scheme != "" && !readable {
		wrong = append(wrong, miss("scheme", "Schema nicht lesbar. So: 1-0-1-0 oder ½-0-½.", "The scheme cannot be read. Like this: 1-0-1-0 or ½-0-½."))
	}
	list, readable := clockTimes(times)
	if times != "" && !readable {
		wrong = append(wrong, miss("times", "Uhrzeiten nicht lesbar. So: 08:00 20:00.", "The times cannot be read. Like this: 08:00 20:00."))
	} else if len(list) > 0 && len(figures) > 0 && len(list) != len(figures) {
		wrong = append(wrong, miss("times", "Schema und Uhrzeiten nennen verschieden viele Gaben. Bitte eines von beiden leeren.", "Scheme and times name different numbers of doses. Please clear one of them."))
	}
	switch {
	case f.Has("needed"):
		if f.Text("most") == "" {
			wrong = append(wrong, miss("most", "Bei Bedarf: Es fehlt, wie viel in 24 h höchstens gegeben werden darf.", "As needed: the most in 24 h is missing."))
		}
		if f.Text("indication") == "" {
			wrong = append(wrong, miss("indication", "Bei Bedarf: Es fehlt, wogegen.", "As needed: the indication is missing."))
		}
	case scheme+times+f.Text("interval")+f.Text("rate") == "":
		wrong = append(wrong, miss("scheme", "Es fehlt, wann gegeben wird: Schema, Uhrzeiten, Abstand oder Laufrate, oder bei Bedarf.", "When is it given? Scheme, times, interval or rate, or as needed."))
	}
	start, end, bad := f.period()
	wrong = append(wrong, bad...)
	if len(bad) == 0 && !end.IsZero() && !end.After(start) {
		wrong = append(wrong, miss("end", "Das Ende liegt vor dem Beginn.", "The end lies before the begin."))
	}
	return wrong
}

// period reads begin and end; without a begin it is now.
func (f *Filled) period() (start, end time.Time, wrong []Mistake) {
	const de, en = " nicht lesbar. So: 18:00, morgen 08:00 oder 25.11. 08:00.", " cannot be read. Like this: 18:00, tomorrow 08:00 or 25.11. 08:00."
	start = f.Now.Truncate(time.Minute)
	var ok bool
	if text := f.Text("start"); text != "" {
		if start, ok = ParseNear(text, f.Now); !ok {
			wrong = append(wrong, miss("start", "Beginn"+de, "The begin"+en))
		}
	}
	if text := f.Text("end"); text != "" {
		if end, ok = ParseNext(text, f.Now); !ok {
			wrong = append(wrong, miss("end", "Ende"+de, "The end"+en))
		}
	}
	return start, end, wrong
}

// Prescription returns what a filled prescription form prescribes. was is the
// prescription that it changes, the zero value for a new one: it keeps its
// numbers, and the drug's code where the drug is the same. number is [Number] of
// a new one's entry.
func (f *Filled) Prescription(was clinical.Prescription, number string, usual Times) clinical.Prescription {
	p := clinical.Prescription{
		Placer: was.Placer, Filler: was.Filler, Drug: clinical.Coded{Text: f.Text("drug")},
		Strength: f.Text("strength"), Form: f.Text("form"), Dose: f.Text("dose"), Scheme: strings.ReplaceAll(f.Text("scheme"), " ", ""),
		Interval: f.Text("interval"), Route: f.Text("route"), Rate: f.Text("rate"), AsNeeded: f.Has("needed"), MaxDaily: f.Text("most"),
		Indication: f.Text("indication"), Note: f.Text("note"), Status: clinical.InProgress, By: f.By,
	}
	if p.Placer == "" && p.Filler == "" {
		p.Placer = number
	}
	if was.Drug.Label() == p.Drug.Text && p.Drug.Text != "" {
		p.Drug, p.Substance = was.Drug, was.Substance
	}
	if n := f.Text("pzn"); n != "" {
		p.Drug.Code, p.Drug.System = n, "PZN"
	} else if p.Drug.System == "PZN" {
		p.Drug.Code, p.Drug.System = "", ""
	}
	p.Start, p.End, _ = f.period()
	if p.Start.After(f.Now) {
		p.Status = clinical.Scheduled
	}
	switch list, ok := clockTimes(f.Text("times")); {
	case ok:
		p.Times = list
	case p.Scheme != "":
		p.Times, _ = schemeTimes(p.Scheme, usual)
	default:
		p.Times = intervalTimes(p.Interval, p.Start)
	}
	return p
}

// PrescriptionFields is what the form for changing a prescription starts with.
func PrescriptionFields(p clinical.Prescription) map[string]string {
	out := map[string]string{
		"drug": p.Drug.Label(), "strength": p.Strength, "form": p.Form, "dose": p.Dose, "route": p.Route, "scheme": p.Scheme,
		"interval": p.Interval, "rate": p.Rate, "most": p.MaxDaily, "indication": p.Indication, "note": p.Note,
	}
	var times []string
	for _, t := range p.Times {
		times = append(times, clockOf(t))
	}
	out["times"] = strings.Join(times, " ")
	if p.AsNeeded {
		out["needed"] = "1"
	}
	if strings.Contains(strings.ToUpper(p.Drug.System), "PZN") {
		out["pzn"] = p.Drug.Code
	}
	return out
}

func clockOf(t clinical.DayTime) string {
	return string([]byte{byte('0' + t/600%10), byte('0' + t/60%10), ':', byte('0' + t%60/10), byte('0' + t%10)})
}

// RxLine is a prescription in one line, as it is read out.
func RxLine(p clinical.Prescription) string {
	var times []string
	if p.Scheme == "" {
		for _, t := range p.Times {
			times = append(times, clockOf(t))
		}
	}
	out := []string{p.Drug.Label()}
	if !strings.Contains(p.Drug.Label(), p.Strength) {
		out = append(out, p.Strength)
	}
	needed := ""
	if p.AsNeeded {
		needed = "bei Bedarf"
		if p.MaxDaily != "" {
			needed += ", höchstens " + p.MaxDaily + " in 24 h"
		}
	}
	interval := p.Interval
	if len(times) > 0 && everyHours.MatchString(interval) {
		interval += " (" + strings.Join(times, " ") + ")"
		times = nil
	}
	for _, s := range []string{p.Form, p.Dose, p.Scheme, strings.Join(times, " "), interval, p.Rate, p.Route, needed} {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), " ")
}

func doseRules(f *Filled) []Mistake {
	var wrong []Mistake
	status := clinical.DoseStatus(f.Text("status"))
	given := status == clinical.Given || status == clinical.Partly
	if given && f.Text("amount") == "" {
		wrong = append(wrong, miss("amount", "Die gegebene Menge fehlt.", "The amount given is missing."))
	}
	if !given && f.Text("why") == "" && f.Text("words") == "" {
		wrong = append(wrong, miss("why", "Der Grund fehlt.", "The reason is missing."))
	}
	if f.Text("why") == "other" && f.Text("words") == "" {
		wrong = append(wrong, miss("words", "Bitte den anderen Grund nennen.", "Please name the other reason."))
	}
	if status == clinical.Postponed {
		if t, ok := ParseNext(f.Text("until"), f.Now); !ok || !t.After(f.Now) {
			wrong = append(wrong, miss("until", "Auf wann verschoben? So: 10:00.", "Postponed to when? Like this: 10:00."))
		}
	}
	return wrong
}

// Dose returns what a filled dose form says of one dose of p. due is the planned
// time that it answers, zero for a dose as needed. number is [Number] of the
// entry.
func (f *Filled) Dose(p clinical.Prescription, due time.Time, number string) clinical.Dose {
	d := clinical.Dose{
		ID: number, Prescription: p.Key(), Drug: p.Drug, Route: p.Route, At: f.At, By: f.By,
		Status: clinical.DoseStatus(f.Text("status")), Due: due,
	}
	if d.Drug.Zero() {
		d.Drug.Text = p.Substance
	}
	if d.Status == clinical.Given || d.Status == clinical.Partly {
		d.Amount = f.Text("amount")
	}
	if d.Status == clinical.Postponed {
		d.Until, _ = ParseNext(f.Text("until"), f.Now)
	}
	var why []string
	if f.Text("why") != "" && f.Text("why") != "other" {
		why = append(why, f.Label("why"))
	}
	for _, s := range []string{f.Text("words"), aloneWords(f.Text("alone"))} {
		if s != "" {
			why = append(why, s)
		}
	}
	d.Reason = strings.Join(why, "; ")
	return d
}

func aloneWords(why string) string {
	if why == "" {
		return ""
	}
	return "ohne Doppelkontrolle: " + why
}
