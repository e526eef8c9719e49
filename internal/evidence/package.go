package evidence

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// A package is the evidence of one incident as it leaves the house: a ZIP whose
// parts are stored as they are, in the order of the manifest. The manifest holds
// the hash of every part; its own hash is signed with the key that signs the
// journal's checkpoints.
const (
	packageFormat  = "notbetrieb evidence 1"
	howtoPart      = "LIESMICH.txt"
	recordsPart    = "records.jsonl"
	checkpointPart = "checkpoint.note"
	manifestPart   = "manifest.json"
	notePart       = "manifest.note"
)

// Prover is what the journal proves of its records.
type Prover interface {
	Checkpoint(ctx context.Context) ([]byte, error)
	ProveRecord(ctx context.Context, s, size journal.Seq) (tlog.RecordProof, tlog.Hash, error)
	Get(ctx context.Context, s journal.Seq) (journal.Record, error)
}

// Manifest says what is in a package.
type Manifest struct {
	Format   string      `json:"format"`
	Hospital string      `json:"hospital"`
	Case     string      `json:"case"`
	Number   int         `json:"number"`
	Title    string      `json:"title"`
	Made     time.Time   `json:"made"`
	By       string      `json:"by"`
	For      string      `json:"for"`
	Why      string      `json:"why"`
	Export   journal.Seq `json:"export"` // the record of this export
	Records  int         `json:"records"`
	Last     journal.Seq `json:"last"` // the newest record
	Parts    []Part      `json:"parts"`
	Items    []Line      `json:"items"`
}

// Part is one part of a package.
type Part struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Line is one item in the manifest.
type Line struct {
	Ref    string     `json:"ref"`
	ID     string     `json:"id"`
	Kind   Kind       `json:"kind"`
	Title  string     `json:"title"`
	Serial string     `json:"serial,omitempty"`
	Holder string     `json:"holder"`
	Ended  string     `json:"ended,omitempty"`
	Lines  int        `json:"lines"`
	Gaps   int        `json:"gaps,omitempty"`
	Hashes []Hash     `json:"hashes,omitempty"`
	Files  []LineFile `json:"files,omitempty"`
}

// LineFile is one file of an item in the manifest.
type LineFile struct {
	Name   string `json:"name"`
	Role   Role   `json:"role"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Path   string `json:"path,omitempty"` // "" for a file that was left out
}

// proved is a record with the proof that it is in the journal.
type proved struct {
	Seq      journal.Seq  `json:"seq"`
	ID       string       `json:"id"`
	Time     time.Time    `json:"time"`
	Received time.Time    `json:"received"`
	Site     string       `json:"site,omitempty"`
	Source   string       `json:"source"`
	Kind     journal.Kind `json:"kind"`
	Body     []byte       `json:"body"`
	Proof    []string     `json:"proof"`
}

// Order says what a package is for.
type Order struct {
	For   string   // who gets it
	Why   string   // on what ground
	Items []string // whose files are in it; none: all. The records are always all.
}

// Ordered is a package that was recorded and may be written.
type Ordered struct {
	b  *Book
	id string
}

// OrderExport records that a package of an incident leaves the house: before
// its first byte.
func (b *Book) OrderExport(ctx context.Context, by Act, incident string, o Order) (*Ordered, error) {
	o.For, o.Why = strings.TrimSpace(o.For), strings.TrimSpace(o.Why)
	c := b.Case(incident)
	switch {
	case c == nil:
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Zu dieser Lage ist nichts gesichert.", EN: "Nothing is secured for this incident."})
	case !said(o.For):
		return nil, errInvalid("Bitte angeben, wer das Paket bekommt.", "Please say who gets the package.")
	case !said(o.Why):
		return nil, errInvalid("Bitte den Anlass angeben (Aktenzeichen, Auftrag).", "Please give the ground (file number, order).")
	case slices.ContainsFunc(o.Items, func(id string) bool { return !slices.ContainsFunc(c.Items, func(i *Item) bool { return i.ID == id }) }):
		return nil, errInvalid("Ein gewähltes Beweisstück gehört nicht zu dieser Lage.", "A chosen item does not belong to this incident.")
	}
	id, err := b.do(ctx, by, event{Step: stepExported, Case: incident, For: o.For, Text: o.Why, Items: o.Items})
	if err != nil {
		return nil, err
	}
	out := &Ordered{b: b, id: id}
	if _, x, err := out.find(); err == nil && x.Done.Done() { // one more would be another package: its proofs lead to a newer checkpoint
		at := x.Done.At.In(b.o.Zone).Format("02.01. 15:04")
		return nil, fault.New(fault.Conflict, lang.Text{
			DE: "Dieses Paket wurde schon ganz übertragen (" + at + " Uhr). Liegt es nicht bei den Downloads: bitte noch einmal senden, dann wird ein neues eingetragen und geladen.",
			EN: "This package was already transferred completely (" + at + "). If it is not among the downloads: please send again, then a new one is recorded and downloaded.",
		})
	}
	return out, nil
}

// find returns the case and export of an order.
func (o *Ordered) find() (*Case, Export, error) {
	for _, c := range o.b.Cases() {
		for _, x := range c.Exports {
			if x.ID == o.id {
				return c, x, nil
			}
		}
	}
	_, say := notThere.say(lang.Text{})
	return nil, Export{}, fault.New(fault.NotFound, say)
}

// Name is the file name of the package.
func (o *Ordered) Name() string {
	c, x, err := o.find()
	if err != nil {
		return "beweise.zip"
	}
	return fmt.Sprintf("beweise-B%d-%s.zip", c.Number, x.By.At.In(o.b.o.Zone).Format("20060102-1504"))
}

// Write writes the package and then records the hash of its manifest. Content
// that is damaged ends the writing: the package is not whole then and says so
// when it is checked. told is called between pieces; nil is allowed.
func (o *Ordered) Write(ctx context.Context, p Prover, w io.Writer, told func()) error {
	c, x, err := o.find()
	if err != nil {
		return err
	}
	digest, err := o.b.pack(ctx, c, x, p, w, told)
	if err != nil {
		return err
	}
	_, err = o.b.do(context.WithoutCancel(ctx), Act{Key: "export ended " + x.ID}, event{Step: stepExportEnd, Case: c.ID, Export: x.ID, Digest: digest})
	return err
}

// packer writes the parts and notes their hashes.
type packer struct {
	z     *zip.Writer
	at    time.Time
	told  func()
	parts []Part
}

// part writes one part, stored as it is: the package can be compared byte by
// byte.
func (p *packer) part(name string, fill func(io.Writer) error) error {
	w, err := p.z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: p.at})
	if err != nil {
		return fmt.Errorf("evidence package: %w", err)
	}
	sum := sha256.New()
	n := &counter{told: p.told}
	if err := fill(io.MultiWriter(w, sum, n)); err != nil {
		return err
	}
	p.parts = append(p.parts, Part{Path: name, Bytes: n.n, SHA256: sumOf(sum)})
	return nil
}

func (p *packer) text(name string, b []byte) error {
	return p.part(name, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

type counter struct {
	n    int64
	told func()
}

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	if c.told != nil {
		c.told()
	}
	return len(b), nil
}

func (b *Book) pack(ctx context.Context, c *Case, x Export, p Prover, w io.Writer, told func()) (digest string, err error) {
	m := Manifest{
		Format: packageFormat, Hospital: b.o.Hospital, Case: c.ID, Number: c.Number, Title: c.Title, Made: x.By.At, By: x.By.Name,
		For: x.For, Why: x.Why, Export: x.Seq, Last: x.Seq,
	}
	recs, err := chain(ctx, x.Seq, p)
	if err != nil {
		return "", err
	}
	m.Records = len(recs)
	if m.Items, err = asOf(c.ID, recs, x.Items); err != nil { // what came after the export is no part of it
		return "", err
	}
	signed, err := p.Checkpoint(ctx)
	if err != nil && signed == nil { // an anchor that is away takes nothing from the package
		return "", fmt.Errorf("evidence package: %w", err)
	}
	out := &packer{z: zip.NewWriter(w), at: m.Made.Truncate(2 * time.Second).UTC(), told: told}
	if err := out.text(howtoPart, howto(m)); err != nil {
		return "", err
	}
	if err := b.packFiles(ctx, out, m.Items); err != nil {
		return "", err
	}
	if err := out.part(recordsPart, func(w io.Writer) error { return writeRecords(ctx, w, recs, signed, p) }); err != nil {
		return "", err
	}
	if err := out.text(checkpointPart, signed); err != nil {
		return "", err
	}
	m.Parts = out.parts
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return "", fmt.Errorf("evidence package: %w", err)
	}
	body = append(body, '\n')
	if err := out.text(manifestPart, body); err != nil {
		return "", err
	}
	digest = out.parts[len(out.parts)-1].SHA256
	seal, err := note.Sign(&note.Note{Text: noteText(m, digest)}, b.o.Signer)
	if err != nil {
		return "", fmt.Errorf("evidence package: %w", err)
	}
	if err := out.text(notePart, seal); err != nil {
		return "", err
	}
	if err := out.z.Close(); err != nil {
		return "", fmt.Errorf("evidence package: %w", err)
	}
	return digest, nil
}

// packFiles writes each file of the items once.
func (b *Book) packFiles(ctx context.Context, out *packer, items []Line) error {
	done := map[string]bool{}
	for _, i := range items {
		for _, f := range i.Files {
			if f.Path == "" || done[f.Path] {
				continue
			}
			done[f.Path] = true
			r, err := b.Open(f.SHA256, f.Bytes)
			if err != nil {
				return err
			}
			err = out.part(f.Path, func(w io.Writer) error {
				_, err := copyUntil(ctx, w, r)
				return err
			})
			if cerr := r.Close(); err == nil {
				err = cerr
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// noteText is what is signed.
func noteText(m Manifest, digest string) string {
	return fmt.Sprintf("%s\nhospital %q\ncase %s\nrecords %d\nlast %d\nmanifest %s\n", packageFormat, m.Hospital, m.Case, m.Records, m.Last, digest)
}

// chain walks the records of a case from the newest back and returns them in
// order.
func chain(ctx context.Context, last journal.Seq, p Prover) ([]journal.Record, error) {
	var out []journal.Record
	for s := last; s > 0; {
		r, err := p.Get(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("evidence package: %w", err)
		}
		e, err := decodeEvent(r.Body)
		if err != nil || r.Kind != journal.Evidence || e.Prev >= s {
			return nil, fault.Newf(fault.Corrupt, lang.Text{DE: "Die Kette der Einträge im Journal ist beschädigt.", EN: "The chain of records in the journal is damaged."}, "evidence record %d breaks the chain", s)
		}
		out = append(out, r)
		s = e.Prev
	}
	slices.Reverse(out)
	return out, nil
}

// asOf returns the items as the records leave them.
func asOf(incident string, recs []journal.Record, chosen []string) ([]Line, error) {
	f := newFold()
	for _, r := range recs {
		f.apply(r)
	}
	c := f.find(incident)
	if c == nil || len(f.refused) > 0 || f.unreadable > 0 {
		return nil, fault.Newf(fault.Corrupt, lang.Text{DE: "Die Kette der Einträge im Journal ist beschädigt.", EN: "The chain of records in the journal is damaged."}, "evidence records do not fold")
	}
	return lines(c, chosen), nil
}

// plainExt is an ending that a file keeps in a package.
var plainExt = regexp.MustCompile(`^\.[a-zA-Z0-9]{1,8}$`)

// lines are the items for the manifest. The number of the case follows from
// other cases and is no part of what the records alone say.
func lines(c *Case, chosen []string) []Line {
	var out []Line
	for _, i := range c.Items {
		l := Line{Ref: fmt.Sprintf("%04d", i.Number), ID: i.ID, Kind: i.Kind, Title: i.Title, Serial: i.Serial, Holder: i.Holder.String(), Ended: i.Ended, Lines: len(i.Entries), Gaps: i.Gaps(), Hashes: i.Hashes}
		for _, f := range i.Files {
			x := LineFile{Name: f.Name, Role: f.Role, Bytes: f.Size, SHA256: f.Hash}
			if len(chosen) == 0 || slices.Contains(chosen, i.ID) {
				x.Path = "files/" + f.Hash
				if ext := path.Ext(f.Name); plainExt.MatchString(ext) {
					x.Path += strings.ToLower(ext)
				}
			}
			l.Files = append(l.Files, x)
		}
		out = append(out, l)
	}
	return out
}

func writeRecords(ctx context.Context, w io.Writer, recs []journal.Record, signed []byte, p Prover) error {
	size, err := checkpointSize(signed)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for _, r := range recs {
		proof, _, err := p.ProveRecord(ctx, r.Seq, size)
		if err != nil {
			return fmt.Errorf("evidence package: %w", err)
		}
		x := proved{Seq: r.Seq, ID: r.ID.String(), Time: r.Time, Received: r.Received, Site: r.Site, Source: r.Source, Kind: r.Kind, Body: r.Body}
		for _, h := range proof {
			x.Proof = append(x.Proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		if err := json.NewEncoder(out).Encode(x); err != nil {
			return fmt.Errorf("evidence package: %w", err)
		}
	}
	return out.Flush()
}

func checkpointSize(signed []byte) (journal.Seq, error) {
	if parts := strings.SplitN(string(signed), "\n", 3); len(parts) == 3 {
		if n, err := strconv.ParseUint(parts[1], 10, 63); err == nil {
			return journal.Seq(n), nil
		}
	}
	return 0, fmt.Errorf("evidence package: the checkpoint cannot be read")
}

// howto is the text that stands first in a package.
func howto(m Manifest) []byte {
	return fmt.Appendf(nil, `Beweispaket von Notbetrieb
==========================

Haus:       %s
Lage:       %s
Erstellt:   %s (UTC) von %s
Für:        %s
Anlass:     %s

Was in diesem Paket ist
  manifest.json    alle Beweisstücke, alle Dateien mit SHA-256 und Größe
  manifest.note    die Prüfsumme von manifest.json, unterschrieben (Ed25519)
  records.jsonl    jeder Eintrag zu dieser Lage aus dem Journal des Hauses, mit dem
                   Nachweis (Merkle, RFC 6962), dass er unverändert dort steht
  checkpoint.note  der unterschriebene Prüfpunkt des Journals, zu dem die Nachweise führen
  files/           die Dateien, Byte für Byte; ihr Name ist ihre SHA-256-Prüfsumme

So wird geprüft (ohne Netz)
  notbetrieb evidence check --key checkpoint.pub PAKET.zip
Den öffentlichen Schlüssel checkpoint.pub gibt das Haus auf einem anderen Weg als
dieses Paket heraus. Jede Änderung, Auslassung, Umstellung oder vertauschte Datei
wird gefunden und genannt. Ohne das Programm genügt für die Dateien „sha256sum“:
der Name jeder Datei in files/ beginnt mit ihrer Prüfsumme.

How to check (offline): obtain checkpoint.pub from the hospital by another way than
this package, then run the command above. Every change, omission, reorder or
exchanged file is found and named. Files are named by their SHA-256.
`, m.Hospital, m.Title, m.Made.UTC().Format("2006-01-02 15:04"), m.By, m.For, m.Why)
}
