package app

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Selection selects records of the journal. Zero fields select all.
type Selection struct {
	Feed     string
	Kind     journal.Kind
	Patient  string // a patient key, or a patient or case number
	FromText string // times as typed: 2026-11-21, 2026-11-21T14:05, RFC 3339
	ToText   string
}

func (s Selection) fits(r journal.Record, from, to time.Time, wanted map[uint64]bool) bool {
	return (s.Feed == "" || r.Source == s.Feed) &&
		(s.Kind == "" || r.Kind == s.Kind) &&
		(from.IsZero() || !r.Received.Before(from)) &&
		(to.IsZero() || r.Received.Before(to)) &&
		(wanted == nil || wanted[uint64(r.Seq)])
}

func (h *Hub) span(s Selection) (from, to time.Time, err error) {
	if from, err = h.moment(s.FromText); err != nil {
		return from, to, err
	}
	to, err = h.moment(s.ToText)
	return from, to, err
}

func (h *Hub) moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, h.Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, lang.Text{
		DE: "Zeitangabe nicht lesbar. Beispiel: 2026-11-21T14:05.", EN: "Time not readable. Example: 2026-11-21T14:05.",
	})
}

// named returns the key of the patient a selection names, "" for none: an
// auditor who asks for one patient finds the export.
func (h *Hub) named(ctx context.Context, patient string) (_ clinical.PatientKey, err error) {
	if patient == "" {
		return "", nil
	}
	v, err := h.Chart.View(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return onePatient(ctx, v, patient)
}

// behind returns the records behind one patient's chart; nil for no patient.
func (h *Hub) behind(ctx context.Context, patient string) (map[uint64]bool, error) {
	if patient == "" {
		return nil, nil
	}
	v, err := h.Chart.View(ctx)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	key, err := onePatient(ctx, v, patient)
	if err != nil {
		return nil, err
	}
	seqs := map[uint64]bool{}
	for before := uint64(0); ; {
		page, err := v.Sources(ctx, key, before, 1000)
		if err != nil {
			return nil, err
		}
		for _, s := range page {
			seqs[s.Seq] = true
		}
		if len(page) < 1000 {
			return seqs, nil
		}
		before = page[len(page)-1].Seq
	}
}

// exported is one line of an export's manifest.
type exported struct {
	Seq      uint64    `json:"seq"`
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Source   string    `json:"source"`
	Received time.Time `json:"received"`
	Bytes    int       `json:"bytes"`
	SHA256   string    `json:"sha256"`
	File     string    `json:"file"`
}

// Export writes the selected records' bytes as they came in, as a tar: one
// file per record and manifest.jsonl (long ones in several parts), with a signed checkpoint beside
// them. It is recorded before the first byte leaves. Records about people are
// left out: they hold password hashes. Damaged records are left out too: warn
// is told of each range, missing.txt names them, and the error at the end,
// after everything else was written, is of kind Corrupt.
func (h *Hub) Export(ctx context.Context, who string, s Selection, limit int, w io.Writer, warn func(*Missing)) error {
	body, err := json.Marshal(struct {
		Who string
		Selection
		Limit int
	}{who, s, limit})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if _, err := h.Journal.Append(ctx, journal.Record{
		ID: journal.NewID(), Time: h.now(), Site: h.Config.Hospital.Site, Source: "console", Kind: journal.Export, Body: body,
	}); err != nil {
		return err
	}
	key, err := h.named(ctx, s.Patient)
	if err != nil {
		return err
	}
	if err := h.RecordConsole(ctx, who, "export", key, "journal export"); err != nil {
		return err
	}
	t := tar.NewWriter(w)
	missing, err := h.exportRecords(ctx, t, s, limit, warn)
	if err != nil {
		return err
	}
	signed, err := h.Journal.Checkpoint(ctx) // of now: the newest one may be older than what was exported
	if err != nil && signed == nil {         // an anchor that is away takes nothing from the export
		return err
	}
	if err := writeTar(t, "checkpoint.note", signed, h.now()); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return missing
}

// exportRecords writes the records, their manifest and the list of what is
// missing. missing is the last of those ranges as an error, nil without one.
func (h *Hub) exportRecords(ctx context.Context, t *tar.Writer, s Selection, limit int, warn func(*Missing)) (missing, err error) {
	var manifest, gaps bytes.Buffer
	n, parts := 0, 0
	for rec, err := range h.Select(ctx, s) {
		if gap := (*Missing)(nil); errors.As(err, &gap) {
			missing = err
			if warn != nil {
				warn(gap)
			}
			fmt.Fprintln(&gaps, gap)
			continue
		}
		if err != nil {
			return nil, err
		}
		if rec.Kind == journal.Staff {
			continue
		}
		if err := exportOne(t, &manifest, rec); err != nil {
			return nil, err
		}
		if n++; limit > 0 && n >= limit {
			break
		}
		if manifest.Len() >= manifestPart { // the hub must not hold the list of a whole journal
			if err := writeTar(t, manifestName(parts), manifest.Bytes(), h.now()); err != nil {
				return nil, err
			}
			parts++
			manifest.Reset()
		}
	}
	if gaps.Len() > 0 {
		if err := writeTar(t, "missing.txt", gaps.Bytes(), h.now()); err != nil {
			return nil, err
		}
	}
	return missing, writeTar(t, manifestName(parts), manifest.Bytes(), h.now())
}

// manifestPart is the length in bytes at which a manifest is continued in
// another file.
const manifestPart = 16 << 20

// manifestName is manifest.jsonl, then manifest.2.jsonl and so on.
func manifestName(part int) string {
	if part == 0 {
		return "manifest.jsonl"
	}
	return fmt.Sprintf("manifest.%d.jsonl", part+1)
}

func exportOne(t *tar.Writer, manifest io.Writer, rec journal.Record) error {
	name := fmt.Sprintf("%s/%010d.%s", rec.Source, rec.Seq, extension(rec.Kind))
	line := exported{
		Seq: uint64(rec.Seq), ID: rec.ID.String(), Kind: string(rec.Kind), Source: rec.Source, Received: rec.Received,
		Bytes: len(rec.Body), SHA256: fmt.Sprintf("%x", sha256.Sum256(rec.Body)), File: name,
	}
	if err := json.NewEncoder(manifest).Encode(line); err != nil {
		return fmt.Errorf("export manifest: %w", err)
	}
	return writeTar(t, name, rec.Body, rec.Received)
}

func writeTar(t *tar.Writer, name string, b []byte, at time.Time) error {
	err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(b)), ModTime: at})
	if err == nil {
		_, err = t.Write(b)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func extension(k journal.Kind) string {
	switch k {
	case journal.HL7:
		return "hl7"
	case journal.ASTM:
		return "astm"
	}
	return "json"
}

// RecordConsole records that the operator at the command line looked at
// patient data.
func (h *Hub) RecordConsole(ctx context.Context, user, page string, patient clinical.PatientKey, what string) error {
	_, err := h.Staff.RecordRead(ctx, staff.Read{
		Time: h.now(), Person: staff.Console().ID, Name: user, From: "console", Session: "console " + user,
		Patient: patient, Page: page, What: what, Mode: string(h.Board.Mode(h.now()).Kind), AsOf: uint64(h.Chart.Position()),
	})
	return err
}
