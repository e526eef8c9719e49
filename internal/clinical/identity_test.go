package clinical_test

import (
	"testing"

	"notbetrieb/internal/clinical"
)

// Keys stand in addresses, in the read audit and in print: they must be the
// same in every version.
func TestTheKeyOfAnIdentifierNeverChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id   clinical.Identifier
		want clinical.PatientKey
	}{
		{clinical.Identifier{Value: "10020001", Authority: "KIS", Type: "PI"}, "vo76qkdd3g7xvkwi"},
		{clinical.Identifier{Value: " 10020001 ", Authority: "KIS"}, "vo76qkdd3g7xvkwi"},
		{clinical.Identifier{Value: "4711"}, "ep3bkiefvm4i55tu"},
		{clinical.Identifier{Value: "  ", Authority: "KIS"}, ""},
	} {
		if got := c.id.Key(); got != c.want {
			t.Errorf("key of %q at %q: got %q, want %q", c.id.Value, c.id.Authority, got, c.want)
		}
	}
}
