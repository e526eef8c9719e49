package entry

import (
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/score"
)

// scored is a score as a result: its inputs stand beside it, and what is
// incomplete is no number.
func (f *Filled) scored(number string, r score.Result) clinical.Result {
	out := clinical.Result{
		Filler: number, SubID: "score", Code: r.Code, Section: clinical.Vitals, Value: r.Shown().DE, Status: clinical.Final, At: f.At, By: f.By,
	}
	if r.Complete {
		v := float64(r.Total)
		out.Number = &v
	}
	out.Flags = alarm(r)
	var said []string
	if r.Band.DE != "" {
		said = append(said, r.Band.DE)
	}
	for _, i := range r.Items {
		if i.Known {
			said = append(said, i.Label.DE+" "+i.Value.DE+" ("+strconv.Itoa(i.Points)+")")
		}
	}
	for _, m := range r.Missing {
		said = append(said, "fehlt: "+m.DE)
	}
	out.Comment = strings.Join(said, "; ")
	return out
}

// alarm flags a NEWS2 on which somebody must act (RCP 2017, chart 4): 7 points
// call the emergency team, 5 points or 3 in one part a physician. Points can
// only grow with what is missing, so that a partial score counts too.
func alarm(r score.Result) []string {
	if r.Code.Code != "NEWS2" || r.NotFor != (lang.Text{}) {
		return nil
	}
	switch {
	case r.Partial >= 7:
		return []string{"HH"}
	case r.Partial >= 5, slices.ContainsFunc(r.Items, func(i score.Item) bool { return i.Points == 3 }):
		return []string{"H"}
	}
	return nil
}

// Scores returns the scores that the filled form gives, for the page that shows
// them with their inputs; none for most forms.
func (f *Filled) Scores() []score.Result {
	if f.Form.scores == nil {
		return nil
	}
	return f.Form.scores(f)
}

func (f *Filled) scoreFacts(number string) Facts {
	var out Facts
	for _, r := range f.Scores() {
		if r.NotFor == (lang.Text{}) {
			out = append(out, f.scored(number, r))
		}
	}
	return out
}

// figure returns the number in a field, nil if it is empty.
func (f *Filled) figure(name string) *float64 {
	if v, ok := f.Num(name); ok {
		return &v
	}
	return nil
}

// points returns the chosen points of a field, nil if none were.
func (f *Filled) points(name string) *int {
	n, err := strconv.Atoi(f.Text(name))
	if err != nil {
		return nil
	}
	return &n
}

func (f *Filled) years() *int {
	if y, ok := f.Years(); ok {
		return &y
	}
	return nil
}

// news2 is worked out of vital signs where a nurse took what it is made of: at
// least the breathing rate and one more sign, or the level of consciousness.
func news2(f *Filled) []score.Result {
	if f.figure("resp") == nil && f.Text("acvpu") == "" {
		return nil
	}
	n := score.NEWS2{
		RespRate: f.figure("resp"), SpO2: f.figure("spo2"), Systolic: f.figure("bp"), Pulse: f.figure("pulse"), Temp: f.figure("temp"),
		Years: f.years(), Pregnant: f.Pregnant, Scale2: f.Has("scale2"),
	}
	if o2 := f.figure("o2"); o2 != nil {
		n.Breathing = score.RoomAir
		if *o2 > 0 {
			n.Breathing = score.Oxygen
		}
	}
	n.Awake = map[string]score.Consciousness{
		"A": score.Alert, "C": score.NewConfusion, "V": score.ToVoice, "P": score.ToPain, "U": score.Unresponsive,
	}[f.Text("acvpu")]
	return []score.Result{n.Result()}
}

// risingOptions are the words of a scale, each with its points.
func risingOptions(from, step int, words ...lang.Text) []Option {
	var out []Option
	for i, w := range words {
		n := strconv.Itoa(from + i*step)
		out = append(out, Option{n, lang.Text{DE: n + " – " + w.DE, EN: n + " – " + w.EN}})
	}
	return out
}

// gcsOptions adds what cannot be tested: it has no points and there is no total
// with it.
func gcsOptions(words []lang.Text) []Option {
	out := risingOptions(1, 1, words...)
	return append(out, Option{strconv.Itoa(score.NotTestable), lang.Text{DE: "NT – nicht testbar", EN: "NT – not testable"}})
}

var gcs = gcsForm()

func gcsForm() *Form {
	eyes, verbal, motor := score.GCSWords()
	f := &Form{
		Kind: "gcs", Right: "write-nursing", Title: lang.Text{DE: "Glasgow Coma Scale", EN: "Glasgow Coma Scale"},
		Fields: []Field{
			{Name: "eyes", Label: lang.Text{DE: "Augen öffnen", EN: "Eye opening"}, Kind: Choice, Options: gcsOptions(eyes)},
			{Name: "verbal", Label: lang.Text{DE: "Verbale Antwort", EN: "Verbal response"}, Kind: Choice, Options: gcsOptions(verbal)},
			{Name: "motor", Label: lang.Text{DE: "Motorische Antwort", EN: "Motor response"}, Kind: Choice, Options: gcsOptions(motor)},
			{Name: "note", Label: lang.Text{DE: "Bemerkung, Pupillen", EN: "Remark, pupils"}, Kind: Line},
		},
		Says: func(f *Filled, number string) Facts { return f.scoreFacts(number) },
	}
	f.scores = func(f *Filled) []score.Result {
		part := func(name string) int {
			if p := f.points(name); p != nil {
				return *p
			}
			return 0
		}
		return []score.Result{score.GCS{Eyes: part("eyes"), Verbal: part("verbal"), Motor: part("motor"), Years: f.years()}.Result()}
	}
	return f
}

var braden = bradenForm()

func bradenForm() *Form {
	four := func(name, de, en string, words ...lang.Text) Field {
		return Field{Name: name, Label: lang.Text{DE: de, EN: en}, Kind: Choice, Options: risingOptions(1, 1, words...)}
	}
	f := &Form{
		Kind: "braden", Right: "write-nursing", Title: lang.Text{DE: "Dekubitusrisiko (Braden)", EN: "Pressure ulcer risk (Braden)"},
		Fields: []Field{
			four("sensory", "Sensorisches Empfindungsvermögen", "Sensory perception", lang.Text{DE: "fehlt", EN: "absent"}, lang.Text{DE: "stark eingeschränkt", EN: "very limited"}, lang.Text{DE: "leicht eingeschränkt", EN: "slightly limited"}, lang.Text{DE: "vorhanden", EN: "not impaired"}),
			four("moisture", "Feuchtigkeit der Haut", "Moisture", lang.Text{DE: "ständig feucht", EN: "constantly moist"}, lang.Text{DE: "oft feucht", EN: "often moist"}, lang.Text{DE: "manchmal feucht", EN: "sometimes moist"}, lang.Text{DE: "selten feucht", EN: "rarely moist"}),
			four("activity", "Aktivität", "Activity", lang.Text{DE: "bettlägerig", EN: "bedfast"}, lang.Text{DE: "sitzt auf", EN: "chairfast"}, lang.Text{DE: "geht wenig", EN: "walks a little"}, lang.Text{DE: "geht regelmäßig", EN: "walks often"}),
			four("mobility", "Mobilität", "Mobility", lang.Text{DE: "unbeweglich", EN: "immobile"}, lang.Text{DE: "stark eingeschränkt", EN: "very limited"}, lang.Text{DE: "gering eingeschränkt", EN: "slightly limited"}, lang.Text{DE: "beweglich", EN: "no limits"}),
			four("nutrition", "Ernährung", "Nutrition", lang.Text{DE: "sehr schlecht", EN: "very poor"}, lang.Text{DE: "eher zu wenig", EN: "probably too little"}, lang.Text{DE: "ausreichend", EN: "adequate"}, lang.Text{DE: "gut", EN: "good"}),
			{Name: "friction", Label: lang.Text{DE: "Reibung und Scherkräfte", EN: "Friction and shear"}, Kind: Choice, Options: risingOptions(1, 1, lang.Text{DE: "Problem", EN: "problem"}, lang.Text{DE: "mögliches Problem", EN: "possible problem"}, lang.Text{DE: "kein Problem", EN: "no problem"})},
			{Name: "note", Label: lang.Text{DE: "Haut, Maßnahmen", EN: "Skin, measures"}, Kind: Line},
		},
		Says: func(f *Filled, number string) Facts { return f.scoreFacts(number) },
	}
	f.scores = func(f *Filled) []score.Result {
		return []score.Result{score.Braden{
			Sensory: f.points("sensory"), Moisture: f.points("moisture"), Activity: f.points("activity"), Mobility: f.points("mobility"),
			Nutrition: f.points("nutrition"), Friction: f.points("friction"),
		}.Result()}
	}
	return f
}

var besd = besdForm()

func besdForm() *Form {
	three := func(name, de, en string, words ...lang.Text) Field {
		return Field{Name: name, Label: lang.Text{DE: de, EN: en}, Kind: Choice, Options: risingOptions(0, 1, words...)}
	}
	f := &Form{
		Kind: "besd", Right: "write-nursing", Title: lang.Text{DE: "Schmerz bei Demenz (BESD)", EN: "Pain in dementia (BESD)"},
		Intro: lang.Text{DE: "Zwei Minuten beobachten. Wer Schmerz benennen kann, wird gefragt: NRS bei den Vitalwerten.", EN: "Watch for two minutes. Whoever can name pain is asked: NRS with the vital signs."},
		Fields: []Field{
			three("breathing", "Atmung", "Breathing", lang.Text{DE: "normal", EN: "normal"}, lang.Text{DE: "zeitweise angestrengt", EN: "laboured at times"}, lang.Text{DE: "laut, angestrengt, hyperventiliert", EN: "noisy, laboured, hyperventilates"}),
			three("sounds", "Negative Lautäußerung", "Negative vocalisation", lang.Text{DE: "keine", EN: "none"}, lang.Text{DE: "gelegentlich Stöhnen", EN: "moans at times"}, lang.Text{DE: "Rufen, lautes Stöhnen, Weinen", EN: "calls out, groans, cries"}),
			three("face", "Gesichtsausdruck", "Face", lang.Text{DE: "lächelt, entspannt", EN: "smiling, relaxed"}, lang.Text{DE: "traurig, ängstlich, sorgenvoll", EN: "sad, anxious, worried"}, lang.Text{DE: "grimassiert", EN: "grimaces"}),
			three("body", "Körpersprache", "Body language", lang.Text{DE: "entspannt", EN: "relaxed"}, lang.Text{DE: "angespannt, unruhig", EN: "tense, restless"}, lang.Text{DE: "starr, zieht sich weg, schlägt", EN: "rigid, pulls away, strikes out"}),
			three("comfort", "Trost", "Consolability", lang.Text{DE: "nicht nötig", EN: "not needed"}, lang.Text{DE: "lässt sich ablenken, beruhigen", EN: "can be distracted, calmed"}, lang.Text{DE: "nicht möglich", EN: "not possible"}),
		},
		Says: func(f *Filled, number string) Facts { return f.scoreFacts(number) },
	}
	f.scores = func(f *Filled) []score.Result {
		return []score.Result{score.BESD{
			Breathing: f.points("breathing"), Sounds: f.points("sounds"), Face: f.points("face"), Body: f.points("body"), Comfort: f.points("comfort"),
		}.Result()}
	}
	return f
}
