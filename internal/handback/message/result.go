package message

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
)

// oru writes results: one message for each order number, with one OBR and an
// OBX for each result (HL7 v2.5 section 7.3.1).
func (m *maker) oru(kind Kind, facts []clinical.Fact) {
	type order struct{ placer, filler string }
	var orders []order
	by := map[order][]clinical.Result{}
	for _, f := range facts {
		r := f.(clinical.Result)
		key := order{r.Placer, r.Filler}
		if by[key] == nil {
			orders = append(orders, key)
		}
		by[key] = append(by[key], r)
	}
	for _, key := range orders {
		list := by[key]
		m.begin(kind, "", "ORU", "R01", "ORU_R01", m.e.At)
		m.patient(true)
		m.b.Segment("ORC", "RE", m.number(key.placer), m.number(key.filler), "", m.progressOf(list[0]))
		m.b.Segment("OBR", m.observed(list)...)
		for i, r := range list {
			m.obx(i+1, r)
		}
		m.end()
	}
}

// observed is OBR.
func (m *maker) observed(list []clinical.Result) row {
	first := list[0]
	f := fields(25)
	panel := first.Panel
	if panel.Zero() {
		panel = clinical.Coded{Code: strings.ToUpper(string(first.Section)), Text: sectionName(first.Section), System: local}
	}
	f.set(1, "1")
	f.set(2, m.number(first.Placer))
	f.set(3, m.number(first.Filler))
	f.set(4, m.code(panel))
	f.set(7, m.clock(first.At))
	f.set(22, m.clock(m.e.Written))
	if first.Section != clinical.Vitals {
		f.set(24, sectionCode(first.Section))
	}
	f.set(25, m.orderStatus(list))
	if m.progressOf(first) == "A" && (f[24] == "F" || f[24] == "C") { // these are final, others are still to come
		f.set(25, "A")
	}
	return f
}

// progressOf is ORC-5 of a result: how far its order is, where the entry says it.
func (m *maker) progressOf(r clinical.Result) string {
	for _, f := range m.e.Facts {
		if p, ok := f.(clinical.Progress); ok && of(p, r) {
			return state(p.Status)
		}
	}
	return ""
}

func sectionName(s clinical.Section) string {
	switch s {
	case clinical.Vitals:
		return "Vitalzeichen"
	case clinical.Nursing:
		return "Pflege"
	case clinical.Laboratory:
		return "Labor"
	case clinical.Microbiology:
		return "Mikrobiologie"
	}
	return "Befund"
}

// ranks orders states from the weakest to the strongest.
var ranks = []clinical.ResultStatus{clinical.Pending, clinical.Preliminary, clinical.NoResult, clinical.Final, clinical.Corrected, clinical.Withdrawn}

// orderStatus is OBR-25 (HL7 table 0123): the weakest of its results.
func (m *maker) orderStatus(list []clinical.Result) string {
	weakest := slices.MinFunc(list, func(a, b clinical.Result) int {
		return cmp.Compare(slices.Index(ranks, a.Status), slices.Index(ranks, b.Status))
	})
	switch weakest.Status {
	case clinical.Pending:
		return "I"
	case clinical.Preliminary:
		return "P"
	case clinical.NoResult, clinical.Withdrawn:
		return "X"
	case clinical.Corrected:
		return m.corrected()
	case clinical.Final:
	}
	return "F"
}

// corrected is the status of a corrected result: final to one who never had the
// first version.
func (m *maker) corrected() string {
	if m.e.Corrects != "" && !m.known() {
		return "F"
	}
	return "C"
}

// resultStatus is OBX-11 (HL7 table 0085).
func (m *maker) resultStatus(s clinical.ResultStatus) string {
	switch s {
	case clinical.Preliminary:
		return "P"
	case clinical.Corrected:
		return m.corrected()
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

// maxST is how long a value of type ST may be (HL7 v2.5 section 2.A.74).
const maxST = 199

// obx writes one result. Its remark follows as NTE.
func (m *maker) obx(n int, r clinical.Result) {
	typ, value := "ST", m.b.Text(r.Shown())
	switch {
	case r.Number != nil && r.Comparator == "":
		typ, value = "NM", figure(*r.Number)
	case r.Number != nil:
		typ, value = "SN", m.b.Comps(r.Comparator, figure(*r.Number))
	case strings.Contains(r.Value, "\n"), len(r.Value) > maxST:
		typ = "FT"
	}
	f := fields(16)
	f.set(1, strconv.Itoa(n))
	f.set(2, typ)
	f.set(3, m.code(r.Code))
	if !r.Local.Zero() { // the target's own code first, as it was sent; ours second
		f.set(3, m.b.Comps(r.Local.Code, r.Local.Text, m.system(r.Local.System), r.Code.Code, r.Code.Text, m.system(r.Code.System)))
	}
	f.set(4, m.b.Text(r.SubID))
	f.set(5, value)
	f.set(6, m.unit(r.Unit))
	f.set(7, m.b.Text(reference(r)))
	flags := make([]string, len(r.Flags))
	for i, x := range r.Flags {
		flags[i] = m.b.Text(x)
	}
	f.set(8, m.b.Reps(flags...))
	f.set(11, m.resultStatus(r.Status))
	f.set(14, m.clock(r.At))
	f.set(16, m.staff(r.By))
	m.b.Segment("OBX", f...)
	m.lines(r.Comment)
}

func figure(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// reference is OBX-7: as it was written, else made of its limits.
func reference(r clinical.Result) string {
	switch {
	case r.Range != "":
		return r.Range
	case r.Low != nil && r.High != nil:
		return figure(*r.Low) + "-" + figure(*r.High)
	case r.Low != nil:
		return ">=" + figure(*r.Low)
	case r.High != nil:
		return "<=" + figure(*r.High)
	}
	return ""
}

// unit is OBX-6: as the ward writes it, and in UCUM beside it.
func (m *maker) unit(s string) string {
	if code, ok := UCUM(s); ok && !m.before("2.4") {
		return m.b.Comps(s, "", "", code, "", "UCUM")
	}
	return m.b.Text(s)
}

// units are units as printed, in UCUM.
var units = map[string]string{
	"mmHg": "mm[Hg]", "/min": "/min", "°C": "Cel", "%": "%", "l/min": "L/min", "kg": "kg", "g": "g", "cm": "cm", "m": "m", "ml": "mL", "l": "L",
	"mmol/l": "mmol/L", "µmol/l": "umol/L", "nmol/l": "nmol/L", "pmol/l": "pmol/L", "mg/dl": "mg/dL", "g/dl": "g/dL", "µg/dl": "ug/dL",
	"µg/l": "ug/L", "mg/l": "mg/L", "g/l": "g/L", "ng/ml": "ng/mL", "ng/l": "ng/L", "pg/ml": "pg/mL", "U/l": "U/L", "IE/l": "[IU]/L",
	"mIE/l": "m[IU]/L", "µIE/ml": "u[IU]/mL", "10⁹/l": "10*9/L", "10¹²/l": "10*12/L", "10³/µl": "10*3/uL", "10⁶/µl": "10*6/uL", "/µl": "/uL",
	"fl": "fL", "pg": "pg", "s": "s", "min": "min", "h": "h", "mg": "mg", "µg": "ug", "ml/h": "mL/h", "ml/min": "mL/min", "mm": "mm", "mm/h": "mm/h", "kPa": "kPa",
}

// UCUM returns the code of a unit as it is printed, false if it is not known.
func UCUM(printed string) (code string, ok bool) {
	code, ok = units[printed]
	return code, ok
}
