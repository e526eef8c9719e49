package demo

// Kind says what a ward is for; it sets the rhythm of its charts.
type Kind string

const (
	Emergency  Kind = "emergency"  // places for hours, not days
	Intensive  Kind = "intensive"  // hourly vitals
	Stroke     Kind = "stroke"     // vitals every four hours
	Normal     Kind = "normal"     // vitals three times a day
	Obstetrics Kind = "obstetrics" // mothers and their newborns
	Children   Kind = "children"
	Service    Kind = "service" // no beds: radiology, laboratory
)

// Ward is one ward or service of the house.
type Ward struct {
	Code  string // as the KIS sends it in PV1-3: "3A"
	Name  string // as people say it
	Kind  Kind
	Rooms []Room
}

// Room is one room with its beds.
type Room struct {
	Name string   // "301"
	Beds []string // F Fenster, M Mitte, T Tür; KF and KT are cots; 1 a single bed
}

// wardPlan is the house as it was built: floor and room counts instead of lists.
type wardPlan struct {
	code, name string
	kind       Kind
	first      int    // number of the first room
	rooms      string // beds of each room, one digit a room
	fill       int    // beds in use, per cent
	other      string // aliases of the ward in LIS, RIS and PDMS
}

var house = [...]wardPlan{
	{"ZNA", "Zentrale Notaufnahme", Emergency, 1, "111111111111", 45, "AMB-ZNA"},
	{"ITS", "Intensivstation", Intensive, 21, "111122222", 90, "INT1"},
	{"SU", "Neurologie und Stroke Unit", Stroke, 101, "44222222221", 87, "NEU1"},
	{"1B", "Urologie 1B", Normal, 131, "1222222222222", 88, "URO1"},
	{"2A", "Chirurgie 2A", Normal, 201, "11222222233333", 88, "CHI2A"},
	{"2B", "Unfallchirurgie 2B", Normal, 231, "11222222233333", 89, "CHI2B"},
	{"3A", "Innere 3A", Normal, 301, "112222222333333", 90, "INN3A"},
	{"3B", "Innere 3B", Normal, 331, "11112222223333", 90, "INN3B"},
	{"4A", "Kardiologie 4A", Normal, 401, "11222222233332", 88, "KAR4A"},
	{"4B", "Geriatrie 4B", Normal, 431, "11222222233333", 91, "GER4B"},
	{"5A", "Onkologie 5A", Normal, 501, "111122222222222", 86, "ONK5A"},
	{"5B", "Gynäkologie 5B", Normal, 531, "1122222222222", 92, "GYN5B"},
	{"GEB", "Geburtshilfe", Obstetrics, 601, "12222222222", 92, "GEBH"},
	{"KIN", "Kinderklinik", Children, 631, "112222222222", 82, "PAED"},
}

var services = [...]Ward{
	{Code: "RAD", Name: "Radiologie", Kind: Service},
	{Code: "LAB", Name: "Zentrallabor", Kind: Service},
	{Code: "AMB", Name: "Ambulanzen", Kind: Service},
}

// plans returns the wards of the house; of a small one only two, cut down.
func plans(small bool) []wardPlan {
	if !small {
		return house[:]
	}
	its, inn := house[1], house[6]
	its.rooms, inn.rooms = "112", "12222333"
	return []wardPlan{its, inn}
}

// bedNames names the beds of a room with n beds.
func bedNames(n int) []string {
	switch n {
	case 1:
		return []string{"1"}
	case 2:
		return []string{"F", "T"}
	case 3:
		return []string{"F", "M", "T"}
	}
	return []string{"F", "FM", "TM", "T"}
}

// build lays out the rooms of a ward.
func (p wardPlan) build() Ward {
	w := Ward{Code: p.code, Name: p.name, Kind: p.kind}
	for i := range len(p.rooms) {
		beds := bedNames(int(p.rooms[i] - '0'))
		if p.kind == Obstetrics { // newborns lie in the mother's room
			beds = append(beds, "K1", "K2")
			if len(beds) == 4 {
				beds = append(beds, "K3")
			}
		}
		name := pad(p.first+i, 3)
		if p.kind == Emergency {
			name, beds = "K"+pad(p.first+i, 2), []string{"1"}
		}
		w.Rooms = append(w.Rooms, Room{Name: name, Beds: beds})
	}
	return w
}

// bed is one place where a patient can lie.
type bed struct {
	ward *wardState
	room *roomState
	name string
	cot  bool
	by   *stay // nil if free
}

type roomState struct {
	name string
	beds []*bed
}

// wardState is a ward while the simulation runs.
type wardState struct {
	plan   wardPlan
	rooms  []*roomState
	beds   []*bed // without cots
	staff  []doctor
	expect int // patients on their way: planned for today
}

func newWardState(p wardPlan) *wardState {
	w := &wardState{plan: p}
	for _, r := range p.build().Rooms {
		rs := &roomState{name: r.Name}
		for _, n := range r.Beds {
			b := &bed{ward: w, room: rs, name: n, cot: n[0] == 'K' && p.kind == Obstetrics}
			rs.beds = append(rs.beds, b)
			if !b.cot {
				w.beds = append(w.beds, b)
			}
		}
		w.rooms = append(w.rooms, rs)
	}
	return w
}

// occupied counts the beds in use.
func (w *wardState) occupied() int {
	n := 0
	for _, b := range w.beds {
		if b.by != nil {
			n++
		}
	}
	return n
}

// free finds a bed for s: women and men do not share a room (except where
// nobody minds), an isolated patient gets a room alone. It returns nil if there
// is none.
func (w *wardState) free(d *dice, s *stay) *bed {
	mixed := w.plan.kind == Intensive || w.plan.kind == Emergency || w.plan.kind == Children
	start := d.n(len(w.rooms))
	var second *bed
	for i := range w.rooms {
		r := w.rooms[(start+i)%len(w.rooms)]
		spot, empty, ok := r.spot(s, mixed)
		if spot == nil || !ok {
			continue
		}
		if s.isolated() && !mixed && !empty {
			continue
		}
		if s.isolated() || !empty || len(r.beds) > 1 {
			return spot
		}
		second = spot // keep single rooms for those who need them
	}
	return second
}

// spot returns a free bed of the room, whether the room is empty, and whether s
// may lie with those who are there.
func (r *roomState) spot(s *stay, mixed bool) (spot *bed, empty, ok bool) {
	empty, ok = true, true
	for _, b := range r.beds {
		switch {
		case b.cot:
		case b.by == nil:
			if spot == nil {
				spot = b
			}
		default:
			empty = false
			if !mixed && (b.by.p.sex != s.p.sex || b.by.isolated() || b.by.alone) {
				ok = false
			}
		}
	}
	return spot, empty, ok
}

// cotBeside returns a free cot in the mother's room, or nil.
func (b *bed) cotBeside() *bed {
	for _, c := range b.room.beds {
		if c.cot && c.by == nil {
			return c
		}
	}
	return nil
}
