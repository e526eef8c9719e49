package hl7

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// Header is what MSH says, read without looking at the rest of the message. Its
// texts are bytes as sent: neither unescaped nor converted, so that an answer
// can repeat them exactly. Times, types and the like are ASCII in practice.
type Header struct {
	Delims            Delims
	SendingApp        string // MSH-3, all components
	SendingFacility   string // MSH-4, all components
	ReceivingApp      string // MSH-5, all components
	ReceivingFacility string // MSH-6, all components
	Time              string // MSH-7.1, see ParseTime
	Type              string // MSH-9.1: ADT
	Event             string // MSH-9.2: A01
	Structure         string // MSH-9.3: ADT_A01
	ControlID         string // MSH-10: unique for its sender, until the sender restarts
	Processing        string // MSH-11.1: P, T or D
	Version           string // MSH-12.1: 2.5
	Sequence          string // MSH-13
	AcceptAck         string // MSH-15: AL, NE, ER, SU
	AppAck            string // MSH-16: AL, NE, ER, SU
	Country           string // MSH-17
	Charset           string // MSH-18

	wide wideOrder // the message came as UTF-16, and so goes its answer
}

type wideOrder uint8

const (
	narrow wideOrder = iota
	little
	big
)

// headerLook is how many bytes of a UTF-16 message are converted to find MSH.
const headerLook = 8 << 10

// ReadHeader reads MSH and nothing else. On an error (ErrNoHeader) the Header
// is zero.
func ReadHeader(raw []byte) (Header, error) {
	for len(raw) > 0 && isNoise(raw[0]) && raw[0] != 0 {
		raw = raw[1:]
	}
	h := Header{}
	if order, _ := wide(raw); order != nil {
		h.wide = little
		if order == binary.ByteOrder(binary.BigEndian) {
			h.wide = big
		}
		raw = raw[:min(len(raw), headerLook)]
	}
	text, _ := plainText(raw)
	for len(text) > 0 && isNoise(text[0]) {
		text = text[1:]
	}
	if !bytes.HasPrefix(text, []byte("MSH")) {
		return Header{}, ErrNoHeader
	}
	d, ok := readDelims(text)
	if !ok {
		return Header{}, ErrNoHeader
	}
	h.Delims = d
	if i := bytes.IndexByte(text, '\r'); i >= 0 {
		text = text[:i]
	}
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	h.fill(string(text[4:]))
	return h, nil
}

// fill reads the fields from MSH-2 on.
func (h *Header) fill(line string) {
	for n := 2; ; n++ {
		field, rest, more := strings.Cut(line, string(h.Delims.Field))
		h.set(n, field)
		if !more || n == 18 {
			return
		}
		line = rest
	}
}

func (h *Header) set(n int, field string) {
	switch n {
	case 3:
		h.SendingApp = field
	case 4:
		h.SendingFacility = field
	case 5:
		h.ReceivingApp = field
	case 6:
		h.ReceivingFacility = field
	case 7:
		h.Time, _ = h.comp(field)
	case 9:
		h.Type, field = h.comp(field)
		h.Event, field = h.comp(field)
		h.Structure, _ = h.comp(field)
	case 10:
		h.ControlID = field
	case 11:
		h.Processing, _ = h.comp(field)
	case 12:
		h.Version, _ = h.comp(field)
	case 13:
		h.Sequence = field
	case 15:
		h.AcceptAck = strings.TrimSpace(field)
	case 16:
		h.AppAck = strings.TrimSpace(field)
	case 17:
		h.Country = field
	case 18:
		h.Charset = strings.TrimSpace(field)
	}
}

// comp parts off the first component.
func (h *Header) comp(s string) (first, rest string) {
	if h.Delims.Component == 0 {
		return s, ""
	}
	first, rest, _ = strings.Cut(s, string(h.Delims.Component))
	return first, rest
}

// Enhanced reports whether the sender uses the enhanced acknowledgement mode
// (HL7 v2.5 section 2.9.3): MSH-15 or MSH-16 says something.
func (h Header) Enhanced() bool { return h.AcceptAck != "" || h.AppAck != "" }

// WantsAccept reports whether an accept acknowledgement (CA) is due for a
// message that was stored. In original mode there is none. In enhanced mode an
// empty MSH-15 means that none is wanted.
func (h Header) WantsAccept() bool {
	return h.Enhanced() && wants(h.AcceptAck, true)
}

// WantsApplication reports whether an application acknowledgement is due when
// the message was processed with that success. In original mode always.
func (h Header) WantsApplication(success bool) bool {
	if !h.Enhanced() {
		return true
	}
	return wants(h.AppAck, success)
}

// wants reads a value of HL7 table 0155. A value that the table does not have
// counts as AL: an answer too many is ignored, a missing one blocks a queue.
func wants(condition string, success bool) bool {
	switch condition {
	case "", "NE", null:
		return false
	case "ER":
		return !success
	case "SU":
		return success
	}
	return true
}
