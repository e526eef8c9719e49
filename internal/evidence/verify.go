package evidence

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Broken is one thing that VerifyPackage found wrong.
type Broken struct {
	Code string // stable: format, note, checkpoint, manifest, part, record, chain, items, file, wrapping
	Of   string // the part, record or item
	Text lang.Text
}

const (
	maxManifest = 64 << 20 // bytes
	maxRecord   = 2 << 20  // bytes of a line: a body and its proof
	maxBroken   = 200      // findings that are listed
)

// VerifyPackage checks a package with nothing but the pinned public key: that
// the manifest is the one that was signed, that each part is there, in its order
// and with its bytes, that each record is in the journal and none between the
// first and the last was left out, that the items follow from the records, and
// that each file is the one that was taken in. It returns everything that is
// wrong; a manifest of nil says that the file is no package. The error is that
// of r or ctx.
func VerifyPackage(ctx context.Context, r io.ReaderAt, size int64, v note.Verifier) (*Manifest, []Broken, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, []Broken{{Code: "format", Text: lang.Text{DE: "Die Datei ist kein ZIP oder am Ende abgeschnitten.", EN: "The file is no ZIP or cut off at its end."}}}, nil
	}
	w := &examiner{ctx: ctx, z: z, v: v}
	if !w.manifest() {
		return nil, w.broken, ctx.Err()
	}
	same := sha256.New()
	w.copyTo = zip.NewWriter(same)
	w.parts()
	w.records()
	w.files()
	if len(w.broken) == 0 && ctx.Err() == nil {
		w.wrapping(r, size, func() string { return sumOf(same) })
	}
	if err := errors.Join(ctx.Err(), w.err); err != nil {
		return nil, nil, err
	}
	return &w.m, w.broken, nil
}

type examiner struct {
	ctx    context.Context
	z      *zip.Reader
	v      note.Verifier
	m      Manifest
	body   []byte // of the manifest
	note   []byte
	copyTo *zip.Writer // the package written anew
	good   map[string]Part
	broken []Broken
	err    error
}

func (w *examiner) wrong(code, of, de, en string) {
	if len(w.broken) < maxBroken {
		w.broken = append(w.broken, Broken{code, of, lang.Text{DE: de, EN: en}})
	}
}

// small reads a part that fits into memory; false if it is not there, there
// twice, or does not read.
func (w *examiner) small(name string, most int64) ([]byte, bool) {
	var found *zip.File
	for _, f := range w.z.File {
		if f.Name == name {
			if found != nil {
				return nil, false
			}
			found = f
		}
	}
	if found == nil {
		return nil, false
	}
	r, err := found.Open()
	if err != nil {
		return nil, false
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	return b, err == nil && int64(len(b)) <= most
}

// manifest reads the manifest and what was signed of it.
func (w *examiner) manifest() bool {
	var ok bool
	if w.body, ok = w.small(manifestPart, maxManifest); ok {
		d := json.NewDecoder(bytes.NewReader(w.body))
		d.DisallowUnknownFields()
		ok = d.Decode(&w.m) == nil && w.m.Format == packageFormat
	}
	if !ok {
		w.wrong("manifest", manifestPart, "manifest.json fehlt, steht doppelt darin oder ist beschädigt.", "manifest.json is missing, there twice or damaged.")
		return false
	}
	w.note, _ = w.small(notePart, 1<<16)
	n, err := note.Open(w.note, note.VerifierList(w.v))
	digest := sha256.Sum256(w.body)
	switch {
	case err != nil:
		w.wrong("note", notePart, "Die Unterschrift unter dem Paket gilt nicht, oder sie ist von einem anderen Schlüssel.", "The signature of the package does not hold, or is of another key.")
	case n.Text != noteText(w.m, fmt.Sprintf("%x", digest)):
		w.wrong("manifest", manifestPart, "manifest.json wurde verändert: unterschrieben ist ein anderes.", "manifest.json was changed: another one was signed.")
	}
	return true
}

// parts compares each part with the manifest and writes the package anew.
func (w *examiner) parts() {
	w.good = map[string]Part{}
	want := append(append([]Part(nil), w.m.Parts...), Part{Path: manifestPart}, Part{Path: notePart})
	at := map[string][]int{}
	for n, f := range w.z.File {
		at[f.Name] = append(at[f.Name], n)
	}
	order := -1
	for _, p := range want {
		where := at[p.Path]
		delete(at, p.Path)
		switch {
		case len(where) == 0:
			w.wrong("part", p.Path, p.Path+" fehlt.", p.Path+" is missing.")
			continue
		case len(where) > 1:
			w.wrong("part", p.Path, p.Path+" steht mehrfach im Paket.", p.Path+" is in the package more than once.")
			continue
		case where[0] <= order:
			w.wrong("part", p.Path, p.Path+" steht nicht an seinem Platz: die Reihenfolge ist verändert.", p.Path+" is not at its place: the order was changed.")
		}
		order = max(order, where[0])
		w.part(p, w.z.File[where[0]])
	}
	for _, f := range w.z.File {
		if len(at[f.Name]) > 0 {
			delete(at, f.Name)
			w.wrong("part", f.Name, fmt.Sprintf("%q gehört nicht in das Paket.", f.Name), fmt.Sprintf("%q does not belong into the package.", f.Name))
		}
	}
}

func (w *examiner) part(p Part, f *zip.File) {
	out, err := w.copyTo.CreateHeader(&zip.FileHeader{Name: p.Path, Method: zip.Store, Modified: w.m.Made.Truncate(2 * time.Second).UTC()})
	if err != nil {
		w.err = err
		return
	}
	changed := func() {
		w.wrong("part", p.Path, p.Path+" wurde verändert: die Prüfsumme ist nicht die im Verzeichnis.", p.Path+" was changed: its hash is not the one in the manifest.")
	}
	r, err := f.Open()
	if err != nil {
		changed()
		return
	}
	defer r.Close()
	sum := sha256.New()
	n, err := copyUntil(w.ctx, io.MultiWriter(sum, out), r)
	switch {
	case w.ctx.Err() != nil:
	case p.SHA256 == "" && err == nil: // manifest and note: checked by the signature
	case err != nil, n != p.Bytes, sumOf(sum) != p.SHA256:
		changed()
	default:
		w.good[p.Path] = p
	}
}

// records checks the proofs and the chain, and the items against the fold.
func (w *examiner) records() {
	signed, _ := w.small(checkpointPart, 1<<16)
	cp, err := journal.OpenCheckpoint(signed, w.v)
	if err != nil {
		w.wrong("checkpoint", checkpointPart, "Die Unterschrift unter dem Prüfpunkt des Journals gilt nicht.", "The signature of the journal's checkpoint does not hold.")
	}
	part, ok := w.open(recordsPart)
	if !ok {
		return // said by parts
	}
	defer part.Close()
	in := bufio.NewScanner(part)
	in.Buffer(nil, maxRecord)
	var good []journal.Record
	before, n := journal.Seq(0), 0
	for in.Scan() {
		n++
		r, ok := readProved(in.Bytes(), cp, err == nil)
		if !ok {
			w.wrong("record", fmt.Sprint(n), fmt.Sprintf("Eintrag in Zeile %d (Nr. %d) ist nicht der, der im Journal steht.", n, r.Seq), fmt.Sprintf("The record in line %d (no. %d) is not the one in the journal.", n, r.Seq))
			continue
		}
		e, err := decodeEvent(r.Body)
		switch {
		case err != nil || r.Kind != journal.Evidence || e.Case != w.m.Case:
			w.wrong("chain", fmt.Sprint(r.Seq), fmt.Sprintf("Eintrag Nr. %d gehört nicht zu dieser Lage.", r.Seq), fmt.Sprintf("Record no. %d does not belong to this incident.", r.Seq))
			continue
		case e.Prev != before || r.Seq <= before:
			w.wrong("chain", fmt.Sprint(r.Seq), fmt.Sprintf("Vor Eintrag Nr. %d fehlt Nr. %d, oder die Reihenfolge ist verändert.", r.Seq, e.Prev), fmt.Sprintf("Before record no. %d record no. %d is missing, or the order was changed.", r.Seq, e.Prev))
		}
		before = r.Seq
		good = append(good, r)
	}
	if in.Err() != nil || n != w.m.Records || before != w.m.Last {
		w.wrong("chain", fmt.Sprint(w.m.Last), fmt.Sprintf("Es sind nicht alle Einträge da: %d von %d, der letzte ist Nr. %d statt %d.", n, w.m.Records, before, w.m.Last), fmt.Sprintf("Not all records are here: %d of %d, the last one is no. %d and not %d.", n, w.m.Records, before, w.m.Last))
	}
	w.items(good)
}

func (w *examiner) open(name string) (io.ReadCloser, bool) {
	for _, f := range w.z.File {
		if f.Name == name {
			r, err := f.Open()
			return r, err == nil
		}
	}
	return nil, false
}

// readProved reads one line of the records and checks its proof where there is
// a checkpoint to prove against.
func readProved(b []byte, cp journal.Checkpoint, signed bool) (journal.Record, bool) {
	var x proved
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(&x) != nil {
		return journal.Record{}, false
	}
	id, err := journal.ParseID(x.ID)
	r := journal.Record{Seq: x.Seq, ID: id, Time: x.Time, Received: x.Received, Site: x.Site, Source: x.Source, Kind: x.Kind, Body: x.Body}
	proof := make(tlog.RecordProof, len(x.Proof))
	for i, s := range x.Proof {
		h, decodeErr := base64.StdEncoding.DecodeString(s)
		if decodeErr != nil || len(h) != len(proof[i]) {
			return r, false
		}
		copy(proof[i][:], h)
	}
	return r, err == nil && (!signed || journal.CheckRecord(cp, r.Seq, journal.Leaf(r), proof) == nil)
}

// items compares the items of the manifest with those that follow from the
// records.
func (w *examiner) items(recs []journal.Record) {
	f := newFold()
	var chosen []string
	for _, r := range recs {
		f.apply(r)
		if e, err := decodeEvent(r.Body); err == nil && r.Seq == w.m.Export {
			chosen = e.Items
			if e.Step != stepExported || e.For != w.m.For || e.Text != w.m.Why || e.By.Name != w.m.By {
				w.wrong("items", fmt.Sprint(r.Seq), "Für wen und warum das Paket ist, folgt nicht aus den Einträgen.", "Whom the package is for and why does not follow from the records.")
			}
		}
	}
	c := f.find(w.m.Case)
	if c == nil {
		return // without a first record: said by the chain
	}
	want := lines(c, chosen)
	for n := range max(len(want), len(w.m.Items)) {
		if n >= len(want) || n >= len(w.m.Items) || !sameLine(want[n], w.m.Items[n]) {
			w.wrong("items", fmt.Sprint(n+1), fmt.Sprintf("Beweisstück %d im Verzeichnis folgt nicht aus den Einträgen.", n+1), fmt.Sprintf("Item %d in the manifest does not follow from the records.", n+1))
		}
	}
}

func sameLine(a, b Line) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && reflect.DeepEqual(x, y)
}

// files checks that each file of the items is there with its own hash.
func (w *examiner) files() {
	for _, i := range w.m.Items {
		for _, f := range i.Files {
			if f.Path == "" {
				continue
			}
			if p, ok := w.good[f.Path]; !ok || p.SHA256 != f.SHA256 || p.Bytes != f.Bytes {
				w.wrong("file", i.Ref, fmt.Sprintf("Die Datei %q von Beweisstück %s ist nicht die, die gesichert wurde.", f.Name, i.Ref), fmt.Sprintf("The file %q of item %s is not the one that was secured.", f.Name, i.Ref))
			}
		}
	}
}

// wrapping compares the whole file with the package written anew: nothing stands
// before, between or behind the parts.
func (w *examiner) wrapping(r io.ReaderAt, size int64, written func() string) {
	if w.err = w.copyTo.Close(); w.err != nil {
		return
	}
	sum := sha256.New()
	if _, err := copyUntil(w.ctx, sum, io.NewSectionReader(r, 0, size)); err != nil {
		w.err = err
		return
	}
	if sumOf(sum) != written() {
		w.wrong("wrapping", "", "Alle Teile sind unverändert, aber die Hülle (ZIP) ist nicht mehr die ausgegebene: Das Paket wurde neu gepackt oder ergänzt.", "All parts are unchanged, but the wrapping (ZIP) is not the one that was given out: the package was packed anew or added to.")
	}
}
