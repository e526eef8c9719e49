package chart

import (
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

func openJournal(tb testing.TB, dir string) *journal.Journal {
	tb.Helper()
	secret, _, err := note.GenerateKey(rand.Reader, "test")
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		tb.Fatal(err)
	}
	j, err := journal.Open(context.Background(), dir, seal.Key{5}, signer, journal.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = j.Close() })
	return j
}

func site(tb testing.TB) *interpret.Site {
	tb.Helper()
	s, err := interpret.Compile(interpret.Tables{Identity: interpret.IdentityTable{Authority: "KIS"}}, time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func text(lines ...string) []byte { return []byte(strings.Join(lines, "\r") + "\r") }

func receive(tb testing.TB, j *journal.Journal, feed string, body []byte) journal.Seq {
	tb.Helper()
	n, err := j.Append(tb.Context(), journal.Record{ID: journal.NewID(), Source: feed, Kind: journal.HL7, Body: body})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func follow(tb testing.TB, c *Chart) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
}

func TestAMessageInTheJournalIsOnTheWardAndItsPDFCanBeOpened(t *testing.T) {
	t.Parallel()
	j := openJournal(t, t.TempDir())
	c, err := Open(t.Context(), Config{Dir: t.TempDir(), Key: seal.Key{1}, Feeds: []FeedPlan{{Name: "kis", System: "kis"}}}, j, site(t))
	if err != nil {
		t.Fatal(err)
	}
	follow(t, c)
	receive(t, j, "kis", text(`MSH|^~\&|KIS|KH|NB|KH|202611190800||ADT^A01^ADT_A01|1|P|2.5|||||DE|UNICODE UTF-8`,
		`EVN|A01|202611190800`, `PID|||100^^^KIS^PI||Müller^Anna||19510403|F`, `PV1||I|3A^301^F^KH||||||||||||||||4711001^^^KIS^VN|||||||||||||||||||||||||202611190800`))
	n := receive(t, j, "ris", text(`MSH|^~\&|RIS|KH|NB|KH|202611190900||MDM^T02^MDM_T02|2|P|2.5|||||DE|UNICODE UTF-8`,
		`EVN|T02|202611190900`, `PID|||100^^^KIS^PI||Müller^Anna||19510403|F`, `PV1||I|3A^301^F^KH||||||||||||||||4711001^^^KIS^VN`,
		`TXA|1|RAD|AP|202611190900||||||||D1|||||LA`, `OBX|1|ED|18748-4^Befund^LN||RIS^application^pdf^Base64^JVBERi0xLjQKJWZha2UKJSVFT0YK||||||F`))
	if err := c.Wait(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	v, err := c.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	l, err := v.Ward(t.Context(), "3A")
	if err != nil || l.Occupied != 1 {
		t.Fatalf("%+v %v", l, err)
	}
	p, err := v.Patient(t.Context(), l.Rows[0].Key, All())
	if err != nil || len(p.Documents) != 1 || p.Name.V.Family != "Müller" {
		t.Fatalf("%+v %v", p, err)
	}
	d := p.Documents[0]
	rec, err := j.Get(t.Context(), journal.Seq(d.Origin.Seq))
	if err != nil {
		t.Fatal(err)
	}
	body, err := Body(rec, d.V.Body)
	if err != nil || !strings.HasPrefix(string(body), "%PDF-1.4\n%fake") {
		t.Errorf("%q %v", body, err)
	}
	if _, err := Body(rec, clinical.BodyRef{Segment: 99, Field: 5}); err == nil {
		t.Error("a part that is not there was opened")
	}
}

// Every sample ends as changes or as a listed item, and a second fold gives the
// same.
func TestEverySampleIsFoldedTwiceAlike(t *testing.T) {
	t.Parallel()
	var bodies [][]byte
	for _, root := range []string{"../interpret/testdata", samples(t)} {
		if root == "" {
			continue
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".hl7") && !strings.HasSuffix(path, ".txt") {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if parts, _, err := hl7.SplitBatch(b); err == nil && len(parts) > 0 {
				bodies = append(bodies, parts...)
			} else {
				bodies = append(bodies, b)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(bodies) == 0 {
		t.Skip("no sample messages here")
	}
	dir, jdir := t.TempDir(), t.TempDir()
	j := openJournal(t, jdir)
	last := journal.Seq(0)
	for i, b := range bodies {
		last = receive(t, j, []string{"kis", "lis"}[i%2], b)
	}
	cfg := Config{Dir: dir, Key: seal.Key{1}, Feeds: []FeedPlan{{Name: "kis", System: "kis"}}}
	c, err := Open(t.Context(), cfg, j, site(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	if err := c.Wait(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	v, err := c.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h, err := v.House(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	people, err := v.conn.number("SELECT count(*) FROM person")
	if err != nil || people == 0 || h.Feeds[0].Count+feedCount(h, "lis") != uint64(len(bodies)) {
		t.Errorf("%d persons of %d messages, house %+v: %v", people, len(bodies), h.Feeds, err)
	}
	t.Logf("%d messages: %d persons, %d in house, %d unread", len(bodies), people, h.Patients, h.Unread)
	_ = v.Close()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Replay(t.Context(), cfg, j, site(t), nil); err != nil {
		t.Fatal(err)
	}
	found, err := Check(t.Context(), cfg, j, site(t), true)
	if err != nil || len(found) != 0 {
		t.Errorf("%+v %v", found, err)
	}
}

func feedCount(h House, name string) uint64 {
	for _, f := range h.Feeds {
		if f.Name == name {
			return f.Count
		}
	}
	return 0
}

// samples returns the folder of collected messages, "" where there is none.
func samples(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if p := filepath.Join(dir, "shared", "samples", "hl7v2"); exists(p) {
			return p
		}
	}
	t.Log("shared/samples/hl7v2 is not here; only the project's own messages are read")
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func BenchmarkJournalReplay(b *testing.B) {
	j := openJournal(b, b.TempDir())
	const n = 40000
	var batch []journal.Record
	for i := range n {
		batch = append(batch, journal.Record{ID: journal.NewID(), Source: "lis", Kind: journal.HL7, Body: oru(i)})
		if len(batch) == 500 {
			if _, err := j.AppendAll(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	for b.Loop() {
		begun := time.Now()
		if err := Replay(b.Context(), Config{Dir: b.TempDir(), Key: seal.Key{1}}, j, site(b), nil); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(n/time.Since(begun).Seconds(), "msg/s")
	}
}

// oru is a message as a hospital sends most: one in four moves or describes the
// patient, the others carry a few values.
func oru(i int) []byte {
	at := start().Add(time.Duration(i) * 20 * time.Second).Format("20060102150405")
	p := 1000 + i%300 + i/3000*100
	head := func(kind string) []string {
		return []string{`MSH|^~\&|LIS|KH|NB|KH|` + at + `||` + kind + fmt.Sprintf(`|%d|P|2.5|||||DE|UNICODE UTF-8`, i),
			fmt.Sprintf(`PID|||%d^^^KIS^PI||Müller%d^Anna||19510403|F|||Hauptstr. 1^^Bonn^^53111`, p, p),
			fmt.Sprintf(`PV1||I|W%d^%d^F^KH|||||||||||||||%d^^^KIS^VN`, p%12, p, p)}
	}
	if i%4 == 0 {
		h := head("ADT^A08^ADT_A01")
		return text(h[0], "EVN|A08|"+at, h[1], h[2], `DG1|1||I50.1^Linksherzinsuffizienz^I10|||A`)
	}
	lines := append(head("ORU^R01^ORU_R01"), fmt.Sprintf(`OBR|1|A%d|L%d|24326-1^Elektrolyte^LN|||%s`, i, i, at))
	for n, x := range []string{"K^Kalium^L", "NA^Natrium^L", "CA^Calcium^L", "CREA^Kreatinin^L"} {
		lines = append(lines, fmt.Sprintf(`OBX|%d|NM|%s||%d.%d|mmol/l|3.5-5.1|N|||F|||%s`, n+1, x, 3+i%3, i%10, at))
	}
	return text(lines...)
}

// The time from a durable record to a view that has it.
func BenchmarkVisible(b *testing.B) {
	j := openJournal(b, b.TempDir())
	c, err := Open(b.Context(), Config{Dir: b.TempDir(), Key: seal.Key{1}}, j, site(b))
	if err != nil {
		b.Fatal(err)
	}
	follow(b, c)
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		n := receive(b, j, "lis", oru(i))
		begun := time.Now()
		if err := c.Wait(b.Context(), n); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	b.ReportMetric(p99(took), "visible-p99-ms")
}
