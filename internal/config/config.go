// Package config is the one configuration file of a hub: its types, its
// defaults, its reading and its writing.
//
// It refuses what it does not know: a key that is not in the reference is a
// mistake, and every mistake of a file is reported at once with its line, its
// key and a sentence. It reads no environment, opens no file and looks at no
// network: what it checks is the text.
package config

import (
	"time"

	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/numbers"
)

// Config is the whole file. The doc tag of each field is the comment above it
// in the reference.
type Config struct {
	Hospital   Hospital         `yaml:"hospital" doc:"The hospital this hub serves."`
	Data       string           `yaml:"data" doc:"Folder for the journal, the charts and the files. On a local disk, never on a share."`
	Keys       Keys             `yaml:"keys" doc:"The key that everything in the data folder is encrypted with."`
	Log        Log              `yaml:"log" doc:"Log lines go to standard error and hold no patient data."`
	Web        Web              `yaml:"web" doc:"The pages people read."`
	Metrics    Metrics          `yaml:"metrics" doc:"Prometheus metrics and health checks. No patient data."`
	Systems    []System         `yaml:"systems" doc:"The hospital's systems that can be declared out of service."`
	Feeds      []Feed           `yaml:"feeds" doc:"Where messages come from: one listener or drop folder for each sender."`
	Scan       Scan             `yaml:"scan" doc:"Paper that comes back: where scanners put their files."`
	Targets    []HandbackTarget `yaml:"targets" doc:"The systems that get back, when they return, what was documented in the outage (docs/handback.md)."`
	Forward    []Forward        `yaml:"forward" doc:"Second receivers that get the messages of a feed as they came in (docs/integration.md)."`
	Intake     Intake           `yaml:"intake" doc:"What all feeds share."`
	Watch      Watch            `yaml:"watch" doc:"The watch over the hospital's systems and feeds (docs/watch.md)."`
	Wards      []Ward           `yaml:"wards" doc:"The wards with their beds, in the order of the house overview. Wards that only messages name are added behind them."`
	Ages       Ages             `yaml:"ages" doc:"From what age data is marked amber and red."`
	Retention  Retention        `yaml:"retention" doc:"How long records are kept. 0 keeps them for ever."`
	Checkpoint Checkpoint       `yaml:"checkpoint" doc:"Signed statements of what the journal holds."`
	Numbers    Numbers          `yaml:"numbers" doc:"Patient, case, order and specimen numbers that Notbetrieb gives while the systems that give them are gone. They must not meet those of the hospital."`
	Laboratory Laboratory       `yaml:"laboratory" doc:"The laboratory's desk."`
	Crisis     Crisis           `yaml:"crisis" doc:"The crisis team: duties to report, playbooks, commands of containment (docs/handbook-crisis.md)."`
	Evidence   Evidence         `yaml:"evidence" doc:"Secured things and legal holds (docs/handbook-crisis.md)."`
	Callout    Callout          `yaml:"callout" doc:"Calling people to the crisis team: by which ways, in which order, after what time the deputy (docs/operations.md)."`
	Medication Medication       `yaml:"medication" doc:"Prescribing and giving during an outage (docs/handbook-medication.md)."`
	Print      Print            `yaml:"print" doc:"Paper, in millimetres."`
	Mapping    interpret.Tables `yaml:"mapping" doc:"What differs in this house's messages: ward codes, laboratory codes, Z segments, peculiarities of a sender (docs/integration.md)."`
}

// Hospital is the house.
type Hospital struct {
	Name     string    `yaml:"name" doc:"As it stands on every page and sheet."`
	Site     string    `yaml:"site" doc:"Short name of the site, written into every record. Small letters, digits, hyphens."`
	Timezone string    `yaml:"timezone" doc:"Of times on pages, and of times in messages that name no zone."`
	Language lang.Lang `yaml:"language" doc:"Before somebody signs in: de or en."`
}

// Keys says where the master key is.
type Keys struct {
	File          string `yaml:"file" doc:"The key file that 'notbetrieb init' made. Keep a copy in another place: without it the data is lost."`
	PassphraseEnv string `yaml:"passphrase_env" doc:"If the key file is wrapped with a passphrase: the name of the environment variable that holds it."`
}

// Log is how much is logged, and how.
type Log struct {
	Level  string `yaml:"level" doc:"debug, info, warn or error."`
	Format string `yaml:"format" doc:"text or json."`
}

// TLS names the files of one listener.
type TLS struct {
	Cert     string `yaml:"cert" doc:"Certificate chain (PEM). Empty: no TLS."`
	Key      string `yaml:"key" doc:"Private key (PEM)."`
	ClientCA string `yaml:"client_ca" doc:"Only clients with a certificate of this authority (PEM) are let in. Empty: all."`
}

// On reports whether TLS is switched on.
func (t TLS) On() bool { return t.Cert != "" }

// Web is the pages.
type Web struct {
	Listen      string  `yaml:"listen" doc:"Address and port."`
	TLS         TLS     `yaml:"tls" doc:"Without it only an address of this machine should be listened on."`
	ExternalURL string  `yaml:"external_url" doc:"The address people type, printed on sheets. Empty: made from listen."`
	Session     Session `yaml:"session" doc:"When somebody has to sign in again."`
}

// Session is when a sign-in ends.
type Session struct {
	Idle     time.Duration `yaml:"idle" doc:"After so long without a page."`
	Absolute time.Duration `yaml:"absolute" doc:"After so long in any case."`
}

// Metrics is the listener for machines.
type Metrics struct {
	Listen string `yaml:"listen" doc:"Address and port. Empty: none."`
}

// System is one of the hospital's systems.
type System struct {
	ID   string    `yaml:"id" doc:"Short name that feeds refer to. Small letters, digits, hyphens."`
	Name lang.Text `yaml:"name" doc:"As shown."`
}

// FeedKind is how a feed's messages arrive.
type FeedKind string

const (
	MLLP   FeedKind = "mllp"   // a listener for HL7
	ASTM   FeedKind = "astm"   // a listener for an analyser
	Folder FeedKind = "folder" // files dropped into a folder
)

// Feed is one sender.
type Feed struct {
	Name       string        `yaml:"name" doc:"Short name, written into every record; never change it. Small letters, digits, hyphens."`
	Label      lang.Text     `yaml:"label" doc:"As shown. Empty: the name."`
	System     string        `yaml:"system" doc:"The system behind it, one of systems."`
	Kind       FeedKind      `yaml:"kind" doc:"mllp (a listener for HL7), astm (a listener for an analyser or its serial converter) or folder (a watched drop folder for .hl7 files)."`
	Listen     string        `yaml:"listen" doc:"mllp, astm: address and port."`
	Folder     string        `yaml:"folder" doc:"folder: the folder that is watched."`
	KeepDone   time.Duration `yaml:"keep_done" doc:"folder: files whose messages are stored lie readable in done for so long, then they are removed. 0s: removed at once."`
	TLS        TLS           `yaml:"tls" doc:"mllp, astm: certificates."`
	Allow      []string      `yaml:"allow" doc:"mllp, astm: addresses or networks that may connect. Empty: all."`
	MaxMessage Size          `yaml:"max_message" doc:"A larger message is refused."`
	Idle       time.Duration `yaml:"idle" doc:"mllp, astm: a silent connection is closed after so long. 0s: never."`
	Site       string        `yaml:"site" doc:"The site its messages belong to. Empty: hospital.site."`
	Silence    Limits        `yaml:"silence" doc:"From what silence the feed is marked."`
}

// Scan is where scanned paper comes from.
type Scan struct {
	Folder string `yaml:"folder" doc:"A folder into which scanners put PDF, TIFF, JPEG and PNG files. Empty: none; paper is then handed in on the page Scannen."`
}

// HandbackTarget is a system that entries are handed back to.
type HandbackTarget struct {
	Name              string        `yaml:"name" doc:"Short name, written into every record; never change it. Small letters, digits, hyphens."`
	System            string        `yaml:"system" doc:"The system behind it, one of systems."`
	Kind              TargetKind    `yaml:"kind" doc:"hl7 (HL7 v2 over MLLP) or fhir (FHIR R4 transactions over HTTPS)."`
	Address           string        `yaml:"address" doc:"hl7: host and port of its MLLP listener. fhir: the address of its RESTful interface, with https."`
	TLS               TargetTLS     `yaml:"tls" doc:"Certificates, where it wants TLS."`
	FHIR              TargetFHIR    `yaml:"fhir" doc:"Only for kind fhir."`
	Version           string        `yaml:"version" doc:"HL7 version it reads: 2.3.1, 2.4, 2.5."`
	Charset           string        `yaml:"charset" doc:"Character set it reads, as in MSH-18: UNICODE UTF-8, 8859/1, 8859/15."`
	SendingApp        string        `yaml:"sending_app" doc:"The name we send under (MSH-3)."`
	SendingFacility   string        `yaml:"sending_facility" doc:"The facility we send under (MSH-4)."`
	ReceivingApp      string        `yaml:"receiving_app" doc:"The name of the receiving system (MSH-5)."`
	ReceivingFacility string        `yaml:"receiving_facility" doc:"The facility of the receiving system (MSH-6)."`
	OldOrders         bool          `yaml:"old_orders" doc:"It reads orders as ORM^O01 and not as OMG^O19 and OML^O21."`
	Repeats           bool          `yaml:"repeats" doc:"It takes a message that comes again with the same control ID (MSH-10) only once. If you are not sure: false; then a message whose answer was lost goes to a person."`
	PauseAfter        int           `yaml:"pause_after" doc:"Where repeats is false: after so many messages in a row without an answer the hand-back pauses by itself and raises an alarm."`
	Lanes             int           `yaml:"lanes" doc:"Connections at the same time."`
	Answer            time.Duration `yaml:"answer" doc:"How long an answer is waited for."`
	ByHand            []string      `yaml:"by_hand" doc:"Kinds that it does not take: people type them in. Kinds: admission, vitals, laboratory, document, order, medication, dose, allergy, diagnosis, warning, other."`
	AsDocument        []string      `yaml:"as_document" doc:"Kinds that it takes as a document only: the entry goes as a PDF. Warning and other always do, where by_hand does not name them."`
	FourEyes          []string      `yaml:"four_eyes" doc:"Kinds that a second person releases too. With admission a second person also confirms who a patient of the outage is there."`
}

// TargetTLS is the certificates of a connection to a target.
type TargetTLS struct {
	CA   string `yaml:"ca" doc:"File with the authority of its certificate. Empty: no TLS; with kind fhir the machine's own list."`
	Cert string `yaml:"cert" doc:"File with our certificate, where it wants one."`
	Key  string `yaml:"key" doc:"File with the key of our certificate."`
}

// DefaultTarget is a target as most are.
func DefaultTarget() HandbackTarget {
	return HandbackTarget{Kind: ToHL7, Version: "2.5", Charset: "UNICODE UTF-8", SendingApp: "NOTBETRIEB", PauseAfter: 3, Lanes: 4, Answer: 30 * time.Second}
}

// Intake is what all feeds share.
type Intake struct {
	InFlight Size `yaml:"in_flight" doc:"So many bytes of messages are received and stored at the same time; a sender beyond that waits. A message or file that is larger is refused. The program needs about three times as much memory for it."`
}

// Room is the beds of one room.
type Room struct {
	Room string   `yaml:"room" doc:"As the KIS sends it."`
	Beds []string `yaml:"beds" doc:"In the order of the ward list."`
}

// WardKind is what a ward is.
type WardKind string

const (
	WardNormal    WardKind = "normal"
	WardICU       WardKind = "icu"
	WardIMC       WardKind = "imc"
	WardEmergency WardKind = "emergency"
	WardBirth     WardKind = "birth"
	WardNewborn   WardKind = "newborn"
	WardChildren  WardKind = "children"
	WardDay       WardKind = "day"
	WardService   WardKind = "service"
)

func wardKinds() []string {
	return []string{string(WardNormal), string(WardICU), string(WardIMC), string(WardEmergency), string(WardBirth),
		string(WardNewborn), string(WardChildren), string(WardDay), string(WardService)}
}

// Ward is one ward with its beds.
type Ward struct {
	Code string   `yaml:"code" doc:"As the KIS sends it, or as mapping makes it."`
	Name string   `yaml:"name" doc:"As shown. Empty: the code."`
	Kind WardKind `yaml:"kind" doc:"normal, icu, imc, emergency, birth, newborn, children, day or service (radiology, laboratory: no beds)."`
	Beds []Room   `yaml:"beds" doc:"Rooms and beds; free ones are shown too. Empty: only occupied beds are known."`
}

// Limits are two ages of data.
type Limits struct {
	Amber time.Duration `yaml:"amber" doc:"Marked as ageing from this age on."`
	Red   time.Duration `yaml:"red" doc:"Marked as old from this age on. Not below amber."`
}

// Ages are the limits for each kind of data.
type Ages struct {
	Feed   Limits `yaml:"feed" doc:"The last message of a feed that names no silence of its own."`
	Vitals Limits `yaml:"vitals" doc:"The last vital signs of a patient."`
	Lab    Limits `yaml:"lab" doc:"The last laboratory result of a patient."`
}

// Retention is how long records stay.
type Retention struct {
	Days          int `yaml:"days" doc:"Messages older than this are dropped if they belong to no stay that lasts. A chart that is built anew lacks what was dropped."`
	KeepReadsDays int `yaml:"keep_reads_days" doc:"Who read what. Ask the data protection officer."`
}

// Checkpoint is how often the journal is signed.
type Checkpoint struct {
	Every     time.Duration `yaml:"every" doc:"At most so long after a record it is covered by a signature."`
	AnchorDir string        `yaml:"anchor_dir" doc:"A second place for the newest signature, best on another disk; the folder must exist. It shows whether the journal was cut or set back. Reads wait there, encrypted, while the journal cannot be written. Empty: the data folder for the signature, memory for the reads."`
}

// Numbers are the number ranges of an outage.
type Numbers struct {
	Node      string      `yaml:"node" doc:"Name of this hub in the record of reserved numbers. Never change it."`
	Authority string      `yaml:"authority" doc:"Assigning authority (PID-3.4) under which the patient numbers given here stand."`
	Patient   NumberRange `yaml:"patient" doc:"Of persons who are not known here."`
	Case      NumberRange `yaml:"case" doc:"Of stays."`
	Order     NumberRange `yaml:"order" doc:"Of orders."`
	Specimen  NumberRange `yaml:"specimen" doc:"Of tubes and cups."`
}

// NumberRange is the form of one kind of numbers: prefix, counter, check digit.
type NumberRange struct {
	Prefix string `yaml:"prefix" doc:"Up to 8 capital letters and digits before the counter."`
	Digits int    `yaml:"digits" doc:"Of the counter, 4 to 15. A check digit follows."`
}

// Ranges returns the number ranges by kind.
func (n Numbers) Ranges() map[numbers.Kind]numbers.Scheme {
	return map[numbers.Kind]numbers.Scheme{
		"patient": numbers.Scheme(n.Patient), "case": numbers.Scheme(n.Case),
		"order": numbers.Scheme(n.Order), "specimen": numbers.Scheme(n.Specimen),
	}
}

// Laboratory is what the laboratory's desk needs of the house.
type Laboratory struct {
	Catalogue string `yaml:"catalogue" doc:"File with the laboratory's own catalogue (docs/handbook-laboratory.md): what can be ordered, units, reference ranges, critical limits. Empty: the built-in one, which no laboratory has approved."`
}

// Medication is what the house decides about prescribing and giving.
type Medication struct {
	Table        string   `yaml:"table" doc:"The house's own drug table, checked and approved by the pharmacy. 'notbetrieb config drugs' writes the built-in one, to begin with. Empty: the built-in one, which nobody approved."`
	SecondPerson []string `yaml:"second_person" doc:"Drugs whose giving a second person signs, by name. Empty: those that the drug table marks."`
	Unknown      bool     `yaml:"second_person_unknown" doc:"A second person also signs what the table does not know and what is injected, infused or inhaled."`
	SchemeTimes  []string `yaml:"scheme_times" doc:"When morning, noon, evening and night of 1-0-1-0 are."`
}

// Measure is a size on paper in millimetres.
type Measure struct {
	Width  float64 `yaml:"width" doc:"Millimetres."`
	Height float64 `yaml:"height" doc:"Millimetres."`
}

// Print is the paper.
type Print struct {
	Paper     string  `yaml:"paper" doc:"A4 or A5."`
	Label     Measure `yaml:"label" doc:"One adhesive label."`
	Wristband Measure `yaml:"wristband" doc:"The wristband, laid out flat."`
}

// Default returns the configuration of an empty file.
func Default() Config {
	return Config{
		Hospital: Hospital{Name: "Krankenhaus", Site: "haus", Timezone: "Europe/Berlin", Language: lang.DE},
		Data:     "/var/lib/notbetrieb",
		Keys:     Keys{File: "/etc/notbetrieb/master.key"},
		Log:      Log{Level: "info", Format: "text"},
		Web:      Web{Listen: "127.0.0.1:8443", Session: Session{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}},
		Intake:   Intake{InFlight: 256 << 20},
		Ages: Ages{
			Feed:   Limits{Amber: 15 * time.Minute, Red: time.Hour},
			Vitals: Limits{Amber: 8 * time.Hour, Red: 24 * time.Hour},
			Lab:    Limits{Amber: 24 * time.Hour, Red: 72 * time.Hour},
		},
		Watch:      defaultWatch(),
		Checkpoint: Checkpoint{Every: 5 * time.Second},
		Numbers: Numbers{
			Node: "hub", Authority: "NOTBETRIEB",
			Patient: NumberRange{Prefix: "NP", Digits: 7}, Case: NumberRange{Prefix: "NF", Digits: 7},
			Order: NumberRange{Prefix: "NA", Digits: 8}, Specimen: NumberRange{Prefix: "NM", Digits: 8},
		},
		Crisis:     DefaultCrisis(),
		Callout:    defaultCallout(),
		Evidence:   DefaultEvidence(),
		Medication: Medication{Unknown: true, SchemeTimes: []string{"08:00", "12:00", "18:00", "22:00"}},
		Print: Print{Paper: "A4", Label: Measure{Width: 70, Height: 37},
			Wristband: Measure{Width: 280, Height: 25}},
	}
}

// DefaultFeed returns what a feed has that the file does not name.
func DefaultFeed() Feed {
	return Feed{Kind: MLLP, KeepDone: 7 * 24 * time.Hour, MaxMessage: 32 << 20, Silence: Default().Ages.Feed}
}

// DefaultWard returns what a ward has that the file does not name.
func DefaultWard() Ward { return Ward{Kind: WardNormal} }
