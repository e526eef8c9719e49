package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
)

// oru writes results: one message for each order number, one OBR for each
// number, one OBX for each result (HL7 v2.5 section 7.3.1).
func (m *maker) oru(kind Kind, facts []clinical.Fact) {
	var numbers []string
	by := map[string][]clinical.Result{}
	for _, f := range facts {
		r := f.(clinical.Result)
		key := r.Placer + "\x1f" + r.Filler
		if _, ok := by[key]; !ok {
			numbers = append(numbers, key)
		}
		by[key] = append(by[key], r)
	}
	for _, key := range numbers {
		list := by[key]
		m.begin(kind, "ORU", "R01", "ORU_R01")
		m.patient()
		first := list[0]
		m.b.Segment("ORC", "RE", m.b.Text(first.Placer), m.b.Text(first.Filler))
		m.b.Segment("OBR", m.observed(first, list)...)
		for i, r := range list {
			m.obx(i+1, r)
		}
		m.end()
	}
}

// observed is OBR.
func (m *maker) observed(first clinical.Result, list []clinical.Result) []string {
	f := make([]string, 32)
	f[0], f[1], f[2] = "1", m.b.Text(first.Placer), m.b.Text(first.Filler)
	panel := first.Panel
	if panel.Zero() {
		panel = clinical.Coded{Code: string(first.Section), Text: sectionName(first.Section), System: "L"}
	}
	f[3], f[6], f[21], f[24] = m.code(panel), m.clock(first.At), m.clock(m.e.Written), orderStatus(list)
	return f
}

func sectionName(s clinical.Section) string {
	switch s {
	case clinical.Vitals:
		return "Vitalwerte"
	case clinical.Nursing:
		return "Pflege"
	case clinical.Laboratory:
		return "Labor"
	case clinical.Microbiology:
		return "Mikrobiologie"
	}
	return "Befund"
}

// orderStatus is OBR-25: the weakest of its results.
func orderStatus(list []clinical.Result) string {
	rank := func(r clinical.Result) int {
		return slices.Index([]clinical.ResultStatus{clinical.Pending, clinical.Preliminary, clinical.NoResult, clinical.Final, clinical.Corrected, clinical.Withdrawn}, r.Status)
	}
	weakest := slices.MinFunc(list, func(a, b clinical.Result) int { return cmp.Compare(rank(a), rank(b)) })
	switch weakest.Status {
	case clinical.Pending:
		return "I"
	case clinical.Preliminary:
		return "P"
	case clinical.NoResult, clinical.Withdrawn:
		return "X"
	case clinical.Corrected:
		return "C"
	case clinical.Final:
	}
	return "F"
}

// resultStatus is OBX-11 (HL7 table 0085).
func resultStatus(s clinical.ResultStatus) string {
	switch s {
	case clinical.Preliminary:
		return "P"
	case clinical.Corrected:
		return "C"
	case clinical.Withdrawn:
		return "W"
	case clinical.NoResult:
		return "X"
	case clinical.Pending:
		return "I"
	case clinical.Final:
	}
	return "F"
}

// obx writes one result. Its remark follows as NTE.
func (m *maker) obx(n int, r clinical.Result) {
	typ, value := "ST", m.b.Text(r.Shown())
	switch {
	case r.Number != nil && r.Comparator == "":
		typ, value = "NM", strconv.FormatFloat(*r.Number, 'f', -1, 64)
	case r.Number != nil:
		typ, value = "SN", m.b.Comps(r.Comparator, strconv.FormatFloat(*r.Number, 'f', -1, 64))
	}
	code := r.Code
	if code.Zero() {
		code = r.Local
	}
	f := make([]string, 16)
	f[0], f[1], f[2], f[3], f[4] = strconv.Itoa(n), typ, m.code(code), m.b.Text(r.SubID), value
	f[5], f[6] = m.b.Text(r.Unit), m.b.Text(r.Range)
	flags := make([]string, len(r.Flags))
	for i, x := range r.Flags {
		flags[i] = m.b.Text(x)
	}
	f[7], f[10], f[13], f[15] = m.b.Reps(flags...), resultStatus(r.Status), m.clock(r.At), m.staff(r.By)
	m.b.Segment("OBX", f...)
	for i, line := range strings.Split(r.Comment, "\n") {
		if line != "" {
			m.b.Segment("NTE", strconv.Itoa(i+1), "L", m.b.Text(line))
		}
	}
}
