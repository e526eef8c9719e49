// Package paper draws what a ward holds in its hand: the ward list, patient
// sheets, whole packs, forms to write on, wristbands and labels, as PDF.
//
// It draws charts as they are and decides nothing about them: what was not sent
// is written as not sent, what is old is called old, what was corrected shows
// both values. It refuses to cut a text: what does not fit is continued, and
// what is left out for length is counted in words. It sends nothing to a
// printer and keeps nothing.
package paper

import (
	"fmt"
	"io"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/sheet"
)

// Head is what every sheet of one job says about itself.
type Head struct {
	Hospital  string
	Mode      incident.Mode
	AsOf      time.Time // when the newest message was received; zero is written as unknown
	Seq       uint64    // the journal position the charts were read at
	Printed   time.Time // also the "now" of every age on the sheets
	PrintedBy string
	Where     string // printer or place
	Lang      lang.Lang
	Zone      *time.Location // nil means UTC
}

// Limits are the ages from which a part of a sheet is called old; zero never.
type Limits struct {
	Master     time.Duration // master data, diagnoses, warnings, orders
	Medication time.Duration
	Laboratory time.Duration
	Vitals     time.Duration
}

// PackOptions say what goes into a pack. The zero value is a full pack.
type PackOptions struct {
	Limits   Limits
	Feeds    []chart.Feed      // their state, for the list and for names of sources
	Wards    map[string]string // ward names by code, where they differ from the code
	PlanDay  time.Time         // the day of the medication plan; zero: the day of printing
	Duplex   bool              // fill up to an even number of pages, so that each patient starts on a new sheet
	Findings int               // findings printed in full; 0 means 5, negative none
	Changed  ChangedOnly
	Row      *chart.Row // for Patient: the bed's row in its ward list (name warnings)

	// Pages is told how many pages each document with a serial has; nil: nobody.
	Pages func(serial sheet.Serial, pages int)

	// Double says which drugs a second person checks, for the plan to sign; nil:
	// by the built-in table.
	Double *dosing.Double

	// Unread counts, by chart, the messages about a patient that could not be
	// read; the banner says so.
	Unread map[clinical.PatientKey]int
}

// ChangedOnly says that a pack holds only the patients whose chart changed. The
// caller chooses them; the sheets say so.
type ChangedOnly struct {
	Since time.Time // zero: the pack is complete
	Seq   uint64    // journal position of the pack before, 0 unknown
}

// WardPack writes the ward list and then each patient's sheets, in the order of
// the beds. Patients without a row in the ward come last. A bed whose chart is
// not among the patients is named on the list. The error is that of w, or of a
// font that cannot be read.
func WardPack(w io.Writer, h Head, ward chart.Ward, patients []*chart.Patient, o PackOptions) error {
	d, err := newDocument(w, h, o, d2(h, "Stationsmappe", "Ward pack")+" "+wardName(ward))
	if err != nil {
		return err
	}
	if err := d.ward(ward, patients, nil); err != nil {
		return err
	}
	return d.close()
}

// Patient writes the sheets of one patient.
func Patient(w io.Writer, h Head, p *chart.Patient, o PackOptions) error {
	d, err := newDocument(w, h, o, d2(h, "Patientenblatt", "Patient sheet"))
	if err != nil {
		return err
	}
	var alike warning
	if o.Row != nil && o.Row.NamesAlike {
		alike.on = true
	}
	if err := d.patient(p, alike); err != nil {
		return err
	}
	return d.close()
}

// WardList writes the ward list alone, A4 landscape.
func WardList(w io.Writer, h Head, ward chart.Ward, o PackOptions) error {
	d, err := newDocument(w, h, o, d2(h, "Stationsliste", "Ward list")+" "+wardName(ward))
	if err != nil {
		return err
	}
	if err := d.list(ward, nil); err != nil {
		return err
	}
	return d.close()
}

// document is one job while it is written.
type document struct {
	voice
	out    *pdf.Writer
	head   Head
	o      PackOptions
	f      faces
	frames map[bool]*pdf.Form // by landscape; only outside normal operation
	total  *pdf.Form          // number of all pages, known at the end
	record bool               // it is one signed entry: Printed is when that was signed
}

func newDocument(w io.Writer, h Head, o PackOptions, title string) (*document, error) {
	f, err := loadFaces()
	if err != nil {
		return nil, fault.Mark(fmt.Errorf("fonts of the sheets: %w", err), fault.Internal, lang.Text{
			DE: "Die Schrift der Druckbögen fehlt. Es wurde nichts gedruckt. Bitte die IT-Leitstelle anrufen.",
			EN: "The font of the sheets is missing. Nothing was printed. Please call the IT desk.",
		})
	}
	if h.Zone == nil {
		h.Zone = time.UTC
	}
	tag := "de-DE"
	if h.Lang == lang.EN {
		tag = "en-GB"
	}
	d := &document{
		voice: voice{lang: h.Lang, zone: h.Zone, now: h.Printed}, head: h, o: o, f: f, frames: map[bool]*pdf.Form{},
		out: pdf.NewWriter(w, pdf.Info{Title: f.draw(title), Producer: "Notbetrieb", Language: tag, Created: h.Printed}),
	}
	d.total = d.out.Form(14, 5)
	return d, nil
}

func (d *document) close() error {
	d.total.Page().Text(0, 4, d.f.reg, small, 0, fmt.Sprint(d.out.Pages()))
	if err := d.out.Close(); err != nil {
		return fault.Mark(err, fault.Unavailable, lang.Text{
			DE: "Der Druckauftrag ist abgebrochen. Was schon gedruckt ist, kann unvollständig sein. Bitte neu drucken.",
			EN: "The print job broke off. What is already printed may be incomplete. Please print again.",
		})
	}
	return nil
}

func d2(h Head, de, en string) string { return lang.Text{DE: de, EN: en}.In(h.Lang) }

func wardName(w chart.Ward) string {
	if w.Name != "" {
		return w.Name
	}
	return w.Code
}

// ward writes one ward: list, then patients by bed. tick is called after each
// patient where it is not nil.
func (d *document) ward(ward chart.Ward, patients []*chart.Patient, tick func() error) error {
	charts := make(map[clinical.PatientKey]*chart.Patient, len(patients))
	for _, p := range patients {
		if p == nil {
			continue
		}
		charts[p.Key] = p
		for _, l := range p.Linked {
			if charts[l.Key] == nil {
				charts[l.Key] = p
			}
		}
	}
	if err := d.list(ward, charts); err != nil {
		return err
	}
	done := map[*chart.Patient]bool{nil: true}
	one := func(p *chart.Patient, alike warning) error {
		if done[p] {
			return nil
		}
		done[p] = true
		if err := d.patient(p, alike); err != nil {
			return err
		}
		if tick != nil {
			return tick()
		}
		return nil
	}
	for i, r := range ward.Rows {
		if err := one(charts[r.Key], d.alike(ward, i)); err != nil {
			return err
		}
	}
	for _, p := range patients {
		if err := one(p, warning{}); err != nil {
			return err
		}
	}
	return nil
}
