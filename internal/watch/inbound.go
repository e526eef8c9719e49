package watch

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Format is what another monitoring sends.
type Format string

const (
	Alertmanager Format = "alertmanager" // Prometheus Alertmanager, webhook_config, version 4
	Icinga       Format = "icinga"       // a notification command of Icinga 2 (docs/integration.md)
	Zabbix       Format = "zabbix"       // a webhook media type of Zabbix (docs/integration.md)
)

// Alert is what another monitoring says of something.
type Alert struct {
	Key      string    `json:"key"`   // of the alert, the same each time
	Names    []string  `json:"names"` // of what it is about: host, service, alert
	Critical bool      `json:"critical,omitempty"`
	Text     string    `json:"text,omitempty"`
	Since    time.Time `json:"since"`
}

// meets reports whether the alert is about a system: it bears the system's ID,
// or the target of one of its probes of kind webhook.
func (a Alert) meets(system string, names map[string]bool) bool {
	for _, n := range a.Names {
		if n == system || names[n] {
			return true
		}
	}
	return false
}

func (a Alert) say() lang.Text {
	text := a.Text
	if text == "" {
		text = strings.Join(a.Names, " ")
	}
	return lang.Text{DE: text}
}

const (
	maxHook   = 256 << 10 // bytes of one call
	maxAlerts = 500       // in one call
	maxStand  = 2000      // that stand at the same time
	maxWord   = 200       // characters of a name or text
)

// heardAlert is an alert as it came.
type heardAlert struct {
	Alert
	firing bool
}

// plainText makes text of another program fit for a page and a record.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if runes := []rune(strings.TrimSpace(s)); len(runes) > maxWord {
		return string(runes[:maxWord])
	} else {
		return string(runes)
	}
}

var errAlerts = errors.New("watch: not an alert of this format")

// parseAlerts reads one call.
func parseAlerts(f Format, b []byte, now time.Time) ([]heardAlert, error) {
	var out []heardAlert
	var err error
	switch f {
	case Alertmanager:
		out, err = parseAlertmanager(b)
	case Icinga:
		out, err = parseIcinga(b)
	case Zabbix:
		out, err = parseZabbix(b)
	default:
		return nil, errAlerts
	}
	if err != nil {
		return nil, err
	}
	if len(out) > maxAlerts {
		return nil, errAlerts
	}
	for i := range out {
		a := &out[i]
		var names []string
		for _, n := range a.Names {
			if n = plainText(n); n != "" && len(names) < 8 {
				names = append(names, n)
			}
		}
		a.Names, a.Text = names, plainText(a.Text)
		if len(names) == 0 || a.Key == "" {
			return nil, errAlerts
		}
		a.Key = string(f) + " " + plainText(a.Key)
		if a.Since.IsZero() || a.Since.After(now) || now.Sub(a.Since) > keep {
			a.Since = now
		}
		a.Since = a.Since.UTC()
	}
	return out, nil
}

func parseAlertmanager(b []byte) ([]heardAlert, error) {
	var m struct {
		Alerts []struct {
			Status      string            `json:"status"`
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
			StartsAt    time.Time         `json:"startsAt"`
			Fingerprint string            `json:"fingerprint"`
		} `json:"alerts"`
	}
	if json.Unmarshal(b, &m) != nil || len(m.Alerts) == 0 {
		return nil, errAlerts
	}
	var out []heardAlert
	for _, x := range m.Alerts {
		if x.Status != "firing" && x.Status != "resolved" {
			return nil, errAlerts
		}
		a := heardAlert{firing: x.Status == "firing"}
		host, _, _ := strings.Cut(x.Labels["instance"], ":")
		a.Names = []string{x.Labels["system"], x.Labels["service"], x.Labels["job"], host, x.Labels["instance"], x.Labels["alertname"]}
		a.Key, a.Text, a.Since = x.Fingerprint, x.Annotations["summary"], x.StartsAt
		if a.Text == "" {
			a.Text = x.Labels["alertname"]
		}
		if a.Key == "" {
			a.Key = x.Labels["alertname"] + " " + x.Labels["instance"]
		}
		switch strings.ToLower(x.Labels["severity"]) {
		case "warning", "info", "none":
		default:
			a.Critical = true
		}
		out = append(out, a)
	}
	return out, nil
}

func parseIcinga(b []byte) ([]heardAlert, error) {
	var m struct {
		Host    string `json:"host"`
		Service string `json:"service"`
		State   string `json:"state"`
		Output  string `json:"output"`
		Since   number `json:"since"` // seconds since 1970
	}
	if json.Unmarshal(b, &m) != nil || m.Host == "" {
		return nil, errAlerts
	}
	a := heardAlert{Alert: Alert{Key: m.Host + " " + m.Service, Names: []string{m.Host, m.Service}, Text: m.Output, Since: m.Since.time()}}
	if m.Service != "" {
		a.Names = append(a.Names, m.Host+"!"+m.Service)
	}
	switch strings.ToUpper(m.State) {
	case "OK", "UP":
	case "CRITICAL", "DOWN", "UNREACHABLE":
		a.firing, a.Critical = true, true
	case "WARNING", "UNKNOWN":
		a.firing = true
	default:
		return nil, errAlerts
	}
	return []heardAlert{a}, nil
}

func parseZabbix(b []byte) ([]heardAlert, error) {
	var m struct {
		Value    number `json:"value"`    // {EVENT.VALUE}: 1 problem, 0 recovered
		Severity number `json:"severity"` // {EVENT.NSEVERITY}: 0 to 5
		Host     string `json:"host"`     // {HOST.HOST}
		Trigger  number `json:"trigger"`  // {TRIGGER.ID}
		Name     string `json:"name"`     // {EVENT.NAME}
	}
	if json.Unmarshal(b, &m) != nil || m.Host == "" || m.Trigger == "" || m.Value != "0" && m.Value != "1" {
		return nil, errAlerts
	}
	severity, err := strconv.Atoi(string(m.Severity))
	if err != nil {
		severity = 5
	}
	return []heardAlert{{firing: m.Value == "1", Alert: Alert{
		Key: m.Host + " " + string(m.Trigger), Names: []string{m.Host}, Text: m.Name, Critical: severity >= 4,
	}}}, nil
}

// number is a JSON number or a string that holds one: macros of a monitoring
// arrive as either.
type number string

// UnmarshalJSON reads both.
func (n *number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if len(s) > 32 || strings.Trim(s, "0123456789.") != "" && s != "null" {
		return errAlerts
	}
	*n = number(s)
	return nil
}

func (n number) time() time.Time {
	sec, err := strconv.ParseFloat(string(n), 64)
	if err != nil || sec <= 0 || sec > 1e11 {
		return time.Time{}
	}
	return time.Unix(int64(sec), 0)
}

// take records what is new in alerts that came.
func (w *Watch) take(ctx context.Context, came []heardAlert) error {
	now := w.o.Now().UTC()
	for _, a := range came {
		w.now.RLock()
		was, stands := w.now.Fold.alerts[a.Key]
		full := len(w.now.Fold.alerts) >= maxStand
		w.now.RUnlock()
		e := event{At: now, Alert: &a.Alert}
		switch {
		case a.firing && (!stands || was.Critical != a.Critical):
			if full && !stands {
				return fmt.Errorf("watch: more than %d alerts stand", maxStand)
			}
			e.Step = AlertCame
		case !a.firing && stands:
			e.Step = AlertEnded
		default:
			continue
		}
		if err := w.write(ctx, journal.NewID(), e); err != nil {
			return err
		}
	}
	return nil
}

// callers bounds how often other monitorings may call.
type callers struct {
	mu   sync.Mutex
	left float64
	at   time.Time
}

const (
	callBurst = 120 // calls at once
	callRate  = 2.0 // calls a second
)

func (c *callers) may(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		c.left = callBurst
	} else {
		c.left = min(c.left+callRate*now.Sub(c.at).Seconds(), callBurst)
	}
	c.at = now
	if c.left < 1 {
		return false
	}
	c.left--
	return true
}

// Hook returns the handler for alerts of other monitorings: POST with the format
// as path value "format" and the token as bearer. An answer of 204 means stored.
func (w *Watch) Hook(token string) http.Handler {
	var calls callers
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case token == "":
			http.Error(rw, "no alerts are taken here", http.StatusNotFound)
			return
		case !ok || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1:
			http.Error(rw, "unauthorized", http.StatusUnauthorized)
			return
		case !calls.may(time.Now()):
			rw.Header().Set("Retry-After", "30")
			http.Error(rw, "too many calls", http.StatusTooManyRequests)
			return
		}
		b, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxHook))
		if err != nil {
			http.Error(rw, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		came, err := parseAlerts(Format(r.PathValue("format")), b, w.o.Now())
		if err != nil {
			http.Error(rw, "not an alert of this format", http.StatusBadRequest)
			return
		}
		if err := w.take(r.Context(), came); err != nil {
			w.o.Log.ErrorContext(r.Context(), "alerts not recorded", "err", err)
			http.Error(rw, "not stored, please repeat", http.StatusServiceUnavailable)
			return
		}
		w.soon()
		rw.WriteHeader(http.StatusNoContent)
	})
}
