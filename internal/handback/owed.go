package handback

import (
	"context"
	"fmt"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// Owed returns the patients with an entry, among the records up to upto, that
// one of the configured targets has not accounted for: accepted, typed in by
// hand or decided as not needed. What a patient's chart says of them must not be
// forgotten before. Without a target nothing is owed. It waits until the book
// has taken in upto.
func (b *Book) Owed(ctx context.Context, upto journal.Seq) (map[clinical.PatientKey]bool, error) {
	out := map[clinical.PatientKey]bool{}
	for _, target := range b.Targets() {
		if err := b.Wait(ctx, upto); err != nil {
			return nil, err
		}
		q, err := b.Queue(ctx, target)
		if err != nil {
			return nil, err
		}
		if err := b.owed(ctx, target, q.Since, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// owed adds the patients of one target.
func (b *Book) owed(ctx context.Context, target string, since journal.Seq, out map[clinical.PatientKey]bool) error {
	rows, err := b.st.db.QueryContext(ctx, `SELECT DISTINCT e.patient FROM entry e LEFT JOIN state s ON s.target=? AND s.root=e.root
		WHERE e.seq>=? AND e.kinds<>'' AND coalesce(s.state,?) NOT IN (?,?,?)`,
		target, int64(since), string(Waiting), string(Accepted), string(Hand), string(Nothing))
	if err != nil {
		return fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			return fmt.Errorf("handback.db: %w", err)
		}
		out[clinical.PatientKey(p)] = true
	}
	return rows.Err()
}
