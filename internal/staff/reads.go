package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

const (
	minReason = 5   // characters of a break-glass reason
	maxReason = 500 // bytes
)

// OpenGlass records a break-glass grant for the session and raises
// [Options.Alarm]. A grant without an end lasts [Options.Glass]; a longer one
// than [Options.GlassMost] is cut. The reason may hold health data: it is kept
// in the journal only. Errors: Forbidden, Invalid, Unsigned.
func (b *Book) OpenGlass(ctx context.Context, s Session, g Glass) error {
	now := b.o.Now()
	g.Reason = strings.TrimSpace(g.Reason)
	b.mu.RLock()
	st := b.state.bySession[s.ID]
	if st == nil || b.ended(st, now) || b.state.people[st.person] == nil {
		b.mu.RUnlock()
		return errUnsigned()
	}
	s = b.state.session(st, b.o.Idle)
	b.mu.RUnlock()
	switch {
	case !May(s.Person, BreakGlass):
		return fault.New(fault.Forbidden, lang.Text{
			DE: "Diese Ansicht gehört nicht zu Ihren Aufgaben im Haus.",
			EN: "This view is not part of your role in the house.",
		})
	case utf8.RuneCountInString(g.Reason) < minReason || len(g.Reason) > maxReason:
		return fault.New(fault.Invalid, lang.Text{
			DE: "Bitte den Grund in ein paar Worten angeben.", EN: "Please give the reason in a few words.",
		})
	}
	if g.Until.IsZero() {
		g.Until = now.Add(b.o.Glass)
	}
	if most := now.Add(b.o.GlassMost); g.Until.After(most) {
		g.Until = most
	}
	if !g.Until.After(now) {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Das Ende liegt in der Vergangenheit.", EN: "The end lies in the past.",
		})
	}
	g.Until = g.Until.UTC()
	if _, err := b.record(ctx, event{Type: glassOpened, By: s.Person.ID, ID: s.Person.ID, Session: s.ID,
		Glass: &glassFact{Ward: g.Ward, Patient: g.Patient, Reason: g.Reason, Until: g.Until}}); err != nil {
		return err
	}
	b.o.Log.WarnContext(ctx, "reading opened with a reason", "person", s.Person.ID, "session", s.ID, "ward", g.Ward, "until", g.Until)
	if b.o.Alarm != nil {
		s.Glass = append(s.Glass, g)
		b.o.Alarm(ctx, s, g)
	}
	return nil
}

// RecordRead records one look at patient data and returns the journal number of
// the record. It returns when the record is durable: the page goes out only
// after it. Time is filled in where it is zero. While the journal cannot be
// written, the record waits aside (see [Aside]) and the number is 0.
//
// A refresh of the same page (same session, page, patient, case, ward, mode and
// grant, and of evidence the same item or file, of a review the same hit) within
// [Options.Refresh] of the recorded look returns that record.
// Searches, prints, exports and raw messages are each recorded.
func (b *Book) RecordRead(ctx context.Context, r Read) (uint64, error) {
	if r.Person == "" || r.Page == "" {
		return 0, fault.Newf(fault.Internal, fault.Say(nil), "read record: no person or page")
	}
	now := b.o.Now()
	if r.Time.IsZero() {
		r.Time = now
	}
	r.Time = r.Time.UTC()
	r.From, r.What, r.Reason = clip(r.From, 100), clip(r.What, 200), clip(r.Reason, maxReason)
	key := lookOf(r)
	if seq, ok := b.recent.find(key, now); ok {
		return seq, nil
	}
	body, err := encodeRead(r)
	if err != nil {
		return 0, err
	}
	r.Late = true
	late, err := encodeRead(r)
	if err != nil {
		return 0, err
	}
	seq, err := b.append(ctx, journal.Record{
		ID: journal.NewID(), Time: r.Time, Site: b.o.Site, Source: "staff", Kind: journal.Read,
		Patient: string(r.Patient), Ward: r.Ward, Body: body,
	}, late, nil)
	if err != nil {
		return 0, fmt.Errorf("read record: %w", err)
	}
	b.recent.add(key, uint64(seq), now)
	return uint64(seq), nil
}

// look is what makes two reads the same one.
type look struct {
	session, page, ward, mode, reason string
	patient                           clinical.PatientKey
	kase                              clinical.CaseNo
	what                              string // of evidence and hits: which
	glass                             bool
}

func lookOf(r Read) look {
	l := look{session: r.Session, page: r.Page, ward: r.Ward, mode: r.Mode, patient: r.Patient, kase: r.Case,
		glass: r.Glass, reason: r.Reason}
	if strings.HasPrefix(r.Page, "evidence/") || r.Page == "review/hit" {
		l.what = r.What
	}
	return l
}

// eachCounts reports whether every look at the page is recorded.
func eachCounts(page string) bool {
	first, _, _ := strings.Cut(page, "/")
	return first == "search" || first == "print" || first == "export" || first == "raw"
}

// recent remembers the reads of the last minutes.
type recent struct {
	keep time.Duration
	mu   sync.Mutex
	seen map[look]seen
}

type seen struct {
	seq uint64
	at  time.Time
}

func newRecent(keep time.Duration) *recent { return &recent{keep: keep, seen: make(map[look]seen)} }

func (c *recent) find(k look, now time.Time) (uint64, bool) {
	if k.session == "" || eachCounts(k.page) {
		return 0, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.seen[k]
	if !ok || now.Sub(s.at) >= c.keep || now.Before(s.at) {
		return 0, false
	}
	return s.seq, true
}

func (c *recent) add(k look, seq uint64, now time.Time) {
	if k.session == "" || eachCounts(k.page) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[k] = seen{seq, now}
}

func (c *recent) prune(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, s := range c.seen {
		if now.Sub(s.at).Abs() >= c.keep {
			delete(c.seen, k)
		}
	}
}

// Reads returns what was read, newest first. At most 1000 records come at once;
// the Seq of the last one is the Before of the next page.
func (b *Book) Reads(ctx context.Context, f ReadFilter) ([]Read, error) {
	if err := b.advance(ctx, 0); err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	f.Limit = min(f.Limit, 1000)
	return b.store.find(ctx, f)
}

// ForgetReads drops reads from before a time out of the audit, up to a record of
// the journal, and returns how many. It is for the retention that prunes the same records in the journal;
// alone it lasts only until the audit is folded anew.
func (b *Book) ForgetReads(ctx context.Context, before time.Time, upto uint64) (int64, error) {
	var all int64
	for {
		n, err := b.forgetSome(ctx, before, upto)
		all += n
		if err != nil || n == 0 {
			return all, err
		}
	}
}

// forgetSome drops a few thousand, so that nobody waits long.
func (b *Book) forgetSome(ctx context.Context, before time.Time, upto uint64) (int64, error) {
	select {
	case b.folding <- struct{}{}:
		defer func() { <-b.folding }()
	case <-ctx.Done():
		return 0, fmt.Errorf("read audit: %w", ctx.Err())
	}
	res, err := b.store.db.ExecContext(ctx,
		`DELETE FROM read WHERE seq IN (SELECT seq FROM read WHERE time < ? AND seq <= ? LIMIT 5000)`, before.UnixMilli(), int64(upto))
	if err != nil {
		return 0, fmt.Errorf("read audit: %w", err)
	}
	return res.RowsAffected()
}

// backBy is how far in milliseconds a read's time may lie behind the highest
// one before it without being listed as out of order.
const backBy = 60_000

// find answers a filter. Records are in journal order, and so nearly in order
// of time: "top" is the highest time up to a record. A range of time is cut out
// by top, and the few records that were written after the clock was set back
// are looked up apart, so that none is missed and no range is scanned in vain.
func (st *store) find(ctx context.Context, f ReadFilter) ([]Read, error) {
	below := int64(1<<63 - 1)
	if f.Before != 0 && f.Before < 1<<63 {
		below = int64(f.Before)
	}
	from, to := int64(-1<<63), int64(1<<63-1)
	if !f.From.IsZero() {
		from = f.From.UnixMilli()
	}
	if f.To.IsZero() {
		return st.query(ctx, f, below, from, to, false, f.Limit)
	}
	to = f.To.UnixMilli()
	var cut *int64
	if err := st.db.QueryRowContext(ctx, `SELECT min(seq) FROM read WHERE top = (SELECT min(top) FROM read WHERE top >= ?)`,
		to+backBy).Scan(&cut); err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	if cut == nil || *cut >= below {
		return st.query(ctx, f, below, from, to, false, f.Limit)
	}
	late, err := st.query(ctx, f, below, from, to, true, f.Limit)
	if err != nil {
		return nil, err
	}
	late = slices.DeleteFunc(late, func(r Read) bool { return r.Seq < uint64(*cut) })
	rest, err := st.query(ctx, f, *cut, from, to, false, f.Limit-len(late))
	return append(late, rest...), err
}

// query returns records with a smaller Seq than below, from ≤ time < to in Unix
// milliseconds; back asks only for those that are out of order.
func (st *store) query(ctx context.Context, f ReadFilter, below, from, to int64, back bool, limit int) ([]Read, error) {
	if limit <= 0 {
		return nil, nil
	}
	where := []string{"seq < ?", "time >= ?", "time < ?"}
	args := []any{below, from, to}
	add := func(cond string, arg ...any) { where, args = append(where, cond), append(args, arg...) }
	if f.Person != "" {
		add("person = ?", f.Person)
	}
	if f.Patient != "" {
		add("patient = ? AND patient <> ''", string(f.Patient))
	}
	if f.Ward != "" {
		add("ward = ? AND ward <> ''", f.Ward)
	}
	if f.Page != "" {
		add("page = ?", f.Page)
	}
	if f.Glass {
		add("glass = 1")
	}
	if back {
		add("top - time > 60000")
	} else if from > -1<<63 { // top never falls: all records from here on are newer
		add("seq >= coalesce((SELECT min(seq) FROM read WHERE top = (SELECT min(top) FROM read WHERE top >= ?)), 0)", from)
	}
	rows, err := st.db.QueryContext(ctx, "SELECT seq, body FROM read WHERE "+strings.Join(where, " AND ")+
		" ORDER BY seq DESC LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	defer rows.Close()
	var out []Read
	for rows.Next() {
		var seq int64
		var body []byte
		if err := rows.Scan(&seq, &body); err != nil {
			return nil, fmt.Errorf("read audit: %w", err)
		}
		r, err := decodeRead(body)
		if err != nil {
			return nil, fmt.Errorf("read audit: %w", err)
		}
		r.Seq = uint64(seq)
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return out, nil
}
