package journal

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

func TestWhatIsKeptByIDIsReadBack(t *testing.T) {
	t.Parallel()
	want := ByID[Seq]{{0xff, 1}: 7, {1}: 3}
	b, err := json.Marshal(struct{ Known ByID[Seq] }{want})
	if text := `{"Known":{"01` + strings.Repeat("0", 30) + `":3,"ff01` + strings.Repeat("0", 28) + `":7}}`; err != nil || string(b) != text {
		t.Fatalf("%s, want %s, %v", b, text, err)
	}
	var got struct{ Known ByID[Seq] }
	if err := json.Unmarshal(b, &got); err != nil || !maps.Equal(got.Known, want) {
		t.Errorf("%v, %v", got.Known, err)
	}
	for _, bad := range []string{`{"Known":{"01":3}}`, `{"Known":{"zz":3}}`, `{"Known":[1]}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s is read as %v", bad, got.Known)
		}
	}
}
