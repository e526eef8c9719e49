package tray

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/datamatrix"
	signed "golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/sheet"
)

// world is a tray with journal, charts and desk. Two patients lie on 3A: case
// 100 and case 200.
type world struct {
	*Tray
	t   *testing.T
	j   *journal.Journal
	c   *chart.Chart
	d   *desk.Desk
	dir string
	key seal.Key
}

func newWorld(t *testing.T) *world {
	t.Helper()
	secret, _, err := seal.NewSigningKey("hub.test")
	ok(t, err)
	signer, err := signed.NewSigner(secret)
	ok(t, err)
	w := &world{t: t, dir: t.TempDir(), key: seal.NewKey()}
	w.j, err = journal.Open(t.Context(), t.TempDir(), w.key, signer, journal.Options{MinFree: -1})
	ok(t, err)
	tables, err := interpret.Defaults()
	ok(t, err)
	site, err := interpret.Compile(tables, time.UTC)
	ok(t, err)
	w.c, err = chart.Open(t.Context(), chart.Config{Dir: t.TempDir(), Key: w.key, Zone: time.UTC}, w.j, site)
	ok(t, err)
	w.d = desk.New(w.j, "haus", "hub")
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		ok(t, <-done)
		ok(t, w.c.Close())
		ok(t, w.j.Close())
	})
	w.admit("100", "Müller")
	w.admit("200", "Schmidt")
	ok(t, w.c.Wait(t.Context(), w.j.Head()))
	w.Tray = w.open()
	return w
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open is a tray after a start of the hub.
func (w *world) open() *Tray {
	w.t.Helper()
	t, err := Open(w.t.Context(), w.j, w.c, w.d.Sign, Options{Dir: w.dir, Key: w.key})
	ok(w.t, err)
	return t
}

// run runs the tray until the test ends or stop is called.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	t := w.Tray
	go func() { done <- t.Run(ctx) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			ok(w.t, <-done)
		}
	}
	w.t.Cleanup(stop)
	return stop
}

func (w *world) admit(no, name string) {
	w.t.Helper()
	body := strings.Join([]string{
		`MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|20261119080000||ADT^A01^ADT_A01|K` + no + `|P|2.5|||||DE|UNICODE UTF-8`,
		"EVN|A01|20261119080000", "PID|1||P" + no + "^^^HAUS^PI||" + name + "^Anna||19580314|F",
		"PV1|1|I|3A^301^F||||||||||||||||" + no + "^^^HAUS^VN|||||||||||||||||||||||||20261119075500",
	}, "\r") + "\r"
	_, err := w.j.Append(w.t.Context(), journal.Record{ID: journal.NewID(), Source: "kis", Kind: journal.HL7, Body: []byte(body)})
	ok(w.t, err)
}

// print records a printed form.
func (w *world) print(f Form) Form {
	w.t.Helper()
	if f.Serial == "" {
		f.Serial = sheet.NewSerial()
	}
	_, err := Print(w.t.Context(), w.j, "haus", journal.NewID(), Printed{At: time.Now(), Forms: []Form{f}})
	ok(w.t, err)
	return f
}

// take hands a file in and waits until it is read.
func (w *world) take(body []byte) journal.Seq {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	got, err := w.Take(ctx, body, Came{By: clinical.Staff{ID: "pflege"}, Ward: "3A"})
	ok(w.t, err)
	ok(w.t, w.Idle(ctx))
	ok(w.t, w.c.Wait(ctx, w.j.Head()))
	return got.File
}

// page draws a page of A4 at 100 dpi with codes from its lower right to the
// left, and something written on it that no other page has.
func page(t testing.TB, codes ...sheet.Code) *image.Gray {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1240, 1754))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for range 40 {
		x, y := 100+rand.IntN(900), 100+rand.IntN(1000)
		draw.Draw(img, image.Rect(x, y, x+60, y+4), image.Black, image.Point{}, draw.Src)
	}
	right := 1180
	for _, c := range codes {
		m, err := datamatrix.Encode(c.String())
		ok(t, err)
		const scale = 5
		b := m.Bounds()
		left := right - b.Dx()*scale
		for y := range b.Dy() * scale {
			for x := range b.Dx() * scale {
				img.Set(left+x, 1680-b.Dy()*scale+y, m.At(b.Min.X+x/scale, b.Min.Y+y/scale))
			}
		}
		right = left - 120
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	ok(t, png.Encode(&b, img))
	return b.Bytes()
}

func write(t testing.TB, dir, name string, body []byte) {
	t.Helper()
	ok(t, os.WriteFile(filepath.Join(dir, name), body, 0o600))
}

func deskMoment() desk.Moment { return desk.Moment{Time: time.Now()} }
