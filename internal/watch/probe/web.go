package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxText = 256 << 10 // bytes of a page that are looked through
	maxJSON = 8 << 20   // bytes of a capability statement
)

func address(target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return invalid("Das Ziel ist eine Adresse mit http:// oder https://, ohne Kennwort darin.",
			"The target is an address with http:// or https://, without a password in it.")
	}
	return server(u)
}

// page is the answer to a request, its body closed.
type page struct {
	status int
	body   []byte // at most as much as was asked for
	seen   shown
	date   time.Time
}

// get fetches url and reads at most limit bytes. It follows no redirect: what
// stands behind it is another address.
func (s Spec) get(ctx context.Context, url, accept string, limit int64) (page, error) {
	var p page
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return p, err
	}
	req.Header.Set("User-Agent", "notbetrieb")
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	tr := &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: s.tlsConfig(req.URL.Hostname(), &p.seen), MaxResponseHeaderBytes: 64 << 10,
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		if p.seen.err != nil {
			err = p.seen.err
		}
		return p, err
	}
	defer res.Body.Close()
	p.status = res.StatusCode
	if t, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		p.date = t
	}
	p.body, err = io.ReadAll(io.LimitReader(res.Body, limit))
	if err != nil {
		return p, err
	}
	return p, nil
}

// result is what a page says, given what its status and text say.
func (s Spec) result(p page, r Result) Result {
	r.PeerTime = p.date
	return s.aged(r, p.seen)
}

func (s Spec) broken(ctx context.Context, p page, err error) Result {
	r := failed(ctx, err)
	r.CertEnd = p.seen.end
	return r
}

func runHTTP(ctx context.Context, s Spec) Result {
	limit := int64(4 << 10)
	if s.Options["text"] != "" {
		limit = maxText
	}
	p, err := s.get(ctx, s.Target, "", limit)
	if err != nil {
		return s.broken(ctx, p, err)
	}
	status := strconv.Itoa(p.status)
	if !s.fine(p.status) {
		return s.result(p, bad("Antwortet mit Status "+status+".", "Answers with status "+status+"."))
	}
	if text := s.Options["text"]; text != "" && !bytes.Contains(p.body, []byte(text)) {
		return s.result(p, bad("Antwortet, aber der erwartete Text fehlt.", "Answers, but the expected text is missing."))
	}
	return s.result(p, good("Antwortet mit Status "+status+".", "Answers with status "+status+"."))
}

// fine reports whether a status is one that was asked for; without one, success,
// a redirect, and being asked to sign in.
func (s Spec) fine(status int) bool {
	if want := s.Options["status"]; want != "" {
		return slices.Contains(strings.Split(want, ","), strconv.Itoa(status))
	}
	return status < 400 || status == http.StatusUnauthorized || status == http.StatusForbidden
}

// runFHIR reads the capability statement (FHIR R4, http.html#capabilities).
func runFHIR(ctx context.Context, s Spec) Result {
	p, err := s.get(ctx, strings.TrimRight(s.Target, "/")+"/metadata", "application/fhir+json", maxJSON)
	switch {
	case err != nil:
		return s.broken(ctx, p, err)
	case p.status == http.StatusUnauthorized || p.status == http.StatusForbidden:
		return s.result(p, weak("Antwortet, will aber eine Anmeldung für /metadata.", "Answers, but asks for a sign-in for /metadata."))
	case p.status != http.StatusOK:
		n := strconv.Itoa(p.status)
		return s.result(p, bad("/metadata antwortet mit Status "+n+".", "/metadata answers with status "+n+"."))
	}
	kind, err := resourceType(p.body)
	if err != nil || kind != "CapabilityStatement" {
		return s.result(p, bad("Das ist keine Antwort eines FHIR-Servers.", "This is not the answer of a FHIR server."))
	}
	return s.result(p, good("Der FHIR-Server antwortet.", "The FHIR server answers."))
}

// resourceType reads the name of the resource without reading all of it.
func resourceType(b []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return "", errors.New("no object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		if key == "resourceType" {
			v, err := d.Token()
			kind, _ := v.(string)
			return kind, err
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return "", err
		}
	}
	return "", errors.New("no resourceType")
}

// lage is what we read of the telematics' status service.
type lage struct {
	AppStatus map[string]lageApp `json:"appStatus"`
}

type lageApp struct {
	Outage         string `json:"outage"` // none, partial, full
	HasMaintenance bool   `json:"hasMaintenance"`
}

// lageNames are the services as people call them.
var lageNames = map[string]string{
	"erezept": "E-Rezept", "epa": "ePA", "kim": "KIM", "wanda": "WANDA", "ogd": "ÖGD", "vsdm": "VSDM", "tianschluss": "TI-Anschluss",
}

// Shared keeps the newest answer of each service that may be asked only now and
// then, for every probe that asks it: probes of several systems read one answer.
// The zero value is ready.
type Shared struct {
	mu      sync.Mutex
	answers map[string]*answer
}

// answer is what a service said last, or why it said nothing.
type answer struct {
	sync.Mutex // held while the service is asked
	at         time.Time
	page       page
	err        error
}

// of returns the newest answer of target; get asks for one where that is older
// than age.
func (a *Shared) of(ctx context.Context, target string, age time.Duration, get func() (page, error)) (page, error) {
	a.mu.Lock()
	if a.answers == nil {
		a.answers = map[string]*answer{}
	}
	x := a.answers[target]
	if x == nil {
		x = &answer{}
		a.answers[target] = x
	}
	a.mu.Unlock()
	x.Lock()
	defer x.Unlock()
	if !x.at.IsZero() && time.Since(x.at) < age {
		return x.page, x.err
	}
	if err := ctx.Err(); err != nil { // an answer of long ago is none
		return page{}, err
	}
	p, err := get()
	x.at, x.page, x.err = time.Now(), p, err
	x.page.date = time.Time{} // a clock that was read later would be behind
	return p, err
}

// runLage reads the status of the German health telematics.
func runLage(ctx context.Context, s Spec) Result {
	get := func() (page, error) { return s.get(ctx, s.Target, "application/json", 1<<20) }
	ask := s.Shared
	if ask == nil {
		ask = &Shared{}
	}
	p, err := ask.of(ctx, s.Target, Slowest(s.Kind), get)
	if err != nil {
		return s.broken(ctx, p, err)
	}
	if p.status != http.StatusOK {
		return s.result(p, blind("Der Statusdienst der Telematik gibt keine Auskunft.", "The telematics' status service gives no information."))
	}
	var l lage
	if json.Unmarshal(p.body, &l) != nil || len(l.AppStatus) == 0 {
		return s.result(p, blind("Die Auskunft der Telematik ist nicht zu lesen.", "The telematics' information cannot be read."))
	}
	want := strings.FieldsFunc(s.Options["service"], func(r rune) bool { return r == ',' || r == ' ' })
	var full, partial, work []string
	for _, id := range sortedApps(l.AppStatus) {
		if len(want) > 0 && !slices.Contains(want, id) {
			continue
		}
		name := lageNames[id]
		if name == "" {
			continue // a service that is newer than this program
		}
		switch a := l.AppStatus[id]; {
		case a.Outage == "full":
			full = append(full, name)
		case a.Outage == "partial":
			partial = append(partial, name)
		case a.HasMaintenance:
			work = append(work, name)
		}
	}
	for _, id := range want {
		if _, there := l.AppStatus[id]; !there {
			return s.result(p, blind("Die Telematik gibt keine Auskunft über "+id+".", "The telematics give no information on "+id+"."))
		}
	}
	switch {
	case len(full) > 0:
		return s.result(p, bad("Gestört laut Telematik: "+strings.Join(full, ", ")+".", "Out of service by the telematics: "+strings.Join(full, ", ")+"."))
	case len(partial) > 0:
		return s.result(p, weak("Teilweise gestört laut Telematik: "+strings.Join(partial, ", ")+".", "Partly out of service by the telematics: "+strings.Join(partial, ", ")+"."))
	case len(work) > 0:
		return s.result(p, weak("Wartung laut Telematik: "+strings.Join(work, ", ")+".", "Maintenance by the telematics: "+strings.Join(work, ", ")+"."))
	}
	return s.result(p, good("Die Telematik meldet keine Störung.", "The telematics report no disturbance."))
}

func sortedApps(m map[string]lageApp) []string {
	var out []string
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// runConnector reads the service directory of a telematics connector
// (gemSpec_Kon, TIP1-A_4521): /connector.sds.
func runConnector(ctx context.Context, s Spec) Result {
	target := s.Target
	if u, err := url.Parse(target); err == nil && strings.Trim(u.Path, "/") == "" {
		target = strings.TrimRight(target, "/") + "/connector.sds"
	}
	p, err := s.get(ctx, target, "", maxText)
	switch {
	case err != nil:
		return s.broken(ctx, p, err)
	case p.status == http.StatusUnauthorized || p.status == http.StatusForbidden:
		return s.result(p, weak("Der Konnektor antwortet, will aber eine Anmeldung.", "The connector answers, but asks for a sign-in."))
	case p.status != http.StatusOK:
		n := strconv.Itoa(p.status)
		return s.result(p, bad("Der Konnektor antwortet mit Status "+n+".", "The connector answers with status "+n+"."))
	}
	if root, err := rootElement(p.body); err != nil || root != "ConnectorServices" {
		return s.result(p, bad("Das ist kein Dienstverzeichnis eines Konnektors.", "This is no service directory of a connector."))
	}
	return s.result(p, good("Der Konnektor antwortet.", "The connector answers."))
}

func rootElement(b []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // names are ASCII
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local, nil
		}
	}
}
