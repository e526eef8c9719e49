package demo

// stay is one case (Fall) of a person while it lasts.
type stay struct {
	p        *person
	no       int  // Fallnummer
	class    byte // PV1-2: I, E, O, P
	ill      *ill
	home     *wardState // where the illness is treated
	bed      *bed       // nil: not in the house
	away     bool       // on leave, the bed is kept
	alone    bool       // isolated: the room is kept for this patient
	admitted int64
	planned  int64 // planned end
	ended    int64
	dead     bool
	reason   string
	doc      doctor // responsible physician
	diags    []diagnosis
	done     []procedure
	alerts   []alert
	last     move // the newest movement
	icuUntil int64
	lab      map[int]float64 // the patient's own middle of each analyte, by index
	vit      vitals
	rx       []*prescription
	rounds   bool    // medication rounds are running
	measured int     // epoch whose vital signs run
	epoch    int     // counts wards: events of an earlier ward stop
	test     bool    // MSH-11 T
	babies   []*stay // newborns of this mother
}

type diagnosis struct {
	icd, text string
	kind      string // DG1-6
	at        int64
	main      bool
}

type procedure struct {
	ops, text string
	at        int64
}

// alert is a warning that the KIS sends as an observation of the stay.
type alert struct {
	code, text, value, say string
	from                   int64
}

// move is one movement (ZBE).
type move struct {
	id       int
	event    string // A01, A02 …
	start    int64
	from, to spot
}

// spot is a place as it is written; it stays when the bed is given away.
type spot struct{ ward, name, room, bed string }

func (b *bed) spot() spot {
	if b == nil {
		return spot{}
	}
	return spot{b.ward.plan.code, b.ward.plan.name, b.room.name, b.name}
}

func (s *stay) isolated() bool { return s.alone }

// here reports whether the patient is in the house.
func (s *stay) here() bool { return s.ended == 0 && s.bed != nil }

// in reports whether the patient still is on the ward of that epoch.
func (s *stay) in(epoch int) bool { return s.here() && s.epoch == epoch }

// progress is how much of the stay is over, from 0 to 1.
func (w *world) progress(s *stay) float64 {
	if s.planned <= s.admitted {
		return 1
	}
	x := float64(w.now-s.admitted) / float64(s.planned-s.admitted)
	if s.bed != nil && s.bed.ward == w.icu {
		x *= 0.4 // the worst is not over
	}
	return max(0, min(1, x))
}

// newStay opens a case for p.
func (w *world) newStay(p *person, i *ill, class byte) *stay {
	w.lastCase++
	s := &stay{p: p, no: w.lastCase, class: class, ill: i, lab: map[int]float64{}}
	if i != nil {
		s.home, s.reason = w.byCode[i.ward], i.why
	}
	return s
}

// staffed gives the stay a responsible physician of the ward.
func (w *world) staffed(s *stay) {
	s.doc = s.bed.ward.staff[w.dice.between(1, len(s.bed.ward.staff)-1)]
}

// lie puts the patient into b and out of the old bed.
func (w *world) lie(s *stay, b *bed) {
	if s.bed != nil {
		s.bed.by = nil
	}
	old := s.bed
	s.bed = b
	if b != nil {
		b.by = s
		if old == nil || old.ward != b.ward {
			s.epoch++
			w.staffed(s)
		}
	}
}

// moved notes a movement and returns it.
func (w *world) moved(s *stay, event string, start int64, from spot) move {
	w.lastMove++
	s.last = move{id: w.lastMove, event: event, start: start, from: from, to: s.bed.spot()}
	return s.last
}

// newPatient makes the person and the stay for an illness.
func (w *world) newPatient(i *ill, class byte) *stay {
	sex := i.sex
	if sex == 0 {
		sex = "FM"[w.dice.n(2)]
	}
	p := w.newPerson(sex, w.dice.between(i.ageLo, i.ageHi))
	w.know(p)
	s := w.newStay(p, i, class)
	w.judge(s)
	return s
}

// judge gives the stay its diagnoses and warnings.
func (w *world) judge(s *stay) {
	d := &w.dice
	i := s.ill
	s.diags = []diagnosis{{icd: i.icd, text: i.text, kind: "A", at: w.now, main: true}}
	seen := map[string]bool{i.icd: true}
	add := func(c comorbid) {
		if !seen[c.icd] {
			seen[c.icd] = true
			s.diags = append(s.diags, diagnosis{icd: c.icd, text: c.text, kind: "W", at: w.now})
		}
	}
	for _, k := range find(w.h.cases.sides, i.side, "diagnosis") {
		add(comorbids[k])
	}
	age := w.age(s.p)
	for _, c := range comorbids {
		if c.n > 0 && age >= c.from && len(s.diags) < 8 && d.percent(c.n) {
			add(c)
		}
	}
	w.warn(s, age)
}

// isolations are reasons to lie alone.
var isolations = [...]alert{
	{value: "MRSA", say: "MRSA: Kontaktisolierung"},
	{value: "NORO", say: "Verdacht auf Norovirus: Kontaktisolierung"},
	{value: "INFLA", say: "Influenza A: Tröpfchenisolierung"},
	{value: "3MRGN", say: "3MRGN: Kontaktisolierung"},
	{value: "CDIFF", say: "Clostridioides difficile: Kontaktisolierung"},
	{value: "COV2", say: "SARS-CoV-2: Tröpfchenisolierung"},
}

// warn gives the stay its alerts.
func (w *world) warn(s *stay, age int) {
	d := &w.dice
	kind := -1
	switch {
	case s.ill.icd == "J10.0":
		kind = 2
	case s.ill.icd == "U07.1":
		kind = 5
	case s.ill.icd == "A09.0" && d.percent(60):
		kind = 1
	case s.home != nil && s.home.plan.kind != Obstetrics && s.home.plan.kind != Children && d.mille(22):
		kind = pick(d, []int{0, 0, 3, 4, 5})
	}
	if kind >= 0 {
		a := isolations[kind]
		a.code, a.text, a.from = "ISO", "Isolation", w.now
		s.alerts, s.alone = append(s.alerts, a), true
	}
	if age > 72 && d.percent(45) {
		s.alerts = append(s.alerts, alert{"STURZ", "Sturzrisiko", "J", "erhöhtes Sturzrisiko", w.now})
	}
	if age > 78 && d.percent(22) {
		s.alerts = append(s.alerts, alert{"DEKU", "Dekubitusrisiko", "J", "Braden 14", w.now})
	}
	switch {
	case age > 80 && d.percent(18), s.ill.dies > 80 && d.percent(30):
		s.alerts = append(s.alerts, alert{"REA", "Reanimationsstatus", "DNR", "keine Reanimation (DNR)", w.now})
	case age > 80 && d.percent(6):
		s.alerts = append(s.alerts, alert{"REA", "Reanimationsstatus", "DNI", "keine Intubation (DNI)", w.now})
	}
	if s.ill.ward == "SU" && d.percent(25) {
		s.alerts = append(s.alerts, alert{"CAVE", "Besonderer Hinweis", "CAVE", "Schluckstörung: keine Kost ohne Logopädie", w.now})
	} else if d.percent(3) {
		say := pick(d, []string{"Herzschrittmacher", "Schwerhörig beidseits, Hörgeräte", "Schwierige Intubation bekannt", "Shunt-Arm links: kein RR, keine Venenpunktion", "Zeugin/Zeuge Jehovas: keine Blutprodukte"})
		s.alerts = append(s.alerts, alert{"CAVE", "Besonderer Hinweis", "CAVE", say, w.now})
	}
	if s.ill.icd == "O21.1" || s.ill.icd == "O60.0" {
		s.alerts = append(s.alerts, alert{"SSW", "Schwangerschaft", "J", "Schwangerschaft", w.now})
	}
}
