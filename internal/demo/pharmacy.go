package demo

import "strings"

// prescription is one running order of a drug.
type prescription struct {
	d       *drug
	no      int
	pzn     string
	start   int64
	end     int64 // 0: open
	amount  string
	stopped bool
}

// givenFrom is how long before Plan.Start single administrations are told; the
// ones before that stay in the archive of the medication system.
const givenFrom = 60 * hour

// pznOf returns the drug's number: made up, the check digit is right.
func pznOf(k int) string { return pzn(1_400_000 + 9_137*k) }

// prescribe orders what the illness and the other diagnoses need, all in one
// message, and begins the rounds.
func (w *world) prescribe(s *stay) {
	if len(s.rx) > 0 {
		return
	}
	seen := map[string]bool{}
	for _, k := range s.ill.drugs {
		w.addDrug(s, k, seen)
	}
	for _, x := range s.diags[1:] {
		c := &comorbids[w.h.cases.sides[x.icd]]
		for _, k := range find(w.h.cases.drugs, c.rx, "drug") {
			if len(s.rx) < 12 {
				w.addDrug(s, k, seen)
			}
		}
	}
	if len(s.rx) == 0 {
		return
	}
	w.sendRDE(s, s.rx, "NW")
	for _, r := range s.rx {
		w.dispense(s, r)
		if r.d.scheme == "bb" {
			w.at(w.now+w.dice.span(2*hour, 30*hour), func() { w.asNeeded(s, r) })
		}
		if r.d.scheme == "1x" || r.d.scheme == "inf" {
			w.at(w.now+w.dice.span(20*minute, 90*minute), func() { w.give(s, []*prescription{r}) })
		}
		if r.end != 0 {
			w.at(r.end, func() { w.stop(s, r) })
		}
	}
	w.at(w.now+w.dice.span(20*hour, 60*hour), func() { w.changeDose(s) })
	if !s.rounds {
		s.rounds = true
		w.at(w.nextGiving(), func() { w.givingRound(s) })
	}
}

// addDrug adds a drug, unless one of its ATC class runs already or the patient
// is known to be allergic to it.
func (w *world) addDrug(s *stay, k int, seen map[string]bool) {
	d := &drugs[k]
	if seen[d.atc] || w.allergicTo(s.p, d) {
		return
	}
	seen[d.atc] = true
	start := max(s.admitted+hour, w.now-30*day) // of those who came before the interfaces too
	if s.admitted > w.now-6*hour {
		start = w.now
	}
	r := &prescription{d: d, no: w.nextOrder(), pzn: pznOf(k), start: start + w.dice.span(0, 40*minute), amount: d.amount}
	if d.days > 0 {
		r.end = w.clock(r.start, d.days, 10, w.dice.n(50))
		if r.end <= w.now {
			return // over before anybody asked
		}
	}
	s.rx = append(s.rx, r)
}

// allergicTo keeps the physicians of the house from the worst.
func (w *world) allergicTo(p *person, d *drug) bool {
	for _, k := range p.allergy {
		switch allergens[k].code {
		case "AL-PEN":
			if strings.HasPrefix(d.atc, "J01C") {
				return true
			}
		case "AL-CEPH":
			if strings.HasPrefix(d.atc, "J01D") {
				return true
			}
		case "AL-ASS":
			if d.atc == "B01AC06" {
				return true
			}
		case "AL-METAM":
			if d.atc == "N02BB02" {
				return true
			}
		case "AL-IBU":
			if d.atc == "M01AE01" {
				return true
			}
		}
	}
	return false
}

// stop ends one prescription; an intravenous one is often followed by tablets.
func (w *world) stop(s *stay, r *prescription) {
	if !s.here() || r.stopped {
		return
	}
	r.stopped, r.end = true, w.now
	w.sendRDE(s, []*prescription{r}, "DC")
	next := map[string]string{"furo40iv": "furo40", "pantop40iv": "pantop40"}[r.d.key]
	if next == "" {
		return
	}
	k := w.h.cases.drugs[next]
	n := &prescription{d: &drugs[k], no: w.nextOrder(), pzn: pznOf(k), start: w.now, amount: drugs[k].amount}
	s.rx = append(s.rx, n)
	w.sendRDE(s, []*prescription{n}, "NW")
}

// stopAll ends what still runs at the end of the stay.
func (w *world) stopAll(s *stay) {
	var open []*prescription
	for _, r := range s.rx {
		if !r.stopped {
			r.stopped, r.end = true, w.now
			open = append(open, r)
		}
	}
	if len(open) > 0 {
		w.sendRDE(s, open, "DC")
	}
}

// changeDose changes one running dose.
func (w *world) changeDose(s *stay) {
	if !s.here() || !w.dice.percent(60) {
		return
	}
	for _, r := range s.rx {
		if r.stopped || strings.Contains(r.d.scheme, "b") || w.dice.percent(60) {
			continue
		}
		switch r.amount {
		case "1":
			r.amount = pick(&w.dice, []string{"0,5", "2"})
		case "16":
			r.amount = "20"
		case "6":
			r.amount = "8"
		default:
			continue
		}
		w.sendRDE(s, []*prescription{r}, "XO")
		return
	}
}

// givingTimes are the hours at which drugs are given.
var givingTimes = [...]int{6, 8, 12, 14, 18, 22}

func (w *world) nextGiving() int64 {
	for days := 0; ; days++ {
		for _, h := range givingTimes {
			if at := w.clock(w.now, days, h, 0); at > w.now {
				return max(at, w.start-givenFrom)
			}
		}
	}
}

// givingRound gives what is due at this hour, some minutes early or late.
func (w *world) givingRound(s *stay) {
	if s.ended != 0 {
		return
	}
	h := w.hour(w.now)
	var due []*prescription
	for _, r := range s.rx {
		if !r.stopped && r.start <= w.now && r.dueAt(h) {
			due = append(due, r)
		}
	}
	if len(due) > 0 && s.here() && !s.away {
		w.at(w.now+w.dice.span(-5*minute, 50*minute), func() { w.give(s, due) })
	}
	w.at(w.nextGiving(), func() { w.givingRound(s) })
}

// dueAt reports whether a dose falls on that hour.
func (r *prescription) dueAt(h int) bool {
	switch r.d.scheme {
	case "q8":
		return h == 6 || h == 14 || h == 22
	case "bb", "inf", "1x":
		return false
	}
	for i, part := range strings.Split(r.d.scheme, "-") {
		if part != "0" && h == [...]int{8, 12, 18, 22}[i] {
			return true
		}
	}
	return false
}

// asNeeded gives a dose that the patient asked for, and waits for the next time.
func (w *world) asNeeded(s *stay, r *prescription) {
	if !s.here() || r.stopped {
		return
	}
	if w.now >= w.start-givenFrom && !s.away {
		w.give(s, []*prescription{r})
	}
	w.at(w.now+w.dice.span(6*hour, 40*hour), func() { w.asNeeded(s, r) })
}
