package web

import (
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// A sign is one vital sign as the chart draws it: known by its LOINC codes, by
// our own where LOINC has none that is sure, or by the words a site uses for it.
type sign struct {
	id    string
	label lang.Text
	unit  string
	loinc []string
	words []string // lower case; a text that begins with one is this sign
}

// signs are the vital signs and ward measurements in the order of the paper
// chart.
var signs = []sign{
	{"temp", lang.Text{DE: "Temperatur", EN: "Temperature"}, "°C", []string{"8310-5", "8329-5", "8331-1", "8332-9", "8333-7", "11289-6"}, []string{"temp", "körpertemp"}},
	{"pulse", lang.Text{DE: "Puls", EN: "Pulse"}, "/min", []string{"8867-4", "8889-8"}, []string{"puls", "herzfrequenz", "hf"}},
	{"sys", lang.Text{DE: "RR systolisch", EN: "BP systolic"}, "mmHg", []string{"8480-6"}, []string{"rr syst", "blutdruck syst", "systol", "rr sys"}},
	{"dia", lang.Text{DE: "RR diastolisch", EN: "BP diastolic"}, "mmHg", []string{"8462-4"}, []string{"rr diast", "blutdruck diast", "diastol", "rr dia"}},
	{"bp", lang.Text{DE: "Blutdruck", EN: "Blood pressure"}, "mmHg", []string{"85354-9", "55284-4"}, []string{"blutdruck", "rr"}},
	{"resp", lang.Text{DE: "Atemfrequenz", EN: "Respiration"}, "/min", []string{"9279-1"}, []string{"atemfreq", "atmung", "af"}},
	{"spo2", lang.Text{DE: "SpO₂", EN: "SpO₂"}, "%", []string{"59408-5", "2708-6"}, []string{"spo2", "sauerstoffs", "o2-sätt"}},
	{"pain", lang.Text{DE: "Schmerz (NRS)", EN: "Pain (NRS)"}, "", []string{"72514-3", "38208-5", "38221-8"}, []string{"schmerz", "nrs"}},
	{"o2", lang.Text{DE: "Sauerstoff", EN: "Oxygen"}, "l/min", []string{"3151-8"}, []string{"sauerstoffgabe", "o2-gabe"}},
	{"awake", lang.Text{DE: "Bewusstsein", EN: "Consciousness"}, "", []string{"80288-4"}, []string{"bewusstsein"}},
	{"news2", lang.Text{DE: "NEWS2", EN: "NEWS2"}, "", []string{"NEWS2"}, []string{"news2"}},
	{"gcs", lang.Text{DE: "GCS", EN: "GCS"}, "", []string{"9269-2"}, []string{"gcs", "glasgow"}},
	{"in", lang.Text{DE: "Einfuhr", EN: "Fluid in"}, "ml", []string{"9108-2", "9103-3", "8985-4", "9102-5", "9000-1", "fluid-in-oral", "fluid-in-iv", "fluid-in-tube"}, []string{"einfuhr", "trinkmenge", "flüssigkeitszufuhr"}},
	{"out", lang.Text{DE: "Ausfuhr", EN: "Fluid out"}, "ml", []string{"9262-7", "9257-7", "fluid-out-drain", "fluid-out-gastric"}, []string{"ausfuhr"}},
	{"urine", lang.Text{DE: "Urin", EN: "Urine"}, "ml", []string{"9192-6", "9187-6", "9188-4"}, []string{"urin"}},
	{"stool", lang.Text{DE: "Stuhlgang", EN: "Stool"}, "", []string{"9204-9", "80311-6", "11369-6"}, []string{"stuhl"}},
	{"weight", lang.Text{DE: "Gewicht", EN: "Weight"}, "kg", []string{"29463-7", "3141-9", "3142-7", "8339-4"}, []string{"gewicht", "körpergewicht", "geburtsgewicht"}},
	{"height", lang.Text{DE: "Größe", EN: "Height"}, "cm", []string{"8302-2", "3137-7", "89269-5"}, []string{"größe", "körpergröße", "körperlänge"}},
}

// signByCode finds a sign by its LOINC code.
var signByCode = func() map[string]string {
	by := map[string]string{}
	for _, s := range signs {
		for _, code := range s.loinc {
			by[code] = s.id
		}
	}
	return by
}()

// signOf returns the vital sign that the result is, "" if none.
func signOf(r *clinical.Result) string {
	if id := signByCode[r.Code.Code]; id != "" {
		return id
	}
	if r.Section != clinical.Vitals {
		return ""
	}
	text := strings.ToLower(r.Code.Label())
	for _, s := range signs {
		for _, w := range s.words {
			if strings.HasPrefix(text, w) {
				return s.id
			}
		}
	}
	return ""
}

// isWeight reports whether an entry is a weight of the patient that counts.
func isWeight(it *chart.Item[clinical.Result]) bool {
	return !it.Cancelled && usable(it.V) && signOf(&it.V) == "weight"
}

// signLabel returns the words for a sign.
func signLabel(id string) lang.Text {
	for _, s := range signs {
		if s.id == id {
			return s.label
		}
	}
	return lang.Text{DE: id}
}

// A reading is one measurement of one sign.
type reading struct {
	stamp stamp
	value float64
	text  string
	mark  mark
	here  bool // written here, not by the KIS
	seq   uint64
	back  chart.Echo // of one written here: the system that has it too
}

// readings returns the measurements by sign, oldest first. A blood pressure
// sent as "120/80" becomes a systolic and a diastolic one.
func readings(rs []chart.Item[clinical.Result], f Frame) map[string][]reading {
	out := map[string][]reading{}
	for i := range rs { // entries are large: none is copied
		it := &rs[i]
		if it.Cancelled || !usable(it.V) {
			continue
		}
		id := signOf(&it.V)
		if id == "" {
			continue
		}
		r := reading{stamp: f.stamp(it.V.At), text: plain(it.V.Value, f.Lang), mark: markResult(it.V), here: it.Origin.Feed == chart.Here, seq: it.Origin.Seq, back: it.Back}
		if id == "bp" {
			s, d, ok := strings.Cut(it.V.Value, "/")
			sys, err1 := strconv.ParseFloat(strings.TrimSpace(s), 64)
			dia, err2 := strconv.ParseFloat(strings.TrimSpace(d), 64)
			if ok && err1 == nil && err2 == nil {
				a, b := r, r
				a.value, a.text, b.value, b.text = sys, strings.TrimSpace(s), dia, strings.TrimSpace(d)
				out["sys"], out["dia"] = append(out["sys"], a), append(out["dia"], b)
			}
			continue
		}
		if it.V.Number != nil {
			r.value = *it.V.Number
		} else if v, err := strconv.ParseFloat(strings.Replace(it.V.Value, ",", ".", 1), 64); err == nil {
			r.value = v
		} else if id != "stool" && id != "awake" && id != "news2" {
			continue
		}
		out[id] = append(out[id], r)
	}
	for id := range out {
		slices.SortStableFunc(out[id], func(a, b reading) int { return a.stamp.At.Compare(b.stamp.At) })
	}
	return out
}

// vitalView is one sign on the overview: the newest value and its course.
type vitalView struct {
	Label lang.Text
	Num   num
	Unit  string
	Mark  mark
	At    stamp
	Level string // ageing
	Spark spark
	Words bool // the value is no number
}

// newVitalViews returns the newest value of each sign a shift asks for first.
func newVitalViews(rs []chart.Item[clinical.Result], f Frame) []vitalView {
	by := readings(rs, f)
	var out []vitalView
	for _, s := range signs {
		list := by[s.id]
		if len(list) == 0 || slices.Contains([]string{"dia", "in", "out", "urine", "stool", "weight", "height", "o2", "news2"}, s.id) {
			continue
		}
		r := list[len(list)-1]
		if s.id == "awake" && !r.mark.Abnormal { // said only where it is not as it should be
			continue
		}
		v := vitalView{
			Label: s.label, Num: num{Whole: r.text}, Unit: s.unit, Mark: r.mark, At: r.stamp,
			Level: f.Limits.Vital.level(r.stamp), Words: s.id == "awake",
		}
		if !v.Words {
			v.Spark = sparkOf(list)
		}
		if s.id == "sys" {
			v.Label = lang.Text{DE: "Blutdruck", EN: "Blood pressure"}
			if d := by["dia"]; len(d) > 0 && d[len(d)-1].stamp.At.Equal(r.stamp.At) {
				v.Num.Whole += "/" + d[len(d)-1].text
				if d[len(d)-1].mark.Critical || !v.Mark.Abnormal {
					v.Mark = d[len(d)-1].mark
				}
			}
		}
		out = append(out, v)
	}
	return out
}
