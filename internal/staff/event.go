package staff

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// maxEvent is the longest body in bytes.
const maxEvent = 64 << 10

// The forms of bodies of the kinds Staff and Read.
var (
	form     = journal.Form{Name: "staff record", Version: 1, Most: maxEvent}
	readForm = journal.Form{Name: "read record", Version: 1, Most: maxEvent}
)

// eventType says which fact about people a record states. The words are the
// stored form and never change.
type eventType string

const (
	personAdded   eventType = "person-added"
	personChanged eventType = "person-changed"
	passwordSet   eventType = "password-set"
	signedIn      eventType = "signed-in"
	signedOut     eventType = "signed-out"
	locked        eventType = "locked"
	unlocked      eventType = "unlocked"
	glassOpened   eventType = "glass-opened"
)

// event is the body of a record of kind Staff. Which fields are set depends on
// the type.
type event struct {
	V       int         `json:"v"`
	Type    eventType   `json:"t"`
	By      string      `json:"by,omitempty"` // who did it, "" for the program itself
	Op      string      `json:"op,omitempty"` // the operating system's name of who sat at the console
	ID      string      `json:"id,omitempty"` // the person concerned
	Person  *personFact `json:"person,omitempty"`
	PHC     string      `json:"phc,omitempty"`  // argon2id hash of the password
	Must    bool        `json:"must,omitempty"` // the person must change it
	Keep    string      `json:"keep,omitempty"` // session that stays open after a password change
	Session string      `json:"session,omitempty"`
	Seat    *seatFact   `json:"seat,omitempty"`
	From    time.Time   `json:"at,omitzero"`    // begin of a lock
	Until   time.Time   `json:"until,omitzero"` // end of a lock
	Glass   *glassFact  `json:"glass,omitempty"`
	Late    bool        `json:"late,omitempty"` // recorded aside while the journal could not be written
}

// personFact is a person as stored. Passwords and locks are facts of their own.
type personFact struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Roles    []Role    `json:"roles,omitempty"`
	Wards    []string  `json:"wards,omitempty"`
	Lang     lang.Lang `json:"lang,omitempty"`
	Disabled bool      `json:"disabled,omitempty"`
	Must     bool      `json:"must,omitempty"`
}

// seatFact is a new session. The token itself is never stored, only its hash.
type seatFact struct {
	ID      string    `json:"id"`
	Hash    []byte    `json:"hash"` // SHA-256 of the token
	Started time.Time `json:"started"`
	Expires time.Time `json:"expires"`
	From    string    `json:"from,omitempty"`
}

type glassFact struct {
	Ward    string              `json:"ward,omitempty"`
	Patient clinical.PatientKey `json:"patient,omitempty"`
	Reason  string              `json:"reason"`
	Until   time.Time           `json:"until"`
}

// readFact is the body of a record of kind Read.
type readFact struct {
	V       int                 `json:"v"`
	Time    time.Time           `json:"time"`
	Person  string              `json:"person"`
	Name    string              `json:"name,omitempty"`
	Roles   []Role              `json:"roles,omitempty"`
	Session string              `json:"session,omitempty"`
	From    string              `json:"from,omitempty"`
	Patient clinical.PatientKey `json:"patient,omitempty"`
	Case    clinical.CaseNo     `json:"case,omitempty"`
	Ward    string              `json:"ward,omitempty"`
	Page    string              `json:"page"`
	What    string              `json:"what,omitempty"`
	Reason  string              `json:"reason,omitempty"`
	Glass   bool                `json:"glass,omitempty"`
	Mode    string              `json:"mode,omitempty"`
	AsOf    uint64              `json:"asof,omitempty"`
	Late    bool                `json:"late,omitempty"`
}

// act is an event that by has brought about.
func act(t eventType, by Person) event {
	e := event{Type: t, By: by.ID}
	if by.ID == consoleID && by.Name != consoleName {
		e.Op = by.Name
	}
	return e
}

func (e event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

// decodeEvent reads the body of a record of kind Staff. It never returns a
// fact that lacks what its type needs.
func decodeEvent(b []byte) (event, error) {
	var e event
	if err := form.Decode(b, &e, &e.V); err != nil {
		return event{}, err
	}
	if !e.whole() {
		return event{}, journal.ErrBody
	}
	return e, nil
}

// whole reports whether e has what its type needs.
func (e event) whole() bool {
	switch e.Type {
	case personAdded, personChanged:
		return e.Person != nil && validID(e.Person.ID)
	case passwordSet:
		return validID(e.ID) && e.PHC != ""
	case signedIn:
		return validID(e.ID) && e.Seat != nil && e.Seat.ID != "" && len(e.Seat.Hash) == hashSize &&
			e.Seat.Started.Before(e.Seat.Expires)
	case signedOut:
		return e.Session != ""
	case locked:
		return validID(e.ID) && !e.Until.Before(e.From)
	case unlocked:
		return validID(e.ID)
	case glassOpened:
		return e.Session != "" && e.Glass != nil
	}
	return false
}

func encodeRead(r Read) ([]byte, error) {
	return readForm.Encode(readFact{
		V: readForm.Version, Time: r.Time, Person: r.Person, Name: r.Name, Roles: r.Roles, Session: r.Session,
		From: r.From, Patient: r.Patient, Case: r.Case, Ward: r.Ward, Page: r.Page, What: r.What,
		Reason: r.Reason, Glass: r.Glass, Mode: r.Mode, AsOf: r.AsOf, Late: r.Late,
	})
}

// decodeRead reads the body of a record of kind Read; Seq is the caller's.
func decodeRead(b []byte) (Read, error) {
	var f readFact
	if err := readForm.Decode(b, &f, &f.V); err != nil {
		return Read{}, err
	}
	if f.Person == "" || f.Page == "" {
		return Read{}, journal.ErrBody
	}
	return Read{
		Time: f.Time.UTC(), Person: f.Person, Name: f.Name, Roles: f.Roles, Session: f.Session, From: f.From,
		Patient: f.Patient, Case: f.Case, Ward: f.Ward, Page: f.Page, What: f.What, Reason: f.Reason,
		Glass: f.Glass, Mode: f.Mode, AsOf: f.AsOf, Late: f.Late,
	}, nil
}

func factOf(p Person) *personFact {
	return &personFact{ID: p.ID, Name: p.Name, Roles: p.Roles, Wards: p.Wards, Lang: p.Lang,
		Disabled: p.Disabled, Must: p.MustChange}
}

func (f personFact) person() Person {
	return Person{ID: f.ID, Name: f.Name, Roles: f.Roles, Wards: f.Wards, Lang: f.Lang,
		Disabled: f.Disabled, MustChange: f.Must}
}
