package dosing

import "testing"

func mustDefault(t *testing.T) *Table {
	t.Helper()
	table, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestTheBuiltInTableLoads(t *testing.T) {
	t.Parallel()
	table := mustDefault(t)
	if table.Len() < 150 {
		t.Errorf("%d substances", table.Len())
	}
	if table.Approved() {
		t.Error("the built-in table says that somebody approved it")
	}
}
