package estate

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/lang"
)

var update = flag.Bool("update", false, "write the golden files anew")

// built makes an estate of lines such as "kis needs ad", "kis fallback notfall
// for ad", "kis rto 4h", "kis vital".
func built(t testing.TB, lines ...string) *Estate {
	t.Helper()
	var out Tables
	at := map[string]int{}
	system := func(id string) *System {
		if _, ok := at[id]; !ok {
			at[id] = len(out.Systems)
			out.Systems = append(out.Systems, System{ID: id, Name: lang.Text{DE: strings.ToUpper(id)}, Owner: "it", Weight: Essential})
		}
		return &out.Systems[at[id]]
	}
	out.Contacts = []Contact{{ID: "it", Name: "IT", Ways: []Way{{Mobile, "1"}}, Root: true}}
	for _, l := range lines {
		f := strings.Fields(l)
		s := system(f[0])
		switch {
		case len(f) == 1:
		case f[1] == "rto":
			s.RTO, _ = ParseSpan(f[2])
		case f[1] == "mtd":
			s.MTD, _ = ParseSpan(f[2])
		case f[1] == "vital":
			s.Weight, s.Fallback = Vital, "von Hand"
			s.RTO, s.MTD = Of(time.Hour), Of(time.Hour)
		default:
			system(f[2])
			d := Dependency{System: f[0], Kind: Kind(f[1]), On: f[2]}
			if len(f) == 5 {
				d.For = f[4]
			}
			out.Dependencies = append(out.Dependencies, d)
		}
	}
	return New(out)
}

func TestWhatStopsIfThisStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		lost  string
		stops string // system<via, in order
		limps string // system-without:standin
	}{
		"a chain": {[]string{"kis needs db", "db needs san", "san needs strom", "web"}, "san", "san db<san kis<san<db", ""},
		"what helps does not stop": {
			[]string{"kis needs db", "kis helpful druck", "druck needs ad"}, "ad", "ad druck<ad", "kis-druck:",
		},
		"a stand-in carries": {
			[]string{"pdms needs netz", "pdms fallback kabel for netz"}, "netz", "netz", "pdms-netz:kabel",
		},
		"a stand-in that falls too does not": {
			[]string{"pdms needs netz", "pdms fallback kabel for netz", "kabel needs netz", "kis needs pdms"}, "netz", "netz kabel<netz pdms<netz kis<netz<pdms", "",
		},
		"a stand-in of the system itself changes nothing for others": {
			[]string{"strom fallback aggregat", "kis needs strom"}, "strom", "strom:aggregat kis<strom", "",
		},
		"a circle falls as a whole": {[]string{"a needs b", "b needs c", "c needs a", "d needs a"}, "b", "b a<b c<b<a d<b<a", ""},
		"two needs, one covered":    {[]string{"x needs a", "x needs b", "x fallback y for a"}, "b", "b x<b", ""},
	} {
		e := built(t, c.lines...)
		stops, limps, ok := e.Stops(c.lost)
		if !ok {
			t.Fatal(name)
		}
		var got, limp []string
		for _, s := range stops {
			word := s.System.ID
			for _, v := range s.Via {
				word += "<" + v.ID
			}
			for _, x := range s.StandIn {
				word += ":" + x.ID
			}
			got = append(got, word)
		}
		for _, l := range limps {
			limp = append(limp, l.System.ID+"-"+l.Without.ID+":"+l.StandIn.ID)
		}
		if strings.Join(got, " ") != c.stops || strings.Join(limp, " ") != c.limps {
			t.Errorf("%s: %v limps %v\nwant %s limps %s", name, got, limp, c.stops, c.limps)
		}
	}
	if _, _, ok := built(t, "a").Stops("b"); ok {
		t.Error("a system that is not there stops")
	}
}

func TestTiersAreAnOrderOfComingBack(t *testing.T) {
	t.Parallel()
	e := built(t, "kis needs db", "kis needs ad", "db needs san", "ad needs san", "lis needs kis", "lis needs san", "a needs b", "b needs a", "c needs a", "kis helpful lis")
	var got []string
	for _, tier := range e.Tiers() {
		var ids []string
		for _, s := range tier {
			ids = append(ids, s.ID)
		}
		got = append(got, strings.Join(ids, " "))
	}
	if want := []string{"san a b", "db ad c", "kis", "lis"}; !slices.Equal(got, want) {
		t.Errorf("tiers are %q", got)
	}
}

func codes(found []Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, f.Code+":"+f.Row)
	}
	return strings.Join(out, " ")
}

func TestTheCheckNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []string
		want  string // code:row
		say   string
	}{
		"nothing":            {[]string{"kis needs db"}, "", ""},
		"a circle":           {[]string{"a needs b", "b needs c", "c needs a", "c needs b"}, "cycle:a", "A → B → C → A"},
		"a circle with tail": {[]string{"a needs b", "b needs a", "b needs c", "c needs a", "z needs a"}, "cycle:a", "A → B → A. Daran hängen 1 weitere"},
		"itself":             {[]string{"a needs a"}, "itself:a/needs/a/", "sich selbst"},
		"rto":                {[]string{"kis rto 4h", "kis needs db", "db rto 2h", "db needs san", "san rto 1d"}, "rto-chain:kis rto-chain:db", "KIS → DB → SAN"},
		"rto unstated":       {[]string{"kis rto 4h", "kis needs db", "db needs san", "san rto 8h"}, "rto-chain:kis", "KIS → DB → SAN"},
		"rto with stand-in":  {[]string{"kis rto 4h", "kis needs db", "db rto 2d", "kis fallback notdb for db", "notdb rto 1h"}, "", ""},
		"mtd":                {[]string{"kis mtd 2h", "kis rto 4h"}, "mtd-rto:kis", "nur 2 h ohne"},
		"single point":       {[]string{"a vital", "b vital", "c vital", "a needs n", "b needs n", "c needs n"}, "single-point:n", "Mit N stehen 3 lebenswichtige Systeme"},
		"two are not many":   {[]string{"a vital", "b vital", "a needs n", "b needs n"}, "", ""},
		"point with a second one": {
			[]string{"a vital", "b vital", "c vital", "a needs n", "b needs n", "c needs n", "n fallback m"}, "", "",
		},
		"rto round a circle": {[]string{"a rto 1h", "a needs b", "b needs a", "b rto 2h"}, "cycle:a rto-chain:a", "A → B"},
	} {
		found := built(t, c.lines...).Check(Date{2026, 11, 22})
		if got := codes(found); got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
			continue
		}
		if c.say != "" && !strings.Contains(found[len(found)-1].Say.DE+found[0].Say.DE, c.say) {
			t.Errorf("%s: says %q", name, found[0].Say.DE)
		}
	}
}

func TestTheCheckOfPeopleDataAndContracts(t *testing.T) {
	t.Parallel()
	today := Date{2026, time.November, 22}
	sys := func(change func(*Tables)) string {
		tables := Tables{
			Systems:  []System{{ID: "kis", Name: lang.Text{DE: "KIS"}, Owner: "it", Weight: Essential, Site: "a", RPO: Of(time.Hour)}},
			Sites:    []Site{{ID: "a", Name: "A"}, {ID: "b", Name: "B"}},
			Contacts: []Contact{{ID: "it", Name: "IT", Ways: []Way{{Mobile, "1"}}, Root: true}},
			Stores:   []Store{{ID: "db", System: "kis", Name: "DB", Patients: true}},
			Backups:  []BackupCopy{{ID: "c1", System: "kis", Site: "b", Every: Of(time.Hour), Offline: true, Restored: Date{2026, 6, 1}}},
		}
		change(&tables)
		return codes(New(tables).Check(today))
	}
	for name, c := range map[string]struct {
		change func(*Tables)
		want   string
	}{
		"all is well":        {func(*Tables) {}, ""},
		"nobody":             {func(x *Tables) { x.Systems[0].Owner = "" }, "no-owner:kis"},
		"owner left":         {func(x *Tables) { x.Systems[0].Owner = "weg" }, "unknown:kis"},
		"vital, no fallback": {func(x *Tables) { x.Systems[0].Weight = Vital }, "no-fallback:kis no-times:kis"},
		"no copy":            {func(x *Tables) { x.Backups = nil }, "no-backup:db"},
		"copy of other data": {func(x *Tables) {
			x.Stores = append(x.Stores, Store{ID: "d2", System: "kis", Name: "D2"})
			x.Backups[0].Store = "db"
		}, "no-backup:d2"},
		"same site":                 {func(x *Tables) { x.Backups[0].Site = "a" }, "backup-site:kis"},
		"reachable":                 {func(x *Tables) { x.Backups[0].Offline = false }, "backup-reachable:kis"},
		"immutable will do":         {func(x *Tables) { x.Backups[0].Offline, x.Backups[0].Immutable = false, true }, ""},
		"too rare":                  {func(x *Tables) { x.Backups[0].Every = Of(2 * time.Hour) }, "rpo:kis"},
		"never tried":               {func(x *Tables) { x.Backups[0].Restored = Date{} }, "never-restored:kis"},
		"mail only":                 {func(x *Tables) { x.Contacts[0].Ways = []Way{{Mail, "a@b"}, {Extension, "12"}} }, "unreachable:it"},
		"no way":                    {func(x *Tables) { x.Contacts[0].Ways = nil }, "unreachable:it"},
		"no root":                   {func(x *Tables) { x.Contacts[0].Root, x.Contacts[0].CalledBy = false, "it" }, "no-root: tree-lost:it"},
		"caller in a circle":        {func(x *Tables) { x.Contacts = append(x.Contacts, reach("p", "q"), reach("q", "p")) }, "tree-lost:p tree-lost:q"},
		"as large as can be called": {func(x *Tables) { grow(x, MaxCalled-1) }, ""},
		"too large to be called":    {func(x *Tables) { grow(x, MaxCalled) }, "tree-large:"},
		"no tree at all":            {func(x *Tables) { x.Contacts[0].Root = false }, "no-tree:"},
		"contract over":             {func(x *Tables) { x.Contracts = []Contract{{ID: "v", Name: "V", Until: Date{2026, 11, 21}}} }, "contract-over:v"},
		"ends today":                {func(x *Tables) { x.Contracts = []Contract{{ID: "v", Name: "V", Until: today}} }, "contract-ends:v"},
		"ends in 91 days":           {func(x *Tables) { x.Contracts = []Contract{{ID: "v", Name: "V", Until: Date{2027, 2, 21}}} }, ""},
		"notice ends soon": {func(x *Tables) {
			x.Contracts = []Contract{{ID: "v", Name: "V", Until: Date{2027, 6, 30}, Notice: Of(180 * day)}}
		}, "contract-notice:v"},
		"spare never checked": {func(x *Tables) { x.Spares = []Spare{{ID: "s", Name: "S"}} }, "spare-unchecked:s"},
		"cloud with type 1": {func(x *Tables) {
			x.Options = []Option{{ID: "o", Name: "O", Kind: Cloud, Country: "DE", Establishment: Yes, C5: C5Type1, C5Customer: Yes, Processing: Yes}}
		}, "option:o"},
		"own machines elsewhere need no C5": {func(x *Tables) {
			x.Options = []Option{{ID: "o", Name: "O", Kind: Colocation, Country: "AT", Processing: Yes}}
		}, ""},
	} {
		if got := sys(c.change); got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// grow adds so many people to the phone tree.
func grow(x *Tables, n int) {
	for i := range n {
		x.Contacts = append(x.Contacts, reach("p"+strconv.Itoa(i), "it"))
	}
}

func reach(id, by string) Contact {
	return Contact{ID: id, Name: id, Ways: []Way{{Mobile, "1"}}, CalledBy: by}
}

// TestTheMapIsDrawnAsBefore compares the drawing of the template with the golden
// one; boxes may not lie on one another.
func TestTheMapIsDrawnAsBefore(t *testing.T) {
	t.Parallel()
	tables, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	e := New(*tables)
	for _, focus := range []string{"", "kis"} {
		m := e.Map(focus, lang.DE)
		var b strings.Builder
		fmt.Fprintf(&b, "%.0f x %.0f\n", m.W, m.H)
		for i, x := range m.Boxes {
			fmt.Fprintf(&b, "box %s %.0f %.1f %s %q\n", x.System.ID, x.X, x.Y, x.Part, x.Lines)
			for _, y := range m.Boxes[:i] {
				if x.X == y.X && x.Y < y.Y+m.BoxH && y.Y < x.Y+m.BoxH {
					t.Errorf("%s lies on %s", x.System.ID, y.System.ID)
				}
			}
			if x.Y < 0 || x.Y+m.BoxH > m.H || x.X+m.BoxW > m.W {
				t.Errorf("%s lies outside", x.System.ID)
			}
		}
		for _, x := range m.Edges {
			fmt.Fprintf(&b, "edge %s %s %s\n", x.Kind, x.Part, x.Path)
		}
		if len(m.Boxes) != len(e.Systems) || m.Left != 0 {
			t.Errorf("%d of %d systems drawn", len(m.Boxes), len(e.Systems))
		}
		golden(t, "map-"+cmp.Or(focus, "all")+".txt", b.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if it is meant, run with -update", name)
	}
}

// TestAMapOfManyShowsWhatIsAroundTheFocus draws an estate that is too large for
// one drawing.
func TestAMapOfManyShowsWhatIsAroundTheFocus(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 700 {
		lines = append(lines, fmt.Sprintf("s%d needs s%d", i+1, i/2))
	}
	e := built(t, lines...)
	m := e.Map("s600", lang.DE)
	if len(m.Boxes) > 20 || m.Left == 0 || !slices.ContainsFunc(m.Boxes, func(b Box) bool { return b.System.ID == "s0" && b.Part == Carries }) {
		t.Errorf("%d boxes, %d left", len(m.Boxes), m.Left)
	}
	if all := e.Map("", lang.DE); len(all.Boxes) != maxMapBoxes || all.Left != 701-maxMapBoxes {
		t.Errorf("%d boxes, %d left", len(all.Boxes), all.Left)
	}
}
