package chart

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// line writes one value of a chart for a person who compares two: what it is,
// its value, its time. What has no words of its own is written as JSON.
func line(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case Item[clinical.Result]:
		r := x.V
		return words(x.Cancelled, r.Code.Label(), r.Comparator+r.Value, r.Unit, "["+r.Range+"]", strings.Join(r.Flags, ","),
			string(r.Section), string(r.Status), moment(r.At), earlier(len(x.Was)))
	case Item[clinical.Document]:
		d := x.V
		return words(x.Cancelled, d.Title, d.Kind.Label(), d.Media, string(d.Section), string(d.Status), moment(d.At), earlier(len(x.Was)))
	case Item[clinical.Prescription]:
		p := x.V
		return words(x.Cancelled, p.Drug.Label(), p.Strength, p.Dose, p.Scheme, p.Route, string(p.Status), moment(p.Start), moment(p.End))
	case Item[clinical.Dose]:
		d := x.V
		return words(x.Cancelled, d.Drug.Label(), d.Amount, string(d.Status), moment(d.At))
	case Item[clinical.Order]:
		o := x.V
		return words(x.Cancelled, o.What.Label(), string(o.Section), o.Placer, o.Filler, string(o.Status), moment(o.Requested))
	case Item[clinical.Diagnosis]:
		return words(x.Cancelled, x.V.What.Code, x.V.What.Text, x.V.Kind)
	case Item[clinical.Procedure]:
		return words(x.Cancelled, x.V.What.Code, x.V.What.Text, moment(x.V.At))
	case Item[clinical.Allergy]:
		return words(x.Cancelled, x.V.To.Label(), x.V.Severity, x.V.Reaction)
	case Item[clinical.Alert]:
		return words(x.Cancelled, string(x.V.Kind), x.V.What.Label())
	case Item[clinical.Appointment]:
		return words(x.Cancelled, x.V.What.Label(), x.V.Place, string(x.V.Status), moment(x.V.Start))
	case Value[clinical.Name]:
		return words(x.Gone, x.V.Display())
	case Value[clinical.Date]:
		return words(x.Gone, x.V.German())
	case Stay:
		p := x.Now.V
		return words(false, "Fall "+string(x.Case), string(x.State), p.Ward, p.Room, p.Bed, string(x.Class.V), x.Attending.V.Name,
			moment(x.Admitted.V), moment(x.Discharged.V), moves(x.Movements))
	}
	return raw(v)
}

// raw writes everything there is to a value.
func raw(v reflect.Value) string {
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return v.Type().String() // not reached: every type of the model can be written
	}
	return string(b)
}

func words(cancelled bool, parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" && p != "[]" {
			kept = append(kept, p)
		}
	}
	s := strings.Join(kept, " · ")
	if cancelled {
		s += " (storniert)"
	}
	return s
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("02.01.2006 15:04")
}

func earlier(n int) string { return strings.Repeat("·", min(n, 8)) }

func moves(list []Item[clinical.Movement]) string {
	var out []string
	for _, m := range list {
		s := string(m.V.Kind) + " " + m.V.To.Ward
		if m.Cancelled {
			s += " (storniert)"
		}
		out = append(out, strings.TrimSpace(s))
	}
	return strings.Join(out, ", ")
}
