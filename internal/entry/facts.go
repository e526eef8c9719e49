package entry

import (
	"encoding/json"
	"fmt"
	"reflect"

	"notbetrieb/internal/clinical"
)

// Facts are written with their kind, so that each is read back as what it was.
type Facts []clinical.Fact

// kinds names each fact in the journal. A name is never used for anything else.
var kinds = map[string]reflect.Type{
	"person": reflect.TypeFor[clinical.Demographics](), "stay": reflect.TypeFor[clinical.StayDetails](),
	"movement": reflect.TypeFor[clinical.Movement](), "merge": reflect.TypeFor[clinical.Merge](),
	"unmerge": reflect.TypeFor[clinical.Unmerge](), "allergy": reflect.TypeFor[clinical.AllergyFact](),
	"alert": reflect.TypeFor[clinical.Alert](), "diagnosis": reflect.TypeFor[clinical.Diagnosis](),
	"procedure": reflect.TypeFor[clinical.Procedure](), "insurance": reflect.TypeFor[clinical.Insurance](),
	"contact": reflect.TypeFor[clinical.Contact](), "order": reflect.TypeFor[clinical.Order](),
	"result": reflect.TypeFor[clinical.Result](), "document": reflect.TypeFor[clinical.Document](),
	"prescription": reflect.TypeFor[clinical.Prescription](), "dose": reflect.TypeFor[clinical.Dose](),
	"appointment": reflect.TypeFor[clinical.Appointment](), "notice": reflect.TypeFor[clinical.Notice](),
	"progress": reflect.TypeFor[clinical.Progress](), "review": reflect.TypeFor[clinical.Review](),
	"request": reflect.TypeFor[clinical.Request](), "reply": reflect.TypeFor[clinical.Reply](),
}

type factJSON struct {
	Kind string          `json:"k"`
	Fact json.RawMessage `json:"f"`
}

// MarshalJSON writes each fact beside its kind.
func (fs Facts) MarshalJSON() ([]byte, error) {
	out := make([]factJSON, 0, len(fs))
	for _, f := range fs {
		kind := ""
		for k, t := range kinds {
			if t == reflect.TypeOf(f) {
				kind = k
			}
		}
		if kind == "" {
			return nil, fmt.Errorf("entry: %T cannot be recorded", f)
		}
		b, err := json.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("entry: %w", err)
		}
		out = append(out, factJSON{kind, b})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. A kind of a newer version is an
// error: an entry is read whole or not at all.
func (fs *Facts) UnmarshalJSON(b []byte) error {
	var in []factJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	out := make(Facts, 0, len(in))
	for _, j := range in {
		t, ok := kinds[j.Kind]
		if !ok {
			return fmt.Errorf("entry: a fact of an unknown kind")
		}
		v := reflect.New(t)
		if err := json.Unmarshal(j.Fact, v.Interface()); err != nil {
			return fmt.Errorf("entry: %s: %w", j.Kind, err)
		}
		out = append(out, v.Elem().Interface().(clinical.Fact))
	}
	*fs = out
	return nil
}

// version is the layout of an entry in the journal.
const version = 1

type entryJSON struct {
	V int `json:"v"`
	*Entry
}

// Encode writes the entry as the body of a journal record.
func (e *Entry) Encode() ([]byte, error) {
	b, err := json.Marshal(entryJSON{version, e})
	if err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	return b, nil
}

// Decode reads the body of a journal record. Errors hold nothing of the body.
func Decode(body []byte) (Entry, error) {
	var e Entry
	j := entryJSON{Entry: &e}
	if err := json.Unmarshal(body, &j); err != nil {
		return Entry{}, fmt.Errorf("entry: not readable")
	}
	if j.V != version {
		return Entry{}, fmt.Errorf("entry: layout %d is not known here", j.V)
	}
	return e, nil
}
