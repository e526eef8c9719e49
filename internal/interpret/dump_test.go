package interpret

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// dump prints a reading for people: one line per change.
func dump(r Reading) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Kind, r.Control)
	if !r.Sent.IsZero() {
		fmt.Fprintf(&b, " sent %s", r.Sent.Format("2006-01-02 15:04:05 MST"))
	}
	fmt.Fprintf(&b, " [%s: %s]", r.Charset.Used, r.Charset.Rule)
	if r.Test {
		b.WriteString(" TEST")
	}
	b.WriteByte('\n')
	who := ""
	for _, c := range r.Changes {
		now := "patient"
		for i, id := range c.IDs {
			if i > 0 {
				now += ","
			}
			now += " " + identifierText(id)
		}
		if c.Case != "" {
			now += " case " + string(c.Case)
		}
		if c.Sample != nil {
			now += " order " + c.Sample.Order + fieldsOf(reflect.ValueOf(c.Sample.Person))
		}
		if now != who {
			who = now
			b.WriteString("  " + who + "\n")
		}
		t := reflect.TypeOf(c.What)
		fmt.Fprintf(&b, "    %s%s\n", t.Name(), fieldsOf(reflect.ValueOf(c.What)))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  ! %s %s: %s\n", p.Code, p.Segment, p.Reason.DE)
	}
	return b.String()
}

func identifierText(id clinical.Identifier) string {
	s := id.Value
	if id.Authority != "" {
		s += "@" + id.Authority
	}
	if id.Type != "" {
		s += "(" + id.Type + ")"
	}
	return s
}

func fieldsOf(v reflect.Value) string {
	var b strings.Builder
	for i := range v.NumField() {
		f := v.Field(i)
		if s := fieldText(f); s != "" {
			fmt.Fprintf(&b, " %s=%s", v.Type().Field(i).Name, s)
		}
	}
	return b.String()
}

// fieldText prints a value; "" for one that says nothing.
func fieldText(f reflect.Value) string {
	if f.Kind() == reflect.Struct && strings.HasPrefix(f.Type().Name(), "Said[") {
		switch {
		case f.MethodByName("Cleared").Call(nil)[0].Bool():
			return "DELETED"
		case f.MethodByName("Silent").Call(nil)[0].Bool():
			return ""
		}
		got := f.MethodByName("Value").Call(nil)[0]
		if s := fieldText(got); s != "" {
			return s
		}
		return fmt.Sprintf("%v", got.Interface())
	}
	if f.IsZero() {
		return ""
	}
	switch v := f.Interface().(type) {
	case time.Time:
		return v.Format("2006-01-02T15:04:05-07:00")
	case clinical.Date:
		return v.ISO()
	case clinical.Identifier:
		return identifierText(v)
	case []clinical.Identifier:
		list := make([]string, len(v))
		for i := range v {
			list[i] = identifierText(v[i])
		}
		return "[" + strings.Join(list, " ") + "]"
	case clinical.Coded:
		s := v.Code
		if v.System != "" {
			s += "@" + v.System
		}
		return fmt.Sprintf("%s%q", s, v.Text)
	case clinical.Staff:
		return fmt.Sprintf("%s%q", v.ID, v.Name)
	case *float64:
		return fmt.Sprint(*v)
	case string:
		if strings.ContainsAny(v, " \n\t\"=") {
			return fmt.Sprintf("%q", v)
		}
		return v
	case []string:
		return fmt.Sprintf("%q", v)
	case []clinical.DayTime:
		list := make([]string, len(v))
		for i := range v {
			list[i] = clockText(v[i])
		}
		return strings.Join(list, ",")
	case []clinical.Staff:
		return fmt.Sprintf("%v", v)
	}
	if f.Kind() == reflect.Struct {
		return "{" + strings.TrimSpace(fieldsOf(f)) + "}"
	}
	return fmt.Sprintf("%v", f.Interface())
}
