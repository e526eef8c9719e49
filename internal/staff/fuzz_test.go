package staff

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"notbetrieb/internal/journal"
)

// FuzzDecode feeds any bytes to the readers of both kinds of records: what is
// read is whole, is written and read back the same, and never stops the fold.
func FuzzDecode(f *testing.F) {
	at := time.Date(2026, 11, 19, 2, 14, 0, 0, time.UTC)
	for _, e := range []event{
		{Type: personAdded, By: "#console", Person: &personFact{ID: "s.weber", Name: "S. Weber", Roles: []Role{Nurse}, Wards: []string{"3A"}}},
		{Type: personChanged, Person: &personFact{ID: "s.weber", Name: "S. Weber-Groß", Disabled: true}},
		{Type: passwordSet, ID: "s.weber", PHC: "$argon2id$v=19$m=64,t=1,p=1$c2FsenNhbHo$a2V5a2V5a2V5a2V5a2V5", Must: true, Keep: "s1"},
		{Type: signedIn, ID: "s.weber", Seat: &seatFact{ID: "s1", Hash: bytes.Repeat([]byte{7}, hashSize), Started: at, Expires: at.Add(time.Hour), From: "10.3.1.7"}},
		{Type: signedOut, Session: "s1"},
		{Type: locked, ID: "s.weber", From: at, Until: at.Add(time.Hour)},
		{Type: unlocked, ID: "s.weber"},
		{Type: glassOpened, Session: "s1", Glass: &glassFact{Ward: "3B", Reason: "Notfall", Until: at}},
	} {
		b, err := e.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	b, err := encodeRead(Read{Time: at, Person: "s.weber", Page: "chart/lab", Patient: "annaannaannaanna", Roles: []Role{Nurse}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":2,"t":"signed-in"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newState()
		s.apply(journal.Record{Seq: 1, Kind: journal.Staff, Body: []byte(`{"v":1,"t":"person-added","person":{"id":"s.weber","name":"S. Weber"}}`)})
		s.apply(journal.Record{Seq: 2, Kind: journal.Staff, Body: b})
		s.apply(journal.Record{Seq: 3, Kind: journal.Read, Body: b})
		if _, _, err := s.takeChanged(); err != nil {
			t.Fatalf("cannot be saved: %v", err)
		}
		if e, err := decodeEvent(b); err == nil {
			again, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			if e2, err := decodeEvent(again); err != nil || !sameJSON(e, e2) {
				t.Fatalf("%+v is read back as %+v, %v", e, e2, err)
			}
		}
		if r, err := decodeRead(b); err == nil {
			again, err := encodeRead(r)
			if err != nil {
				t.Fatal(err)
			}
			if r2, err := decodeRead(again); err != nil || !reflect.DeepEqual(r, r2) && len(r.Roles) != 0 {
				t.Fatalf("%+v is read back as %+v, %v", r, r2, err)
			}
		}
	})
}

func sameJSON(a, b event) bool {
	x, err1 := a.encode()
	y, err2 := b.encode()
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
