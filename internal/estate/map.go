package estate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// Sizes of the map in its own units, which are pixels on a screen of ordinary
// size.
const (
	boxW, boxH  = 118.0, 36.0
	gapX, gapY  = 36.0, 8.0
	laneH       = 9.0 // of an edge that passes a tier
	mapTop      = 26.0
	mapEdge     = 6.0
	wholeMap    = 150 // systems up to which all are drawn at once
	mapSweeps   = 12  // passes that put systems near what they hang together with
	maxMapBoxes = 600
	lineLetters = 17 // letters of a name in one line of a box
)

// Part is what a system has to do with the one in focus.
type Part string

const (
	Plain   Part = ""
	Focus   Part = "focus"
	Stopped Part = "stops"  // stops with it
	Limping Part = "limps"  // goes on with less, or by a stand-in
	Carries Part = "needed" // it needs this
	Apart   Part = "apart"  // has nothing to do with it
)

// Box is one system on the map.
type Box struct {
	System System
	X, Y   float64
	Lines  []string // the name, broken to fit
	Part   Part
}

// Edge is one dependency on the map, from what is needed to what needs it.
type Edge struct {
	Kind Kind
	Path string // of an SVG path
	Part Part   // Apart if it does not concern the focus
}

// MapTier is one tier of the map.
type MapTier struct {
	X float64
	N int // 1 is the first
}

// Map is a drawing of the dependencies: tiers from left to right in the order
// they come back, each system right of everything it needs.
type Map struct {
	W, H       float64
	BoxW, BoxH float64
	Tiers      []MapTier
	Boxes      []Box
	Edges      []Edge
	Left       int // systems that are not drawn: too many for one drawing
	All        bool
	focus      int
	lang       lang.Lang
	slots      []*slot
	columns    [][]*slot
	g          *graph
	placed     map[int]*slot
	part       []Part
	shown      []bool
}

// slot is one place in a column: a system, or an edge that passes.
type slot struct {
	system   int // -1: an edge that passes
	column   int
	y        float64
	left     []*slot // neighbours in the column before
	right    []*slot
	position float64
}

// Map draws the dependencies. focus is the ID of a system whose surroundings are
// marked, "" for none. A need that follows from others is not drawn; what is
// helpful is drawn only around the focus. Where there are more systems than one
// drawing holds, only those around the focus are there.
func (e *Estate) Map(focus string, l lang.Lang) *Map {
	m := &Map{lang: l, BoxW: boxW, BoxH: boxH, g: e.graph(), placed: map[int]*slot{}, focus: -1, All: len(e.Systems) <= wholeMap}
	if i, ok := e.systems[focus]; ok {
		m.focus = i
	}
	m.mark()
	m.choose()
	edges := m.reduced()
	m.columnsOf(edges)
	m.order()
	m.place()
	m.draw(edges)
	return m
}

// mark says what each system has to do with the focus.
func (m *Map) mark() {
	e := m.g.e
	m.part = make([]Part, len(e.Systems))
	if m.focus < 0 {
		return
	}
	for i := range m.part {
		m.part[i] = Apart
	}
	for work := []int{m.focus}; len(work) > 0; work = work[1:] {
		for _, on := range m.g.needs[work[0]] {
			if m.part[on] == Apart {
				m.part[on] = Carries
				work = append(work, on)
			}
		}
	}
	stops, limps, _ := e.Stops(e.Systems[m.focus].ID)
	for _, l := range limps {
		if i := e.systems[l.System.ID]; m.part[i] == Apart {
			m.part[i] = Limping
		}
	}
	for _, s := range stops {
		m.part[e.systems[s.System.ID]] = Stopped
	}
	m.part[m.focus] = Focus
}

// choose says which systems are drawn.
func (m *Map) choose() {
	n := len(m.part)
	m.shown = make([]bool, n)
	drawn := 0
	for i := range n {
		near := m.All || m.focus >= 0 && m.part[i] != Apart || m.focus < 0
		if near && drawn < maxMapBoxes {
			m.shown[i] = true
			drawn++
		}
	}
	m.Left = n - drawn
}

// pair is an edge between two systems that are drawn.
type pair struct {
	from, to int // to depends on from
	kind     Kind
}

// reduced returns the edges that are drawn. Of the needs, those that follow from
// others are left out.
func (m *Map) reduced() []pair {
	n := len(m.g.needs)
	words := (n + 63) / 64
	reach := make([][]uint64, n) // what a system needs, of its own or through others
	for _, group := range m.g.groups() {
		for range min(2, len(group)) {
			for _, s := range group {
				if reach[s] == nil {
					reach[s] = make([]uint64, words)
				}
				for _, on := range m.g.needs[s] {
					reach[s][on/64] |= 1 << (on % 64)
					for w, bits := range reach[on] {
						reach[s][w] |= bits
					}
				}
			}
		}
	}
	var out []pair
	for s := range n {
		for _, on := range m.g.needs[s] {
			implied := slices.ContainsFunc(m.g.needs[s], func(x int) bool {
				return x != on && reach[x][on/64]&(1<<(on%64)) != 0 && reach[on][x/64]&(1<<(x%64)) == 0
			})
			if m.shown[s] && m.shown[on] && (!implied || s == m.focus) {
				out = append(out, pair{on, s, Needs})
			}
		}
	}
	for _, d := range m.g.e.Dependencies {
		from, ok1 := m.g.e.systems[d.On]
		to, ok2 := m.g.e.systems[d.System]
		if !ok1 || !ok2 || from == to || !m.shown[from] || !m.shown[to] || d.Kind == Needs {
			continue
		}
		if d.Kind == StandsInBy || from == m.focus || to == m.focus {
			out = append(out, pair{from, to, d.Kind})
		}
	}
	return out
}

// columnsOf puts systems into the columns of their tiers, and a slot into each
// column that a need passes.
func (m *Map) columnsOf(edges []pair) {
	tier := m.g.tiers()
	used := map[int]int{} // tiers that have systems drawn, as columns
	for s, t := range tier {
		if m.shown[s] {
			used[t] = 0
		}
	}
	for i, t := range slices.Sorted(keysOf(used)) {
		used[t] = i
		m.Tiers = append(m.Tiers, MapTier{X: mapEdge + float64(i)*(boxW+gapX), N: t + 1})
		m.columns = append(m.columns, nil)
	}
	add := func(s *slot) *slot {
		m.columns[s.column] = append(m.columns[s.column], s)
		m.slots = append(m.slots, s)
		return s
	}
	order := make([]int, 0, len(tier))
	for s := range tier {
		if m.shown[s] {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(areaRank(m.g.e.Systems[a].Area), areaRank(m.g.e.Systems[b].Area)), cmp.Compare(a, b))
	})
	for _, s := range order {
		m.placed[s] = add(&slot{system: s, column: used[tier[s]]})
	}
	for _, p := range edges {
		if p.kind != Needs {
			continue
		}
		from, to := m.placed[p.from], m.placed[p.to]
		for c := from.column + 1; c < to.column; c++ {
			next := add(&slot{system: -1, column: c})
			link(from, next)
			from = next
		}
		if from.column < to.column {
			link(from, to)
		}
	}
}

func keysOf(m map[int]int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func areaRank(a Area) int {
	return slices.Index([]Area{Building, Infrastructure, Communication, Telematics, Devices, Diagnostics, Clinical, Administration}, a)
}

func link(a, b *slot) { a.right, b.left = append(a.right, b), append(b.left, a) }

// order sorts each column so that what hangs together lies side by side: each
// slot goes to the middle of its neighbours, to and fro.
func (m *Map) order() {
	number := func(column []*slot) {
		for i, s := range column {
			s.position = float64(i) / float64(len(column))
		}
	}
	for _, c := range m.columns {
		number(c)
	}
	middle := func(near []*slot, own float64) float64 {
		if len(near) == 0 {
			return own
		}
		sum := 0.0
		for _, n := range near {
			sum += n.position
		}
		return sum / float64(len(near))
	}
	sortBy := func(c []*slot, near func(*slot) []*slot) {
		want := map[*slot]float64{}
		for _, s := range c {
			want[s] = middle(near(s), s.position)
		}
		slices.SortStableFunc(c, func(a, b *slot) int { return cmp.Compare(want[a], want[b]) })
		number(c)
	}
	for range mapSweeps {
		for i := 1; i < len(m.columns); i++ {
			sortBy(m.columns[i], func(s *slot) []*slot { return s.left })
		}
		for i := len(m.columns) - 2; i >= 0; i-- {
			sortBy(m.columns[i], func(s *slot) []*slot { return s.right })
		}
	}
}

func (s *slot) height() float64 {
	if s.system < 0 {
		return laneH
	}
	return boxH + gapY
}

// place gives each slot its height on the page: columns are centred on the
// longest one.
func (m *Map) place() {
	most := 0.0
	heights := make([]float64, len(m.columns))
	for i, c := range m.columns {
		for _, s := range c {
			heights[i] += s.height()
		}
		most = max(most, heights[i])
	}
	for i, c := range m.columns {
		free := most - heights[i]
		gap, y := 0.0, mapTop
		if n := len(c); n > 0 { // half of what is free lies around the column, half between its slots
			gap = free / 2 / float64(n)
			y += free/4 + gap/2
		}
		for _, s := range c {
			s.y = y + (s.height()-gapY)/2
			y += s.height() + gap
		}
	}
	m.H = mapTop + most + mapEdge
	m.W = 2*mapEdge + float64(len(m.columns))*(boxW+gapX) - gapX
	if len(m.columns) == 0 {
		m.W = 2*mapEdge + boxW
	}
}

func (m *Map) x(s *slot) float64 { return m.Tiers[s.column].X }

// draw turns slots and edges into what is drawn.
func (m *Map) draw(edges []pair) {
	for _, s := range m.slots {
		if s.system >= 0 {
			sys := m.g.e.Systems[s.system]
			m.Boxes = append(m.Boxes, Box{System: sys, X: m.x(s), Y: s.y - boxH/2, Lines: broken(sys.Name.In(m.lang)), Part: m.part[s.system]})
		}
	}
	slices.SortStableFunc(m.Boxes, func(a, b Box) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) })
	passed := map[*slot]int{} // needs of a slot that are drawn
	for _, p := range edges {
		e := Edge{Kind: p.kind, Part: m.edgePart(p)}
		from, to := m.placed[p.from], m.placed[p.to]
		switch {
		case p.kind == Needs && from.column < to.column:
			e.Path = m.needPath(from, to, passed)
		default:
			e.Path = m.sidePath(from, to)
		}
		m.Edges = append(m.Edges, e)
	}
	rank := func(e Edge) int { // what concerns the focus lies above
		if e.Part == Apart {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(m.Edges, func(a, b Edge) int { return cmp.Compare(rank(a), rank(b)) })
}

// edgePart says whether an edge concerns the focus: both its ends lie on the
// same side of it.
func (m *Map) edgePart(p pair) Part {
	if m.focus < 0 {
		return Plain
	}
	a, b := m.part[p.from], m.part[p.to]
	switch {
	case p.from == m.focus || p.to == m.focus:
		return Focus
	case a == Carries && b == Carries:
		return Carries
	case a == Stopped && b == Stopped:
		return Stopped
	}
	return Apart
}

// needPath runs from a box to the right through the slots that were kept free
// for it. Edges of one pair of boxes are linked in the order they were made.
func (m *Map) needPath(from, to *slot, passed map[*slot]int) string {
	var b strings.Builder
	x, y := m.x(from)+boxW, from.y
	fmt.Fprintf(&b, "M%.0f %.1f", x, y)
	at := from.right[passed[from]]
	passed[from]++
	for {
		nx, ny := m.x(at), at.y
		mid := gapX / 2
		fmt.Fprintf(&b, "C%.0f %.1f %.0f %.1f %.0f %.1f", x+mid, y, nx-mid, ny, nx, ny)
		if at == to || at.system >= 0 {
			return b.String()
		}
		x, y = nx+boxW, ny
		fmt.Fprintf(&b, "H%.0f", x)
		at = at.right[0]
	}
}

// sidePath is a curve straight from one box to another, for edges that keep no
// slots.
func (m *Map) sidePath(from, to *slot) string {
	x1, x2 := m.x(from)+boxW, m.x(to)
	bend := max(gapX, (x2-x1)/3)
	if x2 < x1 { // backwards, or within one tier: out to the right and back
		x2 = m.x(to) + boxW
		return fmt.Sprintf("M%.0f %.1fC%.0f %.1f %.0f %.1f %.0f %.1f", x1, from.y+6, max(x1, x2)+bend, from.y+6, max(x1, x2)+bend, to.y-6, x2, to.y-6)
	}
	return fmt.Sprintf("M%.0f %.1fC%.0f %.1f %.0f %.1f %.0f %.1f", x1, from.y+6, x1+bend, from.y+6, x2-bend, to.y-6, x2, to.y-6)
}

// partWords are words that German names of systems end in: a long name is
// broken before them.
var partWords = []string{
	"server", "system", "herstellung", "dokumentation", "wirtschaft", "planung", "räume", "schutz", "geräte", "terminals", "archiv", "straße",
	"management", "überwachung", "sicherung", "steuerung", "technik", "anlage", "versorgung", "dienst", "netz", "zentrale", "verwaltung",
}

// broken returns a name in at most two lines that fit into a box.
func broken(name string) []string {
	rest := []rune(name)
	if len(rest) <= lineLetters {
		return []string{name}
	}
	cut, hyphen := lineLetters-1, "-"
	for i := lineLetters; i > 2; i-- {
		if rest[i] == ' ' || rest[i-1] == '-' || rest[i-1] == '/' {
			cut, hyphen = i, ""
			break
		}
	}
	if hyphen != "" {
		for i := lineLetters - 1; i > 3; i-- {
			if slices.ContainsFunc(partWords, func(w string) bool { return strings.HasPrefix(string(rest[i:]), w) }) {
				cut = i
				break
			}
		}
	}
	second := []rune(strings.TrimSpace(string(rest[cut:])))
	if len(second) > lineLetters {
		second = append(second[:lineLetters-1], '…')
	}
	return []string{strings.TrimSpace(string(rest[:cut])) + hyphen, string(second)}
}
