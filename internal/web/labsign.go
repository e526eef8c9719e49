package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// looking is one signing at the laboratory's desk while it is put together.
type looking struct {
	s       *Server
	v       *visit
	l       *labOpened
	w       resultForm
	person  catalogue.Person
	taken   time.Time
	when    time.Time // it was entered, or written on paper
	wrong   []entry.Mistake
	facts   entry.Facts
	fields  map[string]string
	remarks []string
	others  []string
	mine    *resultRow // a row that the same person released already
	sent    []int      // row of the form for each row of the order, -1 for none
}

func (k *looking) refuse(field, de, en string) {
	if no, free := strings.CutPrefix(field, "vf"); free {
		field = "fv" + no
	}
	k.wrong = append(k.wrong, entry.Mistake{Field: field, Say: lang.Text{DE: de, EN: en}})
}

func (k *looking) ask(field, sure, de, en string) {
	if !slices.Contains(k.w.sure, sure) {
		k.wrong = append(k.wrong, entry.Mistake{Field: field, Sure: sure, Say: lang.Text{DE: de, EN: en}})
	}
}

// lookingAt is a signing with what the browser sent beside the rows.
func (s *Server) lookingAt(v *visit, l *labOpened) *looking {
	return &looking{s: s, v: v, l: l, person: whom(l.opened), fields: map[string]string{}, w: resultForm{
		key: v.PostFormValue("key"), taken: strings.TrimSpace(v.PostFormValue("taken")), reason: strings.TrimSpace(v.PostFormValue("reason")),
		alone: strings.TrimSpace(v.PostFormValue("alone")), sure: v.PostForm["sure"], resumed: v.resumed, free: []freeRow{},
		paper: paperOf(v), at: strings.TrimSpace(v.PostFormValue(entry.AtField)),
	}}
}

// reads puts what was typed into the rows, and signs nothing. It is true if that
// is other than what stood there.
func (k *looking) reads() bool {
	k.match()
	other := k.w.reason != "" || k.w.alone != "" || k.w.taken != "" && (k.l.order.V.Taken.IsZero() || k.w.taken != k.v.clockOf(k.l.order.V.Taken))
	for i := range k.l.rows {
		stood := k.l.rows[i]
		if r := &k.l.rows[i]; k.typed(i) {
			other = other || r.Value != stood.Value || r.Comment != stood.Comment || r.None != stood.None
		}
	}
	k.free(false)
	for _, x := range k.w.free {
		other = other || x.Name+x.Value+x.Unit != ""
	}
	return other
}

// enterResults takes the values of an order: the first look, or the second.
func (s *Server) enterResults(v *visit) (http.Handler, error) {
	l, res, err := s.labOrder(v)
	if res != nil || err != nil {
		return res, err
	}
	if err := v.ParseForm(); err != nil {
		return nil, err
	}
	k := s.lookingAt(v, l)
	release := v.PostFormValue("act") == "release"
	k.fields[sentField] = sent(v.PostForm)
	if stood, err := s.p.Desk.Versions(v.Context(), k.w.key); err == nil && !v.resumed && !release {
		if stood[0].Fields[sentField] == k.fields[sentField] { // sent again
			return s.signed(v, l.opened, "/desk/lab?done="+v.PathValue("order"), stood[0].Root, stood[0].Seq)
		}
		k.w.key = desk.NewKey() // the page before, with something else typed
	}
	k.times()
	k.paper()
	k.match()
	seen := make([]resultRow, len(l.rows))
	copy(seen, l.rows)
	for i := range l.rows {
		if r := &l.rows[i]; k.typed(i) && !v.resumed {
			if release {
				k.release(r, seen[i])
			} else {
				k.enter(r, seen[i])
			}
		}
	}
	k.free(!release && !v.resumed)
	if v.resumed {
		return s.drawResults(v, http.StatusOK, l, k.w, nil)
	}
	if len(k.facts) == 0 && len(k.wrong) == 0 && k.mine != nil { // released by the first of two clicks
		return s.signed(v, l.opened, "/desk/lab?done="+v.PathValue("order"), "", journal.Seq(k.mine.item.Origin.Seq))
	}
	if len(k.facts) == 0 && len(k.wrong) == 0 {
		k.refuse("", "Es ist kein neuer Wert da. Es wurde nichts gespeichert.", "There is no new value. Nothing was stored.")
	}
	if len(k.wrong) > 0 {
		code := http.StatusUnprocessableEntity
		for i := range l.rows {
			l.rows[i].No = strconv.Itoa(i)
		}
		return s.drawResults(v, code, l, k.w, k.wrong)
	}
	return k.sign(release)
}

// sentField holds what makes two sendings of the rows the same.
const sentField = "sent"

// sent sums up what was typed, without what confirms it.
func sent(form url.Values) string {
	x := maps.Clone(form)
	for _, name := range []string{"key", "sure", "act"} {
		delete(x, name)
	}
	sum := sha256.Sum256([]byte(x.Encode()))
	return hex.EncodeToString(sum[:8])
}

// times reads when the specimen was taken.
func (k *looking) times() {
	k.taken = k.l.order.V.Taken
	if k.w.taken == "" {
		return
	}
	t, ok := entry.ParseTime(k.w.taken, k.v.now)
	if !ok || t.After(k.v.now.Add(time.Minute)) {
		k.refuse("taken", "Entnommen: nicht lesbar oder in der Zukunft. So: 02:10 oder 18.11. 23:40.", "Taken: cannot be read or in the future. Like this: 02:10 or 18.11. 23:40.")
		return
	}
	if !k.taken.Truncate(time.Minute).Equal(t) {
		k.taken = t
	}
}

// paper reads what a page needs that the values are typed in from.
func (k *looking) paper() {
	k.when = k.v.now
	if k.w.paper.root == "" {
		return
	}
	t, wrong := k.s.paperTime(k.v, k.w.at)
	k.when = t
	k.wrong = append(append(k.wrong, k.s.sheetMistakes(k.l.opened, k.w.paper.form(k.w.at))...), wrong...)
}

// match finds for each row of the order the row of the form that showed it. A
// row of which a value came meanwhile is another statement of the same test. What
// was typed in a row that is gone is told, not dropped.
func (k *looking) match() {
	codes := k.v.PostForm["code"]
	codes = codes[:min(len(codes), len(k.v.PostForm["no"]))]
	used := make([]bool, len(codes))
	k.sent = slices.Repeat([]int{-1}, len(k.l.rows))
	take := func(fits func(r *resultRow, code string) bool) {
		for i := range k.l.rows {
			for j, code := range codes {
				if k.sent[i] < 0 && !used[j] && fits(&k.l.rows[i], code) {
					k.sent[i], used[j] = j, true
				}
			}
		}
	}
	take(func(r *resultRow, code string) bool { return code == r.Ident() })
	take(func(r *resultRow, code string) bool { return r.Code != "" && strings.HasPrefix(code, r.Code+"/") })
	for j, code := range codes {
		value := strings.TrimSpace(k.field("v", j) + " " + k.field("c", j))
		if used[j] || value == "" || k.v.resumed {
			continue
		}
		name, _, _ := strings.Cut(code, "/")
		k.refuse("", name+": Die Zeile ist inzwischen anders. Nicht gespeichert: „"+value+"“. Bitte vergleichen und noch einmal eintragen.",
			name+": the row is another one by now. Not stored: “"+value+"”. Please compare and enter it again.")
	}
}

// field is what was typed in a row of the form.
func (k *looking) field(name string, row int) string {
	return entry.Clean(k.v.PostFormValue(name + k.v.PostForm["no"][row]))
}

// typed reads a row as it was sent. It is false for a row that the browser did
// not show.
func (k *looking) typed(i int) bool {
	r, at := &k.l.rows[i], k.sent[i]
	if at < 0 {
		return false
	}
	field := func(name string) string { return k.field(name, at) }
	r.Value, r.Comment, r.None, r.Release = field("v"), field("c"), field("n") != "", field("r") != ""
	seq, _ := strconv.ParseUint(field("q"), 10, 64) // empty: nothing stood there
	r.Seq = seq
	return true
}

// sub tells two statements of one analyte apart, "" where nothing stands yet.
func (r *resultRow) sub() string {
	if r.item == nil {
		return ""
	}
	return strings.NewReplacer("\x1f", "|", "\x1e", "").Replace(r.item.V.Key())
}

// moved refuses a row whose value somebody changed meanwhile, and shows what
// stands now.
func (k *looking) moved(r *resultRow, now resultRow) bool {
	if r.Seq == now.Seq {
		return false
	}
	r.Seq = now.Seq
	said := strings.TrimSpace(now.Value + " " + now.Unit)
	k.refuse("v"+r.No, fmt.Sprintf("%s wurde inzwischen geändert: %s (%s), %s. Bitte vergleichen und noch einmal entscheiden.", r.Name, cmp.Or(said, "kein Wert"), now.Status.DE, now.By),
		fmt.Sprintf("%s was changed meanwhile: %s (%s), %s. Please compare and decide again.", r.Name, cmp.Or(said, "no value"), now.Status.EN, now.By))
	return true
}

// enter takes the first look at a row: what was typed anew.
func (k *looking) enter(r *resultRow, now resultRow) {
	if r.Value == now.Value && r.Comment == now.Comment && r.None == now.None || r.Value == "" && !r.None && now.item == nil {
		return
	}
	if k.moved(r, now) {
		return
	}
	if r.Value == "" && !r.None {
		k.refuse("v"+r.No, r.Name+": Der Wert fehlt. Ist keiner zu bekommen: „kein Wert“ ankreuzen und den Grund schreiben.", r.Name+": the value is missing. If there is none to be had: tick “no value” and write the reason.")
		return
	}
	res := k.base(r)
	if now.item != nil && done(now.State) {
		if k.w.reason == "" {
			k.refuse("reason", r.Name+" ist schon freigegeben. Bitte sagen, warum korrigiert wird.", r.Name+" is released already. Please say why it is corrected.")
		}
		res.Status = clinical.Corrected
	}
	if r.None {
		if r.Comment == "" || r.Value != "" {
			k.refuse("v"+r.No, r.Name+": „kein Wert“ braucht einen Grund in der Bemerkung und kein Wert im Feld.", r.Name+": “no value” needs a reason as remark and no value in the field.")
		}
		res.Status, res.Value, res.Number, res.Comparator, res.Flags, res.Comment = clinical.NoResult, "", nil, "", nil, r.Comment
	} else if !k.value(r, &res) {
		return
	}
	k.add(r, res)
}

// base is the result that a row speaks of, without its value.
func (k *looking) base(r *resultRow) clinical.Result {
	var res clinical.Result
	if r.item != nil {
		res = r.item.V
		res.Released, res.Device = clinical.Staff{}, false
	} else {
		a := r.assay
		res = clinical.Result{
			Placer: k.l.order.V.Placer, Filler: k.l.order.V.Filler, Panel: k.l.order.V.What, Section: a.Section, Group: a.Group, Sort: a.Sort,
			Code: clinical.Coded{Code: a.LOINC, Text: a.Name.DE, System: "LN"}, Local: clinical.Coded{Code: a.Code, Text: a.Name.DE}, Unit: a.Unit, At: k.taken,
		}
		if res.At.IsZero() {
			res.At = k.v.now.Truncate(time.Second)
		}
	}
	res.Status, res.By, res.Comment = clinical.Preliminary, k.v.by(), r.Comment
	return res
}

// value reads and judges what was typed.
func (k *looking) value(r *resultRow, res *clinical.Result) bool {
	comparator, number := numberTyped(r.Value)
	if len([]rune(r.Value)) > 2000 {
		k.refuse("v"+r.No, r.Name+": höchstens 2000 Zeichen.", r.Name+": at most 2000 characters.")
		return false
	}
	res.Value, res.Number, res.Comparator, res.Flags = r.Value, number, comparator, nil
	if r.Numbered && number == nil {
		k.refuse("v"+r.No, r.Name+": keine Zahl. So: 4,2 oder <0,3. Ist keiner zu bekommen: „kein Wert“ ankreuzen.", r.Name+": no number. Like this: 4.2 or <0.3. If there is none: tick “no value”.")
		return false
	}
	if number == nil {
		return true
	}
	digits := 6
	if r.assay != nil {
		digits = r.assay.Digits
	}
	res.Value = entry.Comma(*number, digits)
	rounded, _ := entry.ParseNumber(res.Value)
	res.Number = &rounded
	return k.judge(r, res)
}

// judge compares a number with the catalogue: whether it can be, and what flags
// it has.
func (k *looking) judge(r *resultRow, res *clinical.Result) bool {
	a := r.assay
	if a == nil || a.Words || res.Number == nil || a.Unit != res.Unit {
		return true
	}
	at := "v" + r.No
	switch a.Plausible(*res.Number) {
	case catalogue.Impossible:
		k.refuse(at, fmt.Sprintf("%s: %s %s kann nicht sein. Bitte prüfen; der Wert ist nicht gespeichert.", r.Name, r.Value, r.Unit), fmt.Sprintf("%s: %s %s cannot be. Please check; the value is not stored.", r.Name, r.Value, r.Unit))
		return false
	case catalogue.Unusual:
		k.ask(at, r.Code+"="+r.Value, fmt.Sprintf("%s: %s %s ist ungewöhnlich. Stimmt der Wert?", r.Name, r.Value, r.Unit), fmt.Sprintf("%s: %s %s is unusual. Is the value right?", r.Name, r.Value, r.Unit))
	case catalogue.Fine:
	}
	if ref, ok := a.Range(k.person); ok {
		res.Low, res.High, res.Range = ref.Low, ref.High, ref.Text(a.Digits)
	}
	if flag := a.Flag(*res.Number, res.Comparator, k.person); flag != "" && !slices.Contains(res.Flags, flag) {
		res.Flags = append([]string{flag}, slices.DeleteFunc(slices.Clone(res.Flags), func(f string) bool { return f == "N" || len(flag) > len(f) })...)
	}
	return true
}

func (k *looking) add(r *resultRow, res clinical.Result) {
	k.facts = append(k.facts, res)
	said := strings.TrimSpace(string(res.Status) + " " + res.Shown())
	if r.assay != nil && k.fields[r.Code] == "" {
		k.fields[r.Code] = said
	} else {
		k.others = append(k.others, r.Name+": "+strings.TrimSpace(said+" "+res.Unit))
	}
	if res.Comment != "" {
		k.remarks = append(k.remarks, r.Name+": "+res.Comment)
	}
}

// release takes the second look at a row: what stands there as preliminary is
// right.
func (k *looking) release(r *resultRow, now resultRow) {
	if !r.Release {
		return
	}
	if now.item != nil && now.State == clinical.Final && now.item.V.Released.ID == k.v.session.Person.ID && r.Value == now.Value {
		k.mine = &now
		return
	}
	if k.moved(r, now) || !now.Can {
		return
	}
	at := "v" + r.No
	if r.Value != now.Value || r.Comment != now.Comment || r.None {
		k.refuse(at, r.Name+": Der Wert ist geändert. Bitte erst eintragen; freigegeben wird, was dann dort steht.", r.Name+": the value is changed. Please enter it first; what then stands there is released.")
		return
	}
	res := r.item.V
	res.Status, res.Device, res.Released = clinical.Final, false, k.v.by()
	if now.Device {
		res.Comment = strings.TrimSpace(strings.TrimPrefix(res.Comment, analyserNote))
		if _, known := k.s.c.Catalogue.Unit(res.Unit); !known && res.Unit != "" {
			k.refuse(at, r.Name+": Die Einheit „"+res.Unit+"“ des Geräts ist nicht bekannt. Bitte den Wert mit der richtigen Einheit als weiteren Wert eintragen.", r.Name+": the analyser's unit “"+res.Unit+"” is not known. Please enter the value with the right unit as another value.")
			return
		}
		if r.assay != nil && r.assay.Unit != res.Unit {
			k.ask(at, "unit="+r.Code+res.Unit, fmt.Sprintf("%s: Das Gerät misst in %s, der Katalog in %s. Ist die Einheit richtig?", r.Name, res.Unit, r.assay.Unit), fmt.Sprintf("%s: the analyser measures in %s, the catalogue in %s. Is the unit right?", r.Name, res.Unit, r.assay.Unit))
		}
	} else if res.By.ID == k.v.session.Person.ID {
		if k.w.alone == "" {
			k.w.needDuo = true
			k.refuse("alone", r.Name+" haben Sie selbst eingetragen. Den Zweitblick macht eine andere Person. Ist niemand da: bitte den Grund angeben.", "You entered "+r.Name+" yourself. Another person takes the second look. If nobody is there: please say why.")
			return
		}
		res.Comment = strings.TrimPrefix(res.Comment+"; Zweitblick durch dieselbe Person: "+k.w.alone, "; ")
	}
	if k.judge(r, &res) {
		k.add(r, res)
	}
}

// analyserNote begins the comment of a value that nobody looked at.
const analyserNote = "Analysengerät, nicht validiert"

// free reads the further analytes.
func (k *looking) free(take bool) {
	for i := range freeRows {
		no := strconv.Itoa(i)
		x := freeRow{No: no, Name: entry.Clean(k.v.PostFormValue("fn" + no)), Value: entry.Clean(k.v.PostFormValue("fv" + no)), Unit: entry.Clean(k.v.PostFormValue("fu" + no))}
		k.w.free = append(k.w.free, x)
		if x.Name+x.Value == "" || !take {
			continue
		}
		k.freeRow(x)
	}
}

func (k *looking) freeRow(x freeRow) {
	at := "fv" + x.No
	if x.Name == "" || x.Value == "" {
		k.refuse(at, "Weiterer Wert: Name und Wert gehören zusammen.", "Other value: name and value belong together.")
		return
	}
	unit, known := k.s.c.Catalogue.Unit(x.Unit)
	if x.Unit != "" && !known {
		k.refuse("fu"+x.No, "Die Einheit „"+x.Unit+"“ ist nicht bekannt. Bitte so schreiben, wie sie im Katalog steht, zum Beispiel mmol/l.", "The unit “"+x.Unit+"” is not known. Please write it as the catalogue does, mmol/l for example.")
		return
	}
	r := resultRow{No: "f" + x.No, Name: x.Name, Value: x.Value, Unit: unit, assay: k.s.c.Catalogue.Analyte(x.Name)}
	if r.assay != nil {
		a := r.assay
		if a.Unit != unit {
			k.refuse("fu"+x.No, fmt.Sprintf("%s wird hier in %s angegeben.", a.Name.DE, cmp.Or(a.Unit, "keiner Einheit")), fmt.Sprintf("%s is given in %s here.", a.Name.EN, cmp.Or(a.Unit, "no unit")))
			return
		}
		if slices.ContainsFunc(k.l.rows, func(row resultRow) bool { return row.assay == a }) {
			k.refuse(at, a.Name.DE+" steht schon in der Liste. Bitte dort eintragen.", a.Name.EN+" is in the list already. Please enter it there.")
			return
		}
		r.Code, r.Name, r.Numbered = a.Code, a.Name.DE, !a.Words
	} else {
		r.assay = &catalogue.Analyte{Name: lang.Text{DE: x.Name}, Section: k.l.order.V.Section, Unit: unit, Digits: 6, Words: true}
	}
	res := k.base(&r)
	if res.Code.Code == "" {
		res.Code, res.Local = clinical.Coded{Text: x.Name}, clinical.Coded{}
	}
	if k.value(&r, &res) {
		k.add(&r, res)
	}
}

// sign stores the look. The key of a release is made of what is released, so
// that two people who release the same at once are one entry, and the second is
// told who was faster.
func (k *looking) sign(release bool) (http.Handler, error) {
	o := k.l.order.V
	number := cmp.Or(o.Placer, o.Filler)
	key := k.w.key
	act := "Erster Blick, vorläufig"
	if release {
		act = "Zweiter Blick, freigegeben"
		var of []string
		for _, fact := range k.facts {
			if r, ok := fact.(clinical.Result); ok {
				of = append(of, r.Key())
			}
		}
		for i := range k.l.rows {
			of = append(of, strconv.FormatUint(k.l.rows[i].Seq, 10))
		}
		key = journal.KeyOf("release", number, []byte(strings.Join(of, "\n"))).String()
	}
	k.fields["number"], k.fields["act"] = number, act
	for name, text := range map[string]string{"taken": k.w.taken, "more": strings.Join(k.others, "\n"), "comments": strings.Join(k.remarks, "\n"), "alone": k.w.alone} {
		if text != "" {
			k.fields[name] = text
		}
	}
	e := k.s.entryOf(k.v, k.l.opened, "lab-results", key)
	e.Fields, e.Facts, e.Reason, e.At = maps.Clone(k.fields), k.facts, k.w.reason, k.when
	back := k.s.onPaper(k.l.opened, k.w.paper, &e, "/desk/lab?done="+number)
	if !k.l.order.Cancelled {
		e.Facts = append(e.Facts, clinical.Progress{Placer: o.Placer, Filler: o.Filler, Status: k.standing()})
	}
	seq, err := k.s.p.Desk.Sign(k.v.Context(), e)
	if err != nil {
		return k.notStored(err)
	}
	return k.s.signed(k.v, k.l.opened, back, e.Root, seq)
}

// notStored shows the form again with what was typed.
func (k *looking) notStored(err error) (http.Handler, error) {
	kind := fault.KindOf(err)
	if kind != fault.Conflict && kind != fault.Unavailable && kind != fault.Invalid {
		return nil, err
	}
	say := fault.Say(err)
	if taken := (*desk.Taken)(nil); asTaken(err, &taken) {
		who := taken.Entry.By.Name
		say = lang.Text{DE: "Diese Werte hat " + who + " gerade gespeichert. Bitte die Seite neu öffnen und vergleichen.", EN: who + " has just stored these values. Please open the page again and compare."}
		k.w.key = desk.NewKey()
	}
	return k.s.drawResults(k.v, status(kind), k.l, k.w, []entry.Mistake{{Say: say}})
}

// standing is how far the order is once the facts are known.
func (k *looking) standing() clinical.OrderStatus {
	for i := range k.l.rows {
		r := &k.l.rows[i]
		state := clinical.Pending
		if r.item != nil {
			state = r.item.V.Status
		}
		for _, fact := range k.facts {
			res, ok := fact.(clinical.Result)
			if ok && (r.item != nil && res.Key() == r.item.V.Key() || r.item == nil && r.assay != nil && res.Local.Code == r.assay.Code) {
				state = res.Status
			}
		}
		if !done(state) {
			return clinical.PartResult
		}
	}
	for _, fact := range k.facts { // further values, not in the rows
		if res, ok := fact.(clinical.Result); ok && !done(res.Status) {
			return clinical.PartResult
		}
	}
	return clinical.Completed
}
