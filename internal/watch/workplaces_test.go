package watch

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/lang"
)

// morning is a house with workplaces at 10.0.0.1, 10.0.0.2 and so on, and a
// clock.
type morning struct {
	*workplaces
	now    time.Time
	raised map[string]string
	rings  int // how often anything was raised
}

func newMorning(n int) *morning {
	m := &morning{now: t0, raised: map[string]string{}}
	var list []Workplace
	for i := range n {
		list = append(list, Workplace{Name: fmt.Sprintf("P%d", i+1), Ward: "3A", From: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 32)})
	}
	m.workplaces = newWorkplaces(list, func() time.Time { return m.now })
	return m
}

// at lets time come to so many minutes after the start; then the named
// workplaces send a sign, and everybody is looked at.
func (m *morning) at(minute int, signs ...int) {
	m.now = t0.Add(time.Duration(minute) * time.Minute)
	for _, n := range signs {
		m.see(netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}))
	}
	m.look(func(key string, text lang.Text) { m.raised[key] = text.DE; m.rings++ }, func(key string) { delete(m.raised, key) })
}

func TestSilentWorkplaces(t *testing.T) {
	t.Parallel()
	type step struct {
		minute int
		signs  []int
	}
	const one, many = "watch/workplace/P", "watch/workplaces"
	for _, x := range []struct {
		name  string
		n     int
		steps []step
		keys  []string // of the alarms that stand at the end
		say   string
	}{
		{"nobody was seen yet", 3, []step{{14, nil}}, nil, ""},
		{"one was never seen", 3, []step{{14, []int{1, 2}}, {15, nil}}, []string{one + "3"}, "Der Arbeitsplatz P3 (Station 3A) hat sich nicht gemeldet, seit Notbetrieb vor 15 min gestartet ist"},
		{"seen a moment ago", 2, []step{{20, []int{1, 2}}, {29, nil}}, nil, ""},
		{"silent for ten minutes", 3, []step{{0, []int{1}}, {8, []int{2, 3}}, {12, nil}}, []string{one + "1"},
			"Der Arbeitsplatz P1 (Station 3A) hat sich seit 12 min nicht gemeldet: Rechner aus, Netz getrennt oder Browser geschlossen. Papiermappe bereithalten."},
		{"two of four, each for itself", 4, []step{{0, []int{1, 2}}, {8, []int{3, 4}}, {12, nil}}, []string{one + "1", one + "2"}, ""},
		{"three have one cause", 8, []step{{0, []int{1}}, {1, []int{2, 3}}, {8, []int{4, 5, 6, 7, 8}}, {12, nil}}, []string{many}, "3 von 8 Arbeitsplätzen melden sich nicht, am längsten seit 12 min: P1, P2, P3."},
		{"many are counted, not listed", 9, []step{{0, []int{1, 2, 3, 4, 5, 6, 7}}, {8, []int{8, 9}}, {12, nil}}, []string{many}, "P5 und 2 weitere."},
		{"both of two", 2, []step{{0, []int{1}}, {2, []int{2}}, {14, nil}}, []string{many}, "Keiner der 2 Arbeitsplätze meldet sich seit 12 min"},
		{"the only one", 1, []step{{0, []int{1}}, {75, nil}}, []string{one + "1"}, "seit 1 h 15 nicht gemeldet"},
		{"comes back", 3, []step{{0, []int{1, 2, 3}}, {12, nil}, {13, []int{1, 2, 3}}}, nil, ""},
		{"from many to one", 4, []step{{0, []int{1, 2, 3, 4}}, {12, []int{4}}, {13, []int{2, 3}}}, []string{one + "1"}, ""},
		{"none are configured", 0, []step{{60, []int{1}}}, nil, ""},
	} {
		m := newMorning(x.n)
		for _, s := range x.steps {
			m.at(s.minute, s.signs...)
		}
		if got := slices.Sorted(maps.Keys(m.raised)); !slices.Equal(got, x.keys) {
			t.Errorf("%s: alarms %v, want %v", x.name, got, x.keys)
		}
		if len(x.keys) > 0 && !strings.Contains(m.raised[x.keys[0]], x.say) {
			t.Errorf("%s: %q does not say %q", x.name, m.raised[x.keys[0]], x.say)
		}
	}
}

func TestAnAlarmIsNotRaisedAnewWhileItSaysTheSame(t *testing.T) {
	t.Parallel()
	m := newMorning(2)
	m.at(0, 1, 2)
	m.at(9, 2)
	for range 100 {
		m.at(10)
	}
	if m.rings != 1 {
		t.Errorf("raised %d times", m.rings)
	}
	if m.at(11); m.rings != 2 || !strings.Contains(m.raised["watch/workplace/P1"], "11 min") {
		t.Errorf("a minute later: %d times, %v", m.rings, m.raised)
	}
}

func TestASignComesFromTheAddressesOfAWorkplace(t *testing.T) {
	t.Parallel()
	list := []Workplace{{Name: "one", From: netip.MustParsePrefix("10.20.3.11/32")}, {Name: "net", From: netip.MustParsePrefix("10.20.4.0/28")}, {Name: "six", From: netip.MustParsePrefix("fd00::11/128")}}
	for from, want := range map[string]string{
		"10.20.3.11": "one", "::ffff:10.20.3.11": "one", "10.20.3.12": "", "10.20.4.9": "net", "10.20.4.16": "", "fd00::11": "six", "fd00::11%eth0": "six", "fd00::12": "",
	} {
		now := t0
		p := newWorkplaces(list, func() time.Time { return now })
		now = t0.Add(20 * time.Minute)
		if back := p.see(netip.MustParseAddr(from)); back != (want != "") {
			t.Errorf("a sign from %s ended a silence: %v", from, back)
		}
		for _, l := range p.lines() {
			if l.Seen != (l.Name == want) || l.Seen && l.For != 0 {
				t.Errorf("a sign from %s: %+v", from, l)
			}
		}
		if first := p.lines()[0]; first.Name == want || !first.Silent() {
			t.Errorf("the first line is %+v, not one that is silent", first)
		}
		if p.see(netip.MustParseAddr(from)) {
			t.Errorf("a second sign from %s ended a silence", from)
		}
	}
	if newWorkplaces(list, nil).see(netip.Addr{}) {
		t.Error("no address is a workplace")
	}
}
