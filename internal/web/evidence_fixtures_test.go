package web

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/evidence"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// secured is made once: what is read from a book never changes.
var secured struct {
	sync.Once
	cases []*evidence.Case
	holds []evidence.Hold
}

// fixtureEvidence is a disk that went to the police with a gap before and another
// hash, and a log; a hold is asked to be lifted.
func fixtureEvidence(t testing.TB) ([]*evidence.Case, []evidence.Hold) {
	t.Helper()
	secured.Do(func() { secured.cases, secured.holds = makeEvidence(t) })
	return secured.cases, secured.holds
}

func makeEvidence(t testing.TB) ([]*evidence.Case, []evidence.Hold) {
	t.Helper()
	secret, _, err := seal.NewSigningKey("klinikum")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx := t.Context()
	j, err := journal.Open(ctx, filepath.Join(dir, "journal"), seal.NewKey(), signer, journal.Options{MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	now := ago(13 * time.Hour)
	b, err := evidence.Open(ctx, j, evidence.Options{Dir: dir, Key: seal.NewKey(), Zone: time.UTC, Signer: signer, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(b.Close(), j.Close()); err != nil {
			t.Error(err)
		}
	}()
	by := func(name string) evidence.Act { return evidence.Act{Person: name, Name: name} }
	disk, err := b.Secure(ctx, by("R. Vogel"), "c1", "Dateien verschlüsselt, Lösegeldforderung", evidence.Thing{
		Kind: "disk", Title: "Systemplatte des Dateiservers FS01", Serial: "Seagate ST2000NM000A ZA1B2C3D", Found: "Serverraum U1, Schrank 4", Power: "on", Volatile: "yes",
		Taken: evidence.Party{Name: "R. Vogel"}, Tool: "dc3dd", Version: "7.3.1", Blocker: "Tableau T8u", Seal: "S-004711", Place: "Tresor Verwaltung", Size: "2,0 TB",
		Hashes: []evidence.Hash{{Value: strings.Repeat("9f3c", 16), Of: "fs01.dd"}}, Note: "Platte lief beim Auffinden",
	}, nil)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	log, err := b.Take(ctx, strings.NewReader(strings.Repeat("Nov 19 02:01 sshd: Accepted\n", 900)), b.MaxFile(), nil)
	must(err)
	_, err = b.Secure(ctx, by("R. Vogel"), "c1", "Dateien verschlüsselt, Lösegeldforderung", evidence.Thing{Kind: "log", Title: "Anmeldeprotokoll Fernzugang", Found: "VPN-Gateway", Place: "hier gespeichert", Taken: evidence.Party{Name: "R. Vogel"}}, []evidence.Incoming{{Taken: log, Name: "auth.log", Role: evidence.Content}})
	must(err)
	now = ago(9 * time.Hour)
	must(b.Gap(ctx, by("R. Vogel"), disk, 1, ago(11*time.Hour), ago(10*time.Hour), evidence.Party{Name: "H. Krüger", Org: "Pforte"}, "Lag unbewacht an der Pforte, Tresor war verschlossen."))
	must(b.HandOver(ctx, by("Dr. A. Stein"), disk, evidence.HandOver{Turn: 2, To: evidence.Party{Name: "KHK Brandt", Org: "LKA Niedersachsen", Reach: "Vorgang 2026/4711"}, Why: "Sicherstellung nach § 94 StPO", Intact: "no", Seal: "LKA-17", Place: "Asservatenkammer LKA", Typed: map[string]string{strings.Repeat("9f3c", 16): strings.Repeat("9f3d", 16)}, Deviates: []string{strings.Repeat("9f3d", 16)}, Signed: evidence.OnPaper}))
	must(b.Correct(ctx, by("R. Vogel"), disk, 2, "Die Lücke begann schon um 03:40 Uhr."))
	must(b.AskEnd(ctx, by("R. Vogel"), disk, 3, evidence.Destroyed, evidence.Party{}, "Freigabe der Staatsanwaltschaft 2026/88"))
	_, err = b.OrderExport(ctx, by("Dr. A. Stein"), "c1", evidence.Order{For: "LKA Niedersachsen", Why: "Vorgang 2026/4711"})
	must(err)
	hold, err := b.SetHold(ctx, evidence.Act{}, evidence.Scope{Case: "c1", From: ago(100 * 24 * time.Hour)}, "Von selbst gesetzt mit der Erklärung der Lage.")
	must(err)
	_, err = b.SetHold(ctx, by("Dr. A. Stein"), evidence.Scope{Patients: []string{"k:1", "k:2"}}, "Haftungsfall 12/26")
	must(err)
	must(b.AskLift(ctx, by("R. Vogel"), hold, "Verfahren eingestellt"))
	return b.Cases(), b.Holds()
}

func evidenceGallery(t testing.TB, add func(string, []byte, error), f Frame) {
	t.Helper()
	all, holds := fixtureEvidence(t)
	c := fixtureCrisis()
	cases := []choice{{c.ID, lang.Text{DE: c.Title, EN: c.Title}, true}}
	h := evidenceHead{Frame: f.titled("crisis", lang.Text{DE: "Beweise", EN: "Evidence"}), Key: "k"}
	wrong := h
	wrong.Problems = []problem{{Say: lang.Text{DE: "Mindestens eine Prüfsumme weicht ab.", EN: "At least one hash differs."}}}
	twice := h
	twice.form, twice.Problems = "verify", wrong.Problems
	twice.differs = &evidence.Deviation{Checks: []evidence.Comparison{{Want: strings.Repeat("9f3c", 16), Got: strings.Repeat("9f3e", 16)}, {Want: "0", Here: true}}}
	twice.typed = url.Values{"hash." + strings.Repeat("9f3c", 16): {strings.Repeat("9f3e", 16)}}
	draw(add, "evidence-differs", itemPageT, newItemPage(twice, all[0].Items[0], c.Title, evidence.DefaultMaxFile))
	twice.form = "handover"
	draw(add, "evidence-differs-handover", handOverPageT, newHandOverPage(twice, all[0].Items[0]))
	draw(add, "evidence", evidencePageT, newEvidencePage(h, cases, c, all, holds, "", ""))
	draw(add, "evidence-none", evidencePageT, newEvidencePage(wrong, nil, nil, nil, nil, "", ""))
	draw(add, "evidence-new", securePageT, newSecurePage(h, cases, c))
	for i, name := range []string{"evidence-disk", "evidence-log"} {
		item := all[0].Items[i]
		draw(add, name, itemPageT, newItemPage(h, item, c.Title, evidence.DefaultMaxFile))
		draw(add, name+"-handover", handOverPageT, newHandOverPage(wrong, item))
	}
	draw(add, "evidence-package", packagePageT, newPackagePage(h, all[0]))
	draw(add, "evidence-holds", holdsPageT, newHoldsPage(h, Keeping{Days: 365, Reads: 1000, FreezeDays: 90}, holds, cases))
	draw(add, "evidence-holds-none", holdsPageT, newHoldsPage(wrong, Keeping{Freeze: true, FreezeDays: 90}, nil, nil))
}
