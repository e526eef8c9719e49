package chart

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// House returns the overview. Configured wards come first and in their order,
// then every other ward in which the messages put somebody.
func (v *View) House(ctx context.Context) (_ House, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	h := House{Seq: v.seq, AsOf: v.asOf}
	index := map[string]int{}
	for _, w := range v.c.cfg.Wards {
		index[w.Code] = len(h.Wards)
		h.Wards = append(h.Wards, WardLine{Code: w.Code, Name: w.Name, Kind: w.Kind, Beds: len(w.Beds)})
	}
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		code := s.ColumnText(0)
		i, ok := index[code]
		if !ok {
			i = len(h.Wards)
			index[code] = i
			h.Wards = append(h.Wards, WardLine{Code: code, Name: code})
		}
		l := &h.Wards[i]
		l.Occupied, l.Arriving, l.Isolated, l.Critical = s.ColumnInt(1), s.ColumnInt(2), s.ColumnInt(3), s.ColumnInt(4)
		return true
	}, `SELECT ward, sum(arriving=0), sum(arriving), sum(isolated>?2 AND arriving=0), sum(critical>?1 AND arriving=0)
		FROM bed WHERE till=0 OR till>?2 GROUP BY ward`, v.now.Add(-reading).Unix(), v.now.Unix())
	if err != nil {
		return House{}, err
	}
	in, err := v.conn.number("SELECT count(DISTINCT pid) FROM bed WHERE arriving=0 AND (till=0 OR till>?)", v.now.Unix())
	if err != nil {
		return House{}, err
	}
	h.Patients = int(in)
	lost, err := v.conn.number("SELECT count(*) FROM person WHERE "+unplaced, v.now.Unix())
	if err != nil {
		return House{}, err
	}
	h.Unplaced = int(lost)
	if h.Feeds, err = v.feeds(); err != nil {
		return House{}, err
	}
	return h, v.openOf(&h)
}

// feeds returns the configured feeds in their order, then others seen.
func (v *View) feeds() ([]Feed, error) {
	var out []Feed
	index := map[string]int{}
	for _, f := range v.c.cfg.Feeds {
		index[f.Name] = len(out)
		out = append(out, Feed{Name: f.Name, Label: f.Label, System: f.System})
	}
	err := v.conn.each(func(s *sqlite3.Stmt) bool {
		name := s.ColumnText(0)
		i, ok := index[name]
		if !ok {
			i = len(out)
			out = append(out, Feed{Name: name, Label: lang.Text{DE: name, EN: name}})
		}
		f := &out[i]
		f.Last, f.LastSent = fromNano(s.ColumnInt64(1), v.c.rules.zone), fromNano(s.ColumnInt64(2), v.c.rules.zone)
		f.Count = uint64(s.ColumnInt64(3))
		return true
	}, "SELECT name, last, sent, count FROM feed ORDER BY name")
	return out, err
}

// Ward returns the list of one ward. The error's kind is NotFound for a ward
// that is neither configured nor has anybody.
func (v *View) Ward(ctx context.Context, code string) (_ Ward, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	w := Ward{Code: code, Name: code}
	plan, configured := v.c.plan(code)
	if configured {
		w.Name, w.Kind, w.Beds = plan.Name, plan.Kind, len(plan.Beds)
	}
	var bad error
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		var d rowDoc
		if _, bad = decode(v.c.codecs, v.c.codecs.row, s.ColumnRawBlob(0), &d); bad != nil {
			return false
		}
		w.Rows = append(w.Rows, d.row(v.now))
		return true
	}, "SELECT body FROM bed WHERE ward=? AND (till=0 OR till>?)", code, v.now.Unix())
	if err = errors.Join(err, bad); err != nil {
		return Ward{}, err
	}
	if !configured && len(w.Rows) == 0 {
		return Ward{}, fault.New(fault.NotFound, lang.Text{
			DE: "Diese Station ist hier nicht bekannt.",
			EN: "This ward is not known here.",
		})
	}
	for _, r := range w.Rows {
		if !r.Arriving {
			w.Occupied++
		}
	}
	if err := v.knownMothers(w.Rows); err != nil {
		return Ward{}, err
	}
	markAlike(w.Rows)
	markShared(w.Rows)
	w.Rows = addFree(w.Rows, plan, code)
	sortRows(w.Rows, plan)
	return w, nil
}

// knownMothers takes away links to mothers who have no chart here.
func (v *View) knownMothers(rows []Row) error {
	for i := range rows {
		if rows[i].Mother == "" {
			continue
		}
		n, err := v.conn.number("SELECT count(*) FROM person WHERE key=?", string(rows[i].Mother))
		if err != nil {
			return err
		}
		if n == 0 {
			rows[i].Mother = ""
		}
	}
	return nil
}

// markAlike marks patients of one ward whose names can be mixed up.
func markAlike(rows []Row) {
	ready := make([]names.Folded, len(rows))
	for i := range rows {
		ready[i] = names.Ready(rows[i].Name, rows[i].Birth)
		for j := range i {
			a, b := &rows[i], &rows[j]
			if a.Key != b.Key && ready[i].Alike(ready[j]) {
				a.NamesAlike, b.NamesAlike = true, true
			}
		}
	}
}

// markShared marks two patients in one bed: one of the two places is wrong, and
// only people can say which.
func markShared(rows []Row) {
	for i := range rows {
		for j := range i {
			a, b := &rows[i], &rows[j]
			if a.Place.Bed != "" && a.Place.Room == b.Place.Room && a.Place.Bed == b.Place.Bed && a.Key != b.Key && !a.Arriving && !b.Arriving {
				a.Shared, b.Shared = true, true
			}
		}
	}
}

// addFree adds the beds that nobody lies in.
func addFree(rows []Row, plan WardPlan, code string) []Row {
	taken := map[Bed]bool{}
	for i := range rows {
		if !rows[i].Arriving {
			taken[Bed{Room: rows[i].Place.Room, Name: rows[i].Place.Bed}] = true
		}
	}
	for _, b := range plan.Beds {
		if !taken[b] {
			rows = append(rows, Row{Free: true, Place: clinical.Place{Ward: code, Room: b.Room, Bed: b.Name}})
		}
	}
	return rows
}

// sortRows puts rows in the order of the plan, others by room and bed, those
// without a bed after them, those who are still coming last.
func sortRows(rows []Row, plan WardPlan) {
	order := make(map[Bed]int, len(plan.Beds))
	for i, b := range plan.Beds {
		order[b] = i
	}
	where := func(r *Row) (group, n int) {
		i, ok := order[Bed{Room: r.Place.Room, Name: r.Place.Bed}]
		switch {
		case r.Arriving:
			return 3, 0
		case ok:
			return 0, i
		case r.Place.Room != "" || r.Place.Bed != "":
			return 1, 0
		}
		return 2, 0
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		ga, na := where(&a)
		gb, nb := where(&b)
		return cmp.Or(cmp.Compare(ga, gb), cmp.Compare(na, nb), natural(a.Place.Room, b.Place.Room),
			natural(a.Place.Bed, b.Place.Bed), cmp.Compare(names.Fold(a.Name.Family), names.Fold(b.Name.Family)), cmp.Compare(a.Key, b.Key))
	})
}

// natural compares room numbers as people do: 9 before 10.
func natural(a, b string) int {
	digits := func(s string) string { return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))] }
	if da, db := digits(a), digits(b); da != "" && db != "" && len(da) != len(db) {
		return cmp.Compare(len(da), len(db))
	}
	return cmp.Compare(a, b)
}

// Changed returns the patients of a ward whose chart was changed by a record
// after since.
func (v *View) Changed(ctx context.Context, ward string, since uint64) (_ []clinical.PatientKey, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	var out []clinical.PatientKey
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		if k := clinical.PatientKey(s.ColumnText(0)); !slices.Contains(out, k) {
			out = append(out, k)
		}
		return true
	}, "SELECT p.key FROM bed b JOIN person p USING(pid) WHERE b.ward=? AND b.seq>? ORDER BY b.seq", ward, since)
	return out, err
}
