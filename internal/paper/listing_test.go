package paper

import (
	"bytes"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
)

// TestAListingGoesOverPagesAndNotBeyondThem: many rows turn the page; columns
// that are too wide are refused before anything is written.
func TestAListingGoesOverPagesAndNotBeyondThem(t *testing.T) {
	t.Parallel()
	l := Listing{Title: "Bericht", Columns: []ListingColumn{{Head: "Nr.", Width: 20}, {Head: "Was"}}, Exact: []string{"json-sha256 abc"}}
	for range 100 {
		l.Rows = append(l.Rows, []string{"1", "angenommen"})
	}
	var out bytes.Buffer
	if err := List(&out, Head{Hospital: "Haus"}, l, PackOptions{}); err != nil || !strings.HasPrefix(out.String(), "%PDF") {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "/Type /Page\n") + strings.Count(out.String(), "/Type /Page "); n == 1 {
		t.Error("100 rows on one page")
	}
	out.Reset()
	l.Columns[0].Width = 400
	if err := List(&out, Head{}, l, PackOptions{}); fault.KindOf(err) != fault.Invalid || out.Len() != 0 {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}
