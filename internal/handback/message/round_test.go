package message

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
)

var update = flag.Bool("update", false, "rewrite the golden files, then read the diff")

// TestMessagesAreWhatTheyWere compares each message of that night, for each
// target, with its golden file.
func TestMessagesAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for name, to := range targets() {
		for _, s := range samples(t) {
			var out bytes.Buffer
			messages, left := For(sending(s, to))
			for _, m := range messages {
				parsed, err := hl7.Parse(m.Raw)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&out, "# %s %s spelled %d\n", m.Kind, m.Type, m.Spelled)
				for _, seg := range parsed.Segments() {
					out.WriteString(legible(seg.Raw()) + "\n")
				}
			}
			for _, l := range left {
				fmt.Fprintf(&out, "! %s %s\n", l.Kind, l.Why.DE)
			}
			golden := filepath.Join("testdata", name, s.name+".golden")
			if *update {
				_ = os.MkdirAll(filepath.Dir(golden), 0o755)
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v (run with -update, then read the file)", err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%s %s is\n%s, was\n%s", name, s.name, out.String(), want)
			}
		}
	}
}

// legible is a segment as a golden file has it: ISO 8859-1 as UTF-8.
func legible(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// site reads messages as a house does that configured nothing but its numbers.
func site(t *testing.T) *interpret.Site {
	t.Helper()
	s, err := interpret.Compile(interpret.Tables{Identity: interpret.IdentityTable{Authority: "KIS"}}, berlin)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, s *interpret.Site, m Message) interpret.Reading {
	t.Helper()
	r := s.Record(journal.Record{Seq: 1, Source: "nb", Kind: journal.HL7, Body: m.Raw, Received: clock(20, 0)})
	for _, p := range r.Problems {
		t.Errorf("%s cannot be read: %s %s: %s", m.Type, p.Code, p.Segment, p.Reason.DE)
	}
	return r
}

// TestWhatIsSentIsReadBackAsItWasWritten reads every message with our own
// reading of a feed, which was written for other senders, and compares field by
// field. What may differ stands in unsaid.
func TestWhatIsSentIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	reads := site(t)
	used := map[string]bool{}
	for name, to := range targets() {
		for _, s := range samples(t) {
			in := sending(s, to)
			messages, left := For(in)
			var got []clinical.Change
			for _, m := range messages {
				got = append(got, read(t, reads, m).Changes...)
			}
			for _, c := range got {
				if len(c.IDs) == 0 || c.IDs[0].Value != in.About.IDs[0].Value || c.Case != in.About.Case && s.name != "same-person" {
					t.Errorf("%s %s: %T is about %v, case %q", name, s.name, c.What, c.IDs, c.Case)
				}
			}
			asSheet := slices.ContainsFunc(got, func(c clinical.Change) bool {
				d, ok := c.What.(clinical.Document)
				return ok && strings.Contains(d.ID, "-BLATT")
			})
			for _, f := range s.entry.Facts {
				kind := KindOf(f)
				gone := slices.ContainsFunc(left, func(l Left) bool { return l.Kind == kind })
				if gone || asSheet && (kind == Warning || kind == Other || kind == Allergy && to.Version < "2.4") {
					continue
				}
				if s.was == "" && s.entry.Corrects != "" && takesBack(f, number) {
					continue
				}
				if why := find(expected(f, s, to), got, used); why != "" {
					t.Errorf("%s %s: %T is not what was written:%s", name, s.name, f, why)
				}
			}
			if len(messages)+len(left) == 0 {
				t.Errorf("%s %s says nothing", name, s.name)
			}
		}
	}
	for _, u := range Unsaids() {
		if !used[u.Field] {
			t.Errorf("%s is said after all: take it off the list", u.Field)
		}
	}
}

// find looks for a fact among those read, and returns the difference of the one
// that is nearest.
func find(want clinical.Fact, got []clinical.Change, used map[string]bool) string {
	best, least := " it is not there", 1000
	for _, c := range got {
		if reflect.TypeOf(c.What) != reflect.TypeOf(want) {
			continue
		}
		skip := map[string]bool{}
		diff := differences(want, readable(c.What), skip)
		if len(diff) < least {
			best, least = strings.Join(diff, ""), len(diff)
			if least == 0 {
				maps.Copy(used, skip)
				return ""
			}
		}
	}
	return best
}

// differences compares the fields that were written.
func differences(want, got clinical.Fact, skip map[string]bool) (out []string) {
	w, g := reflect.ValueOf(want), reflect.ValueOf(got)
	for i := range w.NumField() {
		f := w.Type().Field(i)
		if !f.IsExported() || w.Field(i).IsZero() {
			continue
		}
		same := equal(w.Field(i).Interface(), g.Field(i).Interface())
		name := w.Type().Name() + "." + f.Name
		if !same && slices.ContainsFunc(Unsaids(), func(u Unsaid) bool { return u.Field == name }) {
			skip[name] = true
			continue
		}
		if !same {
			out = append(out, fmt.Sprintf("\n    %s: wrote %+v, read %+v", f.Name, w.Field(i).Interface(), g.Field(i).Interface()))
		}
	}
	return out
}

func equal(a, b any) bool {
	if x, ok := a.(time.Time); ok {
		return x.Equal(b.(time.Time))
	}
	if x, ok := a.(clinical.Said[time.Time]); ok {
		v, said := x.Value()
		w, also := b.(clinical.Said[time.Time]).Value()
		return said == also && v.Equal(w) && x.Cleared() == b.(clinical.Said[time.Time]).Cleared()
	}
	return reflect.DeepEqual(a, b)
}

// expected is what a reader can make of a fact: codes in the systems' own names,
// amounts in one spelling, characters that the target has.
func expected(f clinical.Fact, s sample, to Target) clinical.Fact {
	spell := newPen(to.Charset).spell
	switch f := f.(type) {
	case clinical.Result:
		f.Code = named396(f.Code)
		f.Value = spell(f.Value)
		if f.Number != nil {
			f.Value = f.Comparator + figure(*f.Number)
		}
		if f.Status == clinical.Corrected && s.was == "" {
			f.Status = clinical.Final
		}
		return f
	case clinical.Document:
		f.Kind, f.Text = clinical.Coded{Code: f.Kind.Code}, spell(f.Text) // TXA-2 is a code alone; the title has the words
		if f.Status == clinical.Withdrawn {                               // T11 carries no content
			f.Text, f.Media = "", ""
		}
		return f
	case clinical.Order:
		f.What = named396(f.What)
		if q := oneLine(f.Question); q != f.Question || len(q) > shortQuestion {
			lines := strings.Split(f.Question, "\n")
			for i := range lines {
				lines[i] = strings.TrimSpace(lines[i])
			}
			f.Question = cut(q, shortQuestion) + "\n" + strings.Join(lines, "\n")
		}
		return f
	case clinical.Progress:
		return clinical.Order{Placer: f.Placer, Filler: f.Filler, Status: f.Status, Aside: true}
	case clinical.Diagnosis:
		f.What = named396(f.What)
		if s.was != "" && f.Action == clinical.Insert {
			f.Action = clinical.Update
		}
		return f
	case clinical.Procedure:
		f.What = named396(f.What)
		return f
	case clinical.AllergyFact:
		if f.NoneKnown {
			f.To = clinical.Coded{Code: "716186003", Text: "Keine Allergien bekannt", System: "SCT"}
			return f
		}
		f.Since = clock(0, 0)
		return f
	case clinical.Insurance:
		f.Plan = f.Fund // IN1-2 is required
		return f
	case clinical.Movement:
		if s.was != "" && f.Action == clinical.Insert {
			f.Action = clinical.Update
		}
		if f.Action == clinical.Cancel && f.Kind == clinical.Transfer {
			f.To, f.From = subject().Place, clinical.Place{} // where the patient is again
		}
		return f
	case clinical.Demographics:
		if to.Version < "2.4" {
			f.Unknown = clinical.Said[bool]{}
			if n, _ := f.Name.Value(); n.Family == "Unbekannt" {
				f.Unknown = clinical.Say(true) // the name says so
			}
		}
		return f
	case clinical.Prescription:
		return prescribed(f)
	}
	return f
}

// prescribed is how our reading words a prescription. What HL7 has in words only
// must be in the note.
func prescribed(p clinical.Prescription) clinical.Prescription {
	comma := func(s string) string { return strings.ReplaceAll(s, ".", ",") }
	if q, ok := amountOf(p.Dose); ok {
		p.Dose = comma(q.low) + " " + q.unit
		if q.high != "" {
			p.Dose = comma(q.low) + "–" + comma(q.high) + " " + q.unit
		}
	} else {
		p.Dose = ""
	}
	switch every := everyHours.FindStringSubmatch(p.Interval); {
	case every != nil:
		p.Interval = "Q" + every[1] + "H"
	case !repeatCode.MatchString(p.Interval):
		p.Interval = ""
	}
	p.MaxDaily = ""
	return p
}

// inWords is what of a prescription must stand in its note.
func inWords(p clinical.Prescription) (out []string) {
	is := prescribed(p)
	for _, x := range [][2]string{{p.Dose, is.Dose}, {p.Interval, is.Interval}, {p.MaxDaily, is.MaxDaily}, {p.Note, ""}} {
		if x[0] != "" && x[1] == "" {
			out = append(out, x[0])
		}
	}
	return out
}

func named396(c clinical.Coded) clinical.Coded {
	switch c.System {
	case "Notbetrieb":
		c.System = local
	case "ICD-10-GM":
		c.System = "I10"
	case "LN":
		c.Text = "" // our tables have names of their own
	}
	return c
}

// readable takes off what our reading adds.
func readable(f clinical.Fact) clinical.Fact {
	switch f := f.(type) {
	case clinical.Result:
		f.SubID, _, _ = strings.Cut(f.SubID, "@")
		f.Code = named396(f.Code)
		return f
	case clinical.Dose:
		f.ID, _, _ = strings.Cut(f.ID, "/")
		return f
	case clinical.Document:
		f.ID, _, _ = strings.Cut(f.ID, "-")
		return f
	case clinical.Prescription:
		f.Note = strings.Join(strings.FieldsFunc(f.Note, func(r rune) bool { return r == '\n' }), "; ")
		return f
	}
	return f
}

// TestWhatHasNoFieldStandsInWords checks that nothing of a prescription gets
// lost on the way, whatever fields the version has.
func TestWhatHasNoFieldStandsInWords(t *testing.T) {
	t.Parallel()
	reads := site(t)
	checked := 0
	for name, to := range targets() {
		for _, s := range drugSamples() {
			for _, f := range s.entry.Facts {
				p, ok := f.(clinical.Prescription)
				if !ok {
					continue
				}
				messages, _ := For(sending(s, to))
				note := ""
				for _, c := range read(t, reads, messages[0]).Changes {
					if got, ok := c.What.(clinical.Prescription); ok {
						note = got.Note
					}
				}
				for _, want := range inWords(p) {
					checked++
					if !strings.Contains(note, want) {
						t.Errorf("%s %s: %q is not in %q", name, s.name, want, note)
					}
				}
			}
		}
	}
	if checked < 12 {
		t.Errorf("only %d checked", checked)
	}
}
