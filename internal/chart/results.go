package chart

import (
	"cmp"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
)

// An open chapter is a chapter in memory with an index of its entries.
type open struct {
	chapter
	index map[string]int
}

func (d *open) find(key string) int {
	if d.index == nil {
		d.index = make(map[string]int, len(d.Results)+len(d.Documents)+len(d.Doses)+len(d.Homes))
		for i := range d.Results {
			d.index[d.Results[i].V.Key()] = i
		}
		for i := range d.Documents {
			d.index[documentKey(&d.Documents[i].V)] = i
		}
		for i := range d.Doses {
			d.index[doseKey(&d.Doses[i].V)] = i
		}
		for i := range d.Homes {
			d.index[d.Homes[i].Number] = i
		}
	}
	if i, ok := d.index[key]; ok {
		return i
	}
	return -1
}

// addHome notes that entries under number are kept on day.
func (d *open) addHome(number string, day int) bool {
	i := d.find(number)
	if i < 0 {
		d.index[number] = len(d.Homes)
		d.Homes = append(d.Homes, home{Number: number, Days: []int{day}})
		return true
	}
	if slices.Contains(d.Homes[i].Days, day) {
		return false
	}
	d.Homes[i].Days = append(d.Homes[i].Days, day)
	return true
}

// moveTo notes that document old was replaced by document now.
func (d *open) moveTo(old, now string) {
	i := d.find(old)
	if i < 0 {
		i = len(d.Homes)
		d.index[old] = i
		d.Homes = append(d.Homes, home{Number: old})
	}
	d.Homes[i].To = now
}

// movedTo returns the document that replaced number, "" if none did.
func (d *open) movedTo(number string) string {
	now := ""
	for range 32 { // a chain of versions; a ring of wrong messages ends too
		i := d.find(number)
		if i < 0 || d.Homes[i].To == "" {
			return now
		}
		now = d.Homes[i].To
		number = now
	}
	return now
}

// days returns where entries under number are kept.
func (d *open) days(number string) []int {
	if i := d.find(number); i >= 0 {
		return d.Homes[i].Days
	}
	return nil
}

// statusRank orders statements of one second.
func statusRank(s clinical.ResultStatus) int {
	switch s {
	case clinical.Pending:
		return 0
	case clinical.Preliminary:
		return 1
	case clinical.Final, clinical.NoResult:
		return 2
	case clinical.Corrected, clinical.Withdrawn:
		return 3
	}
	return 2
}

// supersedes is the rule for two statements about one observation. A message
// that says only "pending" never hides a value; otherwise what the sender said
// last counts, whatever order it came in; at the same second a correction wins
// over a final value and that over a preliminary one. A preliminary value that
// arrives after the final one but was sent before it is history.
func supersedes(n clinical.ResultStatus, no clinical.Origin, c clinical.ResultStatus, co clinical.Origin) bool {
	if pn, pc := n == clinical.Pending, c == clinical.Pending; pn != pc {
		return pc
	}
	if a, b := when(no), when(co); !a.Equal(b) && (!no.Sent.IsZero() && !co.Sent.IsZero()) {
		return a.After(b)
	}
	return cmp.Or(statusRank(n)-statusRank(c), cmp.Compare(no.Seq, co.Seq)) >= 0
}

// sameResult compares two statements without their order of fields mattering
// for speed: the ones that differ most often come first.
func sameResult(a, b *clinical.Result) bool {
	return a.Value == b.Value && a.Status == b.Status && a.Unit == b.Unit && a.Range == b.Range &&
		slices.Equal(a.Flags, b.Flags) && a.Comment == b.Comment && a.At.Equal(b.At) && sameThroughout(a, *b)
}

// sameThroughout takes a copy, so that the statements that differ at first
// sight, nearly all, need none on the heap.
func sameThroughout(a *clinical.Result, b clinical.Result) bool { return equal(a, &b) }

// validated reports whether a person stands behind a statement: what an analyser
// measures afterwards does not replace it until a person looked at that too.
func validated(r *clinical.Result) bool {
	switch r.Status {
	case clinical.Final, clinical.Corrected, clinical.NoResult, clinical.Withdrawn:
		return !r.Device
	case clinical.Preliminary, clinical.Pending:
	}
	return false
}

// MeasuredLater reports whether a version of a result is what an analyser
// measured after a person validated the value: no earlier version, but one that
// waits for somebody's look.
func MeasuredLater(it *Item[clinical.Result], w *Version[clinical.Result]) bool {
	return w.V.Device && !it.V.Device && w.Origin.Seq > it.Origin.Seq
}

// takeResult folds n into an entry that speaks of the same observation. It
// reports whether n is the newer measurement of an analyser beside a value that
// a person validated: then that value stands, and n waits among its versions.
func takeResult(it *Item[clinical.Result], n *clinical.Result, c *clinical.Change) bool {
	if it.Case == "" {
		it.Case = c.Case
	}
	switch {
	case n.Device && validated(&it.V):
		if slices.ContainsFunc(it.Was, func(w Version[clinical.Result]) bool { return sameResult(&w.V, n) }) {
			return false // sent again
		}
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Result]{V: *n, Origin: c.Origin})
		return true
	case it.V.Device && validated(n) && c.Origin.Seq > it.Origin.Seq: // whatever the analyser's clock says
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Result]{V: it.V, Origin: it.Origin})
		it.V, it.Origin = *n, c.Origin
	case sameResult(&it.V, n):
		if later(c.Origin, it.Origin) {
			it.Origin = c.Origin
		}
	case supersedes(n.Status, c.Origin, it.V.Status, it.newest()):
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Result]{V: it.V, Origin: it.Origin})
		it.V, it.Origin, it.Back = *n, c.Origin, Echo{}
	default:
		was := Version[clinical.Result]{V: *n, Origin: c.Origin}
		at := len(it.Was)
		for i := range it.Was {
			if sameResult(&it.Was[i].V, n) {
				return false
			}
			if at == len(it.Was) && supersedes(n.Status, c.Origin, it.Was[i].V.Status, it.Was[i].Origin) {
				at = i
			}
		}
		it.Was = slices.Insert(it.Was, at, was)
	}
	it.Cancelled = it.V.Status == clinical.Withdrawn
	return false
}

// orderOf is the number under which a result's order keeps its results, "" for
// one without a number.
func orderOf(r *clinical.Result) string { return or(r.Filler, r.Placer) }

const (
	maxCritical = 8
	maxVital    = 8
	maxScores   = 6
	maxFresh    = 40
	markAge     = 72 * time.Hour // older marks are dropped when a newer one comes
)

// scoreCode is the code of the early warning score that a ward list shows with
// its course.
const scoreCode = "NEWS2"

// mark keeps the head's list of values that somebody should see, after the
// entry it changed.
func (h *head) mark(it *Item[clinical.Result]) {
	r := &it.V
	vital := r.Section == clinical.Vitals
	critical := r.Critical()
	h.listen(it)
	score := vital && r.Code.Code == scoreCode
	shows := critical || vital && r.Abnormal() || score
	if len(h.Marks) == 0 && !shows {
		return
	}
	key := r.Key()
	h.Marks = slices.DeleteFunc(h.Marks, func(m keptMark) bool { return m.Key == key })
	if !shows || it.Cancelled || r.Status == clinical.Pending || r.Status == clinical.NoResult {
		return
	}
	at := r.At
	if at.IsZero() {
		at = when(it.Origin)
	}
	h.Marks = append(h.Marks, keptMark{Key: key, Vital: vital, Score: score, M: Mark{
		Label: label(r), Value: r.Shown(), Unit: r.Unit, Flag: firstFlag(r), At: at, Critical: critical, Origin: it.Origin,
	}})
	slices.SortStableFunc(h.Marks, func(a, b keptMark) int {
		return cmp.Or(b.M.At.Compare(a.M.At), cmp.Compare(a.Key, b.Key))
	})
	newest := time.Time{}
	for i := range h.Marks {
		if t := known(&h.Marks[i].M); t.After(newest) {
			newest = t
		}
	}
	counts := [3]int{}
	h.Marks = slices.DeleteFunc(h.Marks, func(m keptMark) bool {
		i, limit := 0, maxCritical
		switch {
		case m.Score:
			i, limit = 2, maxScores
		case m.Vital:
			i, limit = 1, maxVital
		}
		counts[i]++
		return counts[i] > limit || newest.Sub(known(&m.M)) > markAge
	})
}

// known is when a mark came to be known: a culture of a specimen of last week
// that turns positive today is news of today.
func known(m *Mark) time.Time {
	if told := when(m.Origin); told.After(m.At) {
		return told
	}
	return m.At
}

// labelLength is how many characters a list has for the name of an observation.
const labelLength = 14

// label is the short name of an observation on a list: what the hospital's table
// or the message calls it where that is short, else the local code where it is a
// word. "Kalium" is read by everybody, "KA" only by who knows the laboratory.
func label(r *clinical.Result) string {
	for _, s := range []string{r.Code.Text, r.Local.Text} {
		if n := utf8.RuneCountInString(s); n > 0 && n <= labelLength && s != r.Code.Code {
			return s
		}
	}
	for _, s := range []string{r.Local.Code, r.Local.Text, r.Code.Text, r.Code.Code} {
		if s == "" || len(s) > 12 && s == r.Local.Code {
			continue
		}
		if _, err := strconv.Atoi(s[:1]); err == nil && s == r.Local.Code {
			continue // a number says nothing to a person
		}
		return s
	}
	return ""
}

func firstFlag(r *clinical.Result) string {
	for _, f := range r.Flags {
		if f != "" && f != "N" {
			return f
		}
	}
	switch {
	case r.Below():
		return "L"
	case r.Above():
		return "H"
	}
	return ""
}

// doseKey names a dose among the patient's: its number, else prescription,
// drug and time.
func doseKey(d *clinical.Dose) string {
	if d.ID != "" {
		return d.ID
	}
	return "@" + d.Prescription + "\x1f" + or(d.Drug.Code, d.Drug.Text) + "\x1f" + d.At.UTC().Format("20060102150405")
}

// documentKey names a document among the patient's.
func documentKey(d *clinical.Document) string {
	if d.ID != "" {
		return d.ID
	}
	return "@" + or(d.Filler, d.Placer) + "\x1f" + or(d.Kind.Code, d.Title) + "\x1f" + d.At.UTC().Format("20060102150405")
}

// takeDocument folds a newer or older state of the same document. A
// cancellation keeps the words that were there.
func takeDocument(it *Item[clinical.Document], n clinical.Document, o clinical.Origin) {
	if silentDocument(&n) && n.Status != clinical.Withdrawn && !silentDocument(&it.V) { // T03, T07: tells of it without it
		if it.V.Body != (clinical.BodyRef{}) { // its bytes are in the record that the origin names
			if later(o, it.Origin) && !it.Cancelled {
				it.V.Status = n.Status
			}
			return
		}
		n.Text, n.Media = it.V.Text, it.V.Media
	} else if silentDocument(&it.V) && !later(o, it.Origin) && !it.Cancelled {
		it.V.Text, it.V.Body, it.V.Media = n.Text, n.Body, n.Media // it came after such a message
		if n.Body != (clinical.BodyRef{}) {
			it.Origin = o
		}
		return
	}
	switch {
	case equal(&it.V, &n):
		if later(o, it.Origin) {
			it.Origin = o
		}
	case n.Status == clinical.Withdrawn && later(o, it.Origin):
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Document]{V: it.V, Origin: it.Origin})
		it.V.Status, it.Origin, it.Back = clinical.Withdrawn, o, Echo{}
	case it.V.Status == clinical.Withdrawn && !later(o, it.Origin):
		if len(it.Was) == 0 && n.Status != clinical.Withdrawn { // the withdrawal came first
			it.V = n
			it.V.Status = clinical.Withdrawn
		}
		it.Was = addVersion(it.Was, Version[clinical.Document]{V: n, Origin: o})
	case supersedes(n.Status, o, it.V.Status, it.newest()):
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Document]{V: it.V, Origin: it.Origin})
		it.V, it.Origin, it.Back = n, o, Echo{}
	default:
		it.Was = addVersion(it.Was, Version[clinical.Document]{V: n, Origin: o})
	}
	it.Cancelled = it.V.Status == clinical.Withdrawn
}

// silentDocument reports whether a message named a document and brought nothing
// of it.
func silentDocument(d *clinical.Document) bool { return d.Text == "" && d.Body == clinical.BodyRef{} }

// fresh keeps the head's list of the newest documents.
func (h *head) fresh(it *Item[clinical.Document]) {
	key := documentKey(&it.V)
	h.Fresh = slices.DeleteFunc(h.Fresh, func(f freshDoc) bool { return f.ID == key })
	if it.Cancelled {
		return
	}
	at := it.V.At
	if told := when(it.Origin); told.After(at) { // a finding on an old specimen is new when it comes
		at = told
	}
	h.Fresh = append(h.Fresh, freshDoc{ID: key, At: at})
	slices.SortFunc(h.Fresh, func(a, b freshDoc) int { return b.At.Compare(a.At) })
	if len(h.Fresh) > maxFresh {
		h.Fresh = h.Fresh[:maxFresh]
	}
}
