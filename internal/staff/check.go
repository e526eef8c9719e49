package staff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// The codes of findings. They are stable.
const (
	FoundMissing = "staff-missing" // there is no staff.db; it is built at the next start
	FoundDamaged = "staff-damaged" // bytes are wrong, or the key is another one
	FoundVersion = "staff-version" // of another program; it is built anew at the next start
	FoundAhead   = "staff-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "staff-differs" // a fresh fold of the journal gives something else
)

// Finding is one thing that Check found wrong. Nothing in it is health data.
type Finding struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Check compares dir/staff.db with a fresh fold of the journal: people with
// their password hashes and locks, sessions, and the read audit. It works on a
// copy in the empty folder scratch and leaves the file as it is: [Open] would
// replace a damaged one without a word. No Book may be open on the folder.
func Check(ctx context.Context, dir, scratch string, key seal.Key, j Journal, o Options) (_ []Finding, err error) {
	keptDir, freshDir := filepath.Join(scratch, "kept"), filepath.Join(scratch, "fresh")
	if err := errors.Join(os.Mkdir(keptDir, 0o700), os.Mkdir(freshDir, 0o700)); err != nil {
		return nil, fmt.Errorf("check staff.db: %w", err)
	}
	for _, tail := range []string{"", "-wal"} {
		err := copyFile(filepath.Join(keptDir, "staff.db"+tail), filepath.Join(dir, "staff.db"+tail))
		if errors.Is(err, os.ErrNotExist) && tail == "" {
			return []Finding{missing()}, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("check staff.db: %w", err)
		}
	}
	kept, found := openKept(ctx, filepath.Join(keptDir, "staff.db"), key, j, o)
	if found != nil {
		return []Finding{*found}, nil
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	if err := kept.advance(ctx, 0); err != nil {
		return nil, err
	}
	fresh, err := Open(ctx, freshDir, key, j, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	if err := errors.Join(kept.flush(ctx), fresh.flush(ctx)); err != nil {
		return nil, err
	}
	part, err := differs(ctx, kept.store, fresh.store)
	if err != nil || part == "" {
		return nil, err
	}
	return []Finding{differing(part)}, nil
}

// openKept opens a copy without repairing it.
func openKept(ctx context.Context, path string, key seal.Key, j Journal, o Options) (*Book, *Finding) {
	o = o.withDefaults()
	b := &Book{o: o, journal: j, guard: newGuard(o), recent: newRecent(o.Refresh),
		hashing: make(chan struct{}, o.Hashing), folding: make(chan struct{}, 1)}
	st, err := tryStore(ctx, path, key)
	if errors.Is(err, errLayout) {
		return nil, &Finding{Code: FoundVersion, Text: lang.Text{
			DE: "Die Personen-Datei stammt von einer anderen Programmfassung. Sie wird beim nächsten Start neu aufgebaut.",
			EN: "The file of people is of another program version. It is built anew at the next start.",
		}}
	}
	if err != nil {
		f := damaged(err)
		return nil, &f
	}
	b.store = st
	if err = st.sound(ctx); err == nil {
		b.state, err = st.load(ctx)
	}
	var f Finding
	switch {
	case err != nil:
		f = damaged(err)
	case !b.follows(ctx):
		f = Finding{Code: FoundAhead, Text: lang.Text{
			DE: "Die Personen-Datei steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The file of people stands at a record that the journal does not have. Was an older journal restored?",
		}}
	default:
		b.at = st.at
		return b, nil
	}
	_ = st.db.Close() // a copy
	return nil, &f
}

// sound runs SQLite's own check.
func (st *store) sound(ctx context.Context) error {
	var said string
	if err := st.db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return errors.New("staff.db: integrity check failed")
	}
	return nil
}

// differs returns what is not the same in both stores, "" if nothing is.
func differs(ctx context.Context, kept, fresh *store) (string, error) {
	var a, b [][]byte
	const people = `SELECT body FROM person ORDER BY id`
	if err := errors.Join(eachBody(ctx, kept.db, people, collect(&a)), eachBody(ctx, fresh.db, people, collect(&b))); err != nil {
		return "", fmt.Errorf("check people: %w", err)
	}
	if !reflect.DeepEqual(a, b) {
		return "people", nil
	}
	same, err := sameSessions(ctx, kept, fresh)
	if err != nil {
		return "", fmt.Errorf("check sessions: %w", err)
	}
	if !same {
		return "sessions", nil
	}
	for f := (ReadFilter{Limit: 1000}); ; {
		x, err := kept.find(ctx, f)
		if err != nil {
			return "reads", nil //nolint:nilerr // a row that cannot be read differs
		}
		y, err := fresh.find(ctx, f)
		if err != nil {
			return "", err
		}
		if !reflect.DeepEqual(x, y) {
			return "reads", nil
		}
		if len(x) < f.Limit {
			return "", nil
		}
		f.Before = x[len(x)-1].Seq
	}
}

func collect(to *[][]byte) func([]byte) error {
	return func(b []byte) error {
		*to = append(*to, bytes.Clone(b))
		return nil
	}
}

// sameSessions reports whether every kept session follows from the journal. Its
// last use does not, and sessions that ran out are cleared away only in kept.
func sameSessions(ctx context.Context, kept, fresh *store) (bool, error) {
	rows := func(st *store) (map[string]sessionRow, error) {
		out := map[string]sessionRow{}
		err := eachBody(ctx, st.db, `SELECT body FROM session`, func(b []byte) error {
			var r sessionRow
			if err := json.Unmarshal(b, &r); err != nil {
				return journal.ErrBody
			}
			r.Used = r.Started
			out[string(r.Hash)] = r
			return nil
		})
		return out, err
	}
	a, err := rows(kept)
	if err != nil {
		return false, err
	}
	b, err := rows(fresh)
	if err != nil {
		return false, err
	}
	for h, r := range a {
		if other, ok := b[h]; !ok || !reflect.DeepEqual(r, other) {
			return false, nil
		}
	}
	return true, nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func missing() Finding {
	return Finding{Code: FoundMissing, Text: lang.Text{
		DE: "Die Personen-Datei fehlt. Sie wird beim nächsten Start aus dem Journal aufgebaut.",
		EN: "The file of people is missing. It is built from the journal at the next start.",
	}}
}

func damaged(err error) Finding {
	return Finding{Code: FoundDamaged, Err: err, Text: lang.Text{
		DE: "Die Personen-Datei ist beschädigt oder mit einem anderen Schlüssel geschrieben. Sie wird beim nächsten Start aus dem Journal neu aufgebaut.",
		EN: "The file of people is damaged or was written with another key. It is built anew from the journal at the next start.",
	}}
}

func differing(part string) Finding {
	return Finding{Code: FoundDiffers, Err: errors.New(part), Text: lang.Text{
		DE: "Die abgeleiteten Personen, Sitzungen oder Zugriffe stimmen nicht mit dem Journal überein. Den Ordner staff löschen: er wird neu aufgebaut.",
		EN: "The derived people, sessions or reads do not agree with the journal. Delete the folder staff: it is built anew.",
	}}
}
