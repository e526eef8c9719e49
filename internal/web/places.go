package web

import (
	"fmt"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch"
)

// placeView is one workplace on the board of the watch.
type placeView struct {
	Name    string
	Ward    string
	Address string
	At      stamp // of its last sign; where there was none, the start of the hub
	Seen    bool
	Silent  bool
}

// placesView is how all workplaces stand, in one line.
type placesView struct {
	Heard, All int
	Say        lang.Text // who is silent; empty: nobody
}

// newPlaceViews returns the workplaces and how many of them are silent. Their
// ages are of this machine's clock, whatever clock the page has.
func newPlaceViews(lines []watch.WorkplaceLine, f Frame) ([]placeView, int) {
	var out []placeView
	silent := 0
	for _, l := range lines {
		v := placeView{Name: l.Name, Ward: l.Ward, Address: l.From.Addr().String(), At: f.stamp(f.Now.Add(-l.For)), Seen: l.Seen, Silent: l.Silent()}
		if !l.From.IsSingleIP() {
			v.Address = l.From.String()
		}
		if v.Silent {
			silent++
		}
		out = append(out, v)
	}
	return out, silent
}

// newPlacesView names the workplace that is silent longest and counts the
// others; nil where none are configured. Whom nobody has heard of yet is not
// counted as heard, and not called silent before its time.
func newPlacesView(lines []watch.WorkplaceLine) *placesView {
	if len(lines) == 0 {
		return nil
	}
	v := &placesView{All: len(lines)}
	var silent []watch.WorkplaceLine
	for _, l := range lines {
		switch {
		case l.Silent():
			silent = append(silent, l)
		case l.Seen:
			v.Heard++
		}
	}
	switch n := len(silent); {
	case n == 1:
		name, since := silent[0].Name, span(silent[0].For)
		v.Say = lang.Text{DE: name + " seit " + since + " still", EN: name + " silent for " + since}
	case n > 1:
		name, since := silent[0].Name, span(silent[0].For)
		v.Say = lang.Text{DE: fmt.Sprintf("%s seit %s und %d weitere still", name, since, n-1), EN: fmt.Sprintf("%s for %s and %d more silent", name, since, n-1)}
	}
	return v
}
