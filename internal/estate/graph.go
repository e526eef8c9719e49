package estate

import "slices"

// graph is the dependencies by number: a system's number is its place in
// Systems. Dependencies that lead nowhere are left out.
type graph struct {
	e        *Estate
	needs    [][]int // of a system
	needed   [][]int // by which systems
	uses     [][]int // systems whose state may follow from this one's, of any kind
	standins []map[int][]int
}

func (e *Estate) graph() *graph {
	n := len(e.Systems)
	g := &graph{e: e, needs: make([][]int, n), needed: make([][]int, n), uses: make([][]int, n), standins: make([]map[int][]int, n)}
	for _, d := range e.Dependencies {
		from, ok1 := e.systems[d.System]
		to, ok2 := e.systems[d.On]
		if !ok1 || !ok2 || from == to {
			continue
		}
		switch d.Kind {
		case Needs:
			if !slices.Contains(g.needs[from], to) {
				g.needs[from] = append(g.needs[from], to)
				g.needed[to] = append(g.needed[to], from)
			}
			g.uses[to] = append(g.uses[to], from)
		case StandsInBy:
			instead, ok := from, true
			if d.For != "" {
				instead, ok = e.systems[d.For]
			}
			if !ok {
				continue
			}
			if g.standins[from] == nil {
				g.standins[from] = map[int][]int{}
			}
			g.standins[from][instead] = append(g.standins[from][instead], to)
			g.uses[to] = append(g.uses[to], from)
		case Helpful:
		}
	}
	return g
}

// standIn returns who takes the place of lost for system s while down are gone,
// or -1.
func (g *graph) standIn(s, lost int, down []bool) int {
	for _, x := range g.standins[s][lost] {
		if !down[x] && x != lost {
			return x
		}
	}
	return -1
}

// fall returns which systems stop when the systems of lost do, each with the
// needed system that made it stop (-1 for the lost ones), in the order they
// fall. A system whose needed one has a stand-in that is up goes on.
func (g *graph) fall(lost ...int) (down []bool, why []int, order []int) {
	down, why = make([]bool, len(g.needs)), make([]int, len(g.needs))
	for i := range why {
		why[i] = -1
	}
	for _, s := range lost {
		down[s] = true
	}
	order = append(order, lost...)
	for at := 0; at < len(order); at++ {
		for _, s := range g.uses[order[at]] {
			if down[s] {
				continue
			}
			for _, on := range g.needs[s] {
				if down[on] && g.standIn(s, on, down) < 0 {
					down[s], why[s] = true, on
					order = append(order, s)
					break
				}
			}
		}
	}
	return down, why, order
}

// Stop is one system that stops because another one does.
type Stop struct {
	System  System
	Via     []System // from the lost system to the one before this
	StandIn []System // those that take over for it and are up
}

// Limp is one system that goes on with a stand-in for what it needs, or with
// less because what helps it is gone.
type Limp struct {
	System  System
	Without System
	StandIn System // zero: it goes on without
}

// Stops returns what stops if the system stops, in the order it falls, and what
// goes on limping. ok is false if there is no such system.
func (e *Estate) Stops(id string) (stops []Stop, limps []Limp, ok bool) {
	lost, ok := e.systems[id]
	if !ok {
		return nil, nil, false
	}
	g := e.graph()
	down, why, order := g.fall(lost)
	for _, s := range order {
		st := Stop{System: e.Systems[s]}
		for at := why[s]; at >= 0; at = why[at] {
			st.Via = append([]System{e.Systems[at]}, st.Via...)
		}
		for _, x := range g.standins[s][s] {
			if !down[x] {
				st.StandIn = append(st.StandIn, e.Systems[x])
			}
		}
		stops = append(stops, st)
	}
	for s := range e.Systems {
		if down[s] {
			continue
		}
		for _, on := range g.needs[s] {
			if down[on] {
				limps = append(limps, Limp{e.Systems[s], e.Systems[on], e.Systems[g.standIn(s, on, down)]})
			}
		}
		for _, d := range e.down[e.Systems[s].ID] {
			if on, ok := e.systems[d.On]; ok && d.Kind == Helpful && down[on] {
				limps = append(limps, Limp{System: e.Systems[s], Without: e.Systems[on]})
			}
		}
	}
	return stops, limps, true
}

// groups returns the strongly connected groups of the needs, those that are
// needed first (Tarjan). A group of more than one system is a cycle.
func (g *graph) groups() [][]int {
	n := len(g.needs)
	index, low, on := make([]int, n), make([]int, n), make([]bool, n)
	var stack []int
	var out [][]int
	next := 1
	type frame struct{ s, at int }
	for start := range n {
		if index[start] != 0 {
			continue
		}
		work := []frame{{start, 0}}
		for len(work) > 0 {
			f := &work[len(work)-1]
			if f.at == 0 {
				index[f.s], low[f.s] = next, next
				next++
				stack, on[f.s] = append(stack, f.s), true
			}
			if f.at < len(g.needs[f.s]) {
				to := g.needs[f.s][f.at]
				f.at++
				if index[to] == 0 {
					work = append(work, frame{to, 0})
				} else if on[to] {
					low[f.s] = min(low[f.s], index[to])
				}
				continue
			}
			s := f.s
			work = work[:len(work)-1]
			if len(work) > 0 {
				up := work[len(work)-1].s
				low[up] = min(low[up], low[s])
			}
			if low[s] != index[s] {
				continue
			}
			var group []int
			for {
				x := stack[len(stack)-1]
				stack, on[x] = stack[:len(stack)-1], false
				group = append(group, x)
				if x == s {
					break
				}
			}
			slices.Sort(group)
			out = append(out, group)
		}
	}
	return out
}

// Tiers returns the systems in the order they can be brought back: the first
// tier needs nothing, each further one only what stands in tiers before it. The
// systems of a cycle share a tier.
func (e *Estate) Tiers() [][]System {
	tier := e.graph().tiers()
	var out [][]System
	for s, t := range tier {
		for len(out) <= t {
			out = append(out, nil)
		}
		out[t] = append(out[t], e.Systems[s])
	}
	return out
}

func (g *graph) tiers() []int {
	tier := make([]int, len(g.needs))
	for _, group := range g.groups() { // what is needed comes first
		t := 0
		for _, s := range group {
			for _, on := range g.needs[s] {
				if !slices.Contains(group, on) {
					t = max(t, tier[on]+1)
				}
			}
		}
		for _, s := range group {
			tier[s] = t
		}
	}
	return tier
}

// cycle returns a shortest way round within a group of systems that need one
// another, beginning with its first.
func (g *graph) cycle(group []int) []int {
	start := group[0]
	from := map[int]int{}
	for work := []int{start}; len(work) > 0; work = work[1:] {
		for _, to := range g.needs[work[0]] {
			if to == start {
				var path []int
				for at := work[0]; ; at = from[at] {
					path = append([]int{at}, path...)
					if at == start {
						return path
					}
				}
			}
			if _, seen := from[to]; !seen && slices.Contains(group, to) {
				from[to] = work[0]
				work = append(work, to)
			}
		}
	}
	return group
}

// promise is the latest that something a system needs is promised to be back.
type promise struct {
	rto  Span
	path []int // from what the system needs to what is promised last
}

// promises returns for each system what its needs promise at best: where a
// stand-in is there for a need, the earlier of both counts. Of a cycle every
// system waits for the latest in it.
func (g *graph) promises() []promise {
	out := make([]promise, len(g.needs))
	for _, group := range g.groups() {
		for range min(2, len(group)) { // a cycle is gone round twice
			for _, s := range group {
				out[s] = g.promise(s, out)
			}
		}
	}
	return out
}

// reach is when on is promised to be back: its own word, or the later one of
// what it needs.
func (g *graph) reach(on int, known []promise) promise {
	p := promise{rto: g.e.Systems[on].RTO, path: []int{on}}
	if k := known[on]; k.rto.Stated && (!p.rto.Stated || k.rto.D > p.rto.D) && !slices.Contains(k.path, on) {
		p = promise{k.rto, append([]int{on}, k.path...)}
	}
	return p
}

func (g *graph) promise(s int, known []promise) promise {
	var worst promise
	for _, on := range g.needs[s] {
		p := g.reach(on, known)
		for _, x := range g.standins[s][on] {
			if q := g.reach(x, known); q.rto.Stated && p.rto.Stated && q.rto.D < p.rto.D {
				p = q
			}
		}
		if p.rto.Stated && (!worst.rto.Stated || p.rto.D > worst.rto.D) && !slices.Contains(p.path, s) {
			worst = p
		}
	}
	return worst
}

// StopCounts returns for each system, in the order of Systems, how many others
// stop with it.
func (e *Estate) StopCounts() []int {
	g := e.graph()
	out := make([]int, len(e.Systems))
	for s := range out {
		if len(g.uses[s]) > 0 {
			_, _, order := g.fall(s)
			out[s] = len(order) - 1
		}
	}
	return out
}
