package tray

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/sheet"
)

var background = context.Background() // of pictures that are in memory

const (
	mostReading = 30 * time.Minute // for one file
	tryAgain    = 5 * time.Second  // after the journal could not be written
	forCharts   = 30 * time.Second // until they show what came before the file
)

// work reads the files that came, one at a time, the oldest first. What was not
// finished when the hub stopped is read again: each step has the key it had.
func (t *Tray) work(ctx context.Context) {
	for ctx.Err() == nil {
		t.now.RLock()
		next, changed := t.now.Fold.unread(), t.changed
		t.now.RUnlock()
		if next == nil {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		seq, err := t.read(ctx, next.Seq)
		if err == nil {
			err = t.Wait(ctx, seq)
		}
		if err != nil && ctx.Err() == nil {
			t.o.Log.ErrorContext(ctx, "scanned file not read, will try again", "seq", uint64(next.Seq), "err", err)
			pause(ctx, tryAgain)
		}
	}
}

// read takes a file apart, files what is clear, and stores what it found.
func (t *Tray) read(ctx context.Context, file journal.Seq) (journal.Seq, error) {
	rec, err := t.j.Get(ctx, file)
	if errors.Is(err, journal.ErrPruned) {
		return t.finish(ctx, reading{File: file})
	}
	if err != nil {
		return 0, err
	}
	r, err := t.take(ctx, rec)
	if err != nil {
		return 0, err
	}
	if err := t.fileAll(ctx, &r); err != nil {
		return 0, err
	}
	return t.finish(ctx, r)
}

func (t *Tray) finish(ctx context.Context, r reading) (journal.Seq, error) {
	id := journal.KeyOf(sourceFile, "read", []byte(fmt.Sprint(r.File)))
	if err := t.note(ctx, id, note{Read: &r}); err != nil {
		return 0, err
	}
	return t.j.Find(ctx, id)
}

// take makes the pages of a file. A file that breaks the reading is a file that
// a person looks at: nothing it holds may stop the hub.
func (t *Tray) take(ctx context.Context, rec journal.Record) (r reading, err error) {
	r.File = rec.Seq
	failed := func(say lang.Text) {
		r.Failed = &say
		r.Pages = append(r.Pages, Page{Ref: Ref(rec.Seq, 0), File: rec.Seq, Reason: &say, Ward: rec.Ward, At: rec.Received})
	}
	defer func() {
		if p := recover(); p != nil {
			t.o.Log.ErrorContext(ctx, "reading a scanned file broke off", "seq", uint64(rec.Seq), "stack", string(debug.Stack()))
			failed(lang.Text{
				DE: "Diese Datei konnte nicht zu Ende gelesen werden. Sie ist aufbewahrt. Bitte das Papier neu scannen.",
				EN: "This file could not be read to its end. It is kept. Please scan the paper again.",
			})
		}
	}()
	limited, cancel := context.WithTimeout(ctx, mostReading)
	defer cancel()
	for p, err := range scan.Pages(limited, rec.Body, t.o.Limits) {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			failed(fault.Say(err))
			break
		}
		page, err := t.takePage(ctx, &rec, p)
		if err != nil {
			return r, err
		}
		r.Pages = append(r.Pages, page)
	}
	if len(r.Pages) == 0 {
		failed(lang.Text{DE: "Diese Datei enthält keine Seite.", EN: "This file holds no page."})
	}
	return r, nil
}

// takePage reads one page and stores its picture.
func (t *Tray) takePage(ctx context.Context, rec *journal.Record, p scan.Page) (Page, error) {
	out := Page{Ref: Ref(rec.Seq, p.Number), File: rec.Seq, N: p.Number, Ward: rec.Ward, At: rec.Received}
	grey := p.Grey()
	found := scan.Read(grey)
	media, data, err := upright(p, found.Turn)
	if err != nil {
		return out, err
	}
	if len(data) > 0 {
		if out.Picture, err = t.picture(ctx, data, rec.Ward); err != nil {
			return out, err
		}
		out.Media, out.Size = media, len(data)
	}
	out.Sheets, out.Labels = texts(found.Sheets), texts(found.Labels)
	switch {
	case p.Problem != nil && len(found.Sheets) == 0:
		say := fault.Say(p.Problem)
		out.Reason = &say
	case found.Problem != nil:
		say := fault.Say(found.Problem)
		if out.Blank = len(found.Sheets)+len(found.Labels) == 0 && empty(grey); out.Blank {
			say = lang.Text{DE: "Leere Seite ohne Blattcode.", EN: "An empty page without a sheet code."}
		}
		out.Reason = &say
	case p.Problem != nil: // the code is there, something of the page is not
		say := fault.Say(p.Problem)
		out.Reason = &say
	}
	return out, nil
}

func texts(codes []sheet.Code) []string {
	var out []string
	for _, c := range codes {
		out = append(out, c.String())
	}
	slices.Sort(out)
	return out
}

// picture stores a picture once, whoever it belongs to.
func (t *Tray) picture(ctx context.Context, data []byte, ward string) (journal.Seq, error) {
	return t.j.Append(ctx, journal.Record{
		ID: journal.KeyOf(sourcePage, "", data), Time: t.o.Now(), Site: t.o.Site, Source: sourcePage, Kind: journal.File, Ward: ward, Body: data,
	})
}

// Picture returns the bytes of a page's picture.
func (t *Tray) Picture(ctx context.Context, p Page) ([]byte, error) {
	if p.Picture == 0 {
		return nil, fault.New(fault.NotFound, lang.Text{
			DE: "Von dieser Seite gibt es kein Bild. Die Datei ist aufbewahrt.", EN: "There is no picture of this page. The file is kept.",
		})
	}
	rec, err := t.j.Get(ctx, p.Picture)
	if err != nil {
		return nil, err
	}
	return rec.Body, nil
}
