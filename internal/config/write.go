package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/strict"
)

const head = `# Notbetrieb: the configuration of a hub.
# A comment has a blank after the #. A setting that begins with # is an example
# and switched off. What is left out has the value shown in the reference
# ('notbetrieb config reference'). An unknown key is a mistake.
`

// Reference returns the file in which every key is explained and has its
// default; lists are shown by an example that is switched off.
func Reference() []byte { return Write(Default()) }

// Write returns c as a commented file. [Parse] reads it back as c.
func Write(c Config) []byte {
	w := &writer{}
	w.b.WriteString(head)
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		w.b.WriteString("\n")
		w.field(v.Type().Field(i), v.Field(i), 0, "", true)
	}
	return []byte(w.b.String())
}

type writer struct{ b strings.Builder }

const lineWidth = 88

// doc writes a comment, broken into lines.
func (w *writer) doc(text string, indent int) {
	pad := strings.Repeat(" ", indent) + "#"
	line := pad
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > lineWidth && line != pad {
			w.b.WriteString(line + "\n")
			line = pad
		}
		line += " " + word
	}
	w.b.WriteString(line + "\n")
}

// field writes one key. off is "" for a setting that counts and "#" for an
// example; first and later elements of a list differ in explain.
func (w *writer) field(f reflect.StructField, v reflect.Value, indent int, off string, explain bool) {
	if explain {
		w.doc(f.Tag.Get("doc"), indent)
	}
	pad, key := strings.Repeat(" ", indent)+off, strict.KeyOf(f)
	switch x := v.Interface().(type) {
	case interpret.Tables:
		w.tables(key, x)
		return
	case lang.Text, time.Duration, Size, []string:
		fmt.Fprintf(&w.b, "%s%s: %s\n", pad, key, scalar(v))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		fmt.Fprintf(&w.b, "%s%s:\n", pad, key)
		for i := range v.NumField() {
			w.field(v.Type().Field(i), v.Field(i), indent+2, off, explain)
		}
	case reflect.Slice:
		w.list(key, v, indent, off, explain)
	default:
		fmt.Fprintf(&w.b, "%s%s: %s\n", pad, key, scalar(v))
	}
}

// list writes a list of structs; an empty one is followed by an example.
func (w *writer) list(key string, v reflect.Value, indent int, off string, explain bool) {
	pad := strings.Repeat(" ", indent)
	if v.Len() == 0 {
		fmt.Fprintf(&w.b, "%s%s%s: []\n", pad, off, key)
		if !explain || off != "" {
			return
		}
		v, off = reflect.Append(v, example(v.Type().Elem())), "#"
	}
	fmt.Fprintf(&w.b, "%s%s%s:\n", pad, off, key)
	for i := range v.Len() {
		el := v.Index(i)
		for n := range el.NumField() {
			var one writer
			if n == 0 && explain && i == 0 {
				w.doc(el.Type().Field(n).Tag.Get("doc"), indent+2)
			}
			one.field(el.Type().Field(n), el.Field(n), indent+4, off, explain && i == 0 && n > 0)
			text := one.b.String()
			if n == 0 { // the first key carries the dash; it is one line in every list
				text = pad + "  " + off + "- " + text[indent+4+len(off):]
			}
			w.b.WriteString(text)
		}
	}
}

// example is what the reference shows of a list.
func example(t reflect.Type) reflect.Value {
	switch t {
	case reflect.TypeFor[System]():
		return reflect.ValueOf(System{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}})
	case reflect.TypeFor[Feed]():
		f := DefaultFeed()
		f.Name, f.System, f.Listen = "kis-adt", "kis", "0.0.0.0:2575"
		f.Label = lang.Text{DE: "KIS Aufnahme", EN: "HIS admissions"}
		f.Allow = []string{"10.20.0.5", "10.20.1.0/24"}
		return reflect.ValueOf(f)
	case reflect.TypeFor[HandbackTarget]():
		t := DefaultTarget()
		t.Name, t.System, t.Address, t.ReceivingApp = "kis", "kis", "10.20.0.9:2575", "KIS"
		t.FourEyes = []string{"medication"}
		t.FHIR.Types = []DocumentType{{Form: "note", Code: "VL160105"}}
		return reflect.ValueOf(t)
	case reflect.TypeFor[Forward]():
		f := DefaultForward()
		f.Name, f.Feeds, f.Types, f.Address = "archiv", []string{"kis-adt"}, []string{"ADT"}, "10.20.0.12:2575"
		return reflect.ValueOf(f)
	case reflect.TypeFor[Ward]():
		w := DefaultWard()
		w.Code, w.Name = "3A", "Station 3A · Innere Medizin"
		w.Beds = []Room{{Room: "301", Beds: []string{"F", "T"}}, {Room: "302", Beds: []string{"1"}}}
		return reflect.ValueOf(w)
	case reflect.TypeFor[Workplace]():
		return reflect.ValueOf(Workplace{Name: "3A Stützpunkt", Ward: "3A", Address: "10.20.3.11"})
	case reflect.TypeFor[Hook]():
		return reflect.ValueOf(Hook{Name: "cut-remote", Label: lang.Text{DE: "Fernzugänge schließen", EN: "Close remote access"},
			Command: []string{"/usr/local/sbin/notbetrieb-vpn-off", "--all"}, Timeout: time.Minute})
	case reflect.TypeFor[Outlet]():
		o := DefaultOutlet()
		o.Name, o.Host, o.From, o.User, o.Secret = "mail-extern", "mail.example:587", "alarm@klinikum.example", "alarm", "/etc/notbetrieb/mail.secret"
		return reflect.ValueOf(o)
	case reflect.TypeFor[Room]():
		return reflect.ValueOf(Room{Room: "301", Beds: []string{"F", "T"}})
	}
	return reflect.Zero(t)
}

func (w *writer) tables(key string, t interpret.Tables) {
	b, err := yaml.MarshalWithOptions(t, yaml.Indent(2), yaml.IndentSequence(true))
	text := strings.TrimSpace(string(b))
	if err != nil || text == "{}" || text == "" {
		fmt.Fprintf(&w.b, "%s: {}\n", key)
		return
	}
	fmt.Fprintf(&w.b, "%s:\n", key)
	for line := range strings.Lines(string(b)) {
		w.b.WriteString("  " + strings.TrimRight(line, "\n") + "\n")
	}
}

// scalar returns a value as it stands behind its key.
func scalar(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return formatDuration(x)
	case Size:
		return x.String()
	case lang.Text:
		return "{de: " + quoted(x.DE) + ", en: " + quoted(x.EN) + "}"
	case []string:
		out := make([]string, len(x))
		for i, s := range x {
			out[i] = quoted(s)
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	switch v.Kind() {
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	default:
		return quoted(v.String())
	}
}

// quoted returns a word as it is where YAML cannot mistake it, else in quotes.
func quoted(s string) string {
	if regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./-]*$`).MatchString(s) && !ambiguous(s) {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

// ambiguous reports whether some reader of YAML takes the word for something
// else than a word.
func ambiguous(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan":
		return true
	}
	return false
}
