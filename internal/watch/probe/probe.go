// Package probe asks one system once whether it lives, in the way the system's
// own clients would: opens a connection, looks at the certificate, sends a
// message that asks for nothing but an answer.
//
// It knows no hospital and keeps nothing. A probe changes nothing at the system
// asked, sends nothing about patients, and ends within its time and its bytes.
package probe

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/dicom"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Spec is one probe.
type Spec struct {
	Kind    string
	Target  string
	Options map[string]string
	Secret  string         // the password of the account in the options
	Roots   *x509.CertPool // authorities that are trusted; nil: those of the machine
	Shared  *Shared        // answers of services that may be asked seldom; nil: nobody else asks
}

// Verdict is what came of a probe. The words are the stored form.
type Verdict string

const (
	Good  Verdict = "good"
	Weak  Verdict = "weak"  // it answers, but not as it should
	Bad   Verdict = "bad"   // no answer, or one that a client cannot work with
	Blind Verdict = "blind" // it cannot be asked from here; nothing is known
)

// Result is what one probe found. It holds nothing that the system said but
// numbers.
type Result struct {
	Verdict  Verdict
	Say      lang.Text
	Took     time.Duration
	Notice   bool      // Say is worth knowing though all is well: a certificate that ends soon
	CertEnd  time.Time // the end of the first certificate to end, where there was one
	PeerTime time.Time // the system's clock, where it told it; to the second
}

// way is how one kind of probe works.
type way struct {
	options []string
	needs   []string // options that may not be missing
	target  func(target string) error
	run     func(context.Context, Spec) Result
	slowest time.Duration // at least so long from one to the next
}

// ways lists the kinds. It is a function because some of them ask Kinds.
func ways() map[string]way {
	return map[string]way{
		"tcp":        {nil, nil, hostPort, runTCP, 0},
		"tls":        {[]string{"name", "verify", "warn"}, nil, hostPort, runTLS, 0},
		"http":       {[]string{"status", "text", "verify", "warn"}, nil, address, runHTTP, 0},
		"dns":        {[]string{"name", "answer"}, []string{"name"}, hostPort, runDNS, 0},
		"ldap":       {[]string{"user", "secret", "starttls", "verify"}, nil, ldapURL, runLDAP, 0},
		"smtp":       {[]string{"starttls", "verify"}, nil, hostPort, runSMTP, 0},
		"hl7":        {[]string{"app", "facility", "message", "accept", "tls", "verify"}, nil, hostPort, runHL7, 0},
		"dicom":      {[]string{"called", "calling", "tls", "verify"}, []string{"called"}, hostPort, runDICOM, 0},
		"fhir":       {[]string{"verify", "warn"}, nil, address, runFHIR, 0},
		"postgresql": {[]string{"user", "secret", "tls", "verify"}, []string{"user"}, database, runPostgreSQL, 0},
		"sqlserver":  {[]string{"user", "secret", "tls", "verify"}, []string{"user"}, database, runSQLServer, 0},
		"oracle":     {[]string{"user", "secret", "tls", "verify"}, []string{"user"}, database, runOracle, 0},
		"icmp":       {nil, nil, host, runICMP, 0},
		"ti-lage":    {[]string{"service"}, nil, address, runLage, 5 * time.Minute},
		"connector":  {[]string{"verify", "warn"}, nil, address, runConnector, 0},
	}
}

// Kinds are the words of the kinds, in order.
func Kinds() []string {
	var out []string
	for k := range ways() {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Options are the options that a kind knows.
func Options(kind string) []string { return ways()[kind].options }

// Slowest is the shortest time that must lie between two probes of the kind, so
// that a service open to all is not burdened; zero if there is none.
func Slowest(kind string) time.Duration { return ways()[kind].slowest }

// Part is a part of a probe that may be wrong.
type Part string

const (
	OfKind    Part = "kind"
	OfTarget  Part = "target"
	OfOptions Part = "options"
)

// Wrong is one thing that is wrong with a probe.
type Wrong struct {
	Part Part
	Err  error // a fault of kind Invalid
}

// Check says everything that is wrong with a probe before it is ever run.
func Check(s Spec) []Wrong {
	w, ok := ways()[s.Kind]
	if !ok {
		return []Wrong{{OfKind, invalid("Diese Art von Prüfung gibt es nicht: "+s.Kind+".", "There is no such kind of probe: "+s.Kind+".")}}
	}
	var out []Wrong
	if err := w.target(s.Target); err != nil {
		out = append(out, Wrong{OfTarget, err})
	}
	for _, o := range sortedOptions(s) {
		if !slices.Contains(w.options, o) {
			have := known(w.options)
			out = append(out, Wrong{OfOptions, invalid("Diese Angabe kennt die Prüfung "+s.Kind+" nicht: "+o+". "+have.DE, "The probe "+s.Kind+" does not know this option: "+o+". "+have.EN)})
			continue
		}
		if err := value(o, s.Options[o]); err != nil {
			out = append(out, Wrong{OfOptions, err})
		}
	}
	for _, o := range w.needs {
		if s.Options[o] == "" {
			out = append(out, Wrong{OfOptions, invalid("Es fehlt die Angabe "+o+".", "The option "+o+" is missing.")})
		}
	}
	if s.Options["secret"] != "" && s.Options["user"] == "" && !slices.Contains(w.needs, "user") {
		out = append(out, Wrong{OfOptions, invalid("Zu secret gehört ein Konto: user fehlt.", "secret belongs to an account: user is missing.")})
	}
	return out
}

// known says which options there are.
func known(options []string) lang.Text {
	if len(options) == 0 {
		return lang.Text{DE: "Sie hat keine.", EN: "It has none."}
	}
	list := strings.Join(options, ", ")
	return lang.Text{DE: "Es gibt: " + list + ".", EN: "There are: " + list + "."}
}

// value checks the value of an option. One name means the same in every kind.
func value(option, v string) error {
	switch option {
	case "warn":
		if n, err := strconv.Atoi(v); err != nil || n < 0 || n > 400 {
			return invalid("warn ist eine Zahl von Tagen, höchstens 400.", "warn is a number of days, at most 400.")
		}
	case "verify", "starttls", "tls", "accept":
		if v != "yes" && v != "no" {
			return invalid(option+" ist yes oder no.", option+" is yes or no.")
		}
	case "status":
		for c := range strings.SplitSeq(v, ",") {
			if n, err := strconv.Atoi(c); err != nil || n < 100 || n > 599 {
				return invalid("status ist eine Zahl wie 200, oder mehrere mit Komma.", "status is a number like 200, or several with commas.")
			}
		}
	case "called", "calling":
		if !dicom.Valid(v) {
			return invalid("called und calling sind AE-Titel mit 1 bis 16 Zeichen.", "called and calling are AE titles of 1 to 16 characters.")
		}
	}
	return nil
}

func sortedOptions(s Spec) []string {
	var out []string
	for o := range s.Options {
		out = append(out, o)
	}
	slices.Sort(out)
	return out
}

// Run asks once. It never fails: what went wrong is the result. limit is how
// long it may take.
func Run(ctx context.Context, s Spec, limit time.Duration) (res Result) {
	if wrong := Check(s); len(wrong) > 0 {
		return Result{Verdict: Blind, Say: fault.Say(wrong[0].Err)}
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	begun := time.Now()
	defer func() {
		if p := recover(); p != nil { // a driver that a strange answer upsets must not take the watch with it
			res = Result{Verdict: Bad, Say: lang.Text{DE: "Die Antwort ist nicht zu verstehen.", EN: "The answer cannot be understood."}}
		}
		res.Took = time.Since(begun)
	}()
	return ways()[s.Kind].run(ctx, s)
}

func good(de, en string) Result { return Result{Verdict: Good, Say: lang.Text{DE: de, EN: en}} }
func weak(de, en string) Result { return Result{Verdict: Weak, Say: lang.Text{DE: de, EN: en}} }
func bad(de, en string) Result  { return Result{Verdict: Bad, Say: lang.Text{DE: de, EN: en}} }
func blind(de, en string) Result {
	return Result{Verdict: Blind, Say: lang.Text{DE: de, EN: en}}
}

func invalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

// The checks of a target.

func hostPort(target string) error {
	h, p, err := net.SplitHostPort(target)
	n, perr := strconv.Atoi(p)
	switch {
	case err != nil || strings.ContainsAny(h, " /"):
		return invalid("Das Ziel ist Rechner und Port, zum Beispiel 10.20.0.9:2575.", "The target is host and port, for example 10.20.0.9:2575.")
	case h == "":
		return invalid("Dem Ziel fehlt der Rechner vor dem Port.", "The target lacks the host before the port.")
	case perr != nil || n < 1 || n > 65535:
		return invalid("Ein Port ist eine Zahl von 1 bis 65535.", "A port is a number from 1 to 65535.")
	}
	return nil
}

func host(target string) error {
	if target == "" || strings.ContainsAny(target, " /:") && net.ParseIP(target) == nil {
		return invalid("Das Ziel ist ein Rechner ohne Port.", "The target is a host without a port.")
	}
	return nil
}

// server checks the host and port of an address.
func server(u *url.URL) error {
	if u.Hostname() == "" {
		return invalid("Der Adresse fehlt der Rechner.", "The address lacks the host.")
	}
	if n, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || n < 1 || n > 65535) {
		return invalid("Ein Port ist eine Zahl von 1 bis 65535.", "A port is a number from 1 to 65535.")
	}
	return nil
}

// on reports whether an option of yes and no is set; def counts where it is not
// given.
func (s Spec) on(option string, def bool) bool {
	switch s.Options[option] {
	case "yes":
		return true
	case "no":
		return false
	}
	return def
}

// warnDays is how many days before its end a certificate is a weakness.
func (s Spec) warnDays() int {
	if n, err := strconv.Atoi(s.Options["warn"]); err == nil {
		return n
	}
	return 21
}

// dial opens a TCP connection that ends with ctx.
func dial(ctx context.Context, addr string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := nc.SetDeadline(end); err != nil {
			return nil, fmt.Errorf("deadline: %w", err)
		}
	}
	return nc, nil
}
