package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
)

func TestAHousesOwnDrugTable(t *testing.T) {
	t.Parallel()
	c := config.Default()
	if d, err := Drugs(c); err != nil || d.Table != nil || d.Times[2] != 18*60 {
		t.Errorf("without a table: %+v %v", d, err)
	}
	c.Medication.Table = filepath.Join(t.TempDir(), "arzneimittel.yaml")
	if _, err := Drugs(c); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a table that is not there: %v", err)
	}
	approved := strings.Replace(strings.Replace(string(dosing.BuiltIn()), `approved_by: ""`, `approved_by: "Dr. K. Sommer"`, 1), `approved_on: ""`, `approved_on: "12.10.2026"`, 1)
	if err := os.WriteFile(c.Medication.Table, []byte(approved), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := Drugs(c); err != nil || !d.Table.Approved() {
		t.Errorf("an approved table: %v", err)
	}
	bad := "version: \"1\"\nunsinn: 1\nsubstances:\n  - {name: A, high_risk: manchmal}\n"
	if err := os.WriteFile(c.Medication.Table, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Drugs(c)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.Medication.Table) || !strings.Contains(err.Error(), "2: ") {
		t.Errorf("mistakes without file and line: %v", err)
	}
}
