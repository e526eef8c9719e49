package interpret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/hl7"
)

// maxReadable is the largest embedded text in bytes (encoded) whose words are
// taken into the chart; a larger one is kept as a document to open.
const maxReadable = 4 << 20

// embedded is an ED value: application^type^subtype^encoding^data.
type embedded struct {
	media  string
	coding string // Base64, Hex, A
	data   []byte // as it stands in the message
	comp   hl7.Comp
}

// readEncapsulated reads an ED. Senders leave components out or shift them, so
// the data is the component that holds the most.
func readEncapsulated(rep hl7.Rep) embedded {
	at := 5
	if n := rep.Comps(); n != 5 || len(rep.Comp(5).Raw()) == 0 {
		best := 64 // shorter ones are the words before the data
		for i := 1; i <= min(n, 8); i++ {
			if size := len(rep.Comp(i).Raw()); size > best {
				at, best = i, size
			}
		}
	}
	e := embedded{data: rep.Comp(at).Raw(), comp: rep.Comp(at)}
	if rep.Comp(at).Null() {
		e.data = nil
	}
	var kind, sub string
	switch {
	case at >= 4:
		kind, sub = value(rep.Comp(at-3)), value(rep.Comp(at-2))
	case at == 3:
		sub = value(rep.Comp(1))
	}
	e.coding = coding(value(rep.Comp(max(at-1, 1))), e.data)
	e.media = mediaType(kind, sub, e.magic())
	return e
}

// coding reads HL7 table 0299.
func coding(word string, data []byte) string {
	switch fold(word) {
	case "BASE64", "B64":
		return "Base64"
	case "HEX":
		return "Hex"
	case "A":
		return "A"
	}
	if looksBase64(data) {
		return "Base64"
	}
	return "A"
}

// looksBase64 reports whether b is a long run of base64 characters.
func looksBase64(b []byte) bool {
	if len(b) < 16 {
		return false
	}
	for _, c := range b[:min(len(b), 256)] {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/', c == '=', c == '\r', c == '\n':
		default:
			return false
		}
	}
	return true
}

// mediaType names the content: by HL7 tables 0191 and 0291, else by its first
// bytes.
func mediaType(kind, sub, magic string) string {
	k, s := strings.ToLower(kind), strings.ToLower(sub)
	switch s {
	case "pdf":
		return "application/pdf"
	case "jpeg", "jpg":
		return "image/jpeg"
	case "png", "gif", "tiff", "bmp":
		return "image/" + s
	case "xml", "x-hl7-cda-level-one", "x-hl7-cda-level-two", "x-hl7-cda-level-three", "cda":
		return "text/xml"
	case "html", "htm":
		return "text/html"
	case "rtf":
		return "application/rtf"
	case "dicom":
		return "application/dicom"
	case "plain", "txt", "ascii", "text":
		return "text/plain"
	}
	if magic != "" {
		return magic
	}
	if slash := strings.Contains(s, "/"); slash {
		return s
	}
	switch k {
	case "application", "text", "image", "audio", "video":
		if s == "" || strings.Contains(s, "octet") {
			break
		}
		return k + "/" + s
	case "tx", "ft":
		return "text/plain"
	case "im":
		return "image/" + s
	}
	return "application/octet-stream"
}

// magic recognises content by its first bytes.
func (e embedded) magic() string {
	head := e.data[:min(len(e.data), 64)]
	if e.coding == "Base64" {
		head = head[:len(head)/4*4]
		out := make([]byte, 64)
		n, _ := base64.StdEncoding.Decode(out, head)
		head = out[:n]
	}
	head = bytes.TrimLeft(head, "\xEF\xBB\xBF \r\n\t")
	switch {
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "application/pdf"
	case bytes.HasPrefix(head, []byte("\xFF\xD8\xFF")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte("\x89PNG")):
		return "image/png"
	case bytes.HasPrefix(head, []byte("<?xml")), bytes.HasPrefix(head, []byte("<ClinicalDocument")):
		return "text/xml"
	case bytes.HasPrefix(head, []byte(`{\rtf`)):
		return "application/rtf"
	}
	return ""
}

// size is the number of decoded bytes, counted without decoding.
func (e embedded) size() int {
	switch e.coding {
	case "Base64":
		n := 0
		for _, c := range e.data {
			if base64Rune(rune(c)) >= 0 {
				n++
			}
		}
		return n * 3 / 4
	case "Hex":
		return len(e.data) / 2
	}
	return len(e.data)
}

// readable returns the words of a text, a CDA or an HTML page.
func (e embedded) readable() (text, media string, ok bool) {
	if len(e.data) > maxReadable || !strings.HasPrefix(e.media, "text/") {
		return "", "", false
	}
	body, ok := e.decoded()
	if !ok {
		return "", "", false
	}
	switch e.media {
	case "text/plain":
		return strings.TrimRight(cleanText(toText(body)), "\n "), "text/plain", true
	case "text/xml":
		text, ok = cdaText(body)
		return text, "text/xml", ok
	case "text/html":
		text, ok = markupText(body)
		return text, "text/html", ok
	}
	return "", "", false
}

// decoded undoes the encoding. Line breaks within base64, also escaped ones, do
// no harm.
func (e embedded) decoded() ([]byte, bool) {
	switch e.coding {
	case "Base64":
		data := e.data
		if bytes.IndexByte(data, '\\') >= 0 {
			data = []byte(e.comp.All())
		}
		clean := bytes.Map(base64Rune, data)
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
		n, err := base64.RawStdEncoding.Decode(out, clean)
		return out[:n], err == nil
	case "Hex":
		out := make([]byte, hex.DecodedLen(len(e.data)))
		n, err := hex.Decode(out, e.data)
		return out[:n], err == nil
	}
	return []byte(e.comp.All()), true
}

// base64Rune keeps the characters of base64, in the URL spelling too.
func base64Rune(c rune) rune {
	switch {
	case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
		return c
	case c == '-':
		return '+'
	case c == '_':
		return '/'
	}
	return -1
}

// toText reads bytes without a label: UTF-8 where valid, else ISO-8859-15.
func toText(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(b) {
		return string(b)
	}
	out, err := charmap.ISO8859_15.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "�")
	}
	return string(out)
}
