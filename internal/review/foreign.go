package review

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Format is how a foreign log is written.
type Format string

const (
	CSV  Format = "csv"  // one access a line, columns by name
	ATNA Format = "atna" // DICOM audit messages (PS3.15 A.5), also inside of syslog lines
	FHIR Format = "fhir" // AuditEvent of FHIR R4: a bundle, or one resource a line
)

// Mapping says how a foreign log is to be read.
type Mapping struct {
	Format  Format          `json:"format"`
	System  string          `json:"system"`            // what it is the log of
	Zone    string          `json:"zone,omitempty"`    // of times without one: "Europe/Berlin"
	Charset string          `json:"charset,omitempty"` // "utf-8", "windows-1252", "iso-8859-15"
	Comma   string          `json:"comma,omitempty"`   // CSV: one character; "" is guessed from the header
	Layout  string          `json:"layout,omitempty"`  // CSV: one of Layouts, "" tries each
	Columns Columns         `json:"columns,omitzero"`
	Deeds   map[string]Deed `json:"deeds,omitempty"` // CSV: the log's words for what was done, lower case
}

// Columns are the names of a CSV's columns. Time and Person are needed, and one
// of Patient and Case.
type Columns struct {
	Time    string `json:"time"`
	Clock   string `json:"clock,omitempty"` // where day and time are apart
	Person  string `json:"person"`
	Name    string `json:"name,omitempty"`
	Patient string `json:"patient,omitempty"`
	Case    string `json:"case,omitempty"`
	Ward    string `json:"ward,omitempty"`
	Action  string `json:"action,omitempty"`
	Station string `json:"station,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// Layouts are the ways to write a time that a CSV may use.
func Layouts() []string {
	return []string{"02.01.2006 15:04:05", "02.01.2006 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05.999999999", time.RFC3339Nano, "2006-01-02T15:04:05", "20060102150405", "01/02/2006 15:04:05"}
}

// The limits of one log. A line or message that is longer is listed as one that
// was not read.
const (
	MaxLog     = 512 << 20 // bytes of a file
	maxMessage = 256 << 10
	maxLines   = 5_000_000
	maxBad     = 500 // lines that are listed one by one
)

// Bad is one line that was not read. It holds nothing of the line.
type Bad struct {
	Line int       `json:"line"` // from 1; the number of the message in other formats
	Why  lang.Text `json:"why"`
}

// Report is what came of reading a log.
type Report struct {
	Lines  int       `json:"lines"`
	Events int       `json:"events"`
	Bad    int       `json:"bad"`
	List   []Bad     `json:"list,omitempty"` // the first of them
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
}

func (r *Report) bad(line int, de, en string) {
	r.Bad++
	if len(r.List) < maxBad {
		r.List = append(r.List, Bad{line, lang.Text{DE: de, EN: en}})
	}
}

func (r *Report) good(a Access, each func(Access)) {
	r.Events++
	if r.First.IsZero() || a.At.Before(r.First) {
		r.First = a.At
	}
	if a.At.After(r.Last) {
		r.Last = a.At
	}
	each(a)
}

// Read reads a foreign log as a stream and gives each access to each. name is
// the file's, for [Access.Ref]. What cannot be read is listed and skipped; an
// error says that nothing can be read like this, or that r failed.
func Read(r io.Reader, name string, m Mapping, each func(Access)) (Report, error) {
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		return Report{}, badMapping("Die Zeitzone ist nicht bekannt.", "The time zone is not known.")
	}
	if strings.TrimSpace(m.System) == "" {
		return Report{}, badMapping("Bitte sagen, aus welchem System das Protokoll kommt.", "Please say which system the log comes from.")
	}
	r = io.LimitReader(r, MaxLog+1)
	enc, err := charset(m.Charset)
	if err != nil {
		return Report{}, err
	}
	if enc != nil {
		r = enc.NewDecoder().Reader(r)
	}
	l := log{name: name, m: m, zone: zone, each: each}
	switch m.Format {
	case CSV:
		err = l.csv(r)
	case ATNA:
		err = l.atna(r)
	case FHIR:
		err = l.fhir(r)
	default:
		err = badMapping("Dieses Format ist nicht bekannt.", "This format is not known.")
	}
	return l.report, err
}

func charset(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8":
		return nil, nil
	case "windows-1252", "cp1252":
		return charmap.Windows1252, nil
	case "iso-8859-1", "latin1":
		return charmap.ISO8859_1, nil
	case "iso-8859-15":
		return charmap.ISO8859_15, nil
	}
	return nil, badMapping("Dieser Zeichensatz ist nicht bekannt.", "This character set is not known.")
}

func badMapping(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

// log is the work on one file.
type log struct {
	name   string
	m      Mapping
	zone   *time.Location
	each   func(Access)
	report Report
}

// take gives an access on, after the checks that all formats share.
func (l *log) take(n int, a Access) {
	a.Person, a.System = strings.ToLower(clean(a.Person, 100)), l.m.System
	a.Ref = fmt.Sprintf("%s:%d", l.name, n)
	a.Name, a.Number, a.Case, a.Ward = clean(a.Name, 100), clean(a.Number, 64), clean(a.Case, 64), clean(a.Ward, 64)
	a.What, a.From, a.Reason = clean(a.What, 100), clean(a.From, 100), clean(a.Reason, 300)
	switch {
	case a.Person == "":
		l.report.bad(n, "Es steht nicht da, wer es war.", "It does not say who it was.")
	case a.At.Year() < 1990 || a.At.Year() > 2200:
		l.report.bad(n, "Die Zeit ist nicht lesbar.", "The time cannot be read.")
	default:
		l.report.good(a, l.each)
	}
}

// clean cuts a text to n bytes between runes and drops control characters.
func clean(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.TrimSpace(s), "�"))
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// lines gives each line without its end; a longer one than maxMessage is given
// as tooLong.
func lines(r io.Reader, each func(n int, line []byte, tooLong bool) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	long := false
	for n := 1; ; {
		part, err := b.ReadSlice('\n')
		if len(line)+len(part) > maxMessage {
			long = true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("access log: %w", err)
		}
		if len(line) > 0 || long {
			if n > maxLines {
				return badMapping("Das Protokoll hat zu viele Zeilen. Bitte teilen.", "The log has too many lines. Please split it.")
			}
			if e := each(n, bytes.TrimRight(line, "\r\n"), long); e != nil {
				return e
			}
			n++
		}
		line, long = line[:0], false
		if err == io.EOF {
			return nil
		}
	}
}
