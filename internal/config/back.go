package config

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// TargetKind is the protocol that a target takes.
type TargetKind string

// The kinds of targets.
const (
	ToHL7  TargetKind = "hl7"
	ToFHIR TargetKind = "fhir"
)

// TargetFHIR is what a target of kind fhir needs besides its address.
type TargetFHIR struct {
	TokenFile string         `yaml:"token_file" doc:"File with the bearer token, read anew before each transaction. Empty: none; then tls.cert signs in."`
	Patients  string         `yaml:"patients" doc:"Identifier.system of its patient numbers."`
	Cases     string         `yaml:"cases" doc:"Identifier.system of its case numbers."`
	Orders    string         `yaml:"orders" doc:"Identifier.system of its order and prescription numbers. Empty: it has no one system."`
	Own       string         `yaml:"own" doc:"Begin of our own systems: /eintrag, /personal and /code are added. An address of the hospital; it need not lead anywhere."`
	Types     []DocumentType `yaml:"types" doc:"KDL codes of document types."`
}

// DocumentType is what a document of one of our forms is in the target's words.
type DocumentType struct {
	Form string `yaml:"form" doc:"Kind of the form: note."`
	Code string `yaml:"code" doc:"Its code there: VL160105."`
}

// Forward is a second receiver of feeds: it gets their messages as they came in,
// each at least once and in order.
type Forward struct {
	Name    string        `yaml:"name" doc:"Short name, written into every record; never change it. Small letters, digits, hyphens."`
	Feeds   []string      `yaml:"feeds" doc:"The feeds whose messages it gets, of kind mllp or folder."`
	Types   []string      `yaml:"types" doc:"Message types: ADT, or ORU^R01. Empty: all."`
	Address string        `yaml:"address" doc:"Host and port of its MLLP listener."`
	TLS     TargetTLS     `yaml:"tls" doc:"Certificates, where it wants TLS."`
	Answer  time.Duration `yaml:"answer" doc:"How long an answer is waited for."`
	Repeats bool          `yaml:"repeats" doc:"It takes a message that comes again with the same control ID (MSH-10) only once. Messages are sent again after a lost answer either way; where this is false it may hold one twice then."`
}

// DefaultForward is a forwarding as most are.
func DefaultForward() Forward { return Forward{Answer: 30 * time.Second} }

// fhirTarget checks a target of kind fhir.
func (k *checker) fhirTarget(path string, t HandbackTarget) {
	u, err := url.Parse(t.Address)
	switch {
	case err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
		k.Note(path+".address", "Eine Adresse wie https://kis.klinik.example/fhir.", "An address like https://kis.klinik.example/fhir.")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		k.Note(path+".address", "Patientendaten gehen nur mit https über das Netz.", "Patient data goes over the network with https only.")
	}
	for _, x := range []struct{ name, v string }{{"patients", t.FHIR.Patients}, {"cases", t.FHIR.Cases}, {"own", t.FHIR.Own}} {
		at := path + ".fhir." + x.name
		if !k.Required(at, x.v) {
			continue
		}
		if u, err := url.Parse(x.v); err != nil || u.Scheme == "" {
			k.Note(at, "Ein Namensraum wie https://klinik.example/patient oder urn:oid:1.2.3.", "A namespace like https://klinik.example/patient or urn:oid:1.2.3.")
		}
	}
	for i, x := range t.FHIR.Types {
		at := path + ".fhir.types[" + strconv.Itoa(i) + "]"
		k.Required(at+".form", x.Form)
		k.Required(at+".code", x.Code)
	}
}

// forward checks the second receivers.
func (k *checker) forward() {
	seen := map[string]string{}
	for i, f := range k.c.Forward {
		path := "forward[" + strconv.Itoa(i) + "]"
		k.Short(path+".name", f.Name)
		k.once(seen, path+".name", f.Name)
		if len(f.Feeds) == 0 {
			k.Note(path+".feeds", "Hier fehlt, welche Zulieferungen gemeint sind.", "Which feeds are meant is missing here.")
		}
		for n, name := range f.Feeds {
			if !slices.ContainsFunc(k.c.Feeds, func(x Feed) bool { return x.Name == name && x.Kind != ASTM }) {
				k.Note(path+".feeds["+strconv.Itoa(n)+"]", "Eine Zulieferung „"+name+"“ mit HL7-Nachrichten steht nicht unter feeds.", "There is no feed “"+name+"” with HL7 messages under feeds.")
			}
		}
		for n, typ := range f.Types {
			k.Required(path+".types["+strconv.Itoa(n)+"]", typ)
		}
		if _, _, err := net.SplitHostPort(f.Address); err != nil {
			k.Note(path+".address", "Rechner und Port: 10.20.0.9:2575.", "Host and port: 10.20.0.9:2575.")
		}
		k.patience(path+".answer", f.Answer)
	}
}

// patience checks how long an answer is waited for.
func (k *checker) patience(path string, d time.Duration) {
	if d < time.Second || d > 10*time.Minute {
		k.Note(path, "Erlaubt sind 1s bis 10m.", "Allowed are 1s to 10m.")
	}
}
