package harm

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
)

func exportOf(t *testing.T, o ExportOptions) string {
	t.Helper()
	anna := &Item{Key: "HAUS:10041234", Keys: []clinical.PatientKey{"HAUS:10041234"}, Name: clinical.Name{Family: "Müller", Given: "Anna"}, Birth: clinical.Date{Year: 1942, Month: 11, Day: 20}, Sex: clinical.Female, Case: "26047110"}
	line := func(kind Kind, ward string) Line {
		return Line{Item: anna, Finding: Finding{Ref: "r", Kind: kind, Ward: ward, What: "=Ramipril 5 mg", At: on("19 08:07"), From: on("19 09:07"), Severity: High},
			State: State{Outcome: NoHarm, Text: "Frau Müller geht es gut", By: Act{Person: "weber", Name: "S. Weber", At: on("19 11:42")}}}
	}
	e := event()
	e.Patient = "HAUS:10041234"
	var b bytes.Buffer
	if err := Export(&b, []Line{line(Dose, "3A"), line(Order, "ITS")}, []Report{{ID: "x", Event: e, By: &Act{Person: "weber", Name: "S. Weber"}, Stored: on("19 09:17"), Status: New}}, o, berlin, on("19 12:00")); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheExportNamesNobody(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"csv", "json"} {
		for _, texts := range []bool{false, true} {
			got := exportOf(t, ExportOptions{Format: format, Texts: texts})
			for _, secret := range []string{"10041234", "26047110", "Anna", "1942", "weber", "Weber", ":07", ":17", ":42"} {
				if strings.Contains(got, secret) {
					t.Errorf("%s with texts %v tells %q:\n%s", format, texts, secret, got)
				}
			}
			if strings.Contains(got, "Müller") != texts || strings.Contains(got, "Ramipril") != texts || strings.Contains(got, "Heparin") != texts {
				t.Errorf("%s: texts %v\n%s", format, texts, got)
			}
			if !strings.Contains(got, "80-89") || !strings.Contains(got, "2026-11-19T08") || !strings.Contains(got, "3A") {
				t.Errorf("%s: too little is told:\n%s", format, got)
			}
		}
	}
}

func TestAPseudonymHoldsInOneExportAndNotInTheNext(t *testing.T) {
	t.Parallel()
	patients := func() []string {
		var rows []exportedLine
		if err := json.Unmarshal([]byte(exportOf(t, ExportOptions{Format: "json", MapWards: true})), &rows); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range rows {
			out = append(out, r.Patient)
			if r.Ward != "W1" && r.Ward != "W2" {
				t.Errorf("ward %q", r.Ward)
			}
		}
		if len(rows) != 3 || rows[0].Ward == rows[1].Ward || rows[0].Ward != rows[2].Ward {
			t.Errorf("rows %+v", rows)
		}
		return out
	}
	one, two := patients(), patients()
	if one[0] != one[1] || one[0] != one[2] || one[0] == two[0] || len(one[0]) < 10 {
		t.Errorf("pseudonyms %v and %v", one, two)
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	r := csv.NewReader(strings.NewReader(exportOf(t, ExportOptions{Format: "csv", Texts: true})))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, c := range row {
			if strings.HasPrefix(c, "=") {
				t.Errorf("cell %q", c)
			}
		}
	}
}

func TestAgeBand(t *testing.T) {
	t.Parallel()
	for birth, want := range map[clinical.Date]string{
		{Year: 1942, Month: 11, Day: 20}: "80-89", {Year: 1946, Month: 11, Day: 19}: "80-89", {Year: 1946, Month: 11, Day: 20}: "70-79",
		{Year: 1931}: "90+", {Year: 2026, Month: 11, Day: 18}: "0-9", {}: "", {Year: 2030}: "",
	} {
		if got := ageBand(birth, on("19 12:00")); got != want {
			t.Errorf("%v: %q, want %q", birth, got, want)
		}
	}
}
