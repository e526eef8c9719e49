package config

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
	"time"

	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
)

func asMistakes(err error, m *Mistakes) bool { return errors.As(err, m) }

func TestUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "15m": 15 * time.Minute, "2h": 2 * time.Hour, "3d": 72 * time.Hour,
		"1d12h": 36 * time.Hour, "0s": 0, "1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond,
	} {
		got, err := parseDuration(text)
		if err != nil || got != want {
			t.Errorf("%s is %s, %v", text, got, err)
		}
		if back, err := parseDuration(formatDuration(got)); err != nil || back != want {
			t.Errorf("%s is written %s", text, formatDuration(got))
		}
	}
	for _, bad := range []string{"", "0", "5", "d", "1.5d", "-1h", "1d-1h", "1d+1h", "h", "3 d", "1d1d", "99999999d", "9999999h9999999h"} {
		if d, err := parseDuration(bad); err == nil {
			t.Errorf("%q is read as %s", bad, d)
		}
	}
	for text, want := range map[string]Size{"32MiB": 32 << 20, "1GiB": 1 << 30, "100B": 100, "512 KiB": 512 << 10, "0B": 0} {
		got, err := parseSize(text)
		if err != nil || got != want {
			t.Errorf("%s is %d, %v", text, got, err)
		}
		if back, err := parseSize(got.String()); err != nil || back != want {
			t.Errorf("%s is written %s", text, got)
		}
	}
	for _, bad := range []string{"", "32", "32MB", "-1MiB", "1.5MiB", "MiB", "9999999999999GiB"} {
		if s, err := parseSize(bad); err == nil {
			t.Errorf("%q is read as %s", bad, s)
		}
	}
}

// TestWrittenAndReadAgain writes houses with awkward words and reads them back.
func TestWrittenAndReadAgain(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	words := []string{"Müller-Lüdenscheidt", "yes", "null", "3A", "0815", "1e3", "a: b", "- x", "#1", "'", "\"", "\\", "ß „x“",
		"zwei\nZeilen", " vorn", "hinten ", "{}", "[x]", "*", "&a", "!t", "%", "@", "`", "~", "a\tb", "é\u0301", "true", "…", "\u00a0", "\u2028", "<b>&"}
	word := func() string { return words[rnd.IntN(len(words))] + words[rnd.IntN(len(words))] }
	for range 150 {
		c := Default()
		c.Hospital.Name, c.Data, c.Keys.File, c.Checkpoint.AnchorDir, c.Intake.InFlight = "Haus "+word(), "/srv/"+word(), "/k/"+word(), word(), Size(1<<20+rnd.IntN(1<<30))
		c.Systems = []System{{ID: "kis", Name: lang.Text{DE: "K" + word(), EN: word()}}}
		f := DefaultFeed()
		f.Name, f.System, f.Listen, f.Label = "a", "kis", "127.0.0.1:0", lang.Text{DE: word(), EN: word()}
		f.Idle = time.Duration(rnd.Int64N(int64(90 * day)))
		g := DefaultFeed()
		g.Name, g.System, g.Kind, g.Folder, g.MaxMessage = "b", "kis", Folder, "/"+word(), Size(64<<10+rnd.IntN(1<<20))
		g.KeepDone = time.Duration(rnd.Int64N(int64(90 * day)))
		c.Feeds = []Feed{f, g}
		c.Wards = []Ward{{Code: "1" + word(), Name: word(), Kind: WardICU}, {Code: "2" + word(), Kind: WardNormal,
			Beds: []Room{{Room: "1" + word(), Beds: []string{"1" + word(), "2" + word()}}, {Room: "2", Beds: []string{word() + "x"}}}}}
		c.Print.Label.Width = 20 + rnd.Float64()*100
		text := Write(c)
		got, _, err := Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !reflect.DeepEqual(got, c) {
			t.Fatalf("read back as\n%+v, want\n%+v\n%s", got, c, text)
		}
	}
}

func TestMappingIsWrittenAndReadAgain(t *testing.T) {
	t.Parallel()
	c := Default()
	tables, err := interpret.Defaults()
	if err != nil {
		t.Fatal(err)
	}
	no := false
	tables.NoDefaults = true
	c.Systems = []System{{ID: "kis", Name: lang.Text{DE: "KIS"}}}
	f := DefaultFeed()
	f.Name, f.System, f.Listen = "kis-adt", "kis", "127.0.0.1:0"
	c.Feeds = []Feed{f}
	tables.Feeds = map[string]interpret.FeedTable{"kis-adt": {Movements: &no, Place: &interpret.PlaceParts{Ward: 1, Bed: 3}}}
	c.Mapping = tables
	got, _, err := Parse(Write(c))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Mapping, c.Mapping) {
		t.Errorf("read back as\n%+v, want\n%+v", got.Mapping, c.Mapping)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Reference())
	f.Add([]byte(nordheide))
	f.Add([]byte(switchOn(string(Reference()))))
	for _, s := range []string{"", "a: &b [*b]", "? [a]\n: b", "<<: {web: {}}", "web: {listen: |\n  x\n}", "feeds:\n- - - a", "mapping: {sexes: {~: M, 1: F}}", "\ufeffdata: /a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, warnings, err := Parse(b)
		if err != nil {
			var m Mistakes
			if !asMistakes(err, &m) || len(m) == 0 {
				t.Fatalf("an error without a mistake: %v", err)
			}
			lines := strings.Count(string(b), "\n") + strings.Count(string(b), "\r") + 2
			for _, x := range m {
				if x.Line < 1 || x.Column < 1 || x.Line > lines || x.Say.DE == "" || x.Say.EN == "" {
					t.Fatalf("mistake without place or words: %+v", x)
				}
			}
			return
		}
		for _, w := range warnings {
			if w.Say.DE == "" || w.Key == "" {
				t.Fatalf("warning without words: %+v", w)
			}
		}
		again, _, err := Parse(Write(c))
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, Write(c))
		}
		if len(c.Mapping.Feeds)+len(c.Mapping.Alerts) == 0 && !reflect.DeepEqual(again.Feeds, c.Feeds) {
			t.Fatalf("read back as %+v, want %+v", again, c)
		}
	})
}

func TestTheRoomForMessagesInHandIsBounded(t *testing.T) {
	t.Parallel()
	const feed = "systems: [{id: kis, name: KIS}]\nfeeds: [{name: kis, system: kis, listen: \"127.0.0.1:2575\"}]\n"
	if _, _, err := Parse([]byte("intake: {in_flight: 100KiB}\n")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("100KiB for all feeds: %v", err)
	}
	c, warnings, err := Parse([]byte("intake: {in_flight: 16MiB}\n" + feed))
	if err != nil || c.Intake.InFlight != 16<<20 || len(warnings) != 1 || warnings[0].Key != "feeds[0].max_message" {
		t.Errorf("%+v, %v, %v", c.Intake, warnings, err)
	}
}
