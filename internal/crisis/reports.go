package crisis

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// SignKnowledge states when somebody of the house knew: of the incident
// (FromKnowledge) or that personal data are concerned (FromBreach). Every clock
// is worked out from it. Stating it again is a correction with its reason: how
// is required then; what was stated before stays.
func (b *Book) SignKnowledge(ctx context.Context, by Act, crisis string, which rulebook.Start, at time.Time, who, how string) (*Crisis, error) {
	who, how = strings.TrimSpace(who), strings.TrimSpace(how)
	c, err := b.Crisis(crisis)
	if err != nil {
		return nil, err
	}
	_, again := c.Knowledge[which]
	switch {
	case at.IsZero() || at.After(b.o.Now().Add(ahead)):
		return nil, errInvalid("Die Zeit der Kenntnis fehlt oder liegt in der Zukunft.", "The time of knowledge is missing or lies in the future.")
	case len(who) < 2:
		return nil, errInvalid("Bitte angeben, wer die Kenntnis hatte.", "Please say who had the knowledge.")
	case again && !reason(how):
		return nil, errInvalid("Bitte begründen, warum sich der Zeitpunkt ändert.", "Please say why the time changes.")
	}
	c, _, err = b.do(ctx, by, event{Step: stepKnowledge, Crisis: crisis, Word: string(which), At: at.UTC(), Said: b.said(at), Name: who, Text: how})
	return c, err
}

// Due is one report of a crisis with its clock.
type Due struct {
	rulebook.Deadline
	To      string
	Report  Report
	Applies bool
	Gone    bool // the house's file no longer has the duty: what was saved stays to be read
}

// SentAt is when the report went out first; zero if it did not.
func (d Due) SentAt() time.Time {
	if len(d.Report.Sent) == 0 {
		return time.Time{}
	}
	return d.Report.Sent[0].At
}

// Open reports whether the report is still to be sent: each diversion is one to
// report anew.
func (d Due) Open() bool {
	sent := d.Report.Sent
	anew := len(sent) > 0 && d.Duty.From == rulebook.FromDiversion && d.Start.After(sent[len(sent)-1].At)
	return d.Applies && (len(sent) == 0 || anew)
}

// Late is how much later than by law the report went out; 0 in time or not yet.
func (d Due) Late() time.Duration {
	if at := d.SentAt(); !at.IsZero() && !d.AtOnce && d.Runs() && at.After(d.Due) {
		return at.Sub(d.Due)
	}
	return 0
}

// times are the moments of the crisis that clocks begin at.
func (c *Crisis) times() rulebook.Times {
	t := rulebook.Times{Knowledge: c.Knowledge[rulebook.FromKnowledge].At, Breach: c.Knowledge[rulebook.FromBreach].At, Diversion: c.Diverted(), Closed: c.Closed.At, Sent: map[string]time.Time{}}
	for id, r := range c.Reports {
		if len(r.Sent) > 0 {
			t.Sent[id] = r.Sent[0].At
		}
	}
	return t
}

// Deadlines returns every report that the law may ask for in this crisis, with
// its clock: those that are to be sent first, by their end. Those that were
// written although no duty asks for them any more come last.
func (b *Book) Deadlines(c *Crisis) []Due {
	t := c.times()
	var out []Due
	for _, d := range b.o.Duties {
		r := c.Reports[d.ID]
		if !d.Concerns(b.o.House, c.Kind) && r.Applies == "" && len(r.Versions) == 0 {
			continue
		}
		r.Duty = d.ID
		x := Due{Deadline: rulebook.Clock(d, b.o.Duties, b.o.House, t, b.o.Zone), To: d.Addressee(b.o.House).DE, Report: r}
		switch {
		case r.Applies != "":
			x.Applies = r.Applies == "yes"
		case d.When == rulebook.WhenDecided:
		case d.When == rulebook.WhenDiversion:
			x.Applies = !t.Diversion.IsZero()
		default:
			x.Applies = true
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Due) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Due.Compare(b.Due))
	})
	return append(out, b.gone(c)...)
}

// gone are the reports that were saved or decided about and whose duty the
// house's file no longer has, in the words of their newest version.
func (b *Book) gone(c *Crisis) []Due {
	var out []Due
	for _, id := range slices.Sorted(maps.Keys(c.Reports)) {
		r := c.Reports[id]
		if _, err := b.duty(id); err == nil || len(r.Versions) == 0 && len(r.Sent) == 0 && r.Applies == "" {
			continue
		}
		r.Duty = id
		d := &rulebook.Duty{ID: id, Name: lang.Text{DE: id, EN: id}, When: rulebook.WhenDecided}
		x := Due{Deadline: rulebook.Deadline{Duty: d}, Report: r, Gone: true}
		if n := len(r.Versions); n > 0 && r.Versions[n-1].Head.Name.DE != "" {
			head := r.Versions[n-1].Head
			d.Name, d.Law, x.To = head.Name, head.Law, head.To
		}
		out = append(out, x)
	}
	return out
}

// rank puts what is to be sent first.
func rank(d Due) int {
	switch {
	case d.Open() && d.Runs():
		return 0
	case d.Open():
		return 1
	case d.Applies:
		return 2
	}
	return 3
}

func (b *Book) duty(id string) (*rulebook.Duty, error) {
	for _, d := range b.o.Duties {
		if d.ID == id {
			return d, nil
		}
	}
	_, say := notThere.say(by(Act{}, nil))
	return nil, fault.New(fault.NotFound, say)
}

// dutySaid is the name of a duty as the logbook says it: with its law, as two of
// one law may bear the same name.
func dutySaid(d *rulebook.Duty) string {
	if d.Law == "" {
		return d.Name.DE
	}
	return d.Name.DE + ", " + d.Law
}

// Decide states that a duty applies or not, with the reason.
func (b *Book) Decide(ctx context.Context, by Act, crisis, duty string, applies bool, why string) (*Crisis, error) {
	d, err := b.duty(duty)
	if err != nil {
		return nil, err
	}
	word := "no"
	if applies {
		word = "yes"
	}
	if why = strings.TrimSpace(why); !reason(why) {
		return nil, errWhy()
	}
	c, _, err := b.do(ctx, by, event{Step: stepDuty, Crisis: crisis, Of: duty, Said: dutySaid(d), Word: word, Text: why})
	return c, err
}

// SaveReport keeps a version of a report. Fields that the duty does not have are
// left out; what is missing may be missing: a version is not yet a report.
func (b *Book) SaveReport(ctx context.Context, by Act, crisis, duty string, fields map[string]string) (*Crisis, error) {
	d, err := b.duty(duty)
	if err != nil {
		return nil, err
	}
	kept := map[string]string{}
	for _, f := range d.Form {
		if v := strings.TrimSpace(fields[f.ID]); v != "" {
			kept[f.ID] = v
		}
	}
	if len(kept) == 0 {
		return nil, errInvalid("Die Meldung ist leer.", "The report is empty.")
	}
	before, err := b.Crisis(crisis)
	if err != nil {
		return nil, err
	}
	head, form := b.worded(before.Kind, d, kept)
	c, _, err := b.do(ctx, by, event{Step: stepReport, Crisis: crisis, Of: duty, Said: dutySaid(d), Fields: kept, Head: &head, Parts: form})
	return c, err
}

// worded is a report in the words of its duty.
func (b *Book) worded(k rulebook.Kind, d *rulebook.Duty, fields map[string]string) (ReportHead, []Section) {
	form := make([]Section, len(d.Form))
	for i, f := range d.Form {
		form[i] = Section{ID: f.ID, Title: f.Name, Text: fields[f.ID]}
	}
	return ReportHead{Kind: k, Law: d.Law, Name: d.Name, To: d.Addressee(b.o.House).DE}, form
}

// Version returns a version of a report as it was worded when it was saved.
func (b *Book) Version(c *Crisis, duty string, version int) (ReportVersion, error) {
	versions := c.Reports[duty].Versions
	if version < 1 || version > len(versions) {
		_, say := notThere.say(by(Act{}, nil))
		return ReportVersion{}, fault.New(fault.NotFound, say)
	}
	v := versions[version-1]
	if v.Form == nil { // of a time when the words were not kept
		d, err := b.duty(duty)
		if err != nil {
			return v, err
		}
		v.Head, v.Form = b.worded(c.Kind, d, v.Fields)
	}
	return v, nil
}

// Missing returns the required fields that a version does not fill.
func Missing(d *rulebook.Duty, fields map[string]string) []rulebook.Field {
	var out []rulebook.Field
	for _, f := range d.Form {
		if f.Required && strings.TrimSpace(fields[f.ID]) == "" {
			out = append(out, f)
		}
	}
	return out
}

// SendReport keeps the proof that a version went out: when, by which way, under
// which number, and the digest of what it said.
func (b *Book) SendReport(ctx context.Context, by Act, crisis, duty string, s Dispatch) (*Crisis, error) {
	d, err := b.duty(duty)
	if err != nil {
		return nil, err
	}
	c, err := b.Crisis(crisis)
	if err != nil {
		return nil, err
	}
	versions := c.Reports[duty].Versions
	s.Way = strings.TrimSpace(s.Way)
	now := b.o.Now()
	if s.At.IsZero() {
		s.At = now
	}
	switch {
	case s.Version < 1 || s.Version > len(versions):
		return nil, errInvalid("Bitte zuerst eine Fassung speichern.", "Please save a version first.")
	case s.Way == "":
		return nil, errInvalid("Bitte angeben, auf welchem Weg die Meldung hinausging.", "Please say by which way the report went out.")
	case s.At.After(now.Add(ahead)) || s.At.Before(c.Began.Add(-24*time.Hour)):
		return nil, errInvalid("Die Zeit der Absendung liegt in der Zukunft oder vor dem Vorfall.", "The time of dispatch lies in the future or before the incident.")
	}
	version := versions[s.Version-1]
	if missing := Missing(d, version.Fields); len(missing) > 0 && strings.TrimSpace(s.Note) == "" {
		return nil, errInvalid("In dieser Fassung fehlt: "+missing[0].Name.DE+". Ergänzen, oder in der Bemerkung sagen, warum sie so hinausging.",
			"This version lacks: "+missing[0].Name.DE+". Complete it, or say in the note why it went out like this.")
	}
	body, err := b.ReportJSON(c, duty, s.Version)
	if err != nil {
		return nil, err
	}
	to := strings.TrimSpace(s.To)
	if to == "" {
		to = d.Addressee(b.o.House).DE
	}
	c, _, err = b.do(ctx, by, event{Step: stepSent, Crisis: crisis, Of: duty, Said: dutySaid(d), Number: s.Version, At: s.At.UTC(), Word: s.Way, Name: to, Reach: strings.TrimSpace(s.Number), Text: strings.TrimSpace(s.Note), Digest: Digest(body)})
	return c, err
}

// Digest is the SHA-256 of what a report said, in hexadecimal digits.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// reportFile is a version of a report for machines.
type reportFile struct {
	Format  string        `json:"format"`
	Crisis  string        `json:"crisis"`
	Kind    string        `json:"kind"`
	Duty    string        `json:"duty"`
	Law     string        `json:"law"`
	Name    string        `json:"name"`
	To      string        `json:"to"`
	Version int           `json:"version"`
	Saved   time.Time     `json:"saved"`
	By      string        `json:"by"`
	Record  uint64        `json:"record"`
	Fields  []reportValue `json:"fields"`
}

type reportValue struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ReportJSON returns a version of a report for machines: the same bytes each
// time, so that their digest proves what went out.
func (b *Book) ReportJSON(c *Crisis, duty string, version int) ([]byte, error) {
	v, err := b.Version(c, duty, version)
	if err != nil {
		return nil, err
	}
	f := reportFile{Format: "notbetrieb report 1", Crisis: c.ID, Kind: string(v.Head.Kind), Duty: duty, Law: v.Head.Law, Name: v.Head.Name.DE, To: v.Head.To, Version: v.Number,
		Saved: v.By.At, By: v.By.Name, Record: uint64(v.Seq)}
	for _, x := range v.Form {
		if x.Text != "" {
			f.Fields = append(f.Fields, reportValue{x.ID, x.Title.DE, x.Text})
		}
	}
	body, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("crisis report: %w", err)
	}
	return append(body, '\n'), nil
}

// Prefill is what a report can be filled with: its own newest version, else what
// other reports of this crisis say in the same field, else what is known. known
// is by the ID of the field; all are the duties of the house. What belongs to
// one office or one clock is not taken from the report to another.
func (c *Crisis) Prefill(d *rulebook.Duty, all []*rulebook.Duty, known map[string]string) map[string]string {
	out := map[string]string{}
	own := c.Reports[d.ID].Versions
	for _, f := range d.Form {
		if v := known[f.ID]; v != "" {
			out[f.ID] = v
		}
		newest := time.Time{}
		for _, x := range all {
			r := c.Reports[x.ID]
			if n := len(r.Versions); n > 0 && shares(f.ID, d, x) {
				v := r.Versions[n-1]
				if s := v.Fields[f.ID]; s != "" && v.By.At.After(newest) {
					out[f.ID], newest = s, v.By.At
				}
			}
		}
		if n := len(own); n > 0 {
			delete(out, f.ID)
			if s := own[n-1].Fields[f.ID]; s != "" {
				out[f.ID] = s
			}
		}
		if number := c.numberAt(d, all); f.ID == "number" && number != "" && out[f.ID] == "" {
			out[f.ID] = number
		}
	}
	return out
}

// shares reports whether what one report says in a field holds in another too.
// The words are the IDs of the fields that ship.
func shares(field string, a, b *rulebook.Duty) bool {
	switch field {
	case "delay", "follow-up":
		return a.ID == b.ID
	case "number":
		return a.To == b.To
	case "aware", "aware-who":
		return (a.From == rulebook.FromBreach) == (b.From == rulebook.FromBreach)
	}
	return true
}

// numberAt is the newest number that the office of a report has given.
func (c *Crisis) numberAt(d *rulebook.Duty, all []*rulebook.Duty) (number string) {
	newest := time.Time{}
	for _, x := range all {
		for _, s := range c.Reports[x.ID].Sent {
			if s.Number != "" && x.To == d.To && s.By.At.After(newest) {
				number, newest = s.Number, s.By.At
			}
		}
	}
	return number
}

// Remind writes each warning that has come since the last time into the
// logbooks, once: half, three quarters and nine parts of ten of a term, and its
// end. It returns when the next one comes; zero for none.
func (b *Book) Remind(ctx context.Context) (next time.Time, err error) {
	now := b.o.Now()
	for _, c := range b.All() {
		for _, d := range b.Deadlines(c) {
			if !d.Open() || !d.Runs() || d.AtOnce {
				continue
			}
			level := d.Level(now)
			if level > d.Report.Passed {
				key := fmt.Sprintf("warned/%s/%s/%d/%d", c.ID, d.Duty.ID, d.Start.Unix(), level)
				if _, _, err := b.do(ctx, Act{Key: key, At: now}, event{Step: stepWarned, Crisis: c.ID, Of: d.Duty.ID, Said: dutySaid(d.Duty), Number: int(level)}); err != nil && fault.KindOf(err) != fault.Conflict {
					return next, err
				}
			}
			if level < rulebook.Overdue {
				if at := d.At(level + 1); next.IsZero() || at.Before(next) {
					next = at
				}
			}
		}
	}
	return next, nil
}

// Breach is one line of the register of breaches of personal data (DSGVO Art.
// 33 (5)): each incident stands in it, also one that was not reported.
type Breach struct {
	Crisis *Crisis
	Due    Due
	Known  Known
}

// Register returns every breach of personal data, the newest first.
func (b *Book) Register() []Breach {
	var out []Breach
	for _, c := range b.All() {
		for _, d := range b.Deadlines(c) {
			if d.Duty.Register != "art33" || c.Exercise {
				continue
			}
			k, ok := c.Knowledge[rulebook.FromBreach]
			if !ok {
				k = c.Knowledge[rulebook.FromKnowledge]
			}
			if ok || d.Report.Decided.Done() || len(d.Report.Versions) > 0 || c.Stage == StageConfirmed || c.Stage == StageClosed && c.Declared.Done() {
				out = append(out, Breach{c, d, k})
			}
		}
	}
	return out
}
