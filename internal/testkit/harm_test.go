package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// harmNight is a hospital whose KIS is out of service, with one patient on 3A
// who has a drug twice a day at 10 and 20 o'clock (UTC), a CT that was ordered
// and a potassium of 6,1 that came since.
func harmNight(t *testing.T) (*testkit.Hospital, string) {
	t.Helper()
	h := testkit.New(t, func(c *config.Config) {
		c.Web.Session.Idle, c.Web.Session.Absolute = 40*time.Hour, 90*time.Hour
		c.Hospital.Timezone = "UTC"
	})
	h.Receive("kis", "a01_mueller_3A.hl7", ramiprilAtTen, "o01_mueller_ct_ordered.hl7")
	h.Pass(5 * time.Minute)
	h.Declare("kis")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	return h, chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
}

const ramiprilAtTen = `MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121080500||RDE^O11^RDE_O11|R00077|P|2.5|||||DE|UNICODE UTF-8
PID|1||10047110^^^HAUS^PI||Müller^Jürgen^^^^^L||19580314|M
PV1|1|I|3A^301^F||||0815^Sommerfeld^Ines^^^Dr. med.||||||||||||26047110^^^HAUS^VN
ORC|NW|90001^KIS
TQ1|1||BID|1000~2000|||20261119080000
RXE|^^^20261119080000|C09AA05^Ramipril 5 mg^ATC|1||TBL^Tablette|||||||||||||||||5|mg
RXR|PO^oral`

func TestTheListOfWhomTheOutageTouches(t *testing.T) {
	t.Parallel()
	h, chart := harmNight(t)
	nurse := h.As("pflege")
	list := nurse.Page("/harm").Answers(200)
	list.Sees("KIS", "Auftrag ohne Ergebnis", "CT Abdomen", "Müller", "dringend").NotSees("Gabe nicht eingetragen", "kritischer Wert")
	h.Pass(45 * time.Minute)
	nurse.Page("/harm").Sees("kritischer Wert, nicht quittiert", "Kalium 6,1").NotSees("Gabe nicht")
	h.Pass(90 * time.Minute) // 11:15
	nurse.Page("/harm").Sees("Gabe nicht eingetragen", "10:00", "Ramipril", "hat noch niemand übernommen")
	nurse.Page("/harm?kind=dose").Sees("Ramipril").NotSees("CT Abdomen")
	nurse.Page("/harm?ward=3B").Sees("nichts offen")
	csv := nurse.Page("/harm/list.csv?kind=dose").Answers(200)
	if text := string(csv.Body); !strings.Contains(text, "3A;") || !strings.Contains(text, "Ramipril") || strings.Contains(text, "CT Abdomen") || !strings.Contains(csv.Header.Get("Content-Disposition"), ".csv") {
		t.Errorf("csv: %s", text)
	}
	one := nurse.Page(chart + "/harm").Answers(200)
	one.Sees("Ramipril", "CT Abdomen", "Kalium 6,1", "niemand")
	other := h.As("arzt").Page(chart + "/harm")
	one.Submit(chart+"/harm", "act", "take").Answers(200).Sees("bei S. Weber")
	nurse.Page("/harm?owner=mine").Sees("Ramipril")
	h.As("arzt").Page("/harm?owner=mine").Sees("nichts offen")
	one.Submit(chart+"/harm", "act", "release").Answers(409).Sees("schon mit anderem Inhalt abgeschickt")
	late := other.Submit(chart+"/harm", "act", "settle", "outcome", "no-harm").Answers(409)
	late.Sees("Jemand war schneller: S. Weber")
	late.Submit(chart+"/harm", "act", "settle", "outcome", "averted").Answers(422).Sees("in ein paar Worten")
	fresh := nurse.Page(chart + "/harm")
	done := fresh.Submit(chart+"/harm", "act", "settle", "outcome", "no-harm", "text", "alles auf Papier, Werte besprochen").Answers(200)
	done.Sees("nichts offen", "geprüft, kein Schaden", "alles auf Papier")
	nurse.Page("/harm").Sees("nichts offen")
	nurse.Page("/harm?show=done").Sees("geprüft, kein Schaden", "Müller")
	done.Submit(chart+"/harm", "act", "reopen").Answers(200).Sees("Offen", "bei S. Weber")
	h.Check()
}

// TestALateResultSettlesItsLine lets the laboratory and the KIS come back: what
// they say settles lines, and nothing else does.
func TestALateResultSettlesItsLine(t *testing.T) {
	t.Parallel()
	h, chart := harmNight(t)
	h.Pass(3 * time.Hour)
	h.As("pflege").Page(chart+"/harm").Sees("Kalium 6,1", "Ramipril")
	h.Receive("lis", "r01_mueller_potassium_corrected_4_6.hl7")
	after := h.As("pflege").Page(chart + "/harm")
	after.Sees("erledigt durch Eintrag: storniert oder korrigiert")
	h.Receive("kis", `MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121120500||RAS^O17^RAS_O17|R00078|P|2.5|||||DE|UNICODE UTF-8
PID|1||10047110^^^HAUS^PI||Müller^Jürgen^^^^^L||19580314|M
PV1|1|I|3A^301^F||||||||||||||||26047110^^^HAUS^VN
ORC|RE|90001^KIS
RXA|0|1|20261121101000|20261121101000|C09AA05^Ramipril 5 mg^ATC|1|TBL||||||||||||||CP
RXR|PO^oral`)
	h.As("pflege").Page(chart + "/harm").Sees("erledigt durch Eintrag: Gabe eingetragen")
	h.As("pflege").Page("/harm").NotSees("Ramipril")
	h.As("pflege").Page("/harm?show=done").Sees("Ramipril")
	h.Receive("kis", "a03_mueller_discharged.hl7")
	h.As("arzt").Page("/harm").Sees("CT Abdomen", "Müller")
}

func TestWhoSeesWhatOfTheHarmList(t *testing.T) {
	t.Parallel()
	h, chart := harmNight(t)
	h.Pass(3 * time.Hour)
	crisis := h.As("krisenstab").Page("/harm").Answers(200)
	crisis.Sees("3A", "J. M.", "26047110", "Gabe nicht eingetragen", "kritischer Wert").NotSees("Müller", "Ramipril", "Kalium", "CT Abdomen", "1958")
	for _, l := range crisis.Links() {
		if strings.HasPrefix(l, "/patient/") {
			t.Errorf("the crisis team is led to a chart: %s", l)
		}
	}
	if body := string(h.As("krisenstab").Page("/harm/list.csv").Body); strings.Contains(body, "Ramipril") || strings.Contains(body, "Müller") {
		t.Errorf("the crisis team's table tells: %s", body)
	}
	h.As("krisenstab").Page(chart + "/harm").Answers(403)
	h.As("krisenstab").Post(chart+"/harm", "key", "k", "seen", "0", "act", "take").Answers(403)
	h.As("labor").Page("/harm").Answers(200).Sees("Kalium 6,1", "Müller").NotSees("Ramipril", "CT Abdomen")
	h.As("apotheke").Page("/harm").Answers(200).Sees("Ramipril").NotSees("CT Abdomen")
	h.As("pflege2").Page("/harm").Answers(200).NotSees("Müller", "26047110") // ITS
	h.As("pflege2").Look("/harm?ward=3A").Answers(303)                       // asks for a reason
	for _, id := range []string{"aufnahme", "it", "revision"} {
		h.As(id).Page("/harm").Answers(403)
		h.As(id).Page("/harm/list.csv").Answers(403)
	}
	for _, id := range []string{"pflege", "arzt", "labor", "it"} {
		h.As(id).Page("/events").Answers(403)
		h.As(id).Page("/harm/export").Answers(403)
		h.As(id).Post("/harm/export", "format", "csv").Answers(403)
	}
	h.As("revision").Page("/audit?ward=").Sees("harm", "Zeilen")
}

func TestReportsOfEvents(t *testing.T) {
	t.Parallel()
	h, chart := harmNight(t)
	h.Pass(17 * time.Minute)
	form := h.As("pflege").Page("/event").Answers(200)
	form.Submit("/event", "what", "kurz").Answers(422).Sees("Sätzen", "Bitte die Art wählen")
	before := h.Hub.Journal.Head()
	sent := []string{"what", "Heparin doppelt gespritzt, zwei Bögen", "kind", "medication", "degree", "reached", "factor", "paper", "ward", "3A", "anonymous", "1"}
	form.Submit("/event", sent...).Answers(200).Sees("gespeichert")
	form.Submit("/event", sent...).Answers(200)
	h.Settle()
	anonymous := 0
	for seq := before + 1; seq <= h.Hub.Journal.Head(); seq++ {
		r, err := h.Hub.Journal.Get(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == journal.Harm {
			anonymous++
			if strings.Contains(string(r.Body), "pflege") || strings.Contains(string(r.Body), "Weber") || r.Time.Minute() != 0 {
				t.Errorf("the anonymous record tells who: %s", r.Body)
			}
		}
	}
	if anonymous != 1 {
		t.Errorf("%d records of one report", anonymous)
	}
	about := h.As("pflege").Page("/event?patient=" + strings.TrimPrefix(chart, "/patient/"))
	about.Sees("Müller", "Sie trägt Ihren Namen")
	about.Submit("/event", "what", "Falsches Bett, im letzten Moment bemerkt", "kind", "identity", "degree", "near-miss").Answers(200).Sees("Ihre Meldungen", "Falsches Bett")
	h.As("krisenstab").Post("/event", "key", "k9", "patient", strings.TrimPrefix(chart, "/patient/"), "what", "ich darf das nicht wissen", "kind", "other", "degree", "hazard").Answers(403)
	list := h.As("krisenstab").Page("/events").Answers(200)
	list.Sees("Heparin doppelt", "anonym", "Falsches Bett", "S. Weber").NotSees("Müller")
	first := ""
	for _, l := range list.Links() {
		if strings.HasPrefix(l, "/events/") {
			first = l
		}
	}
	one, other := h.As("krisenstab").Page(first), h.As("revision").Page(first)
	one.Submit(first, "status", "decided", "measures", "Ein Bogen je Bett").Answers(200).Sees("Maßnahmen beschlossen", "Dr. A. Stein")
	other.Submit(first, "status", "closed").Answers(409).Sees("Jemand war schneller: Dr. A. Stein")
	h.As("revision").Page("/events").Answers(200).Sees("Ein Bogen je Bett")
	h.Restart()
	h.As("revision").Page("/events").Answers(200).Sees("Ein Bogen je Bett")
	h.Check()
}

func TestTheEvaluationLeavesUnderPseudonyms(t *testing.T) {
	t.Parallel()
	h, _ := harmNight(t)
	h.Pass(3 * time.Hour)
	before := h.Hub.Journal.Head()
	auditor := h.As("revision")
	file := auditor.Page("/harm/export").Answers(200).Submit("/harm/export", "format", "csv").Answers(200)
	text := string(file.Body)
	for _, secret := range []string{"Müller", "Jürgen", "26047110", "10047110", "1958", "Ramipril", "Kalium"} {
		if strings.Contains(text, secret) {
			t.Errorf("the file tells %q:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "critical") || !strings.Contains(text, "60-69") || !strings.Contains(text, "3A") {
		t.Errorf("the file lacks what it is for:\n%s", text)
	}
	if with := string(auditor.Page("/harm/export").Submit("/harm/export", "format", "json", "texts", "1", "wards", "1").Answers(200).Body); !strings.Contains(with, "Ramipril") || strings.Contains(with, "3A") || strings.Contains(with, "26047110") {
		t.Errorf("with texts:\n%s", with)
	}
	exports := 0
	for seq := before + 1; seq <= h.Hub.Journal.Head(); seq++ {
		r, err := h.Hub.Journal.Get(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == journal.Export && strings.Contains(string(r.Body), "revision") {
			exports++
		}
	}
	if exports != 2 {
		t.Errorf("%d exports are recorded, want 2", exports)
	}
}

func TestWithoutAnOutageTheListIsEmptyAndAsksNobodyForAReason(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.As("pflege").Page("/harm").Answers(200).Sees("Kein Ausfall").NotSees("Müller")
}
