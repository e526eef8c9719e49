package hl7

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// AckCode is MSA-1 (HL7 table 0008).
type AckCode string

// The acknowledgement codes: A… in original mode and for the application
// acknowledgement, C… for the accept acknowledgement of enhanced mode.
const (
	AA AckCode = "AA" // accepted
	AE AckCode = "AE" // error: do not send it again unchanged
	AR AckCode = "AR" // rejected: many senders stop their queue
	CA AckCode = "CA" // stored
	CE AckCode = "CE" // not stored, error
	CR AckCode = "CR" // not stored, rejected
)

// Positive reports whether the code says that the message was taken.
func (c AckCode) Positive() bool { return c == AA || c == CA }

// Answer returns the acknowledgement for the message that h heads: MSH with
// sender and receiver swapped, in the sender's delimiters, version and charset,
// and MSA with the sender's control ID byte for byte. From version 2.5 on a
// negative code brings an ERR segment. text is for people, "" for none; id is
// the answer's own control ID (at most 20 characters).
//
// A zero Header (the message had no readable MSH) gives an answer with default
// delimiters and an empty MSA-2.
func Answer(h Header, code AckCode, text string, now time.Time, id string) []byte {
	d := h.Delims
	if d.Field == 0 {
		d = DefaultDelims()
	}
	b := make([]byte, 0, 192+len(text))
	field := func(s string) { b = append(append(b, d.Field), s...) }
	component := either(d.Component, '^')

	b = append(append(b, "MSH"...), d.Header()...)
	field(h.ReceivingApp)
	field(h.ReceivingFacility)
	field(h.SendingApp)
	field(h.SendingFacility)
	b = append(b, d.Field)
	b = now.AppendFormat(b, "20060102150405-0700")
	field("")
	field("ACK")
	if h.Event != "" && version(h.Version) >= 203 {
		b = append(append(b, component), h.Event...)
		if version(h.Version) > 203 {
			b = append(append(b, component), "ACK"...)
		}
	}
	field(id)
	field(orElse(h.Processing, "P"))
	field(orElse(h.Version, "2.3"))
	b = appendTail(b, h, d)
	b = append(b, "\rMSA"...)
	field(string(code))
	field(h.ControlID)
	said := encodeText(text, d, h.Charset)
	if text != "" {
		field(said)
	}
	b = append(b, '\r')
	if version(h.Version) >= 205 && !code.Positive() {
		b = appendError(b, d, component, said)
	}
	return widen(b, h.wide)
}

// appendTail writes MSH-15 to MSH-18. In enhanced mode the answer says that it
// wants no answer itself.
func appendTail(b []byte, h Header, d Delims) []byte {
	if !h.Enhanced() && h.Country == "" && h.Charset == "" {
		return b
	}
	ack := ""
	if h.Enhanced() {
		ack = "NE"
	}
	b = append(b, d.Field, d.Field) // MSH-13, MSH-14
	for _, s := range [...]string{ack, ack, h.Country, h.Charset} {
		b = append(append(b, d.Field), s...)
	}
	return b
}

// appendError writes ERR in the form of version 2.5: code 207 is "application
// internal error" of HL7 table 0357, severity E.
func appendError(b []byte, d Delims, component byte, said string) []byte {
	b = append(b, "ERR"...)
	b = append(b, d.Field, d.Field, d.Field)
	b = append(b, "207"...)
	b = append(append(b, component), "Application internal error"...)
	b = append(append(b, component), "HL70357"...)
	b = append(append(b, d.Field), 'E')
	if said != "" {
		b = append(b, d.Field, d.Field, d.Field, d.Field)
		b = append(b, said...)
	}
	return append(b, '\r')
}

// encodeText escapes text and puts it into the charset of the answer.
func encodeText(text string, d Delims, charset string) string {
	if text == "" {
		return ""
	}
	b := Builder{d: d}
	var known string
	known, b.table = lookupCharset(charset)
	b.ascii = known == "US-ASCII" || known == ""
	b.buf = []byte(Escape(text, d))
	raw, _ := b.Encode()
	return string(raw)
}

func widen(b []byte, w wideOrder) []byte {
	switch w {
	case little:
		return append([]byte("\xFF\xFE"), toUTF16(b, binary.LittleEndian)...)
	case big:
		return append([]byte("\xFE\xFF"), toUTF16(b, binary.BigEndian)...)
	case narrow:
	}
	return b
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// version reads 2.3.1 as 203.1 would be: 2.3 is 203, 2.3.1 is more than 203,
// 2.5 is 205. What is no version counts as 2.3.
func version(s string) float64 {
	major, rest, _ := strings.Cut(s, ".")
	minor, patch, _ := strings.Cut(rest, ".")
	if major != "2" || len(minor) != 1 || minor[0] < '0' || minor[0] > '9' {
		return 203
	}
	v := 200 + float64(minor[0]-'0')
	if patch != "" {
		v += 0.5
	}
	return v
}

// Ack is what an acknowledgement says.
type Ack struct {
	Code      AckCode
	ControlID string // MSA-2: the control ID of the message it answers
	Text      string // MSA-3, or the first text found in ERR
}

// ErrNoAck means that a message is no acknowledgement.
var ErrNoAck = errors.New("hl7: no MSA segment")

// ParseAck reads an acknowledgement. Success is Code AA or CA and the right
// ControlID, never the mere arrival of an answer.
func ParseAck(raw []byte) (Ack, error) {
	m, err := Parse(raw)
	if err != nil {
		return Ack{}, err
	}
	msa, ok := m.Segment("MSA")
	if !ok {
		return Ack{}, ErrNoAck
	}
	a := Ack{
		Code:      AckCode(strings.ToUpper(strings.TrimSpace(msa.Field(1).Text()))),
		ControlID: string(msa.Field(2).Raw()),
		Text:      msa.Field(3).All(),
	}
	if errSeg, ok := m.Segment("ERR"); ok && a.Text == "" {
		for _, n := range [...]int{8, 7, 1} {
			if a.Text = errSeg.Field(n).All(); a.Text != "" {
				break
			}
		}
	}
	return a, nil
}
