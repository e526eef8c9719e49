package inquiry

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// A report leaves the house as one ZIP: the pages of the case in plain text and
// as the sealed records of the journal, each with its own key and its proof.
// Who has the pinned public key of the checkpoints can check it without the hub:
// that each page is what the record holds, that each record is in the journal,
// and that no page between the first and the last is missing.

const reportFormat = "notbetrieb inquiry report 1"

// report is report.json.
type report struct {
	Format     string       `json:"format"`
	Title      string       `json:"title"`
	Case       string       `json:"case"`
	Checkpoint string       `json:"checkpoint"`
	Pages      []reportPage `json:"pages"`
	Files      []reportFile `json:"files"`
	Made       time.Time    `json:"made"`
	By         []string     `json:"by"`
}

type reportPage struct {
	Seq      journal.Seq  `json:"seq"`
	ID       string       `json:"id"`
	Time     time.Time    `json:"time"`
	Received time.Time    `json:"received"`
	Site     string       `json:"site,omitempty"`
	Source   string       `json:"source"`
	Kind     journal.Kind `json:"kind"`
	Body     []byte       `json:"body"`
	Key      []byte       `json:"key"` // of this page alone
	Proof    []string     `json:"proof"`
}

type reportFile struct {
	Page uint64 `json:"page"`
	Path string `json:"path"`
	Hash string `json:"hash"`
}

// Released reports whether two people agreed to a report that w may take now.
func (b *Book) Released(w Who, room string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, room)
	if err != nil {
		return nil
	}
	var out []string
	for id := range r.released {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// Report makes the report that two people agreed to. extra are files that go in
// as they are, such as the PDF. The release and the hash of the ZIP are a page of
// the case before the bytes are returned.
func (b *Book) Report(ctx context.Context, w Who, room, of string, extra func(*Case) (map[string][]byte, error)) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, room)
	if err != nil {
		return nil, err
	}
	if !r.released[of] {
		return nil, fault.New(fault.Forbidden, lang.Text{DE: "Ein Bericht geht erst hinaus, wenn eine zweite Person zugestimmt hat.", EN: "A report goes out only after a second person agreed."})
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	rep, err := b.fill(ctx, r, z)
	if err != nil {
		return nil, err
	}
	rep.By = []string{w.Name}
	body, err := json.MarshalIndent(rep, "", " ")
	if err != nil {
		return nil, fmt.Errorf("inquiry report: %w", err)
	}
	files, err := extra(r.c)
	if err != nil {
		return nil, err
	}
	files["report.json"], files["pages.txt"], files["LIESMICH.txt"] = body, []byte(plainText(r.c)), []byte(howTo)
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		f, err := z.Create(n)
		if err == nil {
			_, err = f.Write(files[n])
		}
		if err != nil {
			return nil, fmt.Errorf("inquiry report: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("inquiry report: %w", err)
	}
	sum := sha256.Sum256(buf.Bytes())
	if err := b.write(ctx, r, "", page{Step: released, By: w.act(b.o.Now()), Text: "SHA-256 " + hex.EncodeToString(sum[:]), Of: of}); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func (b *Book) fill(ctx context.Context, r *room, z *zip.Writer) (*report, error) {
	signed, err := b.journal.Checkpoint(ctx)
	if err != nil && signed == nil {
		return nil, fmt.Errorf("inquiry report: %w", err)
	}
	var size journal.Seq
	if lines := bytes.SplitN(signed, []byte("\n"), 3); len(lines) == 3 {
		_, err = fmt.Sscanf(string(lines[1]), "%d", &size)
	}
	if err != nil || size == 0 {
		return nil, fmt.Errorf("inquiry report: the checkpoint cannot be read")
	}
	rep := &report{Format: reportFormat, Title: r.c.Title, Case: r.c.ID, Checkpoint: string(signed), Made: b.o.Now().UTC()}
	for _, p := range r.pages {
		rec, err := b.journal.Get(ctx, p.seq)
		if err != nil {
			return nil, fmt.Errorf("inquiry report: %w", err)
		}
		proof, _, err := b.journal.ProveRecord(ctx, p.seq, size)
		if err != nil {
			return nil, fmt.Errorf("inquiry report: %w", err)
		}
		key := pageKey(r.keys[p.key], p.id)
		x := reportPage{Seq: rec.Seq, ID: rec.ID.String(), Time: rec.Time, Received: rec.Received, Site: rec.Site, Source: rec.Source, Kind: rec.Kind, Body: rec.Body, Key: key[:]}
		for _, h := range proof {
			x.Proof = append(x.Proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		rep.Pages = append(rep.Pages, x)
	}
	for _, e := range r.c.Entries {
		if e.File == nil {
			continue
		}
		f := reportFile{Page: e.N, Path: fmt.Sprintf("files/%04d-%s", e.N, safeName(e.File.Name)), Hash: e.File.Hash}
		out, err := z.Create(f.Path)
		if err == nil {
			err = b.pieces(ctx, r.keys, e.File, out)
		}
		if err != nil {
			return nil, fmt.Errorf("inquiry report: %w", err)
		}
		rep.Files = append(rep.Files, f)
	}
	return rep, nil
}

// safeName is a file's name without anything that a file system could take for
// a path.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, path.Base(s))
}

// plainText is the case for people who have only an editor.
func plainText(c *Case) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s\r\n\r\n%s\r\n", c.Title, c.Subject)
	for _, e := range c.Entries {
		fmt.Fprintf(&s, "\r\n%d. %s %s %s", e.N, e.By.At.UTC().Format("2006-01-02 15:04:05 UTC"), e.By.Name, e.Kind)
		if e.With.Name != "" {
			fmt.Fprintf(&s, " (%s)", e.With.Name)
		}
		s.WriteString("\r\n")
		for _, t := range []string{e.Title, e.Text} {
			if t != "" {
				s.WriteString(t + "\r\n")
			}
		}
		if e.Taken != nil {
			for _, f := range e.Taken.Facts {
				s.WriteString("- " + f + "\r\n")
			}
			if e.Taken.Before != "" || e.Taken.After != "" {
				fmt.Fprintf(&s, "vorher:\r\n%s\r\nnachher:\r\n%s\r\n", e.Taken.Before, e.Taken.After)
			}
		}
	}
	return s.String()
}

const howTo = "Bericht aus einem versiegelten Vorgang von Notbetrieb\r\n\r\n" +
	"pages.txt    alle Seiten in der Reihenfolge, in der sie geschrieben wurden\r\n" +
	"report.json  dieselben Seiten als versiegelte Journaleintr\u00e4ge, jeder mit seinem eigenen Schl\u00fcssel und dem Beweis, dass er im Journal steht\r\n" +
	"files/       die Anlagen\r\n\r\n" +
	"Pr\u00fcfen, ohne den Hub, mit dem \u00f6ffentlichen Schl\u00fcssel, der vorher au\u00dfer Haus hinterlegt wurde:\r\n" +
	"    notbetrieb inquiry check --key checkpoint.pub BERICHT.zip\r\n"

// Broken is one thing that Check found wrong with a report.
type Broken struct {
	Code string // stable: format, checkpoint, record, page, chain, file
	Page uint64 // 0 for none
	Text lang.Text
}

const maxEntry = 512 << 20 // bytes of one file in a report that is checked

// Check verifies a report with nothing but the pinned public key and returns the
// case as its records tell it, with everything that is wrong.
func Check(zipped []byte, v note.Verifier) (*Case, []Broken) {
	c := &reportCheck{}
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		c.wrong("format", 0, "Die Datei ist kein Bericht: das ZIP ist nicht lesbar.", "The file is no report: the ZIP cannot be read.")
		return nil, c.broken
	}
	body, err := read(z, "report.json")
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err != nil || d.Decode(&c.rep) != nil || c.rep.Format != reportFormat {
		c.wrong("format", 0, "Die Datei ist kein Bericht eines versiegelten Vorgangs.", "The file is no report of a sealed investigation.")
		return nil, c.broken
	}
	pages := c.records(v)
	if len(pages) == 0 {
		return nil, c.broken
	}
	var id caseID
	if pages[0].Case != nil {
		id = *pages[0].Case
	}
	out := fold(id, pages)
	for _, w := range out.Wrong {
		c.wrong("chain", 0, "Es fehlen Seiten, oder ihre Reihenfolge ist verändert: "+w+".", "Pages are missing, or their order was changed: "+w+".")
	}
	if text, err := read(z, "pages.txt"); err != nil || string(text) != plainText(out) {
		c.wrong("page", 0, "pages.txt sagt etwas anderes als die versiegelten Seiten.", "pages.txt says something else than the sealed pages.")
	}
	c.files(z, out)
	return out, c.broken
}

type reportCheck struct {
	rep    report
	broken []Broken
}

func (c *reportCheck) wrong(code string, page uint64, de, en string) {
	c.broken = append(c.broken, Broken{code, page, lang.Text{DE: de, EN: en}})
}

func (c *reportCheck) records(v note.Verifier) []told {
	cp, cpErr := journal.OpenCheckpoint([]byte(c.rep.Checkpoint), v)
	if cpErr != nil {
		c.wrong("checkpoint", 0, "Die Unterschrift unter dem Prüfpunkt des Journals gilt nicht.", "The signature of the journal's checkpoint does not hold.")
	}
	var out []told
	for _, x := range c.rep.Pages {
		id, err := journal.ParseID(x.ID)
		r := journal.Record{Seq: x.Seq, ID: id, Time: x.Time, Received: x.Received, Site: x.Site, Source: x.Source, Kind: x.Kind, Body: x.Body}
		proof := make(tlog.RecordProof, len(x.Proof))
		for j, s := range x.Proof {
			h, bad := base64.StdEncoding.DecodeString(s)
			if bad != nil || len(h) != len(proof[j]) {
				err = fmt.Errorf("proof")
				break
			}
			copy(proof[j][:], h)
		}
		if err != nil || cpErr == nil && journal.CheckRecord(cp, x.Seq, journal.Leaf(r), proof) != nil {
			c.wrong("record", uint64(x.Seq), fmt.Sprintf("Eintrag Nr. %d ist nicht der, der im Journal steht.", x.Seq), fmt.Sprintf("Record no. %d is not the one in the journal.", x.Seq))
			continue
		}
		if len(x.Key) != seal.KeySize {
			c.wrong("page", uint64(x.Seq), fmt.Sprintf("Zu Eintrag Nr. %d fehlt der Schlüssel.", x.Seq), fmt.Sprintf("The key of record no. %d is missing.", x.Seq))
			continue
		}
		p, ok := openWith(seal.Key(x.Key), id, x.Body)
		if !ok {
			c.wrong("page", uint64(x.Seq), fmt.Sprintf("Eintrag Nr. %d öffnet sich nicht.", x.Seq), fmt.Sprintf("Record no. %d does not open.", x.Seq))
			continue
		}
		out = append(out, told{page: p, seq: x.Seq, id: id})
	}
	return out
}

func (c *reportCheck) files(z *zip.Reader, out *Case) {
	given := map[uint64]reportFile{}
	for _, f := range c.rep.Files {
		given[f.Page] = f
	}
	for _, e := range out.Entries {
		if e.File == nil {
			continue
		}
		b, err := read(z, given[e.N].Path)
		sum := sha256.Sum256(b)
		if err != nil || hex.EncodeToString(sum[:]) != e.File.Hash {
			c.wrong("file", e.N, "Die Anlage „"+e.File.Name+"“ fehlt oder ist verändert.", "The attachment “"+e.File.Name+"” is missing or was altered.")
		}
	}
}

func read(z *zip.Reader, name string) ([]byte, error) {
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxEntry))
	return b, err
}
