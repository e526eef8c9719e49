package demo

// analyte is one value that the laboratory measures. Reference ranges are those
// of adults (men, women); 0,0 means no range. Values outside the critical
// limits are telephoned to the ward.
type analyte struct {
	code, text, loinc string
	unit              string
	lo, hi            float64 // men, and women where loF, hiF are 0
	loF, hiF          float64
	loC, hiC          float64 // children up to 14; 0,0: as adults
	digits            int
	wobble            float64 // from day to day, as part of the value
	critLow, critHigh float64
	group             string
	sendsLOINC        bool // the LIS names LOINC itself
	onlyUpper         bool // the range is "<hi"
}

var analytes = [...]analyte{
	{code: "LEUK", text: "Leukozyten", loinc: "6690-2", unit: "/nl", lo: 3.9, hi: 10.2, loC: 5, hiC: 14.5, digits: 1, wobble: .09, critLow: 1.5, critHigh: 30, group: "Blutbild", sendsLOINC: true},
	{code: "ERY", text: "Erythrozyten", loinc: "789-8", unit: "/pl", lo: 4.3, hi: 5.75, loF: 3.9, hiF: 5.2, digits: 2, wobble: .02, group: "Blutbild", sendsLOINC: true},
	{code: "HB", text: "Hämoglobin", loinc: "718-7", unit: "g/dl", lo: 13.5, hi: 17.2, loF: 12, hiF: 15.6, loC: 11, hiC: 14.5, digits: 1, wobble: .025, critLow: 7, critHigh: 20, group: "Blutbild", sendsLOINC: true},
	{code: "HK", text: "Hämatokrit", loinc: "4544-3", unit: "%", lo: 39.5, hi: 50.5, loF: 35.5, hiF: 45.5, digits: 1, wobble: .02, group: "Blutbild", sendsLOINC: true},
	{code: "MCV", text: "MCV", loinc: "787-2", unit: "fl", lo: 80, hi: 99, digits: 1, wobble: .008, group: "Blutbild", sendsLOINC: true},
	{code: "THRO", text: "Thrombozyten", loinc: "777-3", unit: "/nl", lo: 150, hi: 370, digits: 0, wobble: .06, critLow: 30, critHigh: 1000, group: "Blutbild", sendsLOINC: true},
	{code: "NA", text: "Natrium", loinc: "2951-2", unit: "mmol/l", lo: 136, hi: 145, digits: 0, wobble: .008, critLow: 120, critHigh: 158, group: "Elektrolyte"},
	{code: "KA", text: "Kalium", loinc: "2823-3", unit: "mmol/l", lo: 3.5, hi: 5.1, digits: 1, wobble: .045, critLow: 2.8, critHigh: 6.0, group: "Elektrolyte"},
	{code: "CA", text: "Calcium", loinc: "2000-8", unit: "mmol/l", lo: 2.15, hi: 2.55, digits: 2, wobble: .02, critLow: 1.65, critHigh: 3.5, group: "Elektrolyte"},
	{code: "CL", text: "Chlorid", loinc: "2075-0", unit: "mmol/l", lo: 98, hi: 107, digits: 0, wobble: .012, group: "Elektrolyte"},
	{code: "KREA", text: "Kreatinin", loinc: "2160-0", unit: "mg/dl", lo: .7, hi: 1.2, loF: .5, hiF: .9, loC: .25, hiC: .75, digits: 2, wobble: .06, critHigh: 7.4, group: "Niere"},
	{code: "GFR", text: "eGFR (CKD-EPI)", loinc: "62238-1", unit: "ml/min/1,73 m²", lo: 60, hi: 120, digits: 0, wobble: .05, group: "Niere"},
	{code: "HST", text: "Harnstoff", loinc: "3091-6", unit: "mg/dl", lo: 17, hi: 48, digits: 0, wobble: .08, critHigh: 214, group: "Niere"},
	{code: "GOT", text: "GOT (AST)", loinc: "1920-8", unit: "U/l", hi: 50, hiF: 35, digits: 0, wobble: .1, critHigh: 1000, group: "Leber und Pankreas", onlyUpper: true},
	{code: "GPT", text: "GPT (ALT)", loinc: "1742-6", unit: "U/l", hi: 50, hiF: 35, digits: 0, wobble: .1, critHigh: 1000, group: "Leber und Pankreas", onlyUpper: true},
	{code: "GGT", text: "Gamma-GT", loinc: "2324-2", unit: "U/l", hi: 60, hiF: 40, digits: 0, wobble: .08, group: "Leber und Pankreas", onlyUpper: true},
	{code: "AP", text: "Alkalische Phosphatase", loinc: "6768-6", unit: "U/l", lo: 40, hi: 130, loF: 35, hiF: 105, loC: 100, hiC: 390, digits: 0, wobble: .06, group: "Leber und Pankreas"},
	{code: "BILG", text: "Bilirubin gesamt", loinc: "1975-2", unit: "mg/dl", hi: 1.2, digits: 1, wobble: .1, critHigh: 15, group: "Leber und Pankreas", onlyUpper: true},
	{code: "LIP", text: "Lipase", loinc: "3040-3", unit: "U/l", hi: 60, digits: 0, wobble: .12, critHigh: 700, group: "Leber und Pankreas", onlyUpper: true},
	{code: "QUICK", text: "Quick", loinc: "5894-1", unit: "%", lo: 70, hi: 130, digits: 0, wobble: .04, critLow: 15, group: "Gerinnung", sendsLOINC: true},
	{code: "INR", text: "INR", loinc: "6301-6", unit: "", lo: .9, hi: 1.15, digits: 2, wobble: .03, critHigh: 5, group: "Gerinnung", sendsLOINC: true},
	{code: "PTT", text: "aPTT", loinc: "14979-9", unit: "s", lo: 25, hi: 37, digits: 0, wobble: .05, critHigh: 120, group: "Gerinnung", sendsLOINC: true},
	{code: "DDIM", text: "D-Dimere", loinc: "48065-7", unit: "mg/l FEU", hi: .5, digits: 2, wobble: .15, group: "Gerinnung", onlyUpper: true},
	{code: "CRP", text: "CRP", loinc: "1988-5", unit: "mg/l", hi: 5, digits: 1, wobble: .14, critHigh: 300, group: "Entzündung", onlyUpper: true},
	{code: "PCT", text: "Procalcitonin", loinc: "33959-8", unit: "ng/ml", hi: .5, digits: 2, wobble: .2, critHigh: 10, group: "Entzündung", onlyUpper: true},
	{code: "TNT", text: "Troponin T hs", loinc: "67151-1", unit: "ng/l", hi: 14, digits: 0, wobble: .12, critHigh: 52, group: "Herz", onlyUpper: true},
	{code: "CK", text: "CK", loinc: "2157-6", unit: "U/l", hi: 190, hiF: 170, digits: 0, wobble: .12, critHigh: 2000, group: "Herz", onlyUpper: true},
	{code: "BNP", text: "NT-proBNP", loinc: "33762-6", unit: "pg/ml", hi: 300, digits: 0, wobble: .12, group: "Herz", onlyUpper: true},
	{code: "LDH", text: "LDH", loinc: "2532-0", unit: "U/l", hi: 250, digits: 0, wobble: .07, group: "Leber und Pankreas", onlyUpper: true},
	{code: "GLU", text: "Glukose", loinc: "2345-7", unit: "mg/dl", lo: 70, hi: 110, digits: 0, wobble: .12, critLow: 45, critHigh: 400, group: "Stoffwechsel"},
	{code: "HBA1", text: "HbA1c", loinc: "4548-4", unit: "%", hi: 6.1, digits: 1, wobble: .01, group: "Stoffwechsel", onlyUpper: true},
	{code: "TSH", text: "TSH basal", loinc: "3016-3", unit: "mU/l", lo: .27, hi: 4.2, digits: 2, wobble: .08, group: "Stoffwechsel"},
	{code: "ALB", text: "Albumin", loinc: "1751-7", unit: "g/l", lo: 35, hi: 52, digits: 0, wobble: .03, group: "Stoffwechsel"},
	{code: "BGPH", text: "pH (arteriell)", loinc: "2744-1", lo: 7.35, hi: 7.45, digits: 2, wobble: .004, critLow: 7.2, critHigh: 7.6, group: "Blutgase"},
	{code: "BGCO", text: "pCO2 (arteriell)", loinc: "2019-8", unit: "mmHg", lo: 35, hi: 45, digits: 0, wobble: .06, critLow: 20, critHigh: 70, group: "Blutgase"},
	{code: "BGO2", text: "pO2 (arteriell)", loinc: "2703-7", unit: "mmHg", lo: 71, hi: 104, digits: 0, wobble: .08, critLow: 40, group: "Blutgase"},
	{code: "BGHC", text: "HCO3 aktuell", loinc: "1960-4", unit: "mmol/l", lo: 22, hi: 26, digits: 1, wobble: .05, critLow: 10, critHigh: 40, group: "Blutgase"},
	{code: "BGBE", text: "Base Excess", loinc: "1925-7", unit: "mmol/l", lo: -2, hi: 3, digits: 1, wobble: .3, group: "Blutgase"},
	{code: "BGLA", text: "Laktat (arteriell)", loinc: "2518-9", unit: "mmol/l", lo: .5, hi: 1.6, digits: 1, wobble: .15, critHigh: 5, group: "Blutgase"},
	{code: "UPH", text: "Urin pH", loinc: "5803-2", lo: 5, hi: 7, digits: 1, wobble: .06, group: "Urin"},
	{code: "ULEU", text: "Urin Leukozyten", loinc: "5799-2", unit: "/µl", hi: 25, digits: 0, wobble: .3, group: "Urin", onlyUpper: true},
	{code: "UERY", text: "Urin Erythrozyten", loinc: "5794-3", unit: "/µl", hi: 10, digits: 0, wobble: .3, group: "Urin", onlyUpper: true},
	{code: "UPRO", text: "Urin Protein", loinc: "20454-5", unit: "mg/dl", hi: 15, digits: 0, wobble: .3, group: "Urin", onlyUpper: true},
	{code: "CEA", text: "CEA", loinc: "2039-6", unit: "ng/ml", hi: 5, digits: 1, wobble: .04, group: "Tumormarker", onlyUpper: true},
	{code: "PSA", text: "PSA", loinc: "2857-1", unit: "ng/ml", hi: 4, digits: 2, wobble: .04, group: "Tumormarker", onlyUpper: true},
	{code: "FERR", text: "Ferritin", loinc: "2276-4", unit: "ng/ml", lo: 30, hi: 400, loF: 15, hiF: 150, digits: 0, wobble: .04, group: "Stoffwechsel"},
}

// panel is what a ward orders: one tube, one order, several values.
type panel struct {
	code, text string
	specimen   string
	values     string // analyte codes
	minutes    int    // from sample to result
}

var panels = [...]panel{
	{"KBB", "Kleines Blutbild", "EDTA-Blut", "LEUK ERY HB HK MCV THRO", 45},
	{"ELEK", "Elektrolyte", "Serum", "NA KA CA CL", 60},
	{"NIER", "Nierenwerte", "Serum", "KREA GFR HST", 60},
	{"LEBE", "Leberwerte", "Serum", "GOT GPT GGT AP BILG LDH", 70},
	{"LIPA", "Lipase", "Serum", "LIP", 60},
	{"GERI", "Gerinnung", "Citrat-Blut", "QUICK INR PTT", 50},
	{"DDIM", "D-Dimere", "Citrat-Blut", "DDIM", 55},
	{"CRP", "CRP", "Serum", "CRP", 60},
	{"PCT", "Procalcitonin", "Serum", "PCT", 75},
	{"TROP", "Herzenzyme", "Serum", "TNT CK", 50},
	{"BNP", "NT-proBNP", "Serum", "BNP", 70},
	{"BGA", "Blutgasanalyse arteriell", "Heparin-Vollblut arteriell", "BGPH BGCO BGO2 BGHC BGBE BGLA", 6},
	{"GLUK", "Glukose", "NaF-Blut", "GLU", 50},
	{"HBA1", "HbA1c", "EDTA-Blut", "HBA1", 120},
	{"TSH", "Schilddrüse", "Serum", "TSH", 110},
	{"ALB", "Albumin", "Serum", "ALB", 80},
	{"USTA", "Urinstatus", "Mittelstrahlurin", "UPH ULEU UERY UPRO", 55},
	{"TUMO", "CEA", "Serum", "CEA", 240},
	{"PSA", "PSA", "Serum", "PSA", 240},
	{"FERR", "Ferritin", "Serum", "FERR", 150},
}

// cultures are what microbiology finds: nothing, or a germ.
var cultures = [...]struct{ code, text, material string }{
	{"MIBK", "Blutkultur", "Blut (aerob/anaerob)"},
	{"MIUR", "Urinkultur", "Mittelstrahlurin"},
	{"MISP", "Sputumkultur", "Sputum"},
	{"MIMR", "MRSA-Screening", "Abstrich Nase/Rachen"},
	{"MIST", "Stuhldiagnostik", "Stuhl"},
	{"MIWU", "Wundabstrich", "Wundabstrich"},
}

var germs = [...]struct{ name, amount, sensible, resistant string }{
	{"Escherichia coli", "10^5 KBE/ml", "Cefuroxim, Ceftriaxon, Piperacillin/Tazobactam, Meropenem, Fosfomycin", "Ampicillin, Cotrimoxazol"},
	{"Klebsiella pneumoniae", "10^5 KBE/ml", "Ceftriaxon, Piperacillin/Tazobactam, Meropenem, Ciprofloxacin", "Ampicillin"},
	{"Staphylococcus aureus (MSSA)", "reichlich", "Flucloxacillin, Cefazolin, Clindamycin, Cotrimoxazol", "Penicillin G"},
	{"Enterococcus faecalis", "10^4 KBE/ml", "Ampicillin, Vancomycin, Linezolid", "Cefuroxim, Clindamycin"},
	{"Streptococcus pneumoniae", "reichlich", "Penicillin G, Ceftriaxon, Moxifloxacin", ""},
	{"Pseudomonas aeruginosa", "mäßig", "Piperacillin/Tazobactam, Ceftazidim, Meropenem, Tobramycin", "Ceftriaxon, Cotrimoxazol"},
	{"Proteus mirabilis", "10^5 KBE/ml", "Cefuroxim, Ceftriaxon, Ciprofloxacin", "Nitrofurantoin"},
}
