package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// cases are the tables of illnesses, laboratory, drugs and examinations, cut
// into their parts and linked with each other.
type cases struct {
	ills     []ill
	byWard   map[string][]*ill
	analytes map[string]int
	panels   map[string]int
	sides    map[string]int
	ops      map[string]string
	drugs    map[string]int
	exams    map[string]int
}

// ill is an illness with its word lists cut.
type ill struct {
	illness
	ageLo, ageHi int
	losLo, losHi int
	course       map[string][2]float64 // analyte or vital sign → at admission, at the end
	panels       []int
	drugs        []int
	exams        []int
}

// readCases links the tables. A word that no table has is a mistake in this
// program, found by every test: it panics.
func readCases() *cases {
	c := &cases{
		byWard: map[string][]*ill{}, analytes: map[string]int{}, panels: map[string]int{}, sides: map[string]int{},
		ops: map[string]string{}, drugs: map[string]int{}, exams: map[string]int{},
	}
	for i, a := range analytes {
		c.analytes[a.code] = i
	}
	for i, p := range panels {
		c.panels[p.code] = i
	}
	for i, s := range comorbids {
		c.sides[s.icd] = i
	}
	for _, o := range operations {
		c.ops[o.ops] = o.text
	}
	for i, d := range drugs {
		c.drugs[d.key] = i
	}
	for i, e := range exams {
		c.exams[e.key] = i
	}
	c.ills = make([]ill, len(illnesses))
	for i, x := range illnesses {
		c.ills[i] = c.cut(x)
		c.byWard[x.ward] = append(c.byWard[x.ward], &c.ills[i])
	}
	return c
}

func (c *cases) cut(x illness) ill {
	i := ill{illness: x, course: map[string][2]float64{}}
	i.ageLo, i.ageHi = numbers(x.age)
	i.losLo, i.losHi = numbers(x.los)
	for word, rest := range coursePairs(x.course) {
		i.course[word] = rest
	}
	i.panels = find(c.panels, x.lab, "panel")
	i.drugs = find(c.drugs, x.rx, "drug")
	i.exams = find(c.exams, x.exams, "exam")
	find(c.sides, x.side, "diagnosis")
	for _, o := range strings.Fields(x.ops) {
		if c.ops[o] == "" {
			panic("demo: no operation " + o)
		}
	}
	return i
}

// find looks the words up in a table.
func find(table map[string]int, words, what string) []int {
	var all []int
	for word := range strings.FieldsSeq(words) {
		i, ok := table[word]
		if !ok {
			panic(fmt.Sprintf("demo: no %s %s", what, word))
		}
		all = append(all, i)
	}
	return all
}

// numbers reads "35-80".
func numbers(s string) (lo, hi int) {
	a, b, _ := strings.Cut(s, "-")
	lo, err1 := strconv.Atoi(a)
	hi, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil {
		panic("demo: not a range: " + s)
	}
	return lo, hi
}

// coursePairs reads "CRP 180>12 HB 11.6>9.9".
func coursePairs(s string) map[string][2]float64 {
	all := map[string][2]float64{}
	f := strings.Fields(s)
	for i := 0; i+1 < len(f); i += 2 {
		a, b, _ := strings.Cut(f[i+1], ">")
		from, err1 := strconv.ParseFloat(a, 64)
		to, err2 := strconv.ParseFloat(b, 64)
		if err1 != nil || err2 != nil {
			panic("demo: not a course: " + s)
		}
		all[f[i]] = [2]float64{from, to}
	}
	return all
}
