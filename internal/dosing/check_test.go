package dosing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// anna is a woman of 75 whose facts are all known and good.
func anna() Facts {
	return Facts{
		Day: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}, Sex: clinical.Female,
		WeightKg: new(70.0), EGFR: new(85.0), NoneKnown: true,
	}
}

// rx is a prescription as a ward writes it.
func rx(name, strength, dose, scheme, route string) clinical.Prescription {
	return clinical.Prescription{Drug: clinical.Coded{Text: name}, Strength: strength, Dose: dose, Scheme: scheme, Route: route}
}

// says reports whether a finding of kind k and severity s holds the words.
func says(r Report, k Kind, s Severity, words string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.Kind == k && f.Severity == s && strings.Contains(f.Text.DE, words)
	})
}

// admits reports whether the report says that something was not checked.
func admits(r Report, words string) bool {
	return slices.ContainsFunc(r.Unchecked, func(f Finding) bool { return f.Unchecked && strings.Contains(f.Text.DE, words) })
}

// about is the report without findings of the other kinds.
func about(r Report, kinds ...Kind) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if slices.Contains(kinds, f.Kind) {
			out = append(out, f)
		}
	}
	return out
}

func TestAnOrdinaryPrescriptionIsQuietButNeverClaimsToHaveCheckedAll(t *testing.T) {
	t.Parallel()
	r := mustDefault(t).Check(rx("Pantozol", "40 mg", "1 Tbl.", "1-0-0-0", "p.o."), anna())
	if len(r.Findings) != 0 || !slices.Equal(r.Substances, []string{"Pantoprazol"}) || r.Single.DE != "40 mg" || r.Daily.DE != "40 mg" {
		t.Errorf("got %+v", r)
	}
	if !admits(r, "Wechselwirkungen") || !admits(r, "nicht freigegeben") || len(r.Unchecked) != 2 {
		t.Errorf("unchecked: %+v", r.Unchecked)
	}
}

func TestDrugsAreKnownByCodeAndWholeNames(t *testing.T) {
	t.Parallel()
	table := mustDefault(t)
	tests := []struct {
		name, substance, system, code string
		want                          []string
		left                          string
	}{
		{name: "Beloc-Zok mite", substance: "Metoprololsuccinat", want: []string{"Metoprolol"}},
		{name: "Metoprololsuccinat 47,5 mg Retardtabletten", want: []string{"Metoprolol"}},
		{name: "Metoprolol-Tartrat", want: []string{"Metoprolol"}},
		{name: "Furosemid-ratiopharm", substance: "Furosemid", want: []string{"Furosemid"}},
		{name: "Heparin-Natrium", substance: "Heparin", want: []string{"Heparin"}},
		{name: "Enoxaparin-Natrium", want: []string{"Enoxaparin"}},
		{name: "Acetylsalicylsaeure 100 mg", want: []string{"Acetylsalicylsäure"}},
		{name: "ASS 100", want: []string{"Acetylsalicylsäure"}},
		{name: "Piperacillin/Tazobactam 4 g/0,5 g Pulver zur Infusion", substance: "Piperacillin und Tazobactam", want: []string{"Piperacillin/Tazobactam"}},
		{name: "Tazobactam + Piperacillin", want: []string{"Piperacillin/Tazobactam"}},
		{name: "Sultamicillin 375 mg", want: []string{"Sultamicillin"}},
		{name: "Unacid", want: []string{"Ampicillin/Sulbactam"}},
		{name: "Penicillin V Kalium", want: []string{"Phenoxymethylpenicillin"}},
		{name: "Kaliumchlorid", want: []string{"Kaliumchlorid"}},
		{name: "Cefuroximaxetil", want: []string{"Cefuroximaxetil"}},
		{name: "Cefuroxim-Natrium", want: []string{"Cefuroxim"}},
		{name: "irgendetwas", system: "ATC", code: "C07AB02", want: []string{"Metoprolol"}, left: "irgendetwas"},
		{name: "Ramipril/Hydrochlorothiazid", want: []string{"Ramipril", "Hydrochlorothiazid"}},
		{name: "Delix plus", want: []string{"Ramipril"}, left: "plus"},
		{name: "Ramipril plus Amlodipin", want: []string{"Ramipril", "Amlodipin"}},
		{name: "Bisoprolol comp", want: []string{"Bisoprolol"}, left: "comp"},
		// Nearly the same name is another drug, or none.
		{name: "Metroprolol", left: "metroprolol"},
		{name: "Prednison", want: []string{"Prednison"}},
		{name: "Prednisolon", want: []string{"Prednisolon"}},
		{name: "Haloperidoldecanoat", left: "haloperidoldecanoat"},
		{name: "Insulin", want: []string{"Insulin"}},
		{name: "Insulin aspart 100 E/ml Fertigpen", want: []string{"Insulin aspart"}},
		{name: "Wundermittel", left: "wundermittel"},
		{name: ""},
	}
	for _, tt := range tests {
		d := table.find(clinical.Prescription{Drug: clinical.Coded{Text: tt.name, Code: tt.code, System: tt.system}, Substance: tt.substance})
		var got []string
		for _, s := range d.known {
			got = append(got, s.Name)
		}
		if !slices.Equal(got, tt.want) || strings.Join(d.unread, " ") != tt.left || d.disagree {
			t.Errorf("%q/%q: got %v, unread %v, disagree %v; want %v, %q", tt.name, tt.substance, got, d.unread, d.disagree, tt.want, tt.left)
		}
	}
}

// A code never silences a name: both count, and the contradiction is told.
func TestCodeAndNameThatDisagree(t *testing.T) {
	t.Parallel()
	p := rx("Amoxicillin", "1000 mg", "1 Tbl.", "1-1-1-0", "p.o.")
	p.Drug.System, p.Drug.Code = "ATC", "A02BC02"
	f := anna()
	f.NoneKnown, f.Allergies = false, []clinical.Allergy{{To: clinical.Coded{Text: "Penicillin"}}}
	r := mustDefault(t).Check(p, f)
	if !says(r, Identity, Stop, "verschiedene Wirkstoffe") || !says(r, AllergyFound, Stop, "Penicillin") {
		t.Errorf("got %+v", r.Findings)
	}
	if !admits(r, "Mehrere Wirkstoffe") {
		t.Errorf("a dose was checked: %+v", r)
	}
}

func TestACodeTheTableLacksIsSaid(t *testing.T) {
	t.Parallel()
	p := rx("Delix", "", "", "", "")
	p.Drug.System, p.Drug.Code = "ATC", "C09BA05"
	if r := mustDefault(t).Check(p, anna()); !admits(r, "C09BA05") || len(r.Substances) != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestUnknownDrugsAreSaidToBeUnchecked(t *testing.T) {
	t.Parallel()
	f := anna()
	f.Others = []clinical.Prescription{rx("Wundermittel", "", "1 Tbl.", "1-0-0-0", "p.o."), rx("Ramipril", "5 mg", "1 Tbl.", "1-0-0-0", "p.o.")}
	f.NoneKnown, f.Allergies = false, []clinical.Allergy{{To: clinical.Coded{Text: "Wundermittel"}, Reaction: "Exanthem"}}
	r := mustDefault(t).Check(rx("Wundermittel", "10 mg", "1 Tbl.", "1-0-0-0", "p.o."), f)
	if !admits(r, "nicht in der Tabelle") || len(r.Substances) != 0 {
		t.Errorf("unchecked: %+v", r.Unchecked)
	}
	if !says(r, DuplicateDrug, Stop, "Wundermittel") || !says(r, AllergyFound, Stop, "Wundermittel (Exanthem)") {
		t.Errorf("an equal name was not seen: %+v", r.Findings)
	}
	if r.Daily.DE != "10 mg" {
		t.Errorf("daily %q", r.Daily.DE)
	}
}

func TestAllergies(t *testing.T) {
	t.Parallel()
	table := mustDefault(t)
	tests := []struct {
		name    string
		allergy string
		drug    string
		kind    Kind // "" is none
		level   Severity
		assign  bool // the allergy is said not to be assigned for certain
	}{
		{"the group as wards write it", "Penicillin", "Amoxicillin", AllergyFound, Stop, false},
		{"short", "PCN", "Unacid", AllergyFound, Stop, false},
		{"older spelling", "Penizillin-Allergie", "Staphylex", AllergyFound, Stop, false},
		{"one word", "Penicillinallergie", "Tazobac", AllergyFound, Stop, false},
		{"with what happened", "Penicilline: Anaphylaxie 2009", "Sultamicillin", AllergyFound, Stop, false},
		{"the substance itself", "Amoxicillin", "Amoxicillin/Clavulansäure", AllergyFound, Stop, false},
		{"part of a combination", "Sulbactam", "Unacid", AllergyFound, Stop, false},
		{"brand against substance", "Novalgin", "Metamizol-Natrium", AllergyFound, Stop, false},
		{"substance against brand", "Acetylsalicylsäure", "Aspirin", AllergyFound, Stop, false},
		{"a relative of the group", "Amoxicillin", "Piperacillin/Tazobactam", CrossAllergy, Stop, false},
		{"penicillin and a cephalosporin", "Penicillin", "Cefuroxim", CrossAllergy, Warn, false},
		{"penicillin and a carbapenem", "Penicillin", "Meropenem", CrossAllergy, Note, false},
		{"one NSAID and another", "ASS", "Ibuprofen", CrossAllergy, Stop, false},
		{"sulfonamide", "Sulfonamide", "Cotrim forte", AllergyFound, Stop, false},
		{"sulfonamide and furosemide", "Sulfonamide", "Lasix", CrossAllergy, Note, false},
		{"contrast", "Kontrastmittel", "Ultravist", AllergyFound, Stop, false},
		{"iodine", "Jod", "Imeron", AllergyFound, Stop, false},
		{"HIT", "HIT II", "Clexane", AllergyFound, Stop, false},
		{"another class", "Penicillin", "Ramipril", "", 0, false},
		{"a plaster is no drug", "Pflaster", "Ramipril", "", 0, false},
		{"a word nobody knows", "Xyzol", "Ramipril", "", 0, true},
		{"known and unknown", "Penicillin, Xyzol", "Ramipril", "", 0, true},
		{"nearly a name is asked about, not assigned", "Penicilin", "Amoxicillin", AllergyFound, Warn, true},
		{"none known in words", "keine bekannt", "Amoxicillin", "", 0, false},
		{"a negation is no all-clear", "kein Penicillin", "Amoxicillin", AllergyFound, Stop, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := anna()
			f.NoneKnown, f.Allergies = false, []clinical.Allergy{{Kind: "DA", To: clinical.Coded{Text: tt.allergy}}}
			r := table.Check(rx(tt.drug, "", "", "", ""), f)
			got := about(r, AllergyFound, CrossAllergy)
			switch {
			case tt.kind == "" && len(got) > 0:
				t.Errorf("got %+v, want none", got)
			case tt.kind != "" && (len(got) != 1 || got[0].Kind != tt.kind || got[0].Severity != tt.level):
				t.Errorf("got %+v, want one %s of level %d", got, tt.kind, tt.level)
			}
			if admits(r, "keinem Wirkstoff sicher zugeordnet") != tt.assign {
				t.Errorf("unchecked: %+v", r.Unchecked)
			}
		})
	}
}

func TestAllergiesThatWereNotSentAreNotNone(t *testing.T) {
	t.Parallel()
	f := anna()
	f.NoneKnown = false
	if r := mustDefault(t).Check(rx("Amoxicillin", "", "", "", ""), f); !admits(r, "Allergien nicht übermittelt") {
		t.Errorf("unchecked: %+v", r.Unchecked)
	}
	f.Allergies = []clinical.Allergy{{Severity: "SV"}}
	if r := mustDefault(t).Check(rx("Amoxicillin", "", "", "", ""), f); !admits(r, "wogegen") {
		t.Errorf("an allergy without a name: %+v", r.Unchecked)
	}
	f.Allergies = []clinical.Allergy{{To: clinical.Coded{Code: "J01CA04", System: "ATC"}}}
	if r := mustDefault(t).Check(rx("Amoxicillin", "", "", "", ""), f); !says(r, AllergyFound, Stop, "J01CA04") {
		t.Errorf("a coded allergy: %+v", r)
	}
}

func TestDoublePrescriptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, drug, other string
		change            func(p, o *clinical.Prescription)
		kind              Kind
		level             Severity
	}{
		{"brand and substance", "Metoprololsuccinat", "Beloc-Zok mite", nil, DuplicateDrug, Stop},
		{"a part of a combination", "Valsartan", "Entresto", nil, DuplicateDrug, Stop},
		{"a prodrug of a combination", "Sultamicillin", "Ampicillin/Sulbactam", nil, DuplicateDrug, Stop},
		{"one class", "Enoxaparin", "Eliquis", nil, DuplicateClass, Warn},
		{"ACE inhibitor and sartan", "Ramipril", "Candesartan", nil, DuplicateClass, Warn},
		{"fixed and as needed", "Paracetamol", "Perfalgan", func(p, _ *clinical.Prescription) { p.AsNeeded = true }, DuplicateDrug, Warn},
		{"two drugs that have nothing in common", "Ramipril", "Pantozol", nil, "", 0},
		{"a stopped one does not count", "Metoprolol", "Beloc", func(_, o *clinical.Prescription) { o.Status = clinical.Cancelled }, "", 0},
		{"a paused one counts", "Metoprolol", "Beloc", func(_, o *clinical.Prescription) { o.Status = clinical.OnHold }, DuplicateDrug, Stop},
		{"one that has ended does not count", "Metoprolol", "Beloc", func(_, o *clinical.Prescription) { o.End = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) }, "", 0},
		{"one that will end counts", "Metoprolol", "Beloc", func(_, o *clinical.Prescription) { o.End = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }, DuplicateDrug, Stop},
		{"it is not its own double", "Metoprolol", "Metoprolol", func(p, o *clinical.Prescription) { p.Placer, o.Placer = "M1", "M1" }, "", 0},
		{"without numbers two are two", "Metoprolol", "Metoprolol", nil, DuplicateDrug, Stop},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, o := rx(tt.drug, "", "", "", ""), rx(tt.other, "", "", "", "")
			if tt.change != nil {
				tt.change(&p, &o)
			}
			f := anna()
			f.Others = []clinical.Prescription{o}
			got := about(mustDefault(t).Check(p, f), DuplicateDrug, DuplicateClass)
			if tt.kind == "" && len(got) > 0 || tt.kind != "" && (len(got) != 1 || got[0].Kind != tt.kind || got[0].Severity != tt.level) {
				t.Errorf("got %+v", got)
			}
		})
	}
	f := anna()
	f.Others = []clinical.Prescription{rx("Wundermittel", "", "", "", "")}
	if r := mustDefault(t).Check(rx("Metoprolol", "", "", "", ""), f); !admits(r, "Doppelverordnung mit „Wundermittel“") {
		t.Errorf("unchecked: %+v", r.Unchecked)
	}
}

// A typing error in the drug or in the allergy is never taken for the right
// name, but it does not pass in silence either: a person confirms.
func TestAMisspeltNameDoesNotPassTheAllergyCheckInSilence(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ allergy, drug, words string }{
		{"Amoxicillin", "Amoxicilin", "Ist „amoxicillin“ gemeint?"},
		{"Amoxicillin", "Amoxi", "„Amoxi“ ist nicht in der Tabelle und nicht mit den Allergien (Amoxicillin) verglichen"},
		{"Pencillin", "Ampicillin", "Ist „penicillin“ gemeint?"},
		{"Penicilin", "Amoxicillin", "Ist „penicillin“ gemeint?"},
		{"Peniclilin", "Amoxicillin", "Ist „penicillin“ gemeint?"},
		{"Paracetmol", "Paracetamol", "Ist „paracetamol“ gemeint?"},
	} {
		f := anna()
		f.NoneKnown, f.Allergies = false, []clinical.Allergy{{To: clinical.Coded{Text: x.allergy}}}
		if r := mustDefault(t).Check(rx(x.drug, "500 mg", "1 Tbl.", "1-0-1-0", "p.o."), f); !says(r, AllergyFound, Warn, x.words) {
			t.Errorf("%s for somebody with %s: %+v", x.drug, x.allergy, r.Findings)
		}
	}
	f := anna()
	f.NoneKnown, f.Allergies = false, []clinical.Allergy{{To: clinical.Coded{Text: "Wespengift"}}, {To: clinical.Coded{Text: "Pencillin"}}}
	if r := mustDefault(t).Check(rx("Pantozol", "40 mg", "1 Tbl.", "1-0-0-0", "p.o."), f); len(about(r, AllergyFound, CrossAllergy)) > 0 {
		t.Errorf("what has nothing to do with it: %+v", r.Findings)
	}
}
