package demo

import (
	"strings"
)

// lists are the name lists, cut into words.
type lists struct {
	family, noble, double       []string
	menOld, menMid, menYoung    []string
	womOld, womMid, womYoung    []string
	streets, towns              []string
	foreign                     []origins4
	fundWeights, allergyWeights []int
}

type origins4 struct{ family, familyF, men, women []string }

func cutLists() *lists {
	bar := func(s string) []string { return strings.Split(s, "|") }
	l := &lists{
		family: strings.Fields(familyNames), noble: bar(nobleNames), double: bar(doubleNames),
		menOld: strings.Fields(menOld), menMid: strings.Fields(menMid), menYoung: strings.Fields(menYoung),
		womOld: strings.Fields(womenOld), womMid: strings.Fields(womenMid), womYoung: strings.Fields(womenYoung),
		streets: bar(streets), towns: bar(towns),
	}
	for _, o := range origins {
		l.foreign = append(l.foreign, origins4{
			strings.Fields(o.family), strings.Fields(o.familyF), strings.Fields(o.men), strings.Fields(o.women),
		})
	}
	for _, f := range funds {
		l.fundWeights = append(l.fundWeights, f.weight)
	}
	for _, a := range allergens {
		l.allergyWeights = append(l.allergyWeights, a.weight)
	}
	return l
}

// person is one human being with the number that the house gave.
type person struct {
	no       int    // hospital number (PID-3)
	lane     uint32 // messages of one lane keep their order; doublets share one
	sex      byte   // 'M', 'F'
	prefix   string // "von der"
	family   string
	given    string
	further  string
	title    string
	maiden   string
	born     civil // year, month, day; zero parts unknown
	bornAt   int64 // newborns: to the minute
	street   string
	zip      string
	town     string
	phone    string
	fund     int
	kvnr     string
	relative *relative
	mother   *person
	order    int // of a multiple birth, from 1
	multiple bool
	unknown  bool  // nobody knows who it is
	allergy  []int // indexes of allergens
	noneKnwn bool  // "keine Allergien bekannt" was asked and said
	weight   float64
	height   int
	died     int64
}

type relative struct{ family, given, relation, code, phone string }

// civil is a calendar day; a zero month or day is unknown.
type civil struct{ y, m, d int }

// age returns full years on the day of t.
func (w *world) age(p *person) int {
	t := w.civil(w.now)
	a := t.y - p.born.y
	if t.m < p.born.m || t.m == p.born.m && t.d < p.born.d {
		a--
	}
	return max(a, 0)
}

// newPerson makes a person of that sex and age in years.
func (w *world) newPerson(sex byte, age int) *person {
	d := &w.dice
	w.lastPerson += d.between(1, 7)
	p := &person{no: w.lastPerson, lane: uint32(w.lastPerson), sex: sex, fund: d.weighted(w.h.lists.fundWeights)}
	today := w.civil(w.now)
	p.born = civil{today.y - age, d.between(1, 12), d.between(1, 28)}
	if p.born.m > today.m || p.born.m == today.m && p.born.d > today.d {
		p.born.y--
	}
	w.name(p, age)
	w.home(p)
	p.kvnr = kvnr(byte('A'+d.n(26)), d.n(100_000_000))
	w.body(p, age)
	w.allergies(p)
	if age < 17 || d.percent(70) {
		p.relative = w.newRelative(p, age)
	}
	return p
}

// name gives p a name that fits sex, age and where the family came from.
func (w *world) name(p *person, age int) {
	d, l := &w.dice, w.h.lists
	if d.percent(13) {
		o := &l.foreign[d.n(len(l.foreign))]
		i := d.n(len(o.family))
		p.family = o.family[i]
		p.given = pick(d, o.men)
		if p.sex == 'F' {
			p.given = pick(d, o.women)
			if len(o.familyF) > 0 {
				p.family = o.familyF[i]
			}
		}
		return
	}
	switch t := d.n(100); {
	case t < 2:
		full := pick(d, l.noble)
		i := strings.LastIndexByte(full, ' ')
		p.prefix, p.family = full[:i], full[i+1:]
	case t < 4:
		p.family = pick(d, l.double)
	default:
		p.family = l.family[min(d.n(len(l.family)), d.n(len(l.family)+20))]
	}
	p.given = w.givenName(p.sex, age)
	for p.given == p.family {
		p.given = w.givenName(p.sex, age)
	}
	if d.percent(18) {
		if second := w.givenName(p.sex, age); second != p.given {
			p.further = second
		}
	}
	if age > 28 && d.percent(3) {
		p.title = pick(d, []string{"Dr.", "Dr. med.", "Prof. Dr.", "Dr. rer. nat."})
	}
	if p.sex == 'F' && age > 35 && d.percent(45) {
		p.maiden = pick(d, l.family)
	}
}

func (w *world) givenName(sex byte, age int) string {
	l := w.h.lists
	groups := [...][2][]string{{l.menYoung, l.womYoung}, {l.menMid, l.womMid}, {l.menOld, l.womOld}}
	g := 0
	if age > 64 {
		g = 2
	} else if age > 34 {
		g = 1
	}
	if sex == 'F' {
		return pick(&w.dice, groups[g][1])
	}
	return pick(&w.dice, groups[g][0])
}

func (w *world) home(p *person) {
	d := &w.dice
	p.street = pick(d, w.h.lists.streets) + " " + itoa(d.between(1, 148))
	if d.percent(10) {
		p.street += pick(d, []string{"a", "b", "c"})
	}
	p.zip, p.town, _ = strings.Cut(pick(d, w.h.lists.towns), " ")
	p.phone = "0539" + itoa(d.between(0, 9)) + " " + itoa(d.between(10000, 99999))
}

// body gives p height and weight.
func (w *world) body(p *person, age int) {
	d := &w.dice
	switch {
	case age < 1:
		p.height, p.weight = d.between(52, 74), float64(d.between(42, 95))/10
	case age < 16:
		p.height = 74 + age*6 + d.between(-5, 5)
		p.weight = float64(8+age*3) + d.float()*4
	case p.sex == 'F':
		p.height = d.between(154, 176)
		p.weight = float64(p.height-100)*(0.85+d.float()*0.45) - 2
	default:
		p.height = d.between(166, 190)
		p.weight = float64(p.height-100) * (0.85 + d.float()*0.45)
	}
	p.weight = round(p.weight, 1)
}

// allergies: of three patients one has some, one has none and was asked, and
// of the last nobody wrote anything down.
func (w *world) allergies(p *person) {
	d := &w.dice
	switch t := d.n(100); {
	case t < 34:
		for range 1 + d.n(5)/3 {
			a := d.weighted(w.h.lists.allergyWeights)
			if len(p.allergy) == 0 || allergens[p.allergy[0]].code != allergens[a].code {
				p.allergy = append(p.allergy, a)
			}
		}
	case t < 80:
		p.noneKnwn = true
	}
}

func (w *world) newRelative(p *person, age int) *relative {
	d := &w.dice
	r := &relative{family: p.family, phone: "017" + itoa(d.between(0, 9)) + " " + itoa(d.between(1000000, 9999999))}
	if p.prefix != "" {
		r.family = p.prefix + " " + p.family
	}
	sex := byte('F')
	switch {
	case age < 18:
		r.relation, r.code = "Mutter", "MTH"
		if d.percent(30) {
			r.relation, r.code, sex = "Vater", "FTH", 'M'
		}
		r.given = w.givenName(sex, age+30)
		return r
	case age > 70 && d.percent(60):
		r.relation, r.code = "Tochter", "CHD"
		if d.percent(45) {
			r.relation, sex = "Sohn", 'M'
		}
		r.given = w.givenName(sex, age-28)
		return r
	}
	r.relation, r.code = "Ehemann", "SPO"
	if p.sex == 'M' {
		r.relation = "Ehefrau"
	} else {
		sex = 'M'
	}
	r.given = w.givenName(sex, age)
	return r
}
