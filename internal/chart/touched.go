package chart

import (
	"context"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/clinical"
)

// Newest is a person and the newest record of their chart.
type Newest struct {
	Key clinical.PatientKey
	Seq uint64
}

// Touched returns everybody who lies in a bed now, and everybody about whom a
// message or an entry came since the given time: whoever left meanwhile is
// among them. A chart whose Seq has not changed has not changed.
func (v *View) Touched(ctx context.Context, since time.Time) (out []Newest, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		out = append(out, Newest{Key: clinical.PatientKey(s.ColumnText(0)), Seq: uint64(s.ColumnInt64(1))})
		return true
	}, `WITH who(root) AS (
			SELECT root FROM person WHERE seen>=?
			UNION SELECT p.root FROM bed JOIN person p ON p.pid=bed.pid)
		SELECT r.key, r.seq FROM who JOIN person r ON r.pid=who.root ORDER BY r.key`, since.Unix())
	return out, err
}
