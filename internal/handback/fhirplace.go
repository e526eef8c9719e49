package handback

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"notbetrieb/internal/handback/message"
)

// placed is the transaction with its patient and stay named as the server names
// them. A server may leave conditional references as they are (FHIR R4 section
// 3.1.0.11.2 lets it), and what it then took would lie in nobody's chart: so we
// look them up first, and a person is asked where there is not exactly one. The
// answer is that refusal; without a code the transaction can be sent.
func (o *fhir) placed(ctx context.Context, m *message.Message) ([]byte, answer, error) {
	d := json.NewDecoder(bytes.NewReader(m.Raw))
	d.UseNumber() // figures stay as they were written
	var b map[string]any
	if err := d.Decode(&b); err != nil {
		return nil, answer{}, fmt.Errorf("fhir: %w", err)
	}
	known := map[string]string{}
	for _, ref := range conditional(b, nil) {
		if known[ref] != "" {
			continue
		}
		place, a, err := o.find(ctx, ref, m.Control)
		if err != nil || a.code != "" {
			return nil, a, err
		}
		known[ref] = place
	}
	rename(b, known)
	out, err := json.Marshal(b)
	return out, answer{}, err
}

// conditional collects the references that the server would have to resolve.
func conditional(v any, list []string) []string {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["reference"].(string); ok && strings.Contains(ref, "?identifier=") {
			list = append(list, ref)
		}
		for _, x := range v {
			list = conditional(x, list)
		}
	case []any:
		for _, x := range v {
			list = conditional(x, list)
		}
	}
	return list
}

func rename(v any, known map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["reference"].(string); ok && known[ref] != "" {
			v["reference"] = known[ref]
		}
		for _, x := range v {
			rename(x, known)
		}
	case []any:
		for _, x := range v {
			rename(x, known)
		}
	}
}

// find searches for the one resource that a reference means.
func (o *fhir) find(ctx context.Context, ref, control string) (string, answer, error) {
	got, err := o.call(ctx, http.MethodGet, strings.TrimSuffix(o.t.FHIR.Base, "/")+"/"+ref, control, nil)
	if err != nil {
		return "", answer{}, err
	}
	var r struct {
		ResourceType string
		Type         string
		Entry        []struct {
			Resource struct {
				ResourceType string
				ID           string
				Active       *bool // false: the record was joined with another
			}
		}
	}
	if got.status/100 != 2 || json.Unmarshal(got.body, &r) != nil || r.ResourceType != "Bundle" || r.Type != "searchset" {
		return "", answer{}, fmt.Errorf("search: %w", got.notTaken())
	}
	typ, query, _ := strings.Cut(ref, "?")
	var found []string
	for _, e := range r.Entry {
		if x := e.Resource; x.ResourceType == typ && x.ID != "" && (x.Active == nil || *x.Active) {
			found = append(found, typ+"/"+x.ID)
		}
	}
	if len(found) == 1 {
		return found[0], answer{}, nil
	}
	value := query
	if q, err := url.ParseQuery(query); err == nil {
		value = q.Get("identifier")
	}
	what := map[string]string{"Patient": "Person", "Encounter": "Aufenthalt"}[typ]
	if what == "" {
		what = typ
	}
	text := what + " " + value + " ist dort nicht bekannt."
	if len(found) > 1 {
		text = what + " " + value + " gibt es dort mehrfach."
	}
	return "", answer{code: "AE", text: text}, nil
}
