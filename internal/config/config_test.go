package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/strict"
)

func TestReferenceIsTheDefaults(t *testing.T) {
	t.Parallel()
	ref := Reference()
	c, warnings, err := Parse(ref)
	if err != nil || len(warnings) != 0 {
		t.Fatalf("%v, %v\n%s", err, warnings, ref)
	}
	if !reflect.DeepEqual(c, Default()) {
		t.Errorf("the reference reads as\n%+v, want\n%+v", c, Default())
	}
	for _, empty := range []string{"", "# nur ein Kommentar\n", "\n\n", "---\n", "web:\n", "web:\n  # listen: 1\n"} {
		if c, _, err := Parse([]byte(empty)); err != nil || !reflect.DeepEqual(c, Default()) {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

// TestReferenceIsCurrent keeps docs/notbetrieb.reference.yaml equal to the code.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "notbetrieb.reference.yaml")
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(doc) != string(Reference()) {
		t.Errorf("%s is not what Reference returns now", path)
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	t.Parallel()
	ref := string(Reference())
	flat := regexp.MustCompile(`\n\s*# `).ReplaceAllString(ref, " ")
	var walk func(typ reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			at := strict.Join(path, strict.KeyOf(f))
			doc := f.Tag.Get("doc")
			switch {
			case f.Tag.Get("yaml") == "":
				t.Errorf("%s has no key", at)
			case len(doc) < 8 || !strings.HasSuffix(doc, ".") && !strings.HasSuffix(doc, ")."):
				t.Errorf("%s has no sentence that explains it", at)
			case !strings.Contains(flat, doc):
				t.Errorf("the comment of %s is not in the reference", at)
			}
			ft := f.Type
			if ft.Kind() == reflect.Slice {
				ft = ft.Elem()
			}
			if ft.Kind() == reflect.Struct && ft != reflect.TypeFor[lang.Text]() && ft != reflect.TypeFor[interpret.Tables]() {
				walk(ft, at)
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
}

// switchOn turns the examples of a reference into settings.
func switchOn(ref string) string {
	var out []string
	for line := range strings.Lines(ref) {
		line = strings.TrimSuffix(line, "\n")
		key, empty := strings.CutSuffix(strings.TrimLeft(line, " "), " []")
		if empty && strings.Contains(ref, "\n"+line[:len(line)-len(key)-3]+"#"+key+"\n") {
			continue // the empty list that the example takes the place of
		}
		out = append(out, regexp.MustCompile(`^(\s*)#(\S.*)$`).ReplaceAllString(line, "$1$2"))
	}
	return strings.Join(out, "\n") + "\n"
}

func TestExamplesOfTheReferenceWork(t *testing.T) {
	t.Parallel()
	text := switchOn(string(Reference()))
	c, _, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(c.Feeds) != 1 || len(c.Systems) != 1 || len(c.Wards) != 1 || len(c.Wards[0].Beds) != 2 ||
		c.Feeds[0].Allow[1] != "10.20.1.0/24" || c.Feeds[0].Label.EN != "HIS admissions" || c.Feeds[0].MaxMessage != 32<<20 {
		t.Errorf("the examples read as %+v", c)
	}
	if len(c.Wards[0].Beds[0].Beds) != 2 {
		t.Errorf("beds are %+v", c.Wards[0].Beds)
	}
}

func TestTheTimesOfASchemeAreFourAndAscend(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		`["07:30", "12:00", "17:30", "21:00"]`: true, `["08:00", "12:00", "18:00"]`: false, `["08:00", "12:00", "12:00", "22:00"]`: false,
		`["8:00", "12:00", "18:00", "22:00"]`: false, `["08:00", "12:00", "18:00", "25:00"]`: false, `[]`: false,
	} {
		_, _, err := Parse([]byte("medication:\n  scheme_times: " + text + "\n"))
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, _, err := Parse([]byte("medication:\n  second_person: [Heparin, \"\"]\n")); err == nil {
		t.Error("an empty name was taken")
	}
}

// nordheide is a small house with everything set.
const nordheide = `
hospital:
  name: "Klinikum Nordheide: Haus Süd"
  site: nordheide
  timezone: Europe/Berlin
  language: de
data: /srv/notbetrieb
keys: {file: /etc/notbetrieb/master.key, passphrase_env: NB_PASS}
web:
  listen: 0.0.0.0:8443
  tls: {cert: web.pem, key: web.key}
  external_url: https://notbetrieb.nordheide.example
  session: {idle: 20m, absolute: 10h}
metrics: {listen: "127.0.0.1:9108"}
systems:
  - {id: kis, name: KIS}
  - {id: lis, name: {de: Labor, en: Laboratory}}
feeds:
  - name: kis-adt
    system: kis
    listen: 10.20.0.1:2575
    tls: {cert: f.pem, key: f.key, client_ca: ca.pem}
    allow: [10.20.0.5, "fd00::/8"]
    max_message: 16MiB
    idle: 1d12h
    silence: {amber: 5m, red: 15m}
  - name: lis-files
    label: Labor Dateien
    system: lis
    kind: folder
    folder: /srv/drop/lis
    keep_done: 0s
wards:
  - code: 0301
    name: Station 3A
    kind: normal
    beds:
      - {room: 301, beds: [F, T]}
      - {room: 302, beds: [1]}
  - {code: ITS, kind: icu}
ages:
  lab: {amber: 12h, red: 2d}
retention: {days: 400, keep_reads_days: 1095}
checkpoint: {every: 10s, anchor_dir: /mnt/anker}
print: {paper: A4, label: {width: 63.5, height: 29.6}}
mapping:
  identity: {authority: KIS}
  feeds:
    kis-adt: {zone: Europe/Vienna}
  wards:
    - {code: "0301", aliases: [3A, INN3]}
`

func TestWholeFile(t *testing.T) {
	t.Parallel()
	c, warnings, err := Parse([]byte(nordheide))
	if err != nil || len(warnings) != 0 {
		t.Fatalf("%v, %v", err, warnings)
	}
	want := Feed{Name: "kis-adt", System: "kis", Kind: MLLP, Listen: "10.20.0.1:2575",
		TLS: TLS{Cert: "f.pem", Key: "f.key", ClientCA: "ca.pem"}, Allow: []string{"10.20.0.5", "fd00::/8"},
		KeepDone: 7 * day, MaxMessage: 16 << 20, Idle: 36 * time.Hour, Silence: Limits{Amber: 5 * time.Minute, Red: 15 * time.Minute}}
	if !reflect.DeepEqual(c.Feeds[0], want) {
		t.Errorf("feed is %+v", c.Feeds[0])
	}
	if c.Feeds[1].Label.DE != "Labor Dateien" || c.Feeds[1].KeepDone != 0 || c.Feeds[1].Silence != Default().Ages.Feed {
		t.Errorf("feed is %+v", c.Feeds[1])
	}
	if c.Wards[0].Code != "0301" || c.Wards[0].Beds[0].Room != "301" || c.Wards[0].Beds[1].Beds[0] != "1" {
		t.Errorf("a number lost its zeros: %+v", c.Wards[0])
	}
	if c.Hospital.Name != "Klinikum Nordheide: Haus Süd" || c.Ages.Lab.Red != 48*time.Hour || c.Ages.Feed != Default().Ages.Feed ||
		c.Print.Label.Width != 63.5 || c.Mapping.Feeds["kis-adt"].Zone != "Europe/Vienna" || c.Mapping.Wards[0].Aliases[1] != "INN3" {
		t.Errorf("config is %+v", c)
	}
	again, _, err := Parse(Write(c))
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("written and read again: %v\n%+v, want\n%+v\n%s", err, again, c, Write(c))
	}
}

func TestEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	const text = `hospital:
  nam: Klinikum
  timezone: Europe/Nordheide
web:
  listen: 8443
  session: {idle: soon, absolute: 12h}
systems:
  - {id: kis, name: KIS}
  - {id: kis, name: Noch einmal}
feeds:
  - name: kis-adt
    system: ris
    listen: 0.0.0.0:2575
    max_message: 32MB
    tls: {cert: a.pem}
    silence: {amber: 1h, red: 10m}
  - name: kis-adt
    system: kis
    listen: 127.0.0.1:2575
    allow: [10.0.0.0/8, somewhere]
wards:
  - code: 3A
  - code: 3A
    kind: castle
    beds: [{room: 1, beds: [A, A]}, {room: 2}]
mapping:
  wards: [{code: 9Z}]
  feeds: {lis: {}}
  sexes: [M]
web: {}
`
	_, warnings, err := Parse([]byte(text))
	if fault.KindOf(err) != fault.Invalid || warnings != nil {
		t.Fatalf("error is %v", err)
	}
	want := []string{
		"2:3: hospital.nam: There is no such key here. Is “name” meant?",
		"3:13: hospital.timezone: There is no such time zone",
		"5:11: web.listen: This is no address",
		"6:19: web.session.idle: A duration is expected",
		"9:10: systems[1].id: “kis” is already at systems[0].id.",
		"12:13: feeds[0].system: There is no system “ris”",
		"14:18: feeds[0].max_message: A size is expected",
		"15:10: feeds[0].tls: Certificate and key belong together",
		"16:31: feeds[0].silence.red: Red must not come before amber.",
		"17:11: feeds[1].name: “kis-adt” is already at feeds[0].name.",
		"19:13: feeds[1].listen: Port 2575 is already taken by feeds[0].listen.",
		"20:25: feeds[1].allow[1]: This is no address",
		"23:11: wards[1].code: “3A” is already at wards[0].code.",
		"24:11: wards[1].kind: Allowed: normal,",
		"25:32: wards[1].beds[0].beds[1]: This bed is already at wards[1].beds[0].beds[0].",
		": wards[1].beds[1].beds: A room has at least one bed.",
		"27:18: mapping.wards[0].code: There is no ward “9Z”",
		"28:16: mapping.feeds.lis: There is no feed “lis”",
		"29:10: mapping.sexes: Keys with values are expected",
		"30:1: web: This key stands here twice.",
	}
	got := strings.Split(err.Error(), "\n")
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || strings.Contains(g, w)
		}
		if !found {
			t.Errorf("not reported: %s", w)
		}
	}
	if len(got) != len(want) || t.Failed() {
		t.Errorf("%d mistakes reported, want %d:\n%s", len(got), len(want), err)
	}
}

func TestOneMistake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"no YAML", "web: [", "This is no YAML"},
		{"tab", "web:\n\tlisten: x", "2:1"},
		{"a list at the top", "- web\n", "1:1: Keys with values are expected here."},
		{"a word at the top", "hallo", "Keys with values"},
		{"two documents", "data: /a\n---\ndata: /b\n", "3:"},
		{"unknown section", "webb: {}\n", "1:1: webb: There is no such key here. Is “web” meant?"},
		{"nothing like it", "zzzzzz: {}\n", "zzzzzz: There is no such key here."},
		{"list for a word", "data: [a]\n", "data: A value is missing here."},
		{"empty word", "data:\n", "data: A value is missing here."},
		{"word for a list", "feeds: kis\n", "feeds: A list is expected here."},
		{"word for a section", "web: ja\n", "web: Keys with values"},
		{"half a day", "retention: {days: 45.5}\n", "1:19: retention.days: A whole number"},
		{"few days", "retention: {days: 3}\n", "retention.days: 0 (keep everything)"},
		{"negative days", "retention: {keep_reads_days: -1}\n", "retention.keep_reads_days"},
		{"anchor", "data: &x /a\n", "Anchors, references and tags"},
		{"tag", "data: !!str /a\n", "Anchors, references and tags"},
		{"negative duration", "checkpoint: {every: -5s}\n", "checkpoint.every: A duration"},
		{"duration without unit", "checkpoint: {every: 5}\n", "checkpoint.every: A duration"},
		{"endless duration", "ages: {lab: {red: 999999999d}}\n", "ages.lab.red: A duration"},
		{"silence of nothing", "ages: {lab: {amber: 0s}}\n", "ages.lab.amber: More than nothing."},
		{"other language", "hospital: {language: fr}\n", "hospital.language: Allowed: de, en."},
		{"capital site", "hospital: {site: Nordheide}\n", "hospital.site: A short name"},
		{"login in the address", "web: {external_url: 'https://a:b@c.example'}\n", "web.external_url"},
		{"client authority alone", "web: {tls: {client_ca: ca.pem}}\n", "web.tls.client_ca: Client certificates need TLS"},
		{"metrics on the port of the pages", "metrics: {listen: '127.0.0.1:8443'}\n", "Port 8443 is already taken by web.listen."},
		{"port out of range", "web: {listen: '127.0.0.1:99999'}\n", "web.listen: This is no address"},
		{"huge label", "print: {label: {width: 5000}}\n", "print.label.width: Allowed are 20 to 210 mm."},
		{"not a number", "print: {label: {width: .nan}}\n", "print.label.width: A number"},
		{"folder with an address", "systems: [{id: a, name: A}]\nfeeds: [{name: x, system: a, kind: folder, folder: /x, listen: ':1'}]\n", "2:64: feeds[0].listen: This does not fit"},
		{"listener with a list as address", "systems: [{id: a, name: A}]\nfeeds: [{name: x, system: a, listen: [b]}]\n", "2:38: feeds[0].listen: A value is missing"},
		{"listener without an address", "systems: [{id: a, name: A}]\nfeeds: [{name: x, system: a}]\n", "feeds[0].listen: A value is missing"},
		{"a rule of the mapping", "mapping:\n  results:\n    - {code: K, section: kitchen}\n", "3:"},
		{"truth", "mapping: {no_defaults: 'ja'}\n", "mapping.no_defaults: This is true or false."},
		{"unknown key of the mapping", "mapping: {wardz: []}\n", "mapping.wardz: There is no such key here. Is “wards” meant?"},
		{"two workplaces of one name", "watch: {workplaces: [{name: A, address: 10.0.0.1}, {name: A, address: 10.0.0.2}]}\n", "watch.workplaces[1].name: “A” is already at watch.workplaces[0].name."},
		{"a workplace without a name", "watch: {workplaces: [{address: 10.0.0.1}]}\n", "watch.workplaces[0].name: A value is missing"},
		{"a workplace without an address", "watch: {workplaces: [{name: A}]}\n", "watch.workplaces[0].address: This is no address"},
		{"a workplace with a host name", "watch: {workplaces: [{name: A, address: pc17.klinik.example}]}\n", "watch.workplaces[0].address: This is no address"},
		{"every address is a workplace", "watch: {workplaces: [{name: A, address: 0.0.0.0/0}]}\n", "watch.workplaces[0].address: This is no address"},
		{"an address of two workplaces", "watch: {workplaces: [{name: A, address: 10.0.0.0/28}, {name: B, address: '::ffff:10.0.0.3'}]}\n", "watch.workplaces[1].address: This address already belongs to watch.workplaces[0]."},
		{"a workplace on a ward that is not there", "wards: [{code: 3A}]\nwatch: {workplaces: [{name: A, ward: 9Z, address: 10.0.0.1}]}\n", "watch.workplaces[0].ward: There is no ward “9Z”"},
		{"an unknown key of a workplace", "watch: {workplaces: [{name: A, address: 10.0.0.1, wards: 3A}]}\n", "Is “ward” meant?"},
		{"a modem that is not told the number", "callout: {ways: [{name: m, kind: modem, command: [/usr/bin/send, '{text}']}]}\n", "command: {number} must stand in the arguments"},
		{"a program without its path", "callout: {ways: [{name: m, kind: modem, command: [send, '{number}']}]}\n", "command: A program with its whole path"},
		{"a quiet that never ends", "callout: {quiet: {from: '18:00', until: '08:00'}}\n", "callout.quiet: Allowed are at most eleven hours"},
		{"a quiet at no time", "callout: {quiet: {from: spät}}\n", "callout.quiet.from: A time like"},
		{"a body of no type", "callout: {ways: [{name: s, kind: sms, url: 'https://sms.example', body: '{number}{text}', type: json}]}\n", "type: Allowed are application/json"},
		{"a body that is not sent", "callout: {ways: [{name: s, kind: sms, method: GET, url: 'https://sms.example', body: '{number}{text}'}]}\n", "body: A request with GET has no body"},
		{"a gateway without the text", "callout: {ways: [{name: s, kind: sms, url: 'https://sms.example/{number}'}]}\n", "body: {number} and {text} must stand"},
		{"a mail host without a port", "callout: {ways: [{name: p, host: mail.example, from: a@b.example}]}\n", "host: Name and port"},
		{"a mail host with no such port", "callout: {ways: [{name: p, host: 'mail.example:99999', from: a@b.example}]}\n", "host: Name and port"},
		{"a password in the open", "callout: {ways: [{name: p, host: 'mail.example:25', from: a@b.example, security: none, user: u, secret: /s}]}\n", "security: No password is sent"},
		{"an account without a password", "callout: {ways: [{name: p, host: 'mail.example:25', from: a@b.example, user: u}]}\n", "secret"},
		{"a webhook without a secret", "callout: {ways: [{name: w, kind: webhook, url: 'https://x.example'}]}\n", "secret"},
		{"two ways of one name", "callout: {ways: [{name: p, host: 'mail.example:25', from: a@b.example}, {name: p, host: 'mail.example:25', from: a@b.example}]}\n", "callout.ways[1].name"},
		{"a way of no kind", "callout: {ways: [{name: p, kind: dove}]}\n", "kind: Allowed"},
		{"a way of a contact that there is not", "callout: {ways: [{name: p, takes: [dove], host: 'mail.example:25', from: a@b.example}]}\n", "takes: Allowed"},
		{"the crisis team of no incident", "callout: {night: {group: team}}\n", "callout.night.group: At night there is no incident"},
		{"a night without an hour", "callout: {night: {group: stab, until: morgens}}\n", "callout.night.until: A time"},
		{"a country with a plus", "callout: {country: '+49'}\n", "callout.country"},
		{"no tries", "callout: {tries: 0}\n", "callout.tries: Allowed are 1 to 10."},
		{"a deputy at once", "callout: {deputy: 1ms}\n", "callout.deputy: Allowed are 1s to 1h."},
		{"a link that leads nowhere", "callout: {url: alarm.example}\n", "callout.url: This is no address"},
		{"no text", "data: \"\xff\"\n", "not UTF-8"},
		{"brackets without end", strings.Repeat("[", 1_000_000), "nested too deeply"},
		{"stairs without end", strings.Repeat("- ", 1_000_000), "nested too deeply"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := Parse([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if n := strings.Count(err.Error(), "\n"); n != 0 {
				t.Errorf("%d more mistakes:\n%v", n, err)
			}
			if m := new(Mistakes); !asMistakes(err, m) || (*m)[0].Say.DE == "" || (*m)[0].In(lang.DE) == (*m)[0].In(lang.EN) {
				t.Errorf("not said in both languages: %v", err)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"pages readable on the way", "web: {listen: '0.0.0.0:8080'}\n", "1:15: web.listen"},
		{"any address", "web: {listen: ':8080'}\n", "web.listen"},
		{"a feed readable on the way", "systems: [{id: a, name: A}]\nfeeds: [{name: x, system: a, listen: '10.0.0.1:2575'}]\n", "feeds[0].listen"},
		{"metrics in the network", "metrics: {listen: '10.0.0.1:9108'}\n", "metrics.listen"},
		{"key beside the data", "data: /srv/nb\nkeys: {file: /srv/nb/master.key}\n", "2:14: keys.file"},
		{"anchor beside the data", "data: /srv/nb\ncheckpoint: {anchor_dir: /srv/nb/anchor}\n", "checkpoint.anchor_dir"},
		{"reads dropped early", "retention: {keep_reads_days: 30}\n", "retention.keep_reads_days"},
		{"workplaces that reach nothing", "watch: {workplaces: [{name: A, address: 10.0.0.1}]}\n", "watch.workplaces: web.listen can be reached from this machine only"},
		{"a workplace on this machine is fine", "watch: {workplaces: [{name: A, address: 127.0.0.1}]}\n", ""},
		{"localhost is fine", "web: {listen: 'localhost:8080'}\n", ""},
		{"IPv6 of this machine is fine", "web: {listen: '[::1]:8080'}\n", ""},
		{"TLS is fine", "web: {listen: ':8080', tls: {cert: a, key: b}}\n", ""},
		{"a neighbouring folder is fine", "data: /srv/nb\nkeys: {file: /srv/nb.key}\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, warnings, err := Parse([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			got := Mistakes(warnings).Error()
			if c.want == "" && got != "" || !strings.Contains(got, c.want) || len(warnings) > 1 {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOneMistakeIsNotMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"log: {level: laut}\n":                    "The configuration has one mistake.",
		"log: {level: laut}\nweb: {listenn: x}\n": "The configuration has 2 mistakes.",
		"systems: [{id: a, name: A}]\nfeeds: [{name: x, system: a, kind: folder, folder: /x, keep_done: -1h}]\n": "The configuration has one mistake.",
	} {
		_, _, err := Parse([]byte(text))
		if got := fault.Say(err).EN; err == nil || got != want {
			t.Errorf("%q: %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestAnAnalysersFeedListens(t *testing.T) {
	t.Parallel()
	const base = "systems:\n  - {id: lis, name: Labor}\nfeeds:\n  - {name: cobas, system: lis, kind: astm, "
	c, _, err := Parse([]byte(base + "listen: \"127.0.0.1:4001\", allow: [10.40.0.11]}\n"))
	if err != nil || c.Feeds[0].Kind != ASTM || c.Feeds[0].Listen != "127.0.0.1:4001" {
		t.Fatalf("%+v, %v", c.Feeds, err)
	}
	again, _, err := Parse(Write(c))
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("written and read again: %v", err)
	}
	for _, bad := range []string{"}\n", "listen: \"127.0.0.1:4001\", folder: /x}\n"} {
		if _, _, err := Parse([]byte(base + bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Numbers given in an outage must not be those of the hospital, nor each other.
func TestNumberRangesThatMeetAreMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"numbers: {authority: KIS}\nmapping: {identity: {authority: KIS}}": "mapping.identity.authority",
		"numbers: {case: {prefix: NP, digits: 7}}":                         "the same number",
		"numbers: {case: {prefix: np, digits: 7}}":                         "capital letters",
		"numbers: {patient: {prefix: NP, digits: 2}}":                      "4 to 15 digits",
		"numbers: {authority: \"\"}":                                       "value is missing",
		"numbers: {node: Haupt Rechner}":                                   "short name",
		"numbers: {bed: {prefix: B}}":                                      "no such key",
	} {
		_, _, err := Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
