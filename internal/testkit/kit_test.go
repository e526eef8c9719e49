package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// listener takes what a test would be told.
type listener struct {
	testing.TB
	told []string
}

func (l *listener) Helper() {}
func (l *listener) Errorf(format string, args ...any) {
	l.told = append(l.told, fmt.Sprintf(format, args...))
}

func TestAPatientInPlainIsFound(t *testing.T) {
	t.Parallel()
	s := &secrets{}
	s.learn([]byte("MSH|^~\\&|KIS|HAUS|N|HAUS|20261121080000||ADT^A01|1|P|2.5|||||DE|UNICODE UTF-8\rPID|1||10047110^^^HAUS^PI||Müller^Jürgen||19580314|M\r"))
	dir := t.TempDir()
	for name, text := range map[string]string{"clean": "nichts", "latin": "xM\xfcllerx", "day": "14.03.1958", "number": "..10047110.."} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := &listener{TB: t}
	s.seek(l, dir)
	if all := strings.Join(l.told, "\n"); len(l.told) != 3 || strings.Contains(all, "clean") {
		t.Errorf("found:\n%s", all)
	}
}

func TestSelectorsFindWhatTheyName(t *testing.T) {
	t.Parallel()
	root, err := html.Parse(strings.NewReader(`<main><table><tr class="link x" data-case="17"><td><a href="/patient/a1">MÜLLER</a></td></tr><tr><td>frei</td></tr></table><p id="end">Seite&nbsp;1</p></main>`))
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{TB: t}
	p := &Page{root: root, t: l}
	for selector, want := range map[string]int{
		"tr": 2, "tr.link": 1, "tr.x.link[data-case=17]": 1, "tr[data-case=18]": 0, "main a[href^=/patient/]": 1, "#end": 1, "table p": 0, "[data-case]": 1,
	} {
		if got := p.Count(selector); got != want {
			t.Errorf("%s finds %d, want %d", selector, got, want)
		}
	}
	p.In("tr.link").Sees("Müller").NotSees("frei")
	p.Sees("Seite 1")
	if len(l.told) != 0 {
		t.Errorf("what is right was told: %s", l.told)
	}
	p.In("tr.link").Sees("frei").NotSees("müller")
	if len(l.told) != 2 {
		t.Errorf("%d of 2 mistakes were told", len(l.told))
	}
}
