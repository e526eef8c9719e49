// Package estate holds the hospital's systems as data: what each does for
// patients, what it depends on, who can be called, what can be bought or taken
// from a shelf when it is gone. People write it in a spreadsheet; it is checked,
// compared with what stands, and accepted by a named person as a record of the
// journal. Every earlier version can be had back.
//
// Reading tables, checking them, drawing the map and comparing versions are
// pure. Only the Book meets the journal.
package estate

import (
	"time"

	"notbetrieb/internal/lang"
)

// Area is the part of the house that a system belongs to. The words are the
// stored form.
type Area string

const (
	Clinical       Area = "clinical"
	Diagnostics    Area = "diagnostics"
	Communication  Area = "communication"
	Telematics     Area = "telematics" // the German health telematics
	Infrastructure Area = "infrastructure"
	Devices        Area = "devices" // medical devices and their networks
	Building       Area = "building"
	Administration Area = "administration"
)

// Weight is what it means for patients when a system is gone. The words are the
// stored form.
type Weight string

const (
	Vital      Weight = "vital"      // without it patients are in danger
	Essential  Weight = "essential"  // care goes on, slower and with more risk
	Supporting Weight = "supporting" // care goes on for days
)

// System is one of the hospital's systems. Its ID is also that of the outages
// and feeds of the configuration.
type System struct {
	ID       string // "kis": lower-case letters, digits and hyphens
	Name     lang.Text
	Area     Area
	Weight   Weight
	Purpose  string // what it does for patients, in words
	Owner    string // ID of the contact who answers for it; empty: nobody does
	Vendor   string
	Site     string // ID of the site where it stands; empty: not stated
	MTD      Span   // maximum tolerable downtime
	RTO      Span   // recovery time objective
	RPO      Span   // recovery point objective
	Fallback string // how work goes on without it by hand, in words
	Note     string
}

// Kind is how one system depends on another. The words are the stored form.
type Kind string

const (
	Needs      Kind = "needs"    // System stops when On stops
	Helpful    Kind = "helpful"  // System goes on without On, with less
	StandsInBy Kind = "fallback" // On takes over when For stops, or when System itself does
)

// Dependency says that System depends on On.
type Dependency struct {
	System string // ID of the system that depends
	On     string // ID of the system it depends on
	Kind   Kind
	For    string // of StandsInBy: ID of the needed system that On replaces; empty: On replaces System itself
	Note   string
}

// Site is a building or fire compartment that can be lost as a whole.
type Site struct {
	ID      string
	Name    string
	Address string
	Note    string
}

// Host is a machine or appliance, real or virtual.
type Host struct {
	ID      string
	Name    string
	Systems []string // IDs of the systems that run on it
	Site    string   // ID
	Address string   // IP address or name in the network
	Virtual bool
	Note    string
}

// Store is data that a system keeps and that would have to be restored.
type Store struct {
	ID       string
	System   string // ID
	Name     string
	Kind     string // "PostgreSQL 16", "files", as people call it
	Host     string // ID; may be empty
	Size     int64  // gigabytes; 0: not stated
	Patients bool   // holds data of patients
	Note     string
}

// BackupCopy is one place where the data of a system is copied to.
type BackupCopy struct {
	ID        string
	System    string // ID
	Store     string // ID; empty: all stores of the system
	Medium    string // "disk", "tape", "object store", as people call it
	Site      string // ID
	Every     Span   // from one copy to the next
	Keep      Span   // how long a copy is kept
	Offline   bool   // cannot be reached from the network
	Immutable bool   // cannot be changed before Keep is over, by nobody
	KeyAt     string // where the key lies, if it is encrypted
	Restored  Date   // last restored as a test
	Note      string
}

// ProbeKind is how a system is asked whether it lives. The words are the stored
// form.
type ProbeKind string

const (
	ProbeTCP        ProbeKind = "tcp"        // target host:port
	ProbeTLS        ProbeKind = "tls"        // target host:port; also the end of the certificate
	ProbeHTTP       ProbeKind = "http"       // target URL
	ProbeDNS        ProbeKind = "dns"        // target server:port, option name
	ProbeLDAP       ProbeKind = "ldap"       // target ldap:// or ldaps:// URL
	ProbeSMTP       ProbeKind = "smtp"       // target host:port
	ProbeHL7        ProbeKind = "hl7"        // target host:port; a message that asks for an answer only
	ProbeDICOM      ProbeKind = "dicom"      // target host:port, options called and calling: C-ECHO
	ProbeFHIR       ProbeKind = "fhir"       // target base URL: metadata
	ProbePostgreSQL ProbeKind = "postgresql" // target host:port/database
	ProbeSQLServer  ProbeKind = "sqlserver"  // target host:port/database
	ProbeOracle     ProbeKind = "oracle"     // target host:port/service
	ProbeICMP       ProbeKind = "icmp"       // target host
	ProbeTILage     ProbeKind = "ti-lage"    // target URL of the telematics' status service
	ProbeConnector  ProbeKind = "connector"  // target URL of a telematics connector
	ProbeWebhook    ProbeKind = "webhook"    // target is the name that an inbound alert bears
)

// Probe is one way to ask whether a system lives.
type Probe struct {
	ID       string
	System   string // ID
	Kind     ProbeKind
	Target   string
	Options  map[string]string // by the kind; never a password: option "secret" names one that the hub has
	Interval Span              // unstated: the watch decides
	Note     string
}

// Feed says that a feed of the configuration comes from a system.
type Feed struct {
	Name   string // as in the configuration
	System string // ID
	Note   string
}

// WayKind is a way to reach somebody. The words are the stored form.
type WayKind string

const (
	Mobile    WayKind = "mobile"
	Landline  WayKind = "landline"  // a line of the public network, not the house's exchange
	Extension WayKind = "extension" // of the house's telephone exchange or VoIP
	Pager     WayKind = "pager"
	Radio     WayKind = "radio"
	Satellite WayKind = "satellite"
	InPerson  WayKind = "in-person" // an address or room to send somebody to
	Mail      WayKind = "mail"
	Messenger WayKind = "messenger" // over mobile internet
	Fax       WayKind = "fax"
)

// Offline reports whether the way works while the house's network, mail and
// telephone exchange are gone.
func (k WayKind) Offline() bool {
	switch k {
	case Mobile, Landline, Pager, Radio, Satellite, InPerson:
		return true
	case Extension, Mail, Messenger, Fax:
	}
	return false
}

// Way is one way to reach a contact.
type Way struct {
	Kind  WayKind
	Value string // number, address, channel or place
}

// Contact is a person, a group on duty, a vendor's desk or an authority.
type Contact struct {
	ID       string
	Name     string
	Function string // "Leitung IT"
	Company  string // empty: the hospital
	Ways     []Way  // the one to try first is first
	Deputy   string // ID of the contact who stands in
	CalledBy string // ID of the contact who calls this one in the phone tree; empty: not called through the tree, or its root
	Root     bool   // the phone tree begins here
	Note     string
}

// Contract is what somebody outside owes the hospital for systems.
type Contract struct {
	ID       string
	Name     string
	Vendor   string
	Systems  []string // IDs
	Hotline  string   // telephone number
	Customer string   // number to be named on the telephone
	Level    string   // service level, in words
	Response Span     // from call to work
	Hours    string   // "24/7", "Mo–Fr 8–17"
	Contact  string   // ID of the contact at the vendor
	Until    Date     // last day; zero: no end
	Notice   Span     // period of notice
	Note     string
}

// Spare is equipment that is at hand.
type Spare struct {
	ID      string
	Name    string
	Count   int
	Systems []string // IDs of the systems it can serve
	Site    string   // ID
	Place   string   // "Keller U2, Schrank 4"
	Owner   string   // ID of the contact who has the key
	Checked Date     // last seen to work
	Note    string
}

// OptionKind is what kind of place systems could move to. The words are the
// stored form.
type OptionKind string

const (
	Cloud      OptionKind = "cloud"
	Colocation OptionKind = "colocation" // own machines in another's computing centre
	Partner    OptionKind = "partner"    // another hospital's computing centre
	Container  OptionKind = "container"  // a computing centre that is brought to the house
)

// Answer is yes, no or not known. The words are the stored form.
type Answer string

const (
	Unknown Answer = ""
	Yes     Answer = "yes"
	No      Answer = "no"
)

// Attestation is how an auditor attested BSI C5. The words are the stored form.
type Attestation string

const (
	C5Unknown Attestation = ""
	C5None    Attestation = "none"
	C5Type1   Attestation = "type1" // design at one moment
	C5Type2   Attestation = "type2" // working over a period
)

// Option is a place outside where systems could run while the house's own is
// gone, as one column of the decision sheet.
type Option struct {
	ID            string
	Name          string
	Kind          OptionKind
	Provider      string
	Systems       []string // IDs of the systems it could take
	Available     Span     // from the call until systems can be set up there
	Setup         Euro     // once
	Monthly       Euro
	Country       string // ISO 3166 code where the data lies: "DE"
	Establishment Answer // the provider has one in Germany
	C5            Attestation
	C5Scope       string // services that the attestation covers
	C5Until       Date   // end of the period of the attestation
	C5Customer    Answer // the customer's part of the criteria is met
	Processing    Answer // contract under Art. 28 DSGVO with secrecy under §203 StGB is there
	Kritis        string // duties that follow for an operator of a critical installation
	Exit          string // how the hospital gets out again
	ExitTime      Span   // how long that takes
	Contact       string // ID
	Note          string
}

// Tables is everything that people write about the estate, in the order they
// gave it.
type Tables struct {
	Systems      []System
	Dependencies []Dependency
	Sites        []Site
	Hosts        []Host
	Stores       []Store
	Backups      []BackupCopy
	Probes       []Probe
	Feeds        []Feed
	Contacts     []Contact
	Contracts    []Contract
	Spares       []Spare
	Options      []Option
}

// Span is a length of time that may be unstated. Zero time that is stated means
// at once, or no loss at all.
type Span struct {
	D      time.Duration
	Stated bool
}

// Euro is an amount in whole euros that may be unstated.
type Euro struct {
	Amount int64
	Stated bool
}

// Date is a day of the calendar. The zero Date is not stated.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}
