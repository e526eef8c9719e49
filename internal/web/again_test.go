package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/staff"
)

// TestWhatIsSentOnceMoreIsTheSame: the same address with what stands behind its
// question mark, the same key, and no password of a second person.
func TestWhatIsSentOnceMoreIsTheSame(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/review/hit/h1?from=2026-11-01&to=2026-11-22", strings.NewReader("key=k1&why=Nachtdienst&second-password=geheim"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Pattern = "POST /review/hit/{id}"
	s := &Server{resumable: []string{r.Pattern}}
	v := &visit{Request: r, session: &staff.Session{}}
	if s.again(v, fault.Conflict) != nil {
		t.Error("a conflict can be sent once more")
	}
	c := s.again(v, fault.Unavailable)
	if c == nil || c.Path != "/review/hit/h1?from=2026-11-01&to=2026-11-22" {
		t.Fatalf("%+v", c)
	}
	got := map[string]string{}
	for _, f := range c.Fields {
		got[f.Name] = f.Value
	}
	if len(got) != 2 || got["key"] != "k1" || got["why"] != "Nachtdienst" {
		t.Errorf("%v", got)
	}
}
