package testkit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/testkit"
)

// Some of the ward's work goes over paper: forms are printed at the bed's
// patient, written on, and scanned as one stack. Pages whose code is read file
// themselves; the others wait until somebody has looked at them. What they hold
// is then typed beside the picture.

// leaf is one page of paper, as the person who holds it knows it.
type leaf struct {
	bedside
	kind   string
	serial string // printed on it; "" for what is no form
	why    string // it is set aside
	refs   []string
	scans  int  // how often it was handed in
	spoilt bool // its code cannot be read by anybody
	filed  bool // somebody has seen it in the chart
	asked  bool // and has sent that everything on it was typed
	done   bool // and was told so
	image  *image.Gray
}

// handed takes down a sheet that was handed in.
func (g *ledger) handed(l *leaf) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.paper == nil {
		g.paper = map[string]*leaf{}
	}
	key := l.serial
	if key == "" {
		key = l.refs[0]
	}
	g.paper[key] = l
}

func (g *ledger) change(do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	do()
}

// planPaper lets each ward hand in a stack at these hours, and the admission one
// through the scanner's folder.
func (d *day) planPaper(leaves int, hours ...int) {
	if _, err := exec.LookPath("pdftoppm"); err != nil && os.Getenv("CI") == "" {
		d.t.Log("no pdftoppm: the day goes without paper")
		d.paperless = true
		return
	}
	for _, hour := range hours {
		for i, ward := range d.wards {
			at := d.at(hour, 10+2*i)
			id := nurseID(ward, shiftAt(hour), "1")
			d.plan(id, at, func(ctx context.Context, p *dayPerson) error {
				return p.handsIn(ctx, ward, leaves, d.dice("paper", ward, hour))
			})
		}
		d.plan("aufnahme1", d.at(hour, 20), func(ctx context.Context, p *dayPerson) error {
			return p.usesTheFolder(ctx, d.wards[hour%len(d.wards)], d.dice("folder", hour))
		})
	}
}

// sheetNames are the forms that a round uses.
var sheetNames = []string{"vitals", "progress", "curve"}

// prints prints one form for a patient, or one of the ward's pad where b is
// nobody, and returns it as it lies in the tray.
func (p *dayPerson) prints(ctx context.Context, b bedside, kind string) (*leaf, error) {
	path, from := b.href+"/forms", 1
	if b.kase == "" {
		path, from = "/ward/"+b.ward+"/pad", 2 // behind the cover
	}
	for {
		page, err := p.open(ctx, path)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(page.Path, "/glass") {
			return nil, errGivesUp
		}
		sent, err := page.Form(path)
		if err != nil {
			return nil, err
		}
		for name := range sent {
			if strings.HasPrefix(name, "n.") {
				sent.Set(name, "0")
			}
		}
		sent.Set("n."+kind, "1")
		if page, err = p.post(path, sent); err != nil || page.Status >= 500 || page.Status == http.StatusUnauthorized {
			if err := p.again(ctx, 1); err != nil {
				return nil, err
			}
			continue // the same form again is another sheet, the first stays in the printer
		}
		if page.Status == http.StatusForbidden || strings.HasPrefix(page.Location(), "/glass") {
			return nil, errGivesUp
		}
		if !bytes.HasPrefix(page.Body, []byte("%PDF-")) {
			return nil, fmt.Errorf("%s: no form: %d %s", path, page.Status, page.Text())
		}
		paper := onPaper(p.d.t, page.Body, from, from)[0]
		found := scan.Read(paper)
		if len(found.Sheets) != 1 || found.Sheets[0].Serial == "" {
			if p.d.ledger.count("prints whose number cannot be read"); p.d.ledger.of("prints whose number cannot be read") > 5 {
				return nil, fmt.Errorf("%s: the printed form names no number: %v", path, found.Problem)
			}
			continue
		}
		p.d.ledger.count("forms printed")
		return &leaf{bedside: b, kind: kind, serial: string(found.Sheets[0].Serial), image: paper}, nil
	}
}

// handsIn prints forms for some patients, writes on them, and scans the stack.
func (p *dayPerson) handsIn(ctx context.Context, ward string, leaves int, dice *rand.Rand) error {
	beds, err := p.patients(ctx, ward)
	if err != nil || len(beds) == 0 {
		return err
	}
	var stack []*leaf
	for i := range leaves {
		b, kind := beds[dice.IntN(len(beds))], sheetNames[(i+1)%len(sheetNames)]
		if i == 0 { // of the pad: nobody's until somebody says whose
			b, kind = bedside{ward: ward}, "progress"
		}
		l, err := p.prints(ctx, b, kind)
		if errors.Is(err, errGivesUp) {
			continue
		}
		if err != nil {
			return err
		}
		if i == 0 {
			l.bedside = beds[dice.IntN(len(beds))]
		}
		l.spoilt = i == 1 || i > 2 && dice.IntN(6) == 0
		stack = append(stack, l)
	}
	if len(stack) == 0 {
		return errGivesUp
	}
	stack = append(stack, &leaf{why: "Deckblatt oder Liste, keine Akte", bedside: bedside{ward: ward}, image: handwritten(blankLike(stack[0].image), dice)})
	if dice.IntN(3) == 0 && !stack[len(stack)-2].spoilt { // the same sheet lay on the glass twice
		stack = append(stack, stack[len(stack)-2])
	}
	return p.scans(ctx, ward, stack, dice)
}

// scans hands a stack in on the page and goes through its pages.
func (p *dayPerson) scans(ctx context.Context, ward string, stack []*leaf, dice *rand.Rand) error {
	var files [][]byte
	for _, l := range stack {
		files = append(files, worn(p.d.t, l, dice))
	}
	upload := []testkit.Upload{{Name: "Stapel.pdf", Body: stackOf(files)}}
	file := ""
	for try := 0; file == ""; try++ {
		page, err := p.browser.TryUpload("/scan", "files", upload, "ward", ward)
		switch {
		case err != nil || page.Status >= 500:
			p.d.ledger.count("stack sent again")
			if err := p.again(ctx, try); err != nil {
				return err
			}
			continue
		case page.Status == http.StatusUnauthorized:
			if _, err := p.open(ctx, "/scan"); err != nil {
				return err
			}
			continue
		case page.Status != http.StatusSeeOther:
			return fmt.Errorf("the stack is not taken: %d %s", page.Status, page.Text())
		}
		to, err := url.Parse(page.Location())
		if err != nil {
			return err
		}
		if file = to.Query().Get("file") + to.Query().Get("again"); file == "" {
			return fmt.Errorf("the stack was taken and nobody says as what: %s", page.Location())
		}
	}
	for i, l := range stack {
		p.d.ledger.change(func() { l.refs, l.scans = append(l.refs, file+"-"+strconv.Itoa(i+1)), l.scans+1 })
		p.d.ledger.handed(l)
	}
	p.d.ledger.count("stacks scanned")
	for i, l := range stack {
		if err := p.looksAfter(ctx, l, file+"-"+strconv.Itoa(i+1), dice); err != nil && !errors.Is(err, errGivesUp) {
			return err
		}
	}
	return nil
}

// looksAfter waits until a page is read, and files it or sets it aside where it
// waits for a person.
func (p *dayPerson) looksAfter(ctx context.Context, l *leaf, ref string, dice *rand.Rand) error {
	at := "/desk/scan/" + ref
	page, err := p.readable(ctx, at)
	if err != nil {
		return err
	}
	if strings.HasPrefix(page.Path, "/glass") {
		return errGivesUp // it went with its patient to another ward
	}
	if page.Has("form[action=" + at + "/aside]") {
		if l.serial == "" {
			return p.setsAside(ctx, page, at, l)
		}
		if page, err = p.files(ctx, at, l, dice); err != nil {
			return err
		}
		p.d.ledger.count("pages filed by hand")
	} else {
		p.d.ledger.count("pages filed by their code")
	}
	to := linkIn(page, "/sheet/")
	if to == "" {
		return fmt.Errorf("%s is in no chart: %s", at, page.Text())
	}
	sheet, err := p.form(ctx, l.bedside, to) // of whom it is, or an error
	if err != nil {
		return err
	}
	again := l.filed
	p.d.ledger.change(func() { l.filed = true })
	if l.kind == "vitals" && !again {
		return p.transcribes(ctx, l, sheet, to, dice)
	}
	return nil
}

// readable opens the page of a scanned page once it is read.
func (p *dayPerson) readable(ctx context.Context, at string) (*testkit.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for try := 0; ; try++ {
		page, err := p.open(ctx, at)
		if err != nil {
			return nil, fmt.Errorf("%s was never read: %w", at, err)
		}
		if page.Status == http.StatusOK {
			return page, nil
		}
		if page.Status != http.StatusNotFound {
			return nil, fmt.Errorf("%s: %d %s", at, page.Status, page.Text())
		}
		if err := p.again(ctx, min(try, mostTries)); err != nil {
			return nil, fmt.Errorf("%s was never read: %w", at, err)
		}
	}
}

func linkIn(page *testkit.Page, part string) string {
	for _, l := range page.Links() {
		if strings.HasPrefix(l, "/patient/") && strings.Contains(l, part) {
			return l
		}
	}
	return ""
}

// files puts a page that waits into the chart of the patient whose name stands
// on the paper.
func (p *dayPerson) files(ctx context.Context, at string, l *leaf, dice *rand.Rand) (*testkit.Page, error) {
	page, err := p.form(ctx, l.bedside, at+"?q="+l.kase)
	if err != nil {
		return nil, err
	}
	action := at + "/file"
	sent, err := page.Form(action, "kind", l.kind, "serial", l.serial, "page", "1")
	if err != nil {
		return nil, err
	}
	if n := dice.IntN(100); n < 10 {
		p.wire.cut.Store(cutSent)
	} else if n < 20 {
		p.wire.cut.Store(cutAnswer)
	}
	for range 2 {
		if page, err = p.send(ctx, action, sent); err != nil {
			return nil, err
		}
		if page.Status != http.StatusUnprocessableEntity || !page.Has("#asked") {
			break
		}
		if sent, err = page.Form(action); err != nil {
			return nil, err
		}
	}
	if page.Status == http.StatusForbidden || strings.HasPrefix(page.Location(), "/glass") {
		return nil, errGivesUp
	}
	if page.Status != http.StatusSeeOther {
		return nil, fmt.Errorf("%s: not filed: %d %s", action, page.Status, page.Text())
	}
	return p.readable(ctx, at)
}

func (p *dayPerson) setsAside(ctx context.Context, page *testkit.Page, at string, l *leaf) error {
	sent, err := page.Form(at+"/aside", "why", l.why)
	if err != nil {
		return err
	}
	if page, err = p.send(ctx, at+"/aside", sent); err != nil {
		return err
	}
	if page.Status != http.StatusSeeOther {
		return fmt.Errorf("%s: not set aside: %d %s", at, page.Status, page.Text())
	}
	p.d.ledger.change(func() { l.filed = true })
	p.d.ledger.count("pages set aside")
	return nil
}

// transcribes types the values beside the picture and says that it was all.
func (p *dayPerson) transcribes(ctx context.Context, l *leaf, sheet *testkit.Page, to string, dice *rand.Rand) error {
	if picture, err := p.open(ctx, to+"/picture"); err != nil {
		return err
	} else if picture.Status != http.StatusOK || !strings.HasPrefix(picture.Header.Get("Content-Type"), "image/") {
		return fmt.Errorf("%s has no picture: %d", to, picture.Status)
	}
	link, action := linkIn(sheet, "/write/vitals?sheet="), l.href+"/write/vitals"
	if link == "" {
		return fmt.Errorf("%s offers no form: %s", to, sheet.Text())
	}
	page, err := p.form(ctx, l.bedside, link)
	if err != nil {
		return err
	}
	_, values := writes("vitals", l.kase, dice)
	happened := p.d.clock.read().In(p.d.zone).Add(-time.Duration(20+dice.IntN(60)) * time.Minute).Truncate(time.Minute)
	sent, err := page.Form(action, append(values, "at", happened.Format("02.01. 15:04"), "sheetby", "swe", "act", "sign")...)
	if err != nil {
		return err
	}
	x := line{form: "vitals", kase: l.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, at: happened, fields: typed(sent), sheet: l.serial}
	delete(x.fields, "sheetby")
	if _, err = p.signs(ctx, action, sent, x, dice); err != nil {
		return err
	}
	p.d.ledger.count("transcribed")
	if page, err = p.form(ctx, l.bedside, to); err != nil {
		return err
	}
	if sent, err = page.Form(to+"/done", "act", "done"); err != nil {
		return err
	}
	p.d.ledger.change(func() { l.asked = true })
	if page, err = p.send(ctx, to+"/done", sent); err != nil {
		return err
	}
	if page.Status == http.StatusForbidden || strings.HasPrefix(page.Location(), "/glass") {
		return errGivesUp
	}
	if page.Status != http.StatusSeeOther {
		return fmt.Errorf("%s: not done: %d %s", to, page.Status, page.Text())
	}
	p.d.ledger.change(func() { l.done = true })
	return nil
}

// usesTheFolder lets a scanner put two sheets into its folder, and looks where
// they went.
func (p *dayPerson) usesTheFolder(ctx context.Context, ward string, dice *rand.Rand) error {
	beds, err := p.patients(ctx, ward)
	if err != nil || len(beds) == 0 {
		return err
	}
	for i := range 2 {
		l, err := p.prints(ctx, beds[dice.IntN(len(beds))], sheetNames[i])
		if err != nil {
			return err
		}
		l.scans = 1
		p.d.ledger.handed(l)
		at := filepath.Join(p.d.hub.house.Scans, l.serial+".jpg")
		if err := os.WriteFile(at+".part", worn(p.d.t, l, dice), 0o600); err != nil {
			return err
		}
		if err := os.Rename(at+".part", at); err != nil {
			return err
		}
		p.d.ledger.count("sheets through the folder")
		p.d.plan(p.id, p.d.clock.read().Add(15*time.Minute), func(ctx context.Context, p *dayPerson) error { return p.findsAgain(ctx, l, dice) })
	}
	return nil
}

// findsAgain looks for a sheet in the list of its ward, and at the desk.
func (p *dayPerson) findsAgain(ctx context.Context, l *leaf, dice *rand.Rand) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	spaced := spacedSerial(l.serial)
	for try := 0; ; try++ {
		for _, ward := range p.d.wards { // its patient may have moved
			list, err := p.open(ctx, "/ward/"+ward+"/sheets")
			if err != nil {
				return fmt.Errorf("sheet %s: %w", l.serial, err)
			}
			if strings.Contains(list.Text(), spaced) {
				p.d.ledger.change(func() { l.filed = true })
				p.d.ledger.count("pages filed by their code")
				return nil
			}
		}
		desk, err := p.open(ctx, "/desk/scan")
		if err != nil {
			return fmt.Errorf("sheet %s: %w", l.serial, err)
		}
		if desk.Has(".scans li.panel") && strings.Contains(desk.Text(), spaced) {
			for _, link := range desk.Links() {
				if m := deskPage.FindString(link); m != "" && m == link {
					if page, err := p.open(ctx, link); err == nil && strings.Contains(page.Text(), spaced) {
						return p.looksAfter(ctx, l, strings.TrimPrefix(link, "/desk/scan/"), dice)
					}
				}
			}
		}
		if err := p.again(ctx, min(try, mostTries)); err != nil {
			return fmt.Errorf("the sheet %s came nowhere: %w", l.serial, err)
		}
	}
}

var deskPage = regexp.MustCompile(`/desk/scan/\d+-\d+`)

// onPaper holds the paper against the charts: each page that was handed in lies
// in the chart of the patient whose name stands on it, once for each time, or
// waits.
func (g *ledger) onPaper(l *left, known map[string]bool, tell func(*int, string, ...any), r *result) {
	in := map[string][]entry.Entry{}
	for _, versions := range l.versions {
		e := versions[len(versions)-1]
		if e.Form != entry.SheetForm || e.Withdrawn {
			continue
		}
		name := e.Sheet
		if name == "" {
			name = e.Fields[entry.SheetRef]
		}
		if g.paper[name] == nil {
			continue // nobody's
		}
		in[name] = append(in[name], e)
		for _, v := range versions {
			known[v.Key] = true
		}
	}
	for name, x := range g.paper {
		all := in[name]
		switch {
		case x.filed && len(all) == 0:
			tell(&r.lost, "the sheet %s of case %s is in no chart", name, x.kase)
		case len(all) > x.scans:
			tell(&r.doubled, "the sheet %s of case %s was scanned %d times and is filed %d times", name, x.kase, x.scans, len(all))
		}
		for _, e := range all {
			facts := l.facts[entry.Number(e.Root)]
			switch {
			case x.serial == "":
				if e.Patient != "" || e.Fields[entry.SheetAside] != x.why {
					tell(&r.wrong, "the page %s belongs to nobody and is in the chart of %s", name, e.Case)
				}
			case string(e.Case) != x.kase:
				tell(&r.wrong, "the sheet %s of case %s is filed with case %s", name, x.kase, e.Case)
			case x.spoilt && e.Fields[entry.SheetMatch] != "person":
				tell(&r.wrong, "the sheet %s of case %s has no code that can be read and was filed by it", name, x.kase)
			case len(facts) == 0:
				tell(&r.lost, "the sheet %s of case %s is not in the chart", name, x.kase)
			case len(facts) > 1:
				tell(&r.doubled, "the sheet %s of case %s is in the charts %d times", name, x.kase, len(facts))
			case !strings.Contains(facts[0].kase, " "+x.kase+" "):
				tell(&r.wrong, "the sheet %s of case %s is in the chart of%s", name, x.kase, facts[0].kase)
			}
		}
		if done := slices.ContainsFunc(all, func(e entry.Entry) bool { return e.Fields[entry.SheetDone] != "" }); done != x.done && (x.done || !x.asked) {
			tell(&r.changed, "the sheet %s of case %s is typed in full: %v, said was %v", name, x.kase, done, x.done)
		}
	}
}
