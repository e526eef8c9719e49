package bundle

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"notbetrieb/internal/foreign"
)

// stranger is a FHIR server of other origin.
type stranger struct {
	t    *testing.T
	base string
}

func (s stranger) call(method, path string, body []byte, status ...int) resource {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(status) == 0 && resp.StatusCode/100 != 2 || len(status) == 1 && resp.StatusCode != status[0] {
		s.t.Fatalf("%s %s: %s: %.2000s", method, path, resp.Status, raw)
	}
	if len(raw) == 0 {
		return nil
	}
	var r resource
	if err := json.Unmarshal(raw, &r); err != nil {
		s.t.Fatalf("%v: %.500s", err, raw)
	}
	return r
}

// found searches by identifier.
func (s stranger) found(typ, system, value string) []resource {
	s.t.Helper()
	var out []resource
	list, _ := s.call("GET", "/fhir/"+typ+"?identifier="+url.QueryEscape(system+"|"+value), nil)["entry"].([]any)
	for _, e := range list {
		out = append(out, e.(resource)["resource"].(resource))
	}
	return out
}

// TestAServerOfOtherOriginStoresEachTransaction posts every transaction to
// Medplum's router, twice, and reads back what it holds, element by element. It
// leaves references by identifier as they are: the delivery resolves them before
// (handback, TestAServerOfOtherOriginTakesWhatIsReleased).
func TestAServerOfOtherOriginStoresEachTransaction(t *testing.T) {
	t.Parallel()
	s := stranger{t, "http://" + foreign.Start(t, foreign.FHIR).Addr}
	types := map[string]int{}
	for name, sending := range samples() {
		s.call("DELETE", "/", nil, http.StatusNoContent)
		b, _, err := For(sending, house)
		if err != nil {
			t.Fatal(err)
		}
		var first []string
		for round := range 2 {
			places := s.post(name, b.Raw)
			if round == 0 {
				first = places
			} else if !reflect.DeepEqual(places, first) {
				t.Errorf("%s: sent again it lies at %q, was at %q", name, places, first)
			}
		}
		list, _, urls := resources(t, b.Raw)
		at := map[string]string{} // what a reference becomes there
		for i, u := range urls {
			at[u] = first[i]
		}
		for i, want := range list {
			typ := want["resourceType"].(string)
			got := s.call("GET", "/fhir/"+first[i], nil)
			delete(got, "meta")
			if want["id"] == nil {
				delete(got, "id")
				id := want["identifier"].([]any)[0].(resource)
				if there := s.found(typ, id["system"].(string), id["value"].(string)); len(there) != 1 {
					t.Errorf("%s: %d %s with the identifier %v", name, len(there), typ, id["value"])
				}
			}
			if want := there(want, at); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is\n%s\nwant\n%s", name, typ, mustJSON(t, got), mustJSON(t, want))
			}
			types[typ]++
		}
	}
	for typ := range required {
		if types[typ] == 0 {
			t.Errorf("no %s was sent", typ)
		}
	}
}

// post sends a transaction and returns where each of its resources lies.
func (s stranger) post(name string, raw []byte) (places []string) {
	s.t.Helper()
	r := s.call("POST", "/fhir", raw)
	if r["type"] != "transaction-response" {
		s.t.Fatalf("%s: %v", name, r)
	}
	for i, e := range r["entry"].([]any) {
		response := e.(resource)["response"].(resource)
		status, _ := response["status"].(string)
		if !strings.HasPrefix(status, "2") {
			s.t.Errorf("%s: entry %d: %v", name, i, response)
		}
		place, _ := response["location"].(string)
		places = append(places, place)
	}
	return places
}

// there is a resource as a server holds it: references lead to what it holds.
func there(v resource, at map[string]string) resource {
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case resource:
			out := resource{}
			for k, x := range v {
				if ref, ok := x.(string); ok && k == "reference" && at[ref] != "" {
					x = at[ref]
				}
				out[k] = walk(x)
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i := range v {
				out[i] = walk(v[i])
			}
			return out
		}
		return v
	}
	return walk(v).(resource)
}
