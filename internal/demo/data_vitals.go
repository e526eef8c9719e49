package demo

// vitalSign is one thing that nurses and monitors measure. On the wards it goes
// out under its LOINC code, from intensive care under the monitor's own.
type vitalSign struct {
	local, loinc, text, unit string
	digits                   int
	low, high                float64 // flagged from here on; 0: never
	alarmLow, alarmHigh      float64 // somebody must come
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
	vTemp:   {"TEMP", "8310-5", "Temperatur", "Cel", 1, 35.4, 38.5, 34, 40.5},
	vPulse:  {"HF", "8867-4", "Puls", "/min", 0, 45, 120, 35, 150},
	vSys:    {"RRS", "8480-6", "RR systolisch", "mm[Hg]", 0, 95, 175, 80, 210},
	vDia:    {"RRD", "8462-4", "RR diastolisch", "mm[Hg]", 0, 0, 0, 0, 0},
	vMean:   {"MAP", "8478-0", "RR Mitteldruck", "mm[Hg]", 0, 0, 0, 0, 0},
	vResp:   {"AF", "9279-1", "Atemfrequenz", "/min", 0, 9, 25, 6, 32},
	vO2:     {"SPO2", "59408-5", "SpO2", "%", 0, 90, 0, 84, 0},
	vPain:   {"NRS", "72514-3", "Schmerz (NRS)", "", 0, 0, 6, 0, 0},
	vGCS:    {"GCS", "9269-2", "GCS", "", 0, 12, 0, 8, 0},
	vIn:     {"EIN", "9108-2", "Einfuhr", "ml", 0, 0, 0, 0, 0},
	vOut:    {"AUS", "9192-6", "Urinmenge", "ml", 0, 0, 0, 0, 0},
	vStool:  {"STUHL", "", "Stuhlgang", "", 0, 0, 0, 0, 0},
	vWeight: {"KG", "29463-7", "Gewicht", "kg", 1, 0, 0, 0, 0},
	vFiO2:   {"FIO2", "19994-3", "FiO2", "%", 0, 0, 0, 0, 0},
	vSugar:  {"BZ", "41653-7", "Blutzucker", "mg/dl", 0, 65, 250, 45, 400},
}
