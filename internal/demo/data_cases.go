package demo

// illness is one reason to be in hospital, with all that typically belongs to
// it. Lists are words in one string; a course "CRP 180>12" begins at 180 and
// comes down to 12 while the stay lasts.
type illness struct {
	ward    string // whose patients these are
	icd     string
	text    string
	n       int    // how often, compared with the others of the ward
	age     string // "35-80"
	sex     byte   // 0: both
	planned int    // per cent with an appointment; the others come through the ZNA
	los     string // days: "4-9"
	icu     int    // per cent who need intensive care
	dies    int    // in 1,000
	why     string // reason for admission, in words
	side    string // secondary diagnoses that come with it
	ops     string // procedures: codes of table operations
	rx      string // drugs: keys of table drugs
	lab     string // panels at admission
	course  string // of values and vital signs
	exams   string // keys of table exams
}

var illnesses = [...]illness{
	// Neurologie und Stroke Unit
	{ward: "SU", icd: "I63.3", text: "Hirninfarkt durch Thrombose zerebraler Arterien", n: 10, age: "52-91", los: "6-12", icu: 8, dies: 60, why: "Akute Hemiparese und Sprachstörung", side: "I10.00 E78.5", ops: "8-981.1 3-200", rx: "ass100 clopi75 atorva40 enoxa40 pantop40", lab: "KBB ELEK NIER GERI GLUK HBA1", course: "GLU 148>115 RR 188>142", exams: "ct-schaedel us-doppler echo"},
	{ward: "SU", icd: "I63.4", text: "Hirninfarkt durch Embolie zerebraler Arterien", n: 6, age: "64-93", los: "7-14", icu: 12, dies: 80, why: "Aphasie, Halbseitenlähmung rechts", side: "I48.1 I10.00", ops: "8-981.1 3-200", rx: "apix5 biso2 atorva40 pantop40", lab: "KBB ELEK NIER GERI GLUK", course: "RR 176>138 PULS 104>82", exams: "ct-schaedel mrt-schaedel echo"},
	{ward: "SU", icd: "G45.92", text: "Transitorische zerebrale Ischämie, nicht näher bezeichnet", n: 6, age: "50-88", los: "3-5", why: "Flüchtige Sprachstörung", side: "I10.00", ops: "8-981.0", rx: "ass100 atorva40 enoxa40", lab: "KBB ELEK GERI", course: "RR 168>138", exams: "ct-schaedel us-doppler"},
	{ward: "SU", icd: "G40.2", text: "Symptomatische fokale Epilepsie", n: 4, age: "19-78", los: "3-7", icu: 10, dies: 5, why: "Erster generalisierter Krampfanfall", ops: "1-207.0", rx: "leveti500 enoxa40", lab: "KBB ELEK NIER LEBE", course: "BGLA 3.2>1.1", exams: "ct-schaedel mrt-schaedel"},
	{ward: "SU", icd: "G35.1", text: "Multiple Sklerose mit schubförmigem Verlauf", n: 3, age: "20-49", planned: 60, los: "4-6", why: "Schub mit Sehstörung links", rx: "methpred1000 pantop40 enoxa40", lab: "KBB ELEK NIER", course: "LEUK 8>13", exams: "mrt-schaedel"},
	{ward: "SU", icd: "G20.1", text: "Primäres Parkinson-Syndrom mit mäßiger bis schwerer Beeinträchtigung", n: 4, age: "62-88", planned: 70, los: "8-14", why: "Komplexbehandlung bei Wirkfluktuationen", side: "F05.1", ops: "8-97d.1", rx: "levo100 enoxa40 macro", lab: "KBB ELEK NIER TSH", exams: ""},
	// Urologie
	{ward: "1B", icd: "N20.1", text: "Ureterstein", n: 9, age: "25-74", los: "2-4", why: "Kolikartige Flankenschmerzen links", ops: "8-137.10", rx: "metam500 tamsu04 pantop40", lab: "KBB ELEK NIER CRP USTA", course: "KREA 1.6>1.0 UERY 250>30 NRS 7>1", exams: "ct-abdomen us-abdomen"},
	{ward: "1B", icd: "C61", text: "Bösartige Neubildung der Prostata", n: 6, age: "55-78", sex: 'M', planned: 95, los: "6-9", why: "Radikale Prostatektomie", ops: "5-604.11", rx: "enoxa40 metam500 cefu15iv pantop40", lab: "KBB ELEK NIER GERI PSA", course: "HB 14.5>11.8 CRP 4>45 NRS 5>1", exams: "rx-thorax"},
	{ward: "1B", icd: "N40", text: "Prostatahyperplasie", n: 6, age: "60-86", sex: 'M', planned: 85, los: "3-6", why: "TUR-Prostata bei rezidivierendem Harnverhalt", side: "I10.00", ops: "5-601.0", rx: "enoxa40 metam500 cefu15iv", lab: "KBB ELEK NIER GERI USTA", course: "HB 14.2>12.4 UERY 400>80", exams: "us-abdomen"},
	{ward: "1B", icd: "N10", text: "Akute tubulointerstitielle Nephritis", n: 7, age: "18-85", los: "4-7", icu: 4, dies: 5, why: "Fieber, Flankenschmerz, Dysurie", rx: "ceftri2 metam500 ns1000 enoxa40", lab: "KBB ELEK NIER CRP PCT USTA", course: "CRP 214>18 LEUK 17>8 PCT 3.2>0.3 ULEU 500>30 TEMP 39.1>36.7 KREA 1.5>0.9", exams: "us-abdomen"},
	{ward: "1B", icd: "C67.9", text: "Bösartige Neubildung der Harnblase", n: 5, age: "58-88", planned: 85, los: "3-5", why: "TUR-Blase bei Makrohämaturie", ops: "5-573.40", rx: "enoxa40 metam500", lab: "KBB ELEK NIER GERI USTA", course: "HB 12.8>11.6 UERY 500>90", exams: "us-abdomen"},
	// Allgemein- und Viszeralchirurgie
	{ward: "2A", icd: "K35.31", text: "Akute Appendizitis mit lokalisierter Peritonitis mit Perforation oder Ruptur", n: 8, age: "16-60", los: "3-6", icu: 2, why: "Rechtsseitiger Unterbauchschmerz", ops: "5-470.11", rx: "pipta metam500 ns1000 enoxa40", lab: "KBB ELEK NIER CRP USTA", course: "CRP 142>22 LEUK 16.5>8 TEMP 38.6>36.8 NRS 7>2", exams: "us-abdomen"},
	{ward: "2A", icd: "K80.00", text: "Gallenblasenstein mit akuter Cholezystitis ohne Gallenwegsobstruktion", n: 10, age: "30-84", los: "4-7", icu: 3, dies: 4, why: "Rechtsseitiger Oberbauchschmerz", ops: "5-511.11", rx: "ceftri2 metro500 metam500 ns1000 enoxa40 pantop40", lab: "KBB ELEK NIER LEBE LIPA CRP GERI", course: "CRP 168>25 LEUK 15>8 GGT 140>70 BILG 1.8>0.9 TEMP 38.4>36.8 NRS 6>2", exams: "us-abdomen"},
	{ward: "2A", icd: "K40.90", text: "Hernia inguinalis ohne Einklemmung und ohne Gangrän", n: 7, age: "28-82", planned: 95, los: "1-3", why: "Leistenhernien-OP rechts (TAPP)", ops: "5-530.33", rx: "metam500 ibu600 enoxa40", lab: "KBB ELEK NIER GERI", course: "NRS 5>1", exams: ""},
	{ward: "2A", icd: "C18.7", text: "Bösartige Neubildung: Colon sigmoideum", n: 6, age: "52-86", planned: 85, los: "8-13", icu: 30, dies: 15, why: "Laparoskopische Sigmaresektion", side: "D50.9", ops: "5-455.75", rx: "metro500 cefu15iv metam500 piritr enoxa40 pantop40 ns1000", lab: "KBB ELEK NIER LEBE GERI TUMO FERR", course: "HB 11.6>9.9 CRP 12>85 CEA 18>11 NRS 6>2", exams: "ct-abdomen kolo"},
	{ward: "2A", icd: "K56.5", text: "Intestinale Adhäsionen mit Ileus", n: 5, age: "45-90", los: "5-11", icu: 18, dies: 25, why: "Übelkeit, Erbrechen, Stuhlverhalt", ops: "5-469.20", rx: "metam500 ns1000 kcl enoxa40 pantop40 mcp10", lab: "KBB ELEK NIER CRP GERI", course: "KA 3.1>4.1 KREA 1.7>1.0 CRP 60>20 BGLA 2.8>1.0 NRS 6>2", exams: "ct-abdomen rx-abdomen"},
	{ward: "2A", icd: "K57.22", text: "Divertikulitis des Dickdarmes mit Perforation, Abszess, ohne Angabe einer Blutung", n: 6, age: "40-83", los: "5-9", icu: 6, dies: 8, why: "Linksseitiger Unterbauchschmerz, Fieber", rx: "pipta metam500 ns1000 enoxa40", lab: "KBB ELEK NIER CRP PCT", course: "CRP 196>24 LEUK 15.8>8.4 TEMP 38.7>36.9 NRS 6>1", exams: "ct-abdomen"},
	{ward: "2A", icd: "E04.2", text: "Nichttoxische mehrknotige Struma", n: 4, age: "32-72", planned: 98, los: "2-4", why: "Thyreoidektomie", ops: "5-063.0", rx: "metam500 enoxa40 lthyr75", lab: "KBB ELEK TSH GERI", course: "CA 2.3>2.08 NRS 4>1", exams: "us-schild"},
	// Unfallchirurgie und Orthopädie
	{ward: "2B", icd: "S72.01", text: "Schenkelhalsfraktur: intrakapsulär", n: 10, age: "72-96", los: "9-15", icu: 14, dies: 45, why: "Sturz zu Hause, Hüftschmerz rechts", side: "M81.90 F05.1", ops: "5-820.41", rx: "metam500 piritr enoxa40 cefu15iv vitd pantop40", lab: "KBB ELEK NIER GERI CRP", course: "HB 12.1>9.4 CRP 20>70 NRS 7>2 KREA 1.2>1.0", exams: "rx-becken rx-thorax"},
	{ward: "2B", icd: "S72.10", text: "Femurfraktur: Trochanter, nicht näher bezeichnet", n: 6, age: "70-95", los: "9-14", icu: 10, dies: 40, why: "Sturz, Bein verkürzt und außenrotiert", side: "M81.90 I10.00", ops: "5-790.5f", rx: "metam500 piritr enoxa40 cefu15iv vitd", lab: "KBB ELEK NIER GERI", course: "HB 11.8>9.0 CRP 18>80 NRS 7>2", exams: "rx-becken"},
	{ward: "2B", icd: "M17.1", text: "Sonstige primäre Gonarthrose", n: 7, age: "55-82", planned: 98, los: "6-9", why: "Knie-TEP links", ops: "5-822.g1", rx: "ibu600 metam500 piritr riva10 pantop40 cefu15iv", lab: "KBB ELEK NIER GERI CRP", course: "HB 13.6>10.8 CRP 4>90 NRS 6>2", exams: "rx-knie"},
	{ward: "2B", icd: "M16.1", text: "Sonstige primäre Koxarthrose", n: 7, age: "56-84", planned: 98, los: "6-9", why: "Hüft-TEP rechts", ops: "5-820.00", rx: "ibu600 metam500 piritr riva10 pantop40 cefu15iv", lab: "KBB ELEK NIER GERI CRP", course: "HB 13.4>10.6 CRP 5>85 NRS 5>1", exams: "rx-becken"},
	{ward: "2B", icd: "S52.51", text: "Distale Fraktur des Radius: Extensionsfraktur", n: 6, age: "18-88", planned: 40, los: "2-4", why: "Sturz auf die ausgestreckte Hand", ops: "5-794.k6", rx: "ibu600 metam500 enoxa40", lab: "KBB ELEK GERI", course: "NRS 6>2", exams: "rx-hand"},
	{ward: "2B", icd: "S82.6", text: "Fraktur des Außenknöchels", n: 6, age: "18-80", los: "3-6", why: "Umknicktrauma rechts", ops: "5-794.k1", rx: "ibu600 metam500 enoxa40", lab: "KBB ELEK GERI", course: "NRS 6>2", exams: "rx-osg"},
	{ward: "2B", icd: "S06.0", text: "Gehirnerschütterung", n: 6, age: "16-90", los: "1-2", why: "Sturz mit Bewusstlosigkeit, Überwachung", rx: "para500", lab: "KBB GERI", course: "NRS 4>1", exams: "ct-schaedel"},
	{ward: "2B", icd: "S27.0", text: "Traumatischer Pneumothorax", n: 2, age: "18-66", los: "6-10", icu: 70, dies: 20, why: "Verkehrsunfall, Rippenserienfraktur", side: "S22.42", ops: "8-144.2", rx: "metam500 piritr enoxa40 pantop40", lab: "KBB ELEK NIER GERI BGA", course: "HB 10.9>10.2 SPO2 90>97 NRS 7>3 PULS 112>80", exams: "ct-trauma rx-thorax"},
	// Innere 3A: Gastroenterologie, Allgemeines
	{ward: "3A", icd: "K85.10", text: "Biliäre akute Pankreatitis ohne Angabe einer Organkomplikation", n: 7, age: "34-82", los: "6-11", icu: 15, dies: 20, why: "Gürtelförmiger Oberbauchschmerz, Erbrechen", side: "K80.20", rx: "ns1000 metam500 piritr pantop40iv enoxa40", lab: "KBB ELEK NIER LEBE LIPA CRP GERI", course: "LIP 1850>90 CRP 180>25 LEUK 15>8 GOT 180>30 GPT 220>40 BILG 3.4>0.9 CA 2.05>2.25 TEMP 38.1>36.8 NRS 7>2", exams: "us-abdomen ct-abdomen"},
	{ward: "3A", icd: "K92.1", text: "Meläna", n: 6, age: "50-90", los: "4-8", icu: 22, dies: 35, why: "Teerstuhl, Schwindel", side: "D62", ops: "1-632.0 8-800.c0", rx: "pantop40iv ns1000 ek", lab: "KBB ELEK NIER GERI LEBE", course: "HB 6.8>9.8 HST 92>40 PULS 112>80 RR 98>126", exams: "gastro"},
	{ward: "3A", icd: "K70.3", text: "Alkoholische Leberzirrhose", n: 5, age: "42-74", los: "6-12", icu: 14, dies: 70, why: "Dekompensation mit Aszites", side: "K76.6 F10.2", ops: "1-853.2", rx: "spiro50 furo40 lactu propra40 pantop40 thiamin", lab: "KBB ELEK NIER LEBE GERI ALB CRP", course: "NA 127>132 BILG 5.2>3.8 QUICK 48>54 INR 1.6>1.5 THRO 78>84 ALB 24>27 HB 9.8>9.6 GGT 310>240", exams: "us-abdomen gastro"},
	{ward: "3A", icd: "A09.0", text: "Sonstige und nicht näher bezeichnete Gastroenteritis infektiösen Ursprungs", n: 6, age: "22-92", los: "3-5", icu: 2, dies: 5, why: "Erbrechen und Durchfälle seit zwei Tagen", rx: "ns1000 kcl mcp10 enoxa40", lab: "KBB ELEK NIER CRP", course: "KA 3.0>4.0 NA 131>138 KREA 1.8>1.0 CRP 45>10 TEMP 38.2>36.8", exams: ""},
	{ward: "3A", icd: "E11.72", text: "Diabetes mellitus, Typ 2: Mit multiplen Komplikationen, mit sonstigen multiplen Komplikationen, nicht als entgleist bezeichnet", n: 5, age: "46-84", planned: 35, los: "6-10", why: "Einstellung bei HbA1c über 10 %", side: "I10.00 N18.3", rx: "insglar insasp metf1000 rami5 enoxa40", lab: "KBB ELEK NIER GLUK HBA1", course: "GLU 348>145 HBA1 10.8>10.7 KREA 1.6>1.5", exams: ""},
	{ward: "3A", icd: "K50.0", text: "Crohn-Krankheit des Dünndarmes", n: 3, age: "18-52", los: "5-9", why: "Schub mit Bauchschmerz und Diarrhoe", side: "D50.9", rx: "predni50 pantop40 metam500 enoxa40", lab: "KBB ELEK NIER CRP FERR ALB", course: "CRP 88>14 HB 10.2>10.6 ALB 30>33", exams: "kolo us-abdomen"},
	{ward: "3A", icd: "D50.0", text: "Eisenmangelanämie nach Blutverlust (chronisch)", n: 4, age: "40-88", planned: 40, los: "3-5", why: "Leistungsminderung, Anämie", rx: "ferri pantop40", lab: "KBB FERR ELEK NIER", course: "HB 7.2>9.1 FERR 6>40", exams: "gastro kolo"},
	{ward: "3A", icd: "N17.93", text: "Akutes Nierenversagen, nicht näher bezeichnet, Stadium 3", n: 4, age: "60-92", los: "6-12", icu: 18, dies: 60, why: "Anurie, Exsikkose", side: "E86", rx: "ns1000 caglu furo40iv enoxa20", lab: "KBB ELEK NIER BGA CRP", course: "KREA 5.4>1.9 HST 182>70 KA 6.1>4.6 GFR 9>34 BGPH 7.27>7.38 BGHC 16>23", exams: "us-abdomen"},
	{ward: "3A", icd: "K22.6", text: "Mallory-Weiss-Syndrom", n: 3, age: "25-70", los: "2-4", icu: 4, dies: 4, why: "Bluterbrechen nach heftigem Erbrechen", rx: "pantop40iv ns1000 mcp10", lab: "KBB ELEK NIER GERI", course: "HB 11.9>11.4 PULS 104>78", exams: "gastro"},
	{ward: "3A", icd: "K83.1", text: "Verschluss des Gallenganges", n: 5, age: "45-90", los: "4-8", icu: 6, dies: 15, why: "Schmerzloser Ikterus, ERCP", rx: "ceftri2 ns1000 metam500 enoxa40 pantop40", lab: "KBB ELEK NIER LEBE LIPA CRP GERI", course: "BILG 8.4>2.2 GGT 540>180 AP 410>160 GOT 160>50 GPT 190>60 CRP 60>15", exams: "us-abdomen"},
	{ward: "3A", icd: "K57.32", text: "Divertikulitis des Dickdarmes ohne Perforation, Abszess oder Angabe einer Blutung", n: 5, age: "38-85", los: "4-6", dies: 2, why: "Linksseitiger Unterbauchschmerz", rx: "ampsul metam500 ns1000 enoxa40", lab: "KBB ELEK NIER CRP USTA", course: "CRP 112>14 LEUK 13.4>7.8 TEMP 38.2>36.8 NRS 5>1", exams: "ct-abdomen"},
	{ward: "3A", icd: "E87.1", text: "Hypoosmolalität und Hyponatriämie", n: 4, age: "60-92", los: "4-7", icu: 8, dies: 12, why: "Verwirrtheit, Natrium 118 mmol/l", side: "I10.00", rx: "ns1000 enoxa40 pantop20", lab: "KBB ELEK NIER TSH", course: "NA 118>134", exams: "ct-schaedel"},
	{ward: "3A", icd: "I95.1", text: "Orthostatische Hypotonie", n: 3, age: "62-92", los: "3-5", why: "Rezidivierende Stürze beim Aufstehen", rx: "ns1000 enoxa40", lab: "KBB ELEK NIER TSH", course: "RR 102>126", exams: "echo"},
	{ward: "3A", icd: "E05.0", text: "Hyperthyreose mit diffuser Struma", n: 2, age: "25-70", los: "4-6", icu: 3, why: "Tachykardie, Gewichtsverlust", rx: "propra40 pantop20", lab: "KBB ELEK TSH LEBE", course: "TSH 0.01>0.02 PULS 124>84", exams: "us-schild"},
	// Innere 3B: Pneumologie, Infektiologie
	{ward: "3B", icd: "J18.1", text: "Lobärpneumonie, nicht näher bezeichnet", n: 10, age: "38-93", los: "6-10", icu: 12, dies: 60, why: "Fieber, Husten, Luftnot", rx: "ampsul clari500 ns1000 enoxa40 sauerst", lab: "KBB ELEK NIER CRP PCT BGA", course: "CRP 238>28 LEUK 17.2>8.5 PCT 4.6>0.3 TEMP 39.2>36.7 SPO2 89>96 PULS 108>78 AF 26>16 BGO2 58>74", exams: "rx-thorax"},
	{ward: "3B", icd: "J44.11", text: "Chronische obstruktive Lungenkrankheit mit akuter Exazerbation, FEV1 >=35 % und <50 % des Sollwertes", n: 9, age: "54-88", los: "6-10", icu: 16, dies: 40, why: "Zunehmende Luftnot, Auswurf", side: "F17.2", ops: "8-706", rx: "predni50 salbu ipra tio18 enoxa40 pantop40 sauerst", lab: "KBB ELEK NIER CRP BGA BNP", course: "CRP 62>12 BGCO 58>46 BGO2 54>66 BGPH 7.31>7.39 SPO2 86>92 AF 28>18 PULS 112>86", exams: "rx-thorax lufu"},
	{ward: "3B", icd: "J10.0", text: "Grippe mit Pneumonie, saisonale Influenzaviren nachgewiesen", n: 5, age: "40-92", los: "5-9", icu: 14, dies: 40, why: "Hohes Fieber, Husten, Influenza A positiv", rx: "oselt75 para500 ampsul enoxa40", lab: "KBB ELEK NIER CRP PCT", course: "CRP 96>20 LEUK 4.1>6.8 TEMP 39.6>36.8 SPO2 90>96", exams: "rx-thorax"},
	{ward: "3B", icd: "I26.9", text: "Lungenembolie ohne Angabe eines akuten Cor pulmonale", n: 6, age: "36-86", los: "4-8", icu: 14, dies: 30, why: "Akute Luftnot, Thoraxschmerz", side: "I80.28", rx: "riva15 metam500 pantop40", lab: "KBB ELEK NIER GERI DDIM TROP BNP", course: "DDIM 8.6>1.2 TNT 38>12 SPO2 88>96 PULS 114>78 BNP 1200>380", exams: "ct-thorax echo us-beinvenen"},
	{ward: "3B", icd: "A46", text: "Erysipel", n: 5, age: "42-88", los: "5-8", dies: 4, why: "Gerötetes, überwärmtes Bein rechts", side: "I89.0", rx: "pengiv metam500 enoxa40", lab: "KBB ELEK NIER CRP", course: "CRP 156>18 LEUK 14.8>8 TEMP 38.8>36.7 NRS 5>1", exams: "us-beinvenen"},
	{ward: "3B", icd: "A41.51", text: "Sepsis: Escherichia coli", n: 5, age: "55-92", los: "9-15", icu: 65, dies: 160, why: "Schüttelfrost, Hypotonie, Verwirrtheit", side: "N39.0 R65.1", ops: "8-980.10", rx: "pipta ns1000 norad enoxa40 pantop40iv", lab: "KBB ELEK NIER LEBE GERI CRP PCT BGA", course: "CRP 312>45 LEUK 24>9 PCT 38>1.2 THRO 88>180 KREA 2.6>1.1 TEMP 39.6>36.8 RR 86>122 PULS 124>82 BGLA 4.8>1.2 BGPH 7.29>7.40", exams: "rx-thorax us-abdomen"},
	{ward: "3B", icd: "C34.1", text: "Bösartige Neubildung: Oberlappen (-Bronchus)", n: 3, age: "55-82", planned: 60, los: "4-7", dies: 40, why: "Bronchoskopie bei Raumforderung", side: "F17.2", ops: "1-620.10", rx: "metam500 pantop40 enoxa40", lab: "KBB ELEK NIER LEBE GERI", course: "CRP 35>30 HB 11.8>11.4", exams: "ct-thorax broncho"},
	{ward: "3B", icd: "J45.0", text: "Vorwiegend allergisches Asthma bronchiale", n: 4, age: "18-58", los: "3-5", icu: 6, dies: 3, why: "Schwerer Asthmaanfall", rx: "predni50 salbu ipra sauerst", lab: "KBB ELEK CRP BGA", course: "SPO2 89>97 AF 28>16 PULS 122>82 BGO2 60>82", exams: "rx-thorax lufu"},
	{ward: "3B", icd: "J90", text: "Pleuraerguss, anderenorts nicht klassifiziert", n: 4, age: "55-90", los: "4-8", dies: 25, why: "Luftnot bei großem Erguss rechts", ops: "8-144.2", rx: "furo40 metam500 enoxa40", lab: "KBB ELEK NIER CRP BNP", course: "SPO2 90>95 CRP 44>20", exams: "rx-thorax us-abdomen"},
	{ward: "3B", icd: "U07.1", text: "COVID-19, Virus nachgewiesen", n: 3, age: "55-94", los: "5-9", icu: 10, dies: 45, why: "Fieber, Husten, Antigentest positiv", rx: "dexa8 enoxa40 para500 sauerst", lab: "KBB ELEK NIER CRP DDIM", course: "CRP 88>15 LEUK 4.4>7.2 TEMP 38.9>36.8 SPO2 90>96", exams: "rx-thorax"},
	{ward: "3B", icd: "I80.28", text: "Thrombose, Phlebitis und Thrombophlebitis sonstiger tiefer Gefäße der unteren Extremitäten", n: 4, age: "30-84", los: "2-4", why: "Beinschwellung links", rx: "apix5 metam500", lab: "KBB ELEK NIER GERI DDIM", course: "DDIM 5.4>1.4", exams: "us-beinvenen"},
	// Kardiologie
	{ward: "4A", icd: "I50.14", text: "Linksherzinsuffizienz: Mit Beschwerden in Ruhe", n: 11, age: "62-93", los: "6-11", icu: 10, dies: 60, why: "Ruhedyspnoe, Beinödeme, Gewichtszunahme", side: "I10.00 I48.1 N18.3", rx: "furo40iv rami5 biso5 spiro25 empa10 apix5 pantop40", lab: "KBB ELEK NIER TROP BNP TSH", course: "BNP 8900>2800 KREA 1.6>1.4 KA 3.6>4.3 NA 131>136 SPO2 89>95 PULS 108>74 AF 26>16 GEW 1.06>1.0", exams: "rx-thorax echo"},
	{ward: "4A", icd: "I21.4", text: "Akuter subendokardialer Myokardinfarkt", n: 9, age: "48-88", los: "4-7", icu: 28, dies: 40, why: "Thorakaler Druckschmerz seit Stunden", side: "I10.00 E78.5", ops: "8-837.00 1-275.0", rx: "ass100 tica90 atorva80 biso2 rami2 enoxa60 pantop40", lab: "KBB ELEK NIER GERI TROP GLUK", course: "TNT 640>48 CK 820>120 NRS 5>0 PULS 92>68 RR 152>124", exams: "echo cor"},
	{ward: "4A", icd: "I21.0", text: "Akuter transmuraler Myokardinfarkt der Vorderwand", n: 4, age: "44-84", los: "5-8", icu: 80, dies: 80, why: "ST-Hebungsinfarkt", side: "E78.5 F17.2", ops: "8-837.00 1-275.0", rx: "ass100 tica90 atorva80 biso2 rami2 enoxa60 pantop40", lab: "KBB ELEK NIER GERI TROP BGA", course: "TNT 4200>180 CK 3900>180 NRS 8>0 PULS 104>70 RR 104>118 BGLA 2.9>1.1", exams: "echo cor"},
	{ward: "4A", icd: "I48.1", text: "Vorhofflimmern, persistierend", n: 8, age: "52-86", planned: 45, los: "2-4", why: "Elektrische Kardioversion", ops: "8-640.0", rx: "apix5 biso5 pantop40", lab: "KBB ELEK NIER GERI TSH", course: "PULS 128>66", exams: "tee"},
	{ward: "4A", icd: "I25.13", text: "Atherosklerotische Herzkrankheit: Drei-Gefäß-Erkrankung", n: 6, age: "55-84", planned: 80, los: "2-4", why: "Elektive Koronarangiographie", side: "I10.00 E78.5 E11.90", ops: "1-275.0", rx: "ass100 atorva40 biso2 rami5", lab: "KBB ELEK NIER GERI TROP", exams: "cor echo"},
	{ward: "4A", icd: "R55", text: "Synkope und Kollaps", n: 5, age: "32-90", los: "2-4", why: "Kurze Bewusstlosigkeit", rx: "enoxa40", lab: "KBB ELEK NIER TROP", exams: "echo ct-schaedel"},
	{ward: "4A", icd: "I44.2", text: "Atrioventrikulärer Block 3. Grades", n: 3, age: "68-92", los: "4-6", icu: 40, dies: 15, why: "Schwindel, Bradykardie 32/min", ops: "5-377.30", rx: "metam500 cefu15iv enoxa40", lab: "KBB ELEK NIER GERI TROP", course: "PULS 34>70 RR 98>134", exams: "rx-thorax echo"},
	{ward: "4A", icd: "I47.1", text: "Supraventrikuläre Tachykardie", n: 4, age: "24-76", los: "2-3", why: "Herzrasen 180/min", rx: "biso5 enoxa40", lab: "KBB ELEK NIER TROP TSH", course: "PULS 172>72", exams: "echo"},
	{ward: "4A", icd: "I35.0", text: "Aortenklappenstenose", n: 4, age: "70-92", planned: 70, los: "4-8", icu: 10, dies: 15, why: "Belastungsdyspnoe, Abklärung vor TAVI", side: "I25.11", ops: "1-275.0", rx: "ass100 biso2 furo40 atorva20 enoxa40", lab: "KBB ELEK NIER GERI BNP", course: "BNP 2400>1900", exams: "tee cor"},
	{ward: "4A", icd: "I10.01", text: "Benigne essentielle Hypertonie: Mit Angabe einer hypertensiven Krise", n: 4, age: "45-90", los: "2-4", why: "RR 220/110, Kopfschmerz", rx: "rami5 biso5 pantop20", lab: "KBB ELEK NIER TROP", course: "RR 208>138 NRS 5>0", exams: "echo"},
	{ward: "4A", icd: "I30.1", text: "Infektiöse Perikarditis", n: 2, age: "20-60", los: "3-5", why: "Atemabhängiger Thoraxschmerz", rx: "ibu600 pantop40", lab: "KBB ELEK TROP CRP", course: "CRP 96>12 TNT 60>18 NRS 6>1", exams: "echo"},
	// Geriatrie
	{ward: "4B", icd: "R26.8", text: "Sonstige und nicht näher bezeichnete Störungen des Ganges und der Mobilität", n: 8, age: "76-97", planned: 70, los: "14-22", dies: 25, why: "Geriatrische frührehabilitative Komplexbehandlung", side: "I10.00 F03 M81.90", ops: "8-550.1", rx: "rami5 vitd metam500 macro enoxa40", lab: "KBB ELEK NIER TSH ALB", course: "ALB 30>33", exams: ""},
	{ward: "4B", icd: "F05.1", text: "Delir bei Demenz", n: 5, age: "78-97", los: "10-18", dies: 40, why: "Akute Verwirrtheit", side: "F03 E86", ops: "8-550.1", rx: "melp risp05 ns1000 macro enoxa40", lab: "KBB ELEK NIER CRP USTA TSH", course: "NA 150>141 KREA 1.5>1.1 CRP 38>10", exams: "ct-schaedel"},
	{ward: "4B", icd: "S32.1", text: "Fraktur des Os sacrum", n: 5, age: "75-96", los: "12-19", dies: 20, why: "Immobilisierende Schmerzen nach Sturz", side: "M81.90 I10.00", ops: "8-550.1", rx: "metam500 tili50 vitd macro enoxa40 pantop40", lab: "KBB ELEK NIER CRP", course: "HB 11.2>10.8 NRS 6>2", exams: "rx-becken"},
	{ward: "4B", icd: "E86", text: "Volumenmangel", n: 4, age: "76-98", los: "6-11", dies: 30, why: "Exsikkose, Allgemeinzustand reduziert", side: "F03 N18.3", rx: "ns1000 enoxa20 macro", lab: "KBB ELEK NIER CRP USTA", course: "NA 152>140 KREA 2.1>1.3 HST 96>50", exams: ""},
	{ward: "4B", icd: "I69.3", text: "Folgen eines Hirninfarktes", n: 4, age: "70-94", planned: 75, los: "14-21", dies: 15, why: "Frührehabilitation nach Schlaganfall", side: "I48.1 I10.00", ops: "8-550.1", rx: "apix25 biso2 atorva40 macro pantop40", lab: "KBB ELEK NIER", exams: ""},
	// Onkologie
	{ward: "5A", icd: "C83.3", text: "Diffuses großzelliges B-Zell-Lymphom", n: 7, age: "40-82", planned: 85, los: "3-6", icu: 2, dies: 25, why: "Chemoimmuntherapie, Zyklus 3", ops: "8-543.12", rx: "ritux doxo predni100 onda8 allo300 pantop40", lab: "KBB ELEK NIER LEBE CRP", course: "LEUK 5.8>2.6 HB 10.4>9.6 THRO 210>130", exams: "ct-thorax port"},
	{ward: "5A", icd: "D70.10", text: "Arzneimittelinduzierte Agranulozytose und Neutropenie: Kritische Phase unter 4 Tage", n: 6, age: "42-80", los: "6-10", icu: 10, dies: 50, why: "Fieber in Neutropenie", side: "C83.3", rx: "pipta filgra ns1000 para500 pantop40iv", lab: "KBB ELEK NIER LEBE CRP PCT", course: "LEUK 0.6>4.2 THRO 48>110 HB 8.2>9.0 CRP 164>20 TEMP 39.0>36.8 PCT 2.8>0.3", exams: "rx-thorax"},
	{ward: "5A", icd: "C50.4", text: "Bösartige Neubildung: Oberer äußerer Quadrant der Brustdrüse", n: 5, age: "38-79", sex: 'F', planned: 85, los: "3-5", dies: 10, why: "Systemtherapie bei ossärer Metastasierung", side: "C79.5", rx: "onda8 dexa8 oxy10 pantop40 enoxa40", lab: "KBB ELEK NIER LEBE", course: "CA 2.75>2.45 HB 10.8>10.4 AP 210>190", exams: "ct-thorax"},
	{ward: "5A", icd: "C90.00", text: "Multiples Myelom ohne Angabe einer kompletten Remission", n: 4, age: "56-84", planned: 60, los: "5-9", dies: 30, why: "Therapiebeginn, Nierenfunktion verschlechtert", side: "N18.4", rx: "dexa8 ns1000 aciclo oxy10 pantop40", lab: "KBB ELEK NIER LEBE ALB", course: "CA 2.92>2.40 KREA 2.8>2.0 HB 8.9>8.8", exams: "ct-trauma"},
	{ward: "5A", icd: "C25.0", text: "Bösartige Neubildung: Pankreaskopf", n: 4, age: "52-84", planned: 40, los: "6-10", dies: 90, why: "Ikterus, Schmerzen, palliative Versorgung", side: "R63.4", rx: "oxy10 oxy5bb metam500 pantop40 macro mcp10 enoxa40", lab: "KBB ELEK NIER LEBE CRP", course: "BILG 9.6>4.2 GGT 620>410 AP 480>350 ALB 27>26 HB 9.9>9.6 CRP 60>50", exams: "ct-abdomen us-abdomen"},
	{ward: "5A", icd: "C92.00", text: "Akute myeloblastische Leukämie ohne Angabe einer kompletten Remission", n: 3, age: "24-76", los: "14-24", icu: 8, dies: 60, why: "Induktionschemotherapie", rx: "cytara onda8 allo300 posa ek tk pantop40", lab: "KBB ELEK NIER LEBE GERI CRP", course: "LEUK 22>0.8 THRO 38>22 HB 7.8>8.0 CRP 30>60", exams: "rx-thorax"},
	// Gynäkologie
	{ward: "5B", icd: "D25.1", text: "Intramurales Leiomyom des Uterus", n: 7, age: "34-54", sex: 'F', planned: 96, los: "3-5", why: "Laparoskopische Hysterektomie", ops: "5-683.23", rx: "ibu600 metam500 enoxa40 cefu15iv", lab: "KBB ELEK GERI", course: "HB 11.4>10.2 NRS 5>1", exams: "us-abdomen"},
	{ward: "5B", icd: "C50.9", text: "Bösartige Neubildung: Brustdrüse, nicht näher bezeichnet", n: 7, age: "36-84", sex: 'F', planned: 98, los: "3-6", why: "Brusterhaltende Operation rechts", ops: "5-870.a1", rx: "ibu600 metam500 enoxa40", lab: "KBB ELEK NIER GERI", course: "NRS 4>1", exams: "mammo"},
	{ward: "5B", icd: "N83.2", text: "Sonstige und nicht näher bezeichnete Ovarialzysten", n: 6, age: "18-58", sex: 'F', planned: 60, los: "2-4", why: "Unterbauchschmerz, Zyste rechts", ops: "5-651.92", rx: "ibu600 metam500 enoxa40", lab: "KBB ELEK CRP", course: "NRS 6>1", exams: "us-abdomen"},
	{ward: "5B", icd: "O21.1", text: "Hyperemesis gravidarum mit Stoffwechselstörung", n: 3, age: "19-38", sex: 'F', los: "3-5", why: "Anhaltendes Erbrechen, 10. SSW", side: "Z34", rx: "ns1000 onda8 kcl", lab: "KBB ELEK NIER LEBE USTA", course: "KA 3.0>3.9 NA 132>138", exams: "us-abdomen"},
	// Geburtshilfe (Mütter)
	{ward: "GEB", icd: "O80", text: "Spontangeburt eines Einlings", n: 12, age: "20-42", sex: 'F', planned: 35, los: "3-4", why: "Wehentätigkeit, 39+4 SSW", ops: "9-260", rx: "ibu600 ferro100", lab: "KBB CRP", course: "HB 11.8>10.6 NRS 5>1", exams: ""},
	{ward: "GEB", icd: "O82", text: "Geburt eines Einlings durch Schnittentbindung [Sectio caesarea]", n: 7, age: "22-43", sex: 'F', planned: 65, los: "4-5", icu: 1, why: "Sectio caesarea", ops: "5-749.10", rx: "ibu600 para500 enoxa40 cefu15iv oxyt ferro100", lab: "KBB GERI CRP", course: "HB 11.6>9.8 CRP 8>60 NRS 6>2", exams: ""},
	{ward: "GEB", icd: "O42.0", text: "Vorzeitiger Blasensprung, Wehenbeginn innerhalb von 24 Stunden", n: 4, age: "21-41", sex: 'F', los: "3-5", why: "Blasensprung, 38+1 SSW", ops: "9-260", rx: "ampi2 ibu600", lab: "KBB CRP", course: "CRP 12>20 HB 11.9>10.8", exams: ""},
	{ward: "GEB", icd: "O60.0", text: "Vorzeitige Wehen ohne Entbindung", n: 1, age: "20-40", sex: 'F', los: "5-12", why: "Vorzeitige Wehen, 29+2 SSW", side: "Z34", rx: "nife20 betame magnes", lab: "KBB CRP USTA", exams: "us-abdomen"},
	// Kinderklinik
	{ward: "KIN", icd: "J20.5", text: "Akute Bronchitis durch Respiratory-Syncytial-Viren [RS-Viren]", n: 9, age: "0-2", los: "3-6", icu: 6, why: "Trinkschwäche, Giemen, RSV positiv", rx: "salbuki paraki glu5 sauerst", lab: "KBB CRP BGA", course: "CRP 14>5 SPO2 89>97 AF 52>34 TEMP 38.6>36.9", exams: ""},
	{ward: "KIN", icd: "A08.0", text: "Enteritis durch Rotaviren", n: 6, age: "0-5", los: "2-4", why: "Erbrechen, Durchfall, Exsikkose", rx: "glu5 paraki", lab: "KBB ELEK CRP", course: "NA 131>138 KA 3.2>4.2 TEMP 38.7>36.9", exams: ""},
	{ward: "KIN", icd: "J18.0", text: "Bronchopneumonie, nicht näher bezeichnet", n: 5, age: "1-14", los: "4-6", icu: 3, why: "Fieber, Husten, Tachypnoe", rx: "amoxki paraki glu5", lab: "KBB CRP", course: "CRP 118>16 LEUK 19>9 TEMP 39.4>36.9 SPO2 91>97", exams: "rx-thorax"},
	{ward: "KIN", icd: "R56.0", text: "Fieberkrämpfe", n: 5, age: "1-5", los: "1-3", why: "Krampfanfall bei Fieber", rx: "paraki diazki", lab: "KBB ELEK CRP GLUK", course: "TEMP 39.6>37.0", exams: ""},
	{ward: "KIN", icd: "E10.11", text: "Diabetes mellitus, Typ 1: Mit Ketoazidose, als entgleist bezeichnet", n: 3, age: "4-16", los: "7-11", icu: 40, why: "Polyurie, Gewichtsverlust, Erstmanifestation", rx: "insasp insglar ns1000 kcl", lab: "KBB ELEK NIER GLUK HBA1 BGA", course: "GLU 512>160 BGPH 7.14>7.40 BGHC 9>23 KA 3.3>4.2 HBA1 12.1>12", exams: ""},
	{ward: "KIN", icd: "K35.8", text: "Akute Appendizitis, nicht näher bezeichnet", n: 4, age: "6-15", los: "3-5", why: "Bauchschmerz rechts unten", ops: "5-470.11", rx: "amoxki paraki metam500", lab: "KBB CRP ELEK", course: "CRP 64>12 LEUK 15>8 NRS 6>1", exams: "us-abdomen"},
	{ward: "KIN", icd: "P59.9", text: "Neugeborenenikterus, nicht näher bezeichnet", n: 3, age: "0-0", los: "2-3", why: "Phototherapie", lab: "KBB LEBE", course: "BILG 16.2>9", exams: ""},
}

// minor complaints of those who go home from the emergency department.
var minor = [...]struct{ icd, text, why, exam string }{
	{"S61.0", "Offene Wunde eines oder mehrerer Finger", "Schnittverletzung Zeigefinger links", ""},
	{"S93.40", "Verstauchung und Zerrung des oberen Sprunggelenkes", "Umgeknickt beim Sport", "rx-osg"},
	{"S63.5", "Verstauchung und Zerrung des Handgelenkes", "Sturz auf die Hand", "rx-hand"},
	{"M54.5", "Kreuzschmerz", "Hexenschuss nach Heben", ""},
	{"R07.3", "Sonstige Brustschmerzen", "Stechen in der Brust", "rx-thorax"},
	{"N30.0", "Akute Zystitis", "Brennen beim Wasserlassen", ""},
	{"T78.4", "Allergie, nicht näher bezeichnet", "Hautausschlag nach Mahlzeit", ""},
	{"R10.4", "Sonstige und nicht näher bezeichnete Bauchschmerzen", "Bauchschmerzen", "us-abdomen"},
	{"S01.0", "Offene Wunde der behaarten Kopfhaut", "Kopfplatzwunde", ""},
	{"R42", "Schwindel und Taumel", "Drehschwindel", ""},
	{"J06.9", "Akute Infektion der oberen Atemwege, nicht näher bezeichnet", "Husten und Fieber", ""},
	{"H81.1", "Benigner paroxysmaler Schwindel", "Schwindel beim Umdrehen", ""},
}

// comorbid is a secondary diagnosis with what is usually taken for it.
type comorbid struct {
	icd, text, rx string
	from          int // years of age
	n             int // how often
}

var comorbids = [...]comorbid{
	{"I10.00", "Benigne essentielle Hypertonie: Ohne Angabe einer hypertensiven Krise", "rami5", 40, 40},
	{"E11.90", "Diabetes mellitus, Typ 2: Ohne Komplikationen, nicht als entgleist bezeichnet", "metf1000", 45, 20},
	{"E78.5", "Hyperlipidämie, nicht näher bezeichnet", "atorva20", 45, 18},
	{"I48.1", "Vorhofflimmern, persistierend", "apix5 biso2", 62, 14},
	{"I25.11", "Atherosklerotische Herzkrankheit: Ein-Gefäß-Erkrankung", "ass100 biso2", 55, 12},
	{"E03.9", "Hypothyreose, nicht näher bezeichnet", "lthyr75", 30, 12},
	{"N18.3", "Chronische Nierenkrankheit, Stadium 3", "", 60, 14},
	{"J44.99", "Chronische obstruktive Lungenkrankheit, nicht näher bezeichnet: FEV1 nicht näher bezeichnet", "tio18", 52, 8},
	{"F32.9", "Depressive Episode, nicht näher bezeichnet", "mirta15", 25, 9},
	{"K21.0", "Gastroösophageale Refluxkrankheit mit Ösophagitis", "pantop20", 30, 10},
	{"E66.01", "Adipositas durch übermäßige Kalorienzufuhr: BMI 35 bis unter 40", "", 25, 9},
	{"M81.90", "Osteoporose, nicht näher bezeichnet: Mehrere Lokalisationen", "vitd", 68, 11},
	{"F03", "Nicht näher bezeichnete Demenz", "", 78, 10},
	{"H40.1", "Primäres Weitwinkelglaukom", "latano", 60, 5},
	{"M10.99", "Gicht, nicht näher bezeichnet", "allo100", 50, 6},
	{"F17.2", "Tabakabhängigkeit", "", 20, 12},
	{"G20.1", "Primäres Parkinson-Syndrom mit mäßiger bis schwerer Beeinträchtigung", "levo100", 66, 4},
	{"D50.9", "Eisenmangelanämie, nicht näher bezeichnet", "ferro100", 30, 5},
	{"F05.1", "Delir bei Demenz", "melp", 80, 0}, {"D62", "Akute Blutungsanämie", "", 0, 0},
	{"K80.20", "Gallenblasenstein ohne Cholezystitis", "", 0, 0}, {"K76.6", "Portale Hypertonie", "", 0, 0},
	{"F10.2", "Alkoholabhängigkeit", "", 0, 0}, {"E86", "Volumenmangel", "", 0, 0},
	{"I80.28", "Thrombose, Phlebitis und Thrombophlebitis sonstiger tiefer Gefäße der unteren Extremitäten", "", 0, 0},
	{"I89.0", "Lymphödem", "", 0, 0}, {"N39.0", "Harnwegsinfektion, Lokalisation nicht näher bezeichnet", "", 0, 0},
	{"R65.1", "Systemisches inflammatorisches Response-Syndrom infektiöser Genese mit Organkomplikationen", "", 0, 0},
	{"C83.3", "Diffuses großzelliges B-Zell-Lymphom", "", 0, 0}, {"C79.5", "Sekundäre bösartige Neubildung des Knochens", "", 0, 0},
	{"N18.4", "Chronische Nierenkrankheit, Stadium 4", "", 0, 0}, {"R63.4", "Abnorme Gewichtsabnahme", "", 0, 0},
	{"S22.42", "Rippenserienfraktur: Beteiligung von zwei Rippen", "", 0, 0}, {"Z34", "Überwachung einer normalen Schwangerschaft", "", 0, 0},
}

// operations are procedures by OPS code.
var operations = [...]struct{ ops, text string }{
	{"8-981.1", "Neurologische Komplexbehandlung des akuten Schlaganfalls: Mehr als 72 Stunden"},
	{"8-981.0", "Neurologische Komplexbehandlung des akuten Schlaganfalls: 24 bis 72 Stunden"},
	{"3-200", "Native Computertomographie des Schädels"},
	{"1-207.0", "Elektroenzephalographie: Routine-EEG"},
	{"8-97d.1", "Multimodale Komplexbehandlung bei Morbus Parkinson: 14 bis 20 Behandlungstage"},
	{"8-137.10", "Einlegen einer Ureterschiene: Transurethral, ohne Ureterotomie"},
	{"5-604.11", "Radikale Prostatovesikulektomie: Retropubisch, mit regionaler Lymphadenektomie"},
	{"5-601.0", "Transurethrale Elektroresektion der Prostata"},
	{"5-573.40", "Transurethrale Resektion von erkranktem Harnblasengewebe"},
	{"5-470.11", "Appendektomie: Laparoskopisch, Absetzung durch Klammern"},
	{"5-511.11", "Cholezystektomie: Einfach, laparoskopisch, ohne Revision der Gallengänge"},
	{"5-530.33", "Verschluss einer Hernia inguinalis: Laparoskopisch transperitoneal [TAPP]"},
	{"5-455.75", "Sigmaresektion: Laparoskopisch mit Anastomose"},
	{"5-469.20", "Adhäsiolyse: Offen chirurgisch"},
	{"5-063.0", "Thyreoidektomie: Ohne Parathyreoidektomie"},
	{"5-820.41", "Implantation einer Duokopfprothese: Zementiert"},
	{"5-790.5f", "Geschlossene Reposition: Durch intramedullären Nagel, Femur proximal"},
	{"5-822.g1", "Implantation einer bikondylären Oberflächenersatzprothese: Zementiert"},
	{"5-820.00", "Implantation einer Totalendoprothese am Hüftgelenk: Nicht zementiert"},
	{"5-794.k6", "Offene Reposition: Durch winkelstabile Platte, Radius distal"},
	{"5-794.k1", "Offene Reposition: Durch winkelstabile Platte, Fibula distal"},
	{"8-144.2", "Therapeutische Drainage der Pleurahöhle: Geschlossen, kleinlumig"},
	{"1-632.0", "Diagnostische Ösophagogastroduodenoskopie"},
	{"8-800.c0", "Transfusion von Erythrozytenkonzentrat: 1 bis unter 6"},
	{"1-853.2", "Diagnostische perkutane Punktion der Bauchhöhle: Aszitespunktion"},
	{"8-706", "Anlegen einer Maske zur maschinellen Beatmung"},
	{"8-980.10", "Intensivmedizinische Komplexbehandlung (Basisprozedur)"},
	{"1-620.10", "Diagnostische Tracheobronchoskopie: Mit flexiblem Instrument"},
	{"8-837.00", "Perkutan-transluminale Gefäßintervention am Herzen: Ballon-Angioplastie, eine Koronararterie"},
	{"1-275.0", "Transarterielle Linksherz-Katheteruntersuchung: Koronarangiographie"},
	{"8-640.0", "Externe elektrische Defibrillation (Kardioversion): Synchronisiert"},
	{"5-377.30", "Implantation eines Herzschrittmachers: Zweikammersystem"},
	{"8-550.1", "Geriatrische frührehabilitative Komplexbehandlung: Mindestens 14 Behandlungstage"},
	{"8-543.12", "Mittelgradig komplexe und intensive Blockchemotherapie: 1 Tag, 2 Medikamente"},
	{"5-683.23", "Uterusexstirpation: Laparoskopisch, ohne Salpingoovariektomie"},
	{"5-870.a1", "Partielle Mastektomie: Lumpektomie, Resektionsgewicht unter 50 g"},
	{"5-651.92", "Lokale Exzision von Ovarialgewebe: Zystenausschälung, laparoskopisch"},
	{"9-260", "Überwachung und Leitung einer normalen Geburt"},
	{"5-749.10", "Sectio caesarea: Misgav-Ladach, sekundär"},
}
