package journal

import "context"

// Find returns the Seq of the record with this ID, 0 if the journal has none.
// It asks the writer, so that an append that was answered before is found.
func (j *Journal) Find(ctx context.Context, id ID) (Seq, error) {
	var found Seq
	err := j.do(ctx, func(w *writer) error {
		s, known, err := w.ids.find(w.ids.tagOf(id), w.st.look)
		if known {
			found = s
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return found, nil
}
