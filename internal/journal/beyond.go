package journal

import (
	"context"
	"errors"
)

// Beyond returns the Seq at which the first batch behind s begins; 0 if there
// is none. It opens no batch: a reader that met damage at s goes on there.
func (j *Journal) Beyond(ctx context.Context, s Seq) (Seq, error) {
	var next Seq
	err := j.r.with(ctx, func(rc *readConn) error {
		st, _, err := rc.c.Prepare("SELECT min(first) FROM batch WHERE first > ?")
		if err != nil {
			return err
		}
		if err = st.BindInt64(1, int64(s)); err == nil && st.Step() {
			next = Seq(st.ColumnInt64(0)) // NULL is 0
		}
		return errors.Join(err, st.Err(), st.Close())
	})
	if next > j.Head() {
		next = 0 // no record of this journal
	}
	return next, storeFault(err, "read", sayUnreadable())
}
