package web

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// recordPage shows one record of the journal as it came: segments apart,
// fields numbered, nothing left out but the bytes of embedded files.
type recordPage struct {
	Frame
	Number   uint64
	Kind     string
	Feed     lang.Text
	Received stamp
	Sent     stamp
	Size     string
	Charset  string
	Segments []segmentView
	Plain    string // a record that is no message of HL7 or ASTM
	Broken   bool   // it could not be cut into segments
	Missed   []unreadRow
	Aside    string // where the forms go
	Patient  string // the chart it was opened from
}

type segmentView struct {
	No     int
	Name   string
	Fields []fieldView
	Marked bool // something in it could not be read
}

type fieldView struct {
	No   int
	Text string
	Cut  string // how much is not shown: "84 kB"
}

// maxField is how many characters of one field are shown.
const maxField = 600

var recordPageT = parse[recordPage]("record")

func newRecordPage(rec journal.Record, unread []chart.Unread, f Frame) recordPage {
	v := recordPage{
		Frame:  f.titled("record", lang.Text{DE: "Meldung Nr. " + strconv.FormatUint(uint64(rec.Seq), 10), EN: "Message no. " + strconv.FormatUint(uint64(rec.Seq), 10)}),
		Number: uint64(rec.Seq), Kind: string(rec.Kind), Feed: f.feedLabel(rec.Source), Received: f.stamp(rec.Received), Sent: f.stamp(rec.Time),
		Size: group(uint64(len(rec.Body))) + " B",
	}
	marked := map[string]bool{}
	for _, u := range unread {
		v.Missed = append(v.Missed, newUnreadRow(u, f))
		marked[u.Segment] = true
	}
	if rec.Kind == journal.ASTM {
		v.analyser(rec.Body, marked)
		return v
	}
	if rec.Kind != journal.HL7 {
		v.Plain = cut(strings.ToValidUTF8(string(rec.Body), "�"))
		return v
	}
	m, err := hl7.Parse(rec.Body)
	if err != nil {
		v.Plain, v.Broken = cut(strings.ToValidUTF8(string(rec.Body), "�")), true
		return v
	}
	v.Charset = m.Charset().Used
	seen := map[string]int{}
	for i, s := range m.Segments() {
		seen[s.Name()]++
		sv := segmentView{No: i + 1, Name: s.Name(), Marked: marked[s.Name()] || marked[s.Name()+"["+strconv.Itoa(seen[s.Name()])+"]"]}
		for n := 1; n <= s.Fields(); n++ {
			raw := s.Field(n).Raw()
			if len(raw) == 0 {
				continue
			}
			sv.Fields = append(sv.Fields, newFieldView(n, s.Field(n).All()))
		}
		v.Segments = append(v.Segments, sv)
	}
	return v
}

// newFieldView returns a field as it is shown, cut where it is very long.
func newFieldView(n int, text string) fieldView {
	fv := fieldView{No: n, Text: text}
	if utf8.RuneCountInString(text) > maxField {
		fv.Text = string([]rune(text)[:maxField])
		fv.Cut = group(uint64(max((len(text)-len(fv.Text))/1024, 1))) + " kB"
	}
	return fv
}

// analyser shows the records of an analyser's message.
func (v *recordPage) analyser(body []byte, marked map[string]bool) {
	m, err := astm.Parse(body)
	if err != nil {
		v.Plain, v.Broken = cut(strings.ToValidUTF8(string(body), "�")), true
		return
	}
	v.Charset = m.Charset()
	seen := map[string]int{}
	for i := range m.Len() {
		rec := m.At(i)
		name := string(rec.Type())
		seen[name]++
		sv := segmentView{No: i + 1, Name: name, Marked: marked[name] || marked[name+"["+strconv.Itoa(seen[name])+"]"]}
		for n := 2; n <= rec.Fields(); n++ {
			if f := rec.Field(n); len(f.Raw()) > 0 {
				sv.Fields = append(sv.Fields, newFieldView(n, f.All()))
			}
		}
		v.Segments = append(v.Segments, sv)
	}
}

func cut(s string) string {
	const most = 100_000
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + " …"
	}
	return s
}

func (f Frame) feedLabel(name string) lang.Text {
	for _, x := range f.Feeds {
		if x.Name == name {
			return x.Label
		}
	}
	return lang.Text{DE: name}
}

// unreadPage lists what could not be understood.
type unreadPage struct {
	Frame
	Rows  []unreadRow
	Count lang.Text // items and messages, in words
	Aside bool
	Tabs  []filterLink
	Pager pagerView
	See   bool // the reader may open the content
}

type unreadRow struct {
	Count    uint64 // messages that the row stands for
	First    uint64 // the oldest of them
	Seq      uint64
	Feed     lang.Text
	Kind     string
	Control  string
	Received stamp
	Reason   lang.Text
	Code     string
	Segment  string
	Ward     string
	Aside    bool
	AsideBy  string
	AsideAt  stamp
	Last     uint64 // the newest of them, on the page of one message
}

var unreadPageT = parse[unreadPage]("unread")

func newUnreadRow(u chart.Unread, f Frame) unreadRow {
	return unreadRow{
		Seq: u.Seq, Feed: f.feedLabel(u.Feed), Kind: u.Kind, Control: u.Control, Received: f.stamp(u.Received), Reason: u.Reason,
		Code: u.Code, Count: uint64(max(u.Count, 1)), First: u.First, Segment: u.Segment, Ward: u.Ward, Aside: u.Aside, AsideBy: u.AsideBy,
		AsideAt: f.stamp(u.AsideAt),
	}
}

func newUnreadPage(list []chart.Unread, total, messages int, aside bool, f Frame) unreadPage {
	v := unreadPage{Frame: f.titled("unread", lang.Text{DE: "Ungelesene Meldungen", EN: "Unread messages"}), Count: unreadWords(total, messages, aside), Aside: aside, See: f.User.Can("see-sources")}
	v.Refresh = true
	for _, u := range list {
		v.Rows = append(v.Rows, newUnreadRow(u, f))
	}
	v.Tabs = []filterLink{
		{Href: "/unread", Label: lang.Text{DE: "offen", EN: "open"}, Here: !aside},
		{Href: "/unread?aside=1", Label: lang.Text{DE: "beiseitegelegt", EN: "set aside"}, Here: aside},
	}
	if aside {
		v.Tabs[1].Count = total
	} else {
		v.Tabs[0].Count = total
	}
	if len(list) > 0 && len(list) < total && len(list) >= unreadPerPage {
		v.Pager.Older = "/unread?before=" + strconv.FormatUint(list[len(list)-1].Seq, 10)
		if aside {
			v.Pager.Older += "&aside=1"
		}
	}
	return v
}

const unreadPerPage = 100
