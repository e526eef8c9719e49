package harm

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// ExportOptions say what leaves the house under pseudonyms.
type ExportOptions struct {
	Format   string // "csv" or "json"
	Texts    bool   // what people wrote, drugs and examinations: may name persons
	MapWards bool   // wards as W1, W2 …
}

// RecordExport writes down who takes what out of the house, before the first
// byte leaves.
func (g *Register) RecordExport(ctx context.Context, who string, o ExportOptions, lines, reports int) error {
	body, err := json.Marshal(struct {
		Who  string
		What string
		ExportOptions
		Lines, Reports int
	}{who, "harm", o, lines, reports})
	if err != nil {
		return fmt.Errorf("harm export: %w", err)
	}
	_, err = g.journal.Append(ctx, journal.Record{
		ID: journal.NewID(), Time: g.o.Now().UTC(), Site: g.o.Site, Source: "harm", Kind: journal.Export, Body: body,
	})
	if err != nil {
		return fmt.Errorf("harm export: %w", err)
	}
	return nil
}

// exportedLine is one row of the export. Times are whole hours.
type exportedLine struct {
	Patient  string   `json:"patient,omitempty"`
	Age      string   `json:"age,omitempty"` // a band of ten years
	Sex      string   `json:"sex,omitempty"`
	Ward     string   `json:"ward,omitempty"`
	Row      string   `json:"row"` // "finding" or "event"
	Kind     string   `json:"kind"`
	System   string   `json:"system,omitempty"`
	Severity string   `json:"severity,omitempty"`
	Degree   string   `json:"degree,omitempty"`
	At       string   `json:"at"`
	From     string   `json:"from,omitempty"`
	State    string   `json:"state"`
	Outcome  string   `json:"outcome,omitempty"`
	Done     string   `json:"done,omitempty"`
	Owned    bool     `json:"owned"`
	Factors  []string `json:"factors,omitempty"`
	What     string   `json:"what,omitempty"`
	Text     string   `json:"text,omitempty"`
}

// pseudonyms are made with a key that is drawn for one export and kept nowhere:
// the same person has one pseudonym in it, and another in the next.
type pseudonyms struct{ key []byte }

func newPseudonyms() pseudonyms {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: see crypto/rand
	return pseudonyms{key}
}

func (p pseudonyms) of(what string) string {
	m := hmac.New(sha256.New, p.key)
	_, _ = m.Write([]byte(what)) // never fails
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(m.Sum(nil))[:12]
}

// wards gives each ward a number in the order of its pseudonym, which says
// nothing about its name.
func (p pseudonyms) wards(all []string) map[string]string {
	slices.SortFunc(all, func(a, b string) int { return strings.Compare(p.of("ward "+a), p.of("ward "+b)) })
	out := map[string]string{"": ""}
	for _, w := range all {
		if _, ok := out[w]; !ok {
			out[w] = "W" + strconv.Itoa(len(out))
		}
	}
	return out
}

// Export writes lines and reports under pseudonyms. zone is the hospital's. No
// number, name, birth date or minute leaves; who wrote a report or settled a
// line neither.
func Export(w io.Writer, lines []Line, reports []Report, o ExportOptions, zone *time.Location, now time.Time) error {
	rows := exportRows(lines, reports, o, zone, now)
	if o.Format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		if err := e.Encode(rows); err != nil {
			return fmt.Errorf("harm export: %w", err)
		}
		return nil
	}
	c := csv.NewWriter(w)
	c.Comma = ';'
	err := c.Write([]string{"row", "patient", "age", "sex", "ward", "kind", "system", "severity", "degree", "at", "from", "state", "outcome", "done", "owned", "factors", "what", "text"})
	for _, r := range rows {
		if err != nil {
			break
		}
		err = c.Write([]string{
			r.Row, r.Patient, r.Age, r.Sex, r.Ward, r.Kind, r.System, r.Severity, r.Degree, r.At, r.From, r.State, r.Outcome, r.Done,
			strconv.FormatBool(r.Owned), strings.Join(r.Factors, " "), Cell(r.What), Cell(r.Text),
		})
	}
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	if err != nil {
		return fmt.Errorf("harm export: %w", err)
	}
	return nil
}

func exportRows(lines []Line, reports []Report, o ExportOptions, zone *time.Location, now time.Time) []exportedLine {
	p := newPseudonyms()
	ward := func(w string) string { return w }
	if o.MapWards {
		var all []string
		for i := range lines {
			all = append(all, lines[i].Ward)
		}
		for i := range reports {
			all = append(all, reports[i].Event.Ward)
		}
		names := p.wards(all)
		ward = func(w string) string { return names[w] }
	}
	hour := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2006-01-02T15")
	}
	rows := []exportedLine{}
	for i := range lines {
		l := &lines[i]
		r := exportedLine{
			Row: "finding", Patient: p.of("patient " + string(l.Item.Key)), Age: ageBand(l.Item.Birth, now.In(zone)), Sex: l.Item.Sex.Letter(), Ward: ward(l.Ward),
			Kind: string(l.Kind), System: l.System, Severity: l.Severity.String(), At: hour(l.At), From: hour(l.From), State: "open", Owned: l.State.Owner.Person != "",
		}
		switch l.Standing() {
		case WithOutcome:
			r.State, r.Outcome, r.Done = "settled", string(l.State.Outcome), hour(l.State.By.At)
		case ByEntry:
			r.State, r.Outcome, r.Done = "entry", string(l.Answer.Kind), hour(l.Answer.At)
		case Waiting:
		}
		if o.Texts {
			r.What, r.Text = l.What, l.State.Text
		}
		rows = append(rows, r)
	}
	for i := range reports {
		rep := &reports[i]
		e := &rep.Event
		r := exportedLine{Row: "event", Ward: ward(e.Ward), Kind: string(e.Kind), Degree: string(e.Degree), At: hour(e.At), From: hour(rep.Stored), State: string(rep.Status)}
		if e.Patient != "" {
			r.Patient = p.of("patient " + string(e.Patient))
		}
		for _, f := range e.Factors {
			r.Factors = append(r.Factors, string(f))
		}
		if o.Texts {
			r.What, r.Text = e.What, strings.Join(strings.Fields(strings.Join([]string{e.Why, e.Helped, rep.Measures}, " ")), " ")
		}
		rows = append(rows, r)
	}
	return rows
}

// Cell is a text as a cell of a table that a spreadsheet will open: it never
// begins a formula.
func Cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// ageBand is the decade of life, "90+" for the oldest: they are few.
func ageBand(birth clinical.Date, now time.Time) string {
	if birth.Year == 0 {
		return ""
	}
	years := now.Year() - birth.Year
	if birth.Full() && (int(now.Month()) < birth.Month || int(now.Month()) == birth.Month && now.Day() < birth.Day) {
		years--
	}
	switch {
	case years < 0:
		return ""
	case years >= 90:
		return "90+"
	}
	return fmt.Sprintf("%d-%d", years/10*10, years/10*10+9)
}

// String is the severity as the export writes it.
func (s Severity) String() string {
	switch s {
	case High:
		return "high"
	case Medium:
		return "medium"
	case Low:
	}
	return "low"
}
