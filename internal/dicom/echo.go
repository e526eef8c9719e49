// Package dicom speaks the upper layer protocol of DICOM (PS3.8) as far as it
// takes to ask a peer whether it lives: an association for Verification and one
// C-ECHO (PS3.7, 9.1.5).
//
// It knows no patients, reads no data set, and refuses what is longer than such
// an answer can be.
package dicom

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Titles are the application entity titles of an association, at most 16
// characters each.
type Titles struct {
	Called  string // of the peer
	Calling string // ours
}

// Valid reports whether a title can be sent (PS3.5, VR AE): 1 to 16 characters
// of ASCII without control characters and backslash, not only blanks.
func Valid(title string) bool {
	if len(title) > 16 || strings.TrimSpace(title) == "" {
		return false
	}
	for _, c := range []byte(title) {
		if c < 0x20 || c > 0x7e || c == '\\' {
			return false
		}
	}
	return true
}

// Rejected is the answer of a peer that does not associate (PS3.8, 9.3.4).
type Rejected struct{ Result, Source, Reason byte }

func (r *Rejected) Error() string {
	why := map[[2]byte]string{
		{1, 1}: "no reason given", {1, 2}: "application context not supported", {1, 3}: "calling title not recognised",
		{1, 7}: "called title not recognised", {2, 1}: "no reason given", {2, 2}: "protocol version not supported",
		{3, 1}: "temporary congestion", {3, 2}: "local limit exceeded",
	}[[2]byte{r.Source, r.Reason}]
	if why == "" {
		why = fmt.Sprintf("source %d, reason %d", r.Source, r.Reason)
	}
	return "dicom: association rejected: " + why
}

// Busy reports whether the peer lives and may take the association later.
func (r *Rejected) Busy() bool { return r.Result == 2 || r.Source == 3 }

// UnknownCalling reports whether the peer does not know our title.
func (r *Rejected) UnknownCalling() bool { return r.Source == 1 && r.Reason == 3 }

// UnknownCalled reports whether the peer does not answer to the title.
func (r *Rejected) UnknownCalled() bool { return r.Source == 1 && r.Reason == 7 }

// ErrProtocol means that the peer does not speak DICOM, or ended the
// association in the middle.
var ErrProtocol = errors.New("dicom: not the answer of a DICOM peer")

// ErrNoVerification means that the peer associates, but not for Verification.
var ErrNoVerification = errors.New("dicom: peer offers no verification")

// Status is a status of a C-ECHO other than success (PS3.7, annex C).
type Status uint16

func (s Status) Error() string { return fmt.Sprintf("dicom: C-ECHO status %04X", uint16(s)) }

const (
	verification   = "1.2.840.10008.1.1"
	applicationCtx = "1.2.840.10008.3.1.1.1"
	implicitLittle = "1.2.840.10008.1.2"
	// implementation names this program. It is made of a random UUID (PS3.5, B.2).
	implementation        = "2.25.134086821153950784450430280507845126091"
	implementationVersion = "NOTBETRIEB"

	maxPDU  = 64 << 10 // bytes of an answer
	maxRead = 8        // PDUs read over before the answer
)

// Types of protocol data units (PS3.8, 9.3).
const (
	associateRQ = 1
	associateAC = 2
	associateRJ = 3
	dataTF      = 4
	releaseRQ   = 5
	releaseRP   = 6
	abort       = 7
)

// Echo associates over nc, asks once and releases. It closes nc, at the latest
// when ctx ends. A nil error means that the peer answered with success; the
// error is a [*Rejected], [ErrNoVerification], a [Status], [ErrProtocol] or one
// of the network.
func Echo(ctx context.Context, nc net.Conn, t Titles) (err error) {
	defer func() {
		if e := nc.Close(); err == nil && e != nil && !errors.Is(e, net.ErrClosed) {
			err = fmt.Errorf("dicom: %w", e)
		}
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("dicom: %w", ctx.Err())
		}
	}()
	if !Valid(t.Called) || !Valid(t.Calling) {
		return errors.New("dicom: titles have 1 to 16 characters")
	}
	if end, ok := ctx.Deadline(); ok {
		if err := nc.SetDeadline(end); err != nil {
			return fmt.Errorf("dicom: %w", err)
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := associate(nc, t); err != nil {
		return err
	}
	if err := echo(nc); err != nil {
		_, _ = nc.Write(pdu(abort, []byte{0, 0, 0, 0})) // as a courtesy: the connection is closed anyhow
		return err
	}
	if _, err := nc.Write(pdu(releaseRQ, make([]byte, 4))); err != nil {
		return fmt.Errorf("dicom: release: %w", err)
	}
	// The peer has answered. How it takes leave is its own affair: some just hang up.
	if kind, _, err := readPDU(nc); err == nil && kind != releaseRP && kind != abort {
		return ErrProtocol
	}
	return nil
}

func associate(nc net.Conn, t Titles) error {
	if _, err := nc.Write(associateRequest(t)); err != nil {
		return fmt.Errorf("dicom: associate: %w", err)
	}
	kind, body, err := readPDU(nc)
	if err != nil {
		return err
	}
	switch {
	case kind == associateRJ && len(body) >= 4:
		return &Rejected{Result: body[1], Source: body[2], Reason: body[3]}
	case kind != associateAC || len(body) < 68:
		return ErrProtocol
	}
	accepted, err := presentation(body[68:])
	switch {
	case err != nil:
		return err
	case !accepted:
		return ErrNoVerification
	}
	return nil
}

func associateRequest(t Titles) []byte {
	b := []byte{0, 1, 0, 0}
	b = append(b, fmt.Sprintf("%-16s%-16s", t.Called, t.Calling)...)
	b = append(b, make([]byte, 32)...)
	b = append(b, item(0x10, []byte(applicationCtx))...)
	ctx := []byte{1, 0, 0, 0}
	ctx = append(ctx, item(0x30, []byte(verification))...)
	ctx = append(ctx, item(0x40, []byte(implicitLittle))...)
	b = append(b, item(0x20, ctx)...)
	user := item(0x51, binary.BigEndian.AppendUint32(nil, 16<<10))
	user = append(user, item(0x52, []byte(implementation))...)
	user = append(user, item(0x55, []byte(implementationVersion))...)
	return pdu(associateRQ, append(b, item(0x50, user)...))
}

// presentation looks for the answer to our one presentation context.
func presentation(items []byte) (accepted bool, err error) {
	for len(items) > 0 {
		if len(items) < 4 {
			return false, ErrProtocol
		}
		n := int(binary.BigEndian.Uint16(items[2:]))
		if len(items) < 4+n {
			return false, ErrProtocol
		}
		if body := items[4 : 4+n]; items[0] == 0x21 && n >= 4 && body[0] == 1 {
			return body[2] == 0, nil
		}
		items = items[4+n:]
	}
	return false, nil
}

// echo sends the C-ECHO-RQ and reads the response.
func echo(nc net.Conn) error {
	set := element(0x0002, []byte(verification+"\x00"))
	set = append(set, element(0x0100, le16(0x0030))...) // C-ECHO-RQ
	set = append(set, element(0x0110, le16(1))...)      // message 1
	set = append(set, element(0x0800, le16(0x0101))...) // no data set
	set = append(element(0x0000, binary.LittleEndian.AppendUint32(nil, uint32(len(set)))), set...)
	value := append([]byte{1, 3}, set...) // context 1; a command, and its last part
	if _, err := nc.Write(pdu(dataTF, append(binary.BigEndian.AppendUint32(nil, uint32(len(value))), value...))); err != nil {
		return fmt.Errorf("dicom: echo: %w", err)
	}
	var command []byte
	for range maxRead {
		kind, body, err := readPDU(nc)
		if err != nil {
			return err
		}
		if kind != dataTF {
			return ErrProtocol
		}
		last, err := parts(body, &command)
		if err != nil {
			return err
		}
		if last {
			return response(command)
		}
		if len(command) > maxPDU {
			return ErrProtocol
		}
	}
	return ErrProtocol
}

// parts appends the pieces of a command in a P-DATA-TF to command.
func parts(body []byte, command *[]byte) (last bool, err error) {
	for len(body) > 0 {
		if len(body) < 6 {
			return false, ErrProtocol
		}
		n := binary.BigEndian.Uint32(body)
		if n < 2 || uint64(n) > uint64(len(body)-4) {
			return false, ErrProtocol
		}
		if control := body[5]; control&1 == 0 {
			return false, ErrProtocol // a data set, where none may be
		} else if control&2 != 0 {
			last = true
		}
		*command = append(*command, body[6:4+n]...)
		body = body[4+n:]
	}
	return last, nil
}

// response reads the command set of a C-ECHO-RSP.
func response(set []byte) error {
	field, status, haveStatus := uint16(0), uint16(0), false
	for len(set) > 0 {
		if len(set) < 8 {
			return ErrProtocol
		}
		group, elem := binary.LittleEndian.Uint16(set), binary.LittleEndian.Uint16(set[2:])
		n := binary.LittleEndian.Uint32(set[4:])
		if group != 0 || uint64(n) > uint64(len(set)-8) {
			return ErrProtocol
		}
		if value := set[8 : 8+n]; n >= 2 {
			switch elem {
			case 0x0100:
				field = binary.LittleEndian.Uint16(value)
			case 0x0900:
				status, haveStatus = binary.LittleEndian.Uint16(value), true
			}
		}
		set = set[8+n:]
	}
	switch {
	case field != 0x8030 || !haveStatus:
		return ErrProtocol
	case status != 0:
		return Status(status)
	}
	return nil
}

// element is one element of a command set: group 0000, implicit VR, little
// endian.
func element(elem uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte{0, 0}, elem)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(value))), value...)
}

func le16(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }

func item(kind byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{kind, 0}, uint16(len(body))), body...)
}

func pdu(kind byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind, 0}, uint32(len(body))), body...)
}

func readPDU(r io.Reader) (kind byte, body []byte, err error) {
	var head [6]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, fmt.Errorf("dicom: %w", err)
	}
	n := binary.BigEndian.Uint32(head[2:])
	if head[0] < associateRQ || head[0] > abort || n > maxPDU {
		return 0, nil, ErrProtocol
	}
	body = make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, fmt.Errorf("dicom: %w", err)
	}
	return head[0], body, nil
}
