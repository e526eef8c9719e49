package config

import (
	"mime"
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/estate"
)

// Callout is how people are called to the crisis team.
type Callout struct {
	URL       string        `yaml:"url" doc:"Where the people called reach this hub from outside (a mobile router, a second line): the links to answer begin with it. Empty: no link is sent, they answer with a code."`
	Answers   string        `yaml:"answers" doc:"The number that an answer code can be told or sent to, as it stands in the texts. Empty: none."`
	Country   string        `yaml:"country" doc:"Telephone code of the country without +, in place of a leading 0."`
	Tries     int           `yaml:"tries" doc:"On one way, where it took nothing."`
	Pause     time.Duration `yaml:"pause" doc:"Before the second try; twice as long before each further one."`
	NextWay   time.Duration `yaml:"next_way" doc:"Whoever does not answer for so long is told on the next way."`
	Deputy    time.Duration `yaml:"deputy" doc:"For whoever does not answer for so long the deputy is called."`
	Declared  string        `yaml:"declared" doc:"Group that is called when an incident is declared: the short name of one written down on the page Alarmierung, team (who sits in the crisis team), lead (who leads it) or tree (the phone tree). Empty: only people call."`
	Deadlines string        `yaml:"deadlines" doc:"Group that is told when 75 and 90 % of a term to report have passed, and when it has ended: usually lead. Empty: nobody."`
	Night     Night         `yaml:"night" doc:"Who is told of a proposed outage at night."`
	Quiet     Quiet         `yaml:"quiet" doc:"When the all-clear wakes nobody who has not said that they come. They get it when these hours are over."`
	SMSToken  string        `yaml:"sms_token" doc:"File with the token that the gateway shows when it hands over an SMS that came back, to /hooks/sms. Empty: none are taken."`
	Ways      []Outlet      `yaml:"ways" doc:"The ways out of the house, in the order they are tried for each person. None: everybody is called by voice, from the list to print."`
}

// Night is who is told of a proposed outage, and when.
type Night struct {
	Group string `yaml:"group" doc:"Empty: nobody."`
	From  string `yaml:"from" doc:"Begin of the night."`
	Until string `yaml:"until" doc:"Its end, the next morning. As begin: round the clock."`
}

// Quiet is when nobody is woken for the all-clear.
type Quiet struct {
	From  string `yaml:"from" doc:"Begin of these hours."`
	Until string `yaml:"until" doc:"End, at most eleven hours later. As begin: there are no such hours."`
}

// length is how long the hours are; 0 where they cannot be read.
func (q Quiet) length() time.Duration {
	from, err := time.Parse("15:04", q.From)
	until, err2 := time.Parse("15:04", q.Until)
	if err != nil || err2 != nil {
		return 0
	}
	return (until.Sub(from) + 24*time.Hour) % (24 * time.Hour)
}

// Outlet is one way out of the house.
type Outlet struct {
	Name     string        `yaml:"name" doc:"Short name, written into every record; never change it."`
	Kind     string        `yaml:"kind" doc:"smtp (a mail host), sms (an SMS gateway with an HTTP interface), modem (a command that sends an SMS over an own modem), webhook (JSON, signed) or matrix (a Matrix server)."`
	Takes    []string      `yaml:"takes" doc:"On which ways of a contact it can tell somebody: mobile, landline, pager, satellite, messenger, mail, extension, radio, fax. Empty: mail for smtp, mobile for sms and modem, pager for webhook, messenger for matrix."`
	Timeout  time.Duration `yaml:"timeout" doc:"A try without an answer after so long has failed."`
	Secret   string        `yaml:"secret" doc:"File with the password or token. Needed for webhook and matrix."`
	CA       string        `yaml:"ca" doc:"File with the authorities (PEM) that are trusted beside those of this machine."`
	Host     string        `yaml:"host" doc:"smtp: name and port of the mail host, best that of another provider."`
	Security string        `yaml:"security" doc:"smtp: starttls (required), tls (from the start) or none (only inside the house)."`
	From     string        `yaml:"from" doc:"smtp: the sender's address."`
	User     string        `yaml:"user" doc:"smtp: the account, where it wants one."`
	Hello    string        `yaml:"hello" doc:"smtp: our name in HELO. Empty: that of the machine."`
	URL      string        `yaml:"url" doc:"sms, webhook, matrix: the address. For sms with the places {number}, {text}, {id}, {name}, {secret}."`
	Method   string        `yaml:"method" doc:"sms: GET, POST or PUT."`
	Headers  []string      `yaml:"headers" doc:"sms: header lines, such as 'Authorization: Bearer {secret}'."`
	Body     string        `yaml:"body" doc:"sms: the body with the same places; each is written as the type asks."`
	Type     string        `yaml:"type" doc:"sms: type of the body."`
	Accepted string        `yaml:"accepted" doc:"sms: regular expression that the answer of a gateway matches that took the message. Empty: any answer with a status of 200 to 299."`
	Command  []string      `yaml:"command" doc:"modem: the program with its whole path, then its arguments, with the places {number}, {text}, {id}. The text is also its input. No shell reads it."`
	Room     string        `yaml:"room" doc:"matrix: the room for people without a room of their own. Empty: none."`
}

// defaultCallout is how a house calls that says nothing of it.
func defaultCallout() Callout {
	return Callout{Country: "49", Tries: 3, Pause: 20 * time.Second, NextWay: 2 * time.Minute, Deputy: 8 * time.Minute, Night: Night{From: "20:00", Until: "06:00"}, Quiet: Quiet{From: "22:00", Until: "06:00"}}
}

// DefaultOutlet returns what a way out has that the file does not name.
func DefaultOutlet() Outlet {
	return Outlet{Kind: "smtp", Timeout: 30 * time.Second, Security: "starttls", Method: "POST", Type: "application/json"}
}

// Kinds returns the ways of a contact that the way out takes.
func (o Outlet) Kinds() []estate.WayKind {
	if len(o.Takes) > 0 {
		var out []estate.WayKind
		for _, t := range o.Takes {
			out = append(out, estate.WayKind(t))
		}
		return out
	}
	switch o.Kind {
	case "smtp":
		return []estate.WayKind{estate.Mail}
	case "webhook":
		return []estate.WayKind{estate.Pager}
	case "matrix":
		return []estate.WayKind{estate.Messenger}
	}
	return []estate.WayKind{estate.Mobile}
}

func (k *checker) callout() {
	c := k.c.Callout
	if c.URL != "" {
		k.address("callout.url", c.URL)
	}
	if strings.Trim(c.Country, "0123456789") != "" || len(c.Country) > 3 || strings.HasPrefix(c.Country, "0") {
		k.Note("callout.country", "Hier stehen ein bis drei Ziffern, zum Beispiel 49.", "One to three digits are expected here, for example 49.")
	}
	if c.Tries < 1 || c.Tries > 10 {
		k.Note("callout.tries", "Erlaubt sind 1 bis 10.", "Allowed are 1 to 10.")
	}
	for path, d := range map[string]time.Duration{"callout.pause": c.Pause, "callout.next_way": c.NextWay, "callout.deputy": c.Deputy} {
		if d < time.Second || d > time.Hour {
			k.Note(path, "Erlaubt sind 1s bis 1h.", "Allowed are 1s to 1h.")
		}
	}
	for path, g := range map[string]string{"callout.declared": c.Declared, "callout.deadlines": c.Deadlines, "callout.night.group": c.Night.Group} {
		if g != "" {
			k.Short(path, g)
		}
	}
	if g := c.Night.Group; g == "team" || g == "lead" {
		k.Note("callout.night.group", "Nachts gibt es noch keine Lage und also keinen Krisenstab. Bitte eine aufgeschriebene Gruppe oder tree nennen.", "At night there is no incident yet and so no crisis team. Please name a group that is written down, or tree.")
	}
	for path, at := range map[string]string{"callout.night.from": c.Night.From, "callout.night.until": c.Night.Until, "callout.quiet.from": c.Quiet.From, "callout.quiet.until": c.Quiet.Until} {
		if _, err := time.Parse("15:04", at); err != nil {
			k.Note(path, "Hier steht eine Uhrzeit wie 20:00.", "A time like 20:00 is expected here.")
		}
	}
	if long := c.Quiet.length(); long > 11*time.Hour { // after twelve hours a call-out rests
		k.Note("callout.quiet", "Erlaubt sind höchstens elf Stunden, sonst bekämen manche die Entwarnung nie.", "Allowed are at most eleven hours, or some would never get the all-clear.")
	}
	seen := map[string]string{}
	for i, o := range c.Ways {
		path := "callout.ways[" + strconv.Itoa(i) + "]"
		k.Short(path+".name", o.Name)
		k.once(seen, path+".name", o.Name)
		k.outlet(path, o)
	}
}

func (k *checker) address(path, text string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		k.Note(path, "Das ist keine Adresse wie https://alarm.klinikum.example.", "This is no address like https://alarm.hospital.example.")
	}
}

func (k *checker) outlet(path string, o Outlet) {
	k.OneOf(path+".kind", o.Kind, "smtp", "sms", "modem", "webhook", "matrix")
	for _, t := range o.Takes {
		k.OneOf(path+".takes", t, "mobile", "landline", "pager", "satellite", "messenger", "mail", "extension", "radio", "fax")
	}
	if o.Timeout < time.Second || o.Timeout > 2*time.Minute {
		k.Note(path+".timeout", "Erlaubt sind 1s bis 2m.", "Allowed are 1s to 2m.")
	}
	switch o.Kind {
	case "smtp":
		h, p, err := net.SplitHostPort(o.Host)
		if n, numErr := strconv.Atoi(p); err != nil || h == "" || numErr != nil || n < 1 || n > 65535 {
			k.Note(path+".host", "Hier stehen Name und Port, zum Beispiel mail.example:587.", "Name and port are expected here, for example mail.example:587.")
		}
		k.OneOf(path+".security", o.Security, "starttls", "tls", "none")
		if _, err := mail.ParseAddress(o.From); err != nil {
			k.Note(path+".from", "Das ist keine Adresse einer E-Mail.", "This is no address of mail.")
		}
		if o.Security == "none" && o.User != "" {
			k.Note(path+".security", "Ohne Verschlüsselung wird kein Passwort gesendet.", "No password is sent without encryption.")
		}
		if o.User != "" {
			k.Required(path+".secret", o.Secret)
		}
	case "sms":
		k.gateway(path, o)
	case "modem":
		if len(o.Command) == 0 || !filepath.IsAbs(o.Command[0]) || slices.ContainsFunc(o.Command, func(s string) bool { return strings.Contains(s, "\x00") }) {
			k.Note(path+".command", "Hier steht ein Programm mit ganzem Pfad.", "A program with its whole path is expected here.")
		} else if !strings.Contains(strings.Join(o.Command[1:], "\n"), "{number}") {
			k.Note(path+".command", "In den Argumenten muss {number} stehen, sonst weiß das Programm nicht, an wen es sendet.", "{number} must stand in the arguments, or the program does not know whom to send to.")
		}
	case "webhook", "matrix":
		k.address(path+".url", o.URL)
		k.Required(path+".secret", o.Secret)
		if o.Room != "" && !strings.HasPrefix(o.Room, "!") {
			k.Note(path+".room", "Eine Raumnummer beginnt mit !.", "A room's ID begins with !.")
		}
	}
}

func (k *checker) gateway(path string, o Outlet) {
	k.address(path+".url", strings.NewReplacer("{", "", "}", "").Replace(o.URL))
	k.OneOf(path+".method", o.Method, "GET", "POST", "PUT")
	for _, h := range o.Headers {
		if name, _, ok := strings.Cut(h, ":"); !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(h, "\r\n") {
			k.Note(path+".headers", "Eine Kopfzeile hat einen Namen, einen Doppelpunkt und einen Wert.", "A header line has a name, a colon and a value.")
		}
	}
	if _, err := regexp.Compile(o.Accepted); err != nil {
		k.Note(path+".accepted", "Das ist kein regulärer Ausdruck.", "This is no regular expression.")
	}
	switch kind, _, err := mime.ParseMediaType(o.Type); {
	case o.Body == "":
	case err != nil || !slices.Contains([]string{"application/json", "application/x-www-form-urlencoded", "text/xml", "application/xml", "text/plain"}, kind):
		k.Note(path+".type", "Erlaubt sind application/json, application/x-www-form-urlencoded, application/xml, text/xml und text/plain.", "Allowed are application/json, application/x-www-form-urlencoded, application/xml, text/xml and text/plain.")
	case o.Method == "GET":
		k.Note(path+".body", "Eine Anfrage mit GET hat keinen Inhalt. {number} und {text} stehen dann in url.", "A request with GET has no body. {number} and {text} then stand in url.")
	}
	all := o.URL + o.Body + strings.Join(o.Headers, "")
	if !strings.Contains(all, "{number}") || !strings.Contains(all, "{text}") {
		k.Note(path+".body", "{number} und {text} müssen in url, headers oder body stehen.", "{number} and {text} must stand in url, headers or body.")
	}
	if strings.Contains(all, "{secret}") {
		k.Required(path+".secret", o.Secret)
	}
}
