package testkit_test

import (
	"cmp"
	"strings"

	"notbetrieb/internal/entry"
)

// inChart holds the version of an entry that counts against all charts: what it
// says stands once, in the chart of its patient, and nothing else of it.
func inChart(l *left, x line, tell func(*int, string, ...any), r *result) {
	number := entry.Number(x.root)
	for _, name := range []string{"to", "what"} {
		if x.form == "allergy" && name == "to" || x.form == "alert" && name == "what" {
			number = x.fields[name]
		}
	}
	switch {
	case x.number != "":
		number = x.number
	case x.form == "notice":
		number = cmp.Or(x.fields["did"], x.fields["told"])
	}
	seen := map[string]int{}
	stands := map[string]string{}
	for _, f := range l.facts[number] {
		if !strings.Contains(f.kase, " "+x.kase+" ") {
			tell(&r.wrong, "%s %s of case %s: %s is in the chart of%s", x.form, x.key, x.kase, f.what, f.kase)
		}
		if seen[f.what]++; seen[f.what] > 1 {
			tell(&r.doubled, "%s %s of case %s: %s stands %d times", x.form, x.key, x.kase, f.what, seen[f.what])
		}
		if !f.gone {
			stands[f.what] = f.text
		}
		if !f.gone && !x.at.IsZero() && x.number == "" && !f.at.Equal(x.at) {
			tell(&r.changed, "%s %s of case %s: %s is of %v, meant was %v", x.form, x.key, x.kase, f.what, f.at, x.at)
		}
	}
	want := x.shows()
	for what, text := range want {
		switch got, ok := stands[what]; {
		case !ok:
			tell(&r.lost, "%s %s of case %s: %s %q is in no chart", x.form, x.key, x.kase, what, text)
		case !strings.Contains(got, text):
			tell(&r.changed, "%s %s of case %s: %s is %q in the chart, typed was %q", x.form, x.key, x.kase, what, got, text)
		}
	}
	for what, text := range stands {
		if _, ok := want[what]; !ok && what != "result score" {
			tell(&r.strange, "%s %s of case %s: %s %q stands in the chart, nobody wrote it", x.form, x.key, x.kase, what, text)
		}
	}
}

// shows is what the charts must show of the entry, by part. It is worked out
// from what was typed alone.
func (x line) shows() map[string]string {
	out := map[string]string{}
	if x.withdrawn {
		return out
	}
	for name, v := range x.values {
		out["lab "+name] = v
	}
	f := x.fields
	switch x.form {
	case "vitals", "fluids":
		for name, v := range f {
			switch name {
			case "at", "note", "scale2":
			case "bp":
				up, down, _ := strings.Cut(v, "/")
				out["result bp.s"], out["result bp.d"] = up, down
			case "acvpu":
				out["result acvpu"] = map[string]string{"A": "wach", "C": "neu verwirrt"}[v]
			default:
				out["result "+name] = strings.TrimSuffix(v, ",0")
			}
		}
	case entry.DoseForm:
		out["dose"] = strings.TrimSpace(f["status"] + " " + f["amount"])
	case entry.PrescriptionForm:
		out["prescription"] = f["note"]
	case "finding":
		out["document"] = f["judgement"]
		if f["critical"] != "" {
			out["result critical"] = f["judgement"]
		}
	case "notice":
		out["notice"] = x.by
	case "rx-review":
		out["review"] = f["remark"]
	case "rx-dispensed":
		out["dose"] = "dispensed " + f["amount"]
	case entry.DrugRequestForm:
		out["request"] = strings.TrimSpace(f["drug"] + " " + f["amount"] + " " + f["note"])
	case "rx-remark", "drug-request-answer":
		out["reply"] = f["note"]
	case "phone-result":
		out["lab "+f["what"]] = f["value"]
	case "admit-new", "admit-unknown", "newborn", "transfer", "discharge", "leave", "return":
		out["movement"], _, _ = strings.Cut(f["place"], " · ")
		if word, ok := map[string]string{"red": "rot", "orange": "orange", "yellow": "gelb"}[f["triage"]]; ok {
			out["result triage"] = word
		}
		if f["weight"] != "" { // in kilograms
			out["result weight"] = strings.TrimRight(f["weight"][:1]+","+f["weight"][1:], "0")
		}
	case "diagnosis":
		out["diagnosis"] = f["text"]
	case "procedure":
		out["procedure"] = f["text"]
		if f["report"] != "" {
			out["document"] = f["report"]
		}
	case "allergy":
		out["allergy"] = f["to"]
	case "alert":
		out["alert"] = f["what"]
	case "handover":
		out["document"] = f["s"]
	case "consent", "resuscitation", "note", "care-note":
		out["document"] = f["text"]
	}
	return out
}
