package web

import (
	"slices"
	"time"

	"notbetrieb/internal/lang"
)

// A balance is what somebody took in and put out in a time, in millilitres.
type balance struct {
	In, Out float64
}

// balanceOf adds up what was measured from one time to another, false if
// nothing was. What was measured at the very end counts. What the KIS sends as output holds the urine already, so that its
// urine counts only where it sent no output; what was written here is written
// part by part and always counts.
func balanceOf(by map[string][]reading, from, to time.Time) (balance, bool) {
	var b balance
	var sent, urine float64
	some, hasSent := false, false
	each := func(id string, add func(r reading)) {
		for _, r := range by[id] {
			if r.stamp.At.After(from) && !r.stamp.At.After(to) {
				some = true
				add(r)
			}
		}
	}
	each("in", func(r reading) { b.In += r.value })
	each("out", func(r reading) {
		if r.here {
			b.Out += r.value
			return
		}
		sent, hasSent = sent+r.value, true
	})
	each("urine", func(r reading) {
		if r.here {
			b.Out += r.value
			return
		}
		urine += r.value
	})
	if hasSent {
		b.Out += sent
	} else {
		b.Out += urine
	}
	return b, some
}

// signed writes millilitres with their sign.
func signed(v float64) string {
	text := group(uint64(max(v, -v) + .5))
	switch {
	case v > 0:
		return "+" + text
	case v < 0:
		return "−" + text
	}
	return text
}

func (b balance) words(l lang.Lang) string {
	in, out := group(uint64(b.In+.5)), group(uint64(b.Out+.5))
	return lang.Text{
		DE: "Bilanz " + signed(b.In-b.Out) + " ml (Einfuhr " + in + ", Ausfuhr " + out + ")",
		EN: "Balance " + signed(b.In-b.Out) + " ml (in " + in + ", out " + out + ")",
	}.In(l)
}

// fluidLine is one line of the table of balances.
type fluidLine struct {
	Label    lang.Text
	From, To stamp
	In, Out  string
	Balance  string
	Day      bool // of 24 hours
	Running  bool
}

// fluidTable is the balance of the last 24 hours, then of each shift of the
// page, the newest first, with that of 24 hours behind the night that ends them.
func fluidTable(by map[string][]reading, s span7, f Frame) []fluidLine {
	var out []fluidLine
	line := func(label lang.Text, from, to time.Time, day bool) {
		b, ok := balanceOf(by, from, to)
		if !ok {
			return
		}
		out = append(out, fluidLine{
			Label: label, From: f.stamp(from), To: f.stamp(to), In: group(uint64(b.In + .5)), Out: group(uint64(b.Out + .5)), Balance: signed(b.In - b.Out),
			Day: day, Running: to.After(f.Now),
		})
	}
	end := s.to.Add(6 * time.Hour)
	if end.After(f.Now) {
		line(lang.Text{DE: "letzte 24 h", EN: "last 24 h"}, f.Now.Add(-24*time.Hour), f.Now, true)
		end = f.Now
	}
	for from, to := shift(end.Add(-time.Second)); to.After(s.from); from, to = shift(from.Add(-time.Hour)) {
		name := lang.Text{DE: "Nacht", EN: "night"}
		switch from.Hour() {
		case 6:
			name = lang.Text{DE: "Früh", EN: "early"}
		case 14:
			name = lang.Text{DE: "Spät", EN: "late"}
		case 22:
			line(lang.Text{DE: "24 h", EN: "24 h"}, to.AddDate(0, 0, -1), to, true)
		}
		line(name, from, to, false)
	}
	return slices.Clip(out)
}
