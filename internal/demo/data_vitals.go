package demo

// vitalSign is one thing that nurses and monitors measure. On the wards it goes
// out under its LOINC code, from intensive care under the monitor's own.
type vitalSign struct {
	local, loinc, text, unit string
	digits                   int
}

const (
	vTemp = iota
	vPulse
	vSys
	vDia
	vMean
	vResp
	vO2
	vPain
	vGCS
	vIn
	vOut
	vStool
	vWeight
	vFiO2
	vSugar
)

var vitalSigns = [...]vitalSign{
	vTemp:   {"VT_TEMP", "8310-5", "Temperatur", "Cel", 1},
	vPulse:  {"VT_HF", "8867-4", "Puls", "/min", 0},
	vSys:    {"VT_RRS", "8480-6", "RR systolisch", "mm[Hg]", 0},
	vDia:    {"VT_RRD", "8462-4", "RR diastolisch", "mm[Hg]", 0},
	vMean:   {"VT_MAP", "8478-0", "RR Mitteldruck", "mm[Hg]", 0},
	vResp:   {"VT_AF", "9279-1", "Atemfrequenz", "/min", 0},
	vO2:     {"VT_SPO2", "59408-5", "SpO2", "%", 0},
	vPain:   {"VT_NRS", "72514-3", "Schmerz (NRS)", "", 0},
	vGCS:    {"VT_GCS", "9269-2", "GCS", "", 0},
	vIn:     {"VT_EIN", "9108-2", "Einfuhr", "ml", 0},
	vOut:    {"VT_AUS", "9192-6", "Urinmenge", "ml", 0},
	vStool:  {"VT_STUHL", "", "Stuhlgang", "", 0},
	vWeight: {"VT_KG", "29463-7", "Gewicht", "kg", 1},
	vFiO2:   {"VT_FIO2", "19994-3", "FiO2", "%", 0},
	vSugar:  {"VT_BZ", "41653-7", "Blutzucker", "mg/dl", 0},
}
