package evidence

import (
	"context"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Incoming is a file that a form brought.
type Incoming struct {
	*Taken
	Name string
	Role Role
}

// Drop removes every file that no act has taken over.
func Drop(files []Incoming) {
	for _, f := range files {
		f.Taken.Drop()
	}
}

// received are the files of an act, as the record names them and as they lie
// aside.
func received(files []Incoming) (out []File, taken []*Taken, err error) {
	for _, f := range files {
		media := ""
		switch m := http.DetectContentType(f.Head); m {
		case "image/jpeg", "image/png", "application/pdf":
			media = m
		}
		switch {
		case (f.Role == Photo || f.Role == Signature) && !strings.HasPrefix(media, "image/"):
			return nil, nil, errInvalid("„"+f.Name+"“ ist kein Bild (JPEG, PNG).", "“"+f.Name+"” is no picture (JPEG, PNG).")
		case f.Role == Receipt && media == "":
			return nil, nil, errInvalid("„"+f.Name+"“ ist kein Scan (PDF, JPEG, PNG).", "“"+f.Name+"” is no scan (PDF, JPEG, PNG).")
		case f.Role != Content && f.Size > MaxPhoto:
			return nil, nil, errInvalid("„"+f.Name+"“ ist für ein Bild zu groß (mehr als "+Bytes(MaxPhoto)+").", "“"+f.Name+"” is too large for a picture (more than "+Bytes(MaxPhoto)+").")
		}
		out = append(out, File{Hash: f.Hash, Size: f.Size, Name: f.Name, Media: media, Role: f.Role})
		taken = append(taken, f.Taken)
	}
	return out, taken, nil
}

// sums checks the form of typed hashes. (MD5 and SHA-1 are taken because tools
// print them; they prove less.)
func sums(in []Hash) ([]Hash, error) {
	var out []Hash
	for _, h := range in {
		h.Value = strings.ToLower(strings.Join(strings.Fields(h.Value), ""))
		h.Of = strings.TrimSpace(h.Of)
		if h.Value == "" {
			continue
		}
		if _, err := hex.DecodeString(h.Value); err != nil {
			return nil, errInvalid("Die Prüfsumme „"+short(h.Value)+"“ enthält Zeichen, die keine sind (erlaubt: 0–9, a–f).", "The hash “"+short(h.Value)+"” has characters that do not belong (allowed: 0–9, a–f).")
		}
		if h.Alg = algorithm(len(h.Value)); h.Alg == "" {
			return nil, errInvalid("Die Prüfsumme „"+short(h.Value)+"“ hat keine bekannte Länge (SHA-256 hat 64 Zeichen).", "The hash “"+short(h.Value)+"” has no known length (SHA-256 has 64 characters).")
		}
		out = append(out, h)
	}
	return out, nil
}

func short(s string) string {
	if len(s) > 20 {
		return strings.ToValidUTF8(s[:20], "") + "…"
	}
	return s
}

// algorithm names the hash by its length in hexadecimal digits, "" for none.
func algorithm(n int) string {
	return map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}[n]
}

func (p *Party) trim() {
	p.Name, p.Org, p.Reach = strings.TrimSpace(p.Name), strings.TrimSpace(p.Org), strings.TrimSpace(p.Reach)
}

// moment is when something happened: at, or now for zero.
func (b *Book) moment(at time.Time) (time.Time, error) {
	now := b.o.Now()
	if at.IsZero() {
		return now.Round(0).UTC(), nil
	}
	if at.After(now.Add(ahead)) {
		return at, errInvalid("Der Zeitpunkt liegt in der Zukunft.", "The time lies in the future.")
	}
	return at.Round(0).UTC(), nil
}

// Secure records a new item of an incident, with its first files, and returns
// its ID. Its number is drawn with the record and never used again.
func (b *Book) Secure(ctx context.Context, by Act, incident, title string, t Thing, files []Incoming) (string, error) {
	t.Taken.trim()
	for _, s := range []*string{&t.Title, &t.Serial, &t.Found, &t.Place, &t.Seal, &t.Tool, &t.Version, &t.Blocker, &t.Size, &t.Note} {
		*s = strings.TrimSpace(*s)
	}
	var err error
	switch {
	case !slices.Contains(Kinds(), t.Kind):
		err = errInvalid("Bitte die Art des Beweisstücks wählen.", "Please choose the kind of the item.")
	case !said(t.Title):
		err = errInvalid("Bitte das Beweisstück in ein paar Worten beschreiben.", "Please describe the item in a few words.")
	case t.Found == "":
		err = errInvalid("Bitte den Fundort angeben.", "Please say where it was found.")
	case t.Place == "":
		err = errInvalid("Bitte angeben, wo es aufbewahrt wird.", "Please say where it is kept.")
	case t.Taken.Name == "":
		err = errInvalid("Bitte angeben, wer es gesichert hat.", "Please say who secured it.")
	case !slices.Contains(Powers(), t.Power), !slices.Contains(Volatiles(), t.Volatile):
		err = errInvalid("Bitte den Zustand wählen.", "Please choose the state.")
	}
	if err != nil {
		return "", err
	}
	clock := t.At.IsZero()
	if t.At, err = b.moment(t.At); err != nil {
		return "", err
	}
	if t.Hashes, err = sums(t.Hashes); err != nil {
		return "", err
	}
	list, taken, err := received(files)
	if err != nil {
		return "", err
	}
	return b.do(ctx, by, event{Step: stepSecured, Case: incident, Title: title, Thing: &t, Files: list, clock: clock}, taken...)
}

// AddFiles adds files to an item: photos, logs, what was read out.
func (b *Book) AddFiles(ctx context.Context, by Act, item string, files []Incoming, text string) error {
	if len(files) == 0 {
		return errInvalid("Bitte eine Datei wählen.", "Please choose a file.")
	}
	return b.add(ctx, by, item, event{Step: stepFiles, Text: strings.TrimSpace(text)}, files)
}

// add records a line of an item's chain.
func (b *Book) add(ctx context.Context, by Act, item string, e event, files []Incoming) error {
	i, err := b.Item(item)
	if err != nil {
		return err
	}
	list, taken, err := received(files)
	if err != nil {
		return err
	}
	e.Case, e.Item, e.Files = i.Case, i.ID, list
	_, err = b.do(ctx, by, e, taken...)
	return err
}

// HandOver is what a hand-over says.
type HandOver struct {
	Turn      int // [Item.Turn], as the form showed it
	To        Party
	At        time.Time // zero: now
	Why       string
	Intact    string            // of the seal: yes, no, "" for none
	Seal      string            // a new one
	Place     string            // where it is kept then
	Typed     map[string]string // hashes measured anew, by the hash of the beginning
	Deviates  []string          // differences that a person has looked at again, see [Comparison.Confirm]
	Signed    Signed
	Signature *Incoming // drawn on the screen
}

// HandOver gives an item from who has it to somebody else. The hashes of files
// held here are worked out anew; those of things outside are compared with what
// was typed. A difference is refused with a [Deviation], so that a person looks at
// it again, and recorded once it is confirmed.
func (b *Book) HandOver(ctx context.Context, by Act, item string, h HandOver) error {
	i, err := b.Item(item)
	if err != nil {
		return err
	}
	h.To.trim()
	h.Why, h.Seal, h.Place = strings.TrimSpace(h.Why), strings.TrimSpace(h.Seal), strings.TrimSpace(h.Place)
	switch {
	case h.To.Name == "":
		return errInvalid("Bitte angeben, wer das Beweisstück bekommt.", "Please say who gets the item.")
	case !said(h.Why):
		return errInvalid("Bitte den Grund der Übergabe angeben.", "Please give the reason of the hand-over.")
	case !slices.Contains([]string{"yes", "no", ""}, h.Intact), i.Sealed != "" && h.Intact == "" && !b.did(by):
		return errInvalid("Bitte angeben, ob das Siegel unversehrt ist.", "Please say whether the seal is intact.")
	case !slices.Contains([]Signed{OnScreen, OnPaper, Refused}, h.Signed):
		return errInvalid("Bitte angeben, wie unterschrieben wird.", "Please say how it is signed.")
	case h.Signed == OnScreen && h.Signature == nil:
		return errInvalid("Die Unterschrift fehlt. Bitte im Feld unterschreiben oder Papier wählen.", "The signature is missing. Please sign in the field or choose paper.")
	}
	at, err := b.moment(h.At)
	if err != nil {
		return err
	}
	checks, err := b.compare(ctx, i, h.Typed)
	if err != nil {
		return err
	}
	e := event{Step: stepHanded, From: &i.Holder, To: &h.To, Turn: h.Turn, At: at, Text: h.Why, Intact: h.Intact, Seal: h.Seal, Place: h.Place, Checks: checks, Signed: h.Signed, clock: h.At.IsZero()}
	if err := lookAgain(checks, h.Deviates); err != nil && !b.did(by) {
		return err
	}
	var files []Incoming
	if h.Signed == OnScreen {
		h.Signature.Role = Signature
		files = append(files, *h.Signature)
	}
	return b.add(ctx, by, item, e, files)
}

// Deviation says which hashes differ from those of the beginning and are not
// confirmed: nothing was recorded. Its kind is Invalid.
type Deviation struct{ Checks []Comparison }

func (*Deviation) Error() string { return "evidence: a hash differs" }

// Confirm is what confirms a difference: the hash as it was measured, so that
// another typing error is asked about too, or "here" for files that are held.
func (c Comparison) Confirm() string {
	if c.Here {
		return "here"
	}
	return c.Got
}

// lookAgain answers a Deviation where a difference is not confirmed.
func lookAgain(checks []Comparison, confirmed []string) error {
	d := &Deviation{}
	for _, c := range checks {
		if !c.Right() && !slices.Contains(confirmed, c.Confirm()) {
			d.Checks = append(d.Checks, c)
		}
	}
	if len(d.Checks) == 0 {
		return nil
	}
	return fault.Mark(d, fault.Invalid, lang.Text{
		DE: "Eine Prüfsumme stimmt nicht überein: Sie weicht von der bei der Sicherstellung ab. Bitte noch einmal prüfen, oder das Kästchen ankreuzen: Dann wird sie als Abweichung eingetragen.",
		EN: "A hash does not agree: it differs from the one when the item was secured. Please check again, or tick the box: then it is recorded as a difference.",
	})
}

// compare works out the hashes of the files that are held and puts those beside
// that were typed.
func (b *Book) compare(ctx context.Context, i *Item, typed map[string]string) ([]Comparison, error) {
	var out []Comparison
	for _, f := range i.Files {
		if !f.Role.compared() {
			continue
		}
		got, err := b.Sum(ctx, f.Hash, f.Size)
		if err != nil {
			return nil, err
		}
		out = append(out, Comparison{Of: f.Name, Alg: "SHA-256", Want: f.Hash, Got: got, Here: true})
	}
	for _, h := range i.Hashes {
		v := strings.ToLower(strings.Join(strings.Fields(typed[h.Value]), ""))
		if v == "" {
			continue
		}
		if len(v) != len(h.Value) {
			return nil, errInvalid("Die Prüfsumme „"+short(v)+"“ hat eine andere Länge als die bei der Sicherstellung ("+h.Alg+").", "The hash “"+short(v)+"” has another length than the one when the item was secured ("+h.Alg+").")
		}
		out = append(out, Comparison{Of: h.Of, Alg: h.Alg, Want: h.Value, Got: v})
	}
	return out, nil
}

// Verify compares the hashes without a hand-over and records the outcome. What was
// typed and differs is refused with a [Deviation] until it is confirmed; what is
// found out here is a fact and recorded at once.
func (b *Book) Verify(ctx context.Context, by Act, item string, typed map[string]string, confirmed []string) error {
	i, err := b.Item(item)
	if err != nil {
		return err
	}
	checks, err := b.compare(ctx, i, typed)
	if err != nil {
		return err
	}
	if len(checks) == 0 {
		return errInvalid("Hier gibt es nichts zu vergleichen: bitte eine neu gemessene Prüfsumme eintragen.", "There is nothing to compare: please type a hash that was measured anew.")
	}
	if err := lookAgain(checks, append([]string{"here"}, confirmed...)); err != nil && !b.did(by) {
		return err
	}
	return b.add(ctx, by, item, event{Step: stepVerified, Checks: checks}, nil)
}

// AttachReceipt adds the signed receipt of line of, scanned or photographed.
func (b *Book) AttachReceipt(ctx context.Context, by Act, item string, of int, scan Incoming) error {
	scan.Role = Receipt
	return b.add(ctx, by, item, event{Step: stepReceipt, Of: of}, []Incoming{scan})
}

// Gap writes down that the chain has a gap: from at to until nobody knows who
// had the item. now is who has it since.
func (b *Book) Gap(ctx context.Context, by Act, item string, turn int, from, until time.Time, now Party, why string) error {
	i, err := b.Item(item)
	if err != nil {
		return err
	}
	now.trim()
	switch {
	case from.IsZero() || until.IsZero():
		return errInvalid("Bitte Beginn und Ende der Lücke angeben.", "Please give the begin and the end of the gap.")
	case until.Before(from):
		return errInvalid("Das Ende der Lücke liegt vor ihrem Beginn.", "The gap ends before it begins.")
	case now.Name == "":
		return errInvalid("Bitte angeben, wer das Beweisstück jetzt hat.", "Please say who has the item now.")
	case !said(why):
		return errInvalid("Bitte angeben, was geschehen ist.", "Please say what happened.")
	}
	if until, err = b.moment(until); err != nil {
		return err
	}
	return b.add(ctx, by, item, event{Step: stepGap, From: &i.Holder, To: &now, Turn: turn, At: from.Round(0).UTC(), Until: until, Text: strings.TrimSpace(why)}, nil)
}

// Keep records another place or seal with the same holder: the bag was opened
// for an examination and sealed again.
func (b *Book) Keep(ctx context.Context, by Act, item, place, seal, intact, why string) error {
	place, seal, why = strings.TrimSpace(place), strings.TrimSpace(seal), strings.TrimSpace(why)
	switch {
	case place == "" && seal == "":
		return errInvalid("Bitte einen neuen Ort oder ein neues Siegel angeben.", "Please give a new place or a new seal.")
	case !said(why):
		return errInvalid("Bitte den Grund angeben.", "Please give the reason.")
	case !slices.Contains([]string{"yes", "no", ""}, intact):
		return errInvalid("Bitte angeben, ob das Siegel unversehrt war.", "Please say whether the seal was intact.")
	}
	return b.add(ctx, by, item, event{Step: stepKept, Place: place, Seal: seal, Intact: intact, Text: why}, nil)
}

// Note adds a line of text.
func (b *Book) Note(ctx context.Context, by Act, item, text string) error {
	if !said(text) {
		return errInvalid("Bitte die Bemerkung schreiben.", "Please write the note.")
	}
	return b.add(ctx, by, item, event{Step: stepNote, Text: strings.TrimSpace(text)}, nil)
}

// Correct corrects line of by a new one. The line itself stays.
func (b *Book) Correct(ctx context.Context, by Act, item string, of int, text string) error {
	if !said(text) || of < 1 {
		return errInvalid("Bitte die Zeile und die Berichtigung angeben.", "Please give the line and the correction.")
	}
	return b.add(ctx, by, item, event{Step: stepCorrected, Of: of, Text: strings.TrimSpace(text)}, nil)
}

// AskEnd asks for the return of an item to to, or its destruction; a second
// person confirms.
func (b *Book) AskEnd(ctx context.Context, by Act, item string, turn int, way string, to Party, why string) error {
	to.trim()
	switch {
	case way != Returned && way != Destroyed:
		return errInvalid("Bitte Rückgabe oder Vernichtung wählen.", "Please choose return or destruction.")
	case way == Returned && to.Name == "":
		return errInvalid("Bitte angeben, wer es zurückbekommt.", "Please say who gets it back.")
	case !said(why):
		return errInvalid("Bitte den Grund angeben und wer es erlaubt hat.", "Please give the reason and who allowed it.")
	}
	e := event{Step: stepEndAsked, Way: way, Turn: turn, Text: strings.TrimSpace(why)}
	if way == Returned {
		e.To = &to
	}
	return b.add(ctx, by, item, e, nil)
}

// ConfirmEnd confirms what line of asked for. It must be a second person.
func (b *Book) ConfirmEnd(ctx context.Context, by Act, item string, of int) error {
	return b.add(ctx, by, item, event{Step: stepEnded, Of: of}, nil)
}

// CallOffEnd takes back what line of asked for.
func (b *Book) CallOffEnd(ctx context.Context, by Act, item string, of int) error {
	return b.add(ctx, by, item, event{Step: stepEndOff, Of: of}, nil)
}
