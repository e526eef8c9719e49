package tray

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Print records a print job before its paper leaves, once for each key. It
// returns what stands: the same job sent again has the serials it had.
func Print(ctx context.Context, j *journal.Journal, site string, key journal.ID, p Printed) (Printed, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return Printed{}, fmt.Errorf("tray: %w", err)
	}
	rec := journal.Record{ID: key, Time: p.At, Site: site, Source: "print", Kind: journal.Printed, Body: body}
	if len(p.Forms) > 0 {
		rec.Patient, rec.Ward = string(p.Forms[0].Patient), p.Forms[0].Ward
	}
	seq, err := j.Append(ctx, rec)
	if err != nil {
		return Printed{}, err
	}
	stands, err := j.Get(ctx, seq)
	if err != nil {
		return Printed{}, err
	}
	var out Printed
	if stands.Kind != journal.Printed || json.Unmarshal(stands.Body, &out) != nil {
		return Printed{}, fault.New(fault.Conflict, lang.Text{
			DE: "Dieser Druckauftrag passt zu keinem gespeicherten. Bitte die Seite neu öffnen.",
			EN: "This print job fits none that is stored. Please open the page again.",
		})
	}
	return out, nil
}

// Taken says what became of a file that was handed in.
type Taken struct {
	File  journal.Seq
	Again bool // the very same bytes were here before
}

// Take stores a file as it came and returns when it is durable; it is read
// afterwards. The error's kind is Invalid for a file that is empty or too large.
func (t *Tray) Take(ctx context.Context, body []byte, c Came) (Taken, error) {
	switch {
	case len(body) == 0:
		return Taken{}, fault.New(fault.Invalid, lang.Text{DE: "Die Datei ist leer.", EN: "The file is empty."})
	case len(body) > min(MaxFile, t.o.Limits.Bytes):
		return Taken{}, TooLarge()
	}
	id := journal.KeyOf(sourceFile, "", body)
	was, err := t.j.Find(ctx, id)
	if err != nil {
		return Taken{}, err
	}
	c.At = t.o.Now()
	seq, err := t.j.Append(ctx, journal.Record{ID: id, Time: c.At, Site: t.o.Site, Source: sourceFile, Kind: journal.File, Ward: c.Ward, Body: body})
	if err != nil {
		return Taken{}, err
	}
	c.File = seq
	return Taken{File: seq, Again: was != 0}, t.note(ctx, journal.KeyOf(sourceFile, "came", []byte(fmt.Sprint(seq, c.Name, c.By.ID, c.From, c.At.UnixNano()))), note{Came: &c})
}

// TooLarge is the error about a file that does not fit into the journal.
func TooLarge() error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Die Datei ist größer als " + strconv.Itoa(MaxFile>>20) + " MB. Bitte den Stapel teilen oder mit 300 dpi in Graustufen scannen.",
		EN: "The file is larger than " + strconv.Itoa(MaxFile>>20) + " MB. Please split the stack or scan in grey with 300 dpi.",
	})
}

func (t *Tray) note(ctx context.Context, id journal.ID, n note) error {
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("tray: %w", err)
	}
	_, err = t.j.Append(ctx, journal.Record{ID: id, Time: t.o.Now(), Site: t.o.Site, Source: sourceFile, Kind: journal.Scanned, Body: body})
	return err
}
