package dosing

import (
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
)

func TestWhatASecondPersonConfirms(t *testing.T) {
	t.Parallel()
	table := mustDefault(t)
	for _, c := range []struct {
		name, drug, route, form, rate string
		names                         []string
		trusting                      bool
		want                          string // part of the reason; "" for none
	}{
		{name: "marked by the table", drug: "Heparin-Natrium", route: "i.v.", want: "Hochrisiko"},
		{name: "a known drug into the vein", drug: "Ceftriaxon", route: "i.v."},
		{name: "one letter wrong", drug: "Heperin", route: "i.v.", want: "fast so geschrieben wie „Heparin“"},
		{name: "two letters wrong", drug: "Heperyn", route: "i.v.", want: "„Heparin“"},
		{name: "two letters changed about", drug: "Isnulin", route: "s.c.", want: "Insulin"},
		{name: "in two words", drug: "Kalium clorid", route: "i.v.", want: "Hochrisiko"},
		{name: "misspelt with its salt", drug: "Kaliumclorid", route: "i.v.", want: "Kaliumchlorid"},
		{name: "umlauts in either spelling", drug: "Naeuroxan", route: "p.o.", names: []string{"Näuroxan"}, want: "Hochrisiko"},
		{name: "misspelt by mouth, marked only for the vein", drug: "Kaliumclorid", route: "p.o.", form: "Tbl."},
		{name: "nobody knows it, into the vein", drug: "Xyzumab", route: "i.v.", want: "nicht in der Arzneimitteltabelle"},
		{name: "under the skin", drug: "Xyzumab", route: "s.c.", want: "s.c."},
		{name: "to the spinal cord", drug: "Xyzumab", route: "epidural", want: "epidural"},
		{name: "breathed in", drug: "Xyzumab", route: "inhalativ", want: "inhalativ"},
		{name: "a way nobody reads", drug: "Xyzumab", route: "über Port", want: "Port"},
		{name: "a rate and no way", drug: "Xyzumab", rate: "2 ml/h", want: "nicht in der"},
		{name: "an ampoule and no way", drug: "Xyzumab", form: "Ampulle", want: "nicht in der"},
		{name: "nobody knows it, by mouth", drug: "Xyzumab", route: "p.o."},
		{name: "a tablet by a way nobody reads", drug: "Xyzumab", route: "wie gewohnt", form: "Tabletten"},
		{name: "eye drops", drug: "Xyzumab", route: "Auge"},
		{name: "no way and no form", drug: "Xyzumab"},
		{name: "what others are dissolved in", drug: "NaCl 0,9 %", route: "i.v."},
		{name: "with something unknown in it", drug: "Xyzumab in NaCl 0,9 %", route: "i.v.", want: "nicht in der"},
		{name: "concentrated salt is not the thin one", drug: "Natriumchlorid 5,85 %", route: "i.v.", want: "Hochrisiko"},
		{name: "the house trusts", drug: "Xyzumab", route: "i.v.", trusting: true},
		{name: "the house trusts, but it is nearly insulin", drug: "Insolin", route: "s.c.", trusting: true, want: "Insulin"},
		{name: "the house's own list", drug: "Torasemid", route: "i.v.", names: []string{"Torasemid"}, want: "Hochrisiko"},
		{name: "the house's own list, misspelt", drug: "Torasemit", route: "p.o.", names: []string{"Torasemid"}, want: "Torasemid"},
		{name: "a brand of the house's own list, misspelt", drug: "Clexanne", route: "s.c.", names: []string{"Enoxaparin"}, want: "Clexane"},
		{name: "not on the house's list", drug: "Heparin", route: "s.c.", names: []string{"Torasemid"}},
	} {
		p := clinical.Prescription{Drug: clinical.Coded{Text: c.drug}, Route: c.route, Form: c.form, Rate: c.rate}
		why, needed := Double{Table: table, Names: c.names, Trusting: c.trusting}.Needs(p)
		if needed != (c.want != "") || !strings.Contains(why.DE, c.want) || needed != (why.EN != "") {
			t.Errorf("%s: needed %v, %q, want %q", c.name, needed, why.DE, c.want)
		}
	}
}

func TestWordsThatAreNearlyTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		near bool
	}{
		{"heparin", "heparin", false}, {"heparin", "heprin", true}, {"heparin", "hepariin", true}, {"heparin", "hepairn", true}, {"heparin", "hpairn", true},
		{"insulin", "inslun", true}, {"digoxin", "digitoxin", true}, {"morphin", "moprhin", true}, {"morphin", "menthol", false},
		{"iod", "jod", false}, {"", "", false}, {"amiodaron", "amlodipin", false}, {"ramipril", "ramiprel", true},
	} {
		if Near(c.a, c.b) != c.near || Near(c.b, c.a) != c.near {
			t.Errorf("%q and %q: near %v", c.a, c.b, !c.near)
		}
	}
}

// What is nearly the same is asked about, whichever side is misspelt, and never
// decided.
func TestAMisspeltDrugIsAskedAbout(t *testing.T) {
	t.Parallel()
	table := mustDefault(t)
	for _, c := range []struct {
		name, drug, allergy, other string
		kind                       Kind
	}{
		{"the drug, against an allergy to it", "Amoxicilin", "Amoxicillin", "", MaybeAllergy},
		{"the drug, against an allergy to its group", "Amoxizilin", "Penicillin", "", MaybeAllergy},
		{"both misspelt", "Amoxicilin", "Penizilin", "", AllergyFound},
		{"one part of two", "Amoxicilin/Clavulansäure", "Amoxicillin", "", MaybeAllergy},
		{"the drug, against another prescription", "Ramiprill", "", "Ramipril", MaybeDuplicate},
		{"the other prescription", "Ramipril", "", "Rammipril", MaybeDuplicate},
		{"a brand, against the substance", "Belok-Zok", "", "Metoprolol", MaybeDuplicate},
		{"both, and nobody knows either", "Xyzumabol", "", "Xyzumabal", MaybeDuplicate},
	} {
		f := anna()
		f.NoneKnown, f.Others = true, nil
		if c.allergy != "" {
			f.NoneKnown, f.Allergies = false, []clinical.Allergy{{Kind: "DA", To: clinical.Coded{Text: c.allergy}}}
		}
		if c.other != "" {
			o := rx(c.other, "", "", "", "")
			o.Placer, o.Status = "O1", clinical.InProgress
			f.Others = []clinical.Prescription{o}
		}
		p := rx(c.drug, "", "", "", "")
		p.Placer = "P1"
		r := table.Check(p, f)
		if got := about(r, c.kind); len(got) == 0 || got[0].Severity != Warn {
			t.Errorf("%s: %+v", c.name, r.Findings)
		}
	}
}
