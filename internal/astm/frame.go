// Package astm reads the syntax of analysers' messages (CLSI LIS2-A2, formerly
// ASTM E1394) and carries them in frames over a byte stream (CLSI LIS1-A,
// formerly ASTM E1381): a serial line behind a converter, or TCP as it is.
//
// It knows no patients and no meaning, and keeps the received bytes: everything
// else is a view into them, cut and decoded when it is asked for.
package astm

import "bytes"

// The control characters of LIS1-A.
const (
	stx = 0x02
	etx = 0x03
	eot = 0x04
	enq = 0x05
	ack = 0x06
	nak = 0x15
	etb = 0x17
)

// frameText is how much text a frame carries that is sent (E1381: 240
// characters). LIS1-A allows up to 64,000, and those are taken.
const frameText = 240

// frame is one frame: STX number text ETB|ETX checksum CR LF.
type frame struct {
	number byte // 0 to 7
	text   []byte
	end    byte // etb or etx
}

// checksum is the sum over number, text and end, modulo 256 (LIS1-A section
// 8.3.4).
func (f *frame) checksum() byte {
	sum := '0' + f.number + f.end
	for _, c := range f.text {
		sum += c
	}
	return sum
}

const hexDigits = "0123456789ABCDEF"

// bytes returns the frame as it goes over the line.
func (f *frame) bytes() []byte {
	sum := f.checksum()
	out := make([]byte, 0, len(f.text)+7)
	out = append(out, stx, '0'+f.number)
	out = append(out, f.text...)
	return append(out, f.end, hexDigits[sum>>4], hexDigits[sum&15], '\r', '\n')
}

// readFrame reads what stands between STX and CR: number, text, end and
// checksum. It is false for a wrong checksum and for what is no frame.
func readFrame(b []byte) (frame, bool) {
	if len(b) < 4 {
		return frame{}, false
	}
	n := len(b)
	f := frame{number: b[0] - '0', text: b[1 : n-3], end: b[n-3]}
	hi, lo := nibble(b[n-2]), nibble(b[n-1])
	if f.number > 7 || f.end != etx && f.end != etb || hi < 0 || lo < 0 {
		return frame{}, false
	}
	return f, f.checksum() == byte(hi<<4|lo)
}

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// cut divides a message into frames: each record begins one, a longer record
// takes several. Numbers run 1 to 7, then 0 (LIS1-A section 8.3.3).
func cut(message []byte) []frame {
	var out []frame
	add := func(text []byte, end byte) {
		out = append(out, frame{number: byte(len(out)+1) & 7, text: text, end: end})
	}
	for len(message) > 0 {
		record := message
		if i := bytes.IndexByte(message, '\r'); i >= 0 {
			record = message[:i+1]
		}
		message = message[len(record):]
		for len(record) > frameText {
			add(record[:frameText], etb)
			record = record[frameText:]
		}
		add(record, etx)
	}
	return out
}

// lineEnd reports whether c ends a record. The standard says CR; LF is taken
// too.
func lineEnd(c byte) bool { return c == '\r' || c == '\n' }

// fieldDelim is the field delimiter that the text's header names.
func fieldDelim(text []byte) byte {
	if d, ok := readDelims(text); ok {
		return d.Field
	}
	return '|'
}

// maxTerminator is how long a terminator record can be; most are L|1|N.
const maxTerminator = 1 << 10

// Whole reports whether text ends with a terminator record (L): whether it is a
// whole message, or several.
func Whole(text []byte) bool {
	line := bytes.TrimRight(text, "\r\n")
	line = line[max(len(line)-maxTerminator, 0):]
	if i := bytes.LastIndexAny(line, "\r\n"); i >= 0 {
		line = line[i+1:]
	}
	return isRecord(line, fieldDelim(text)) && line[0] == 'L'
}

// Split divides the text of one transmission into its messages: a header begins
// another one, also where the terminator before it is missing. Every byte is in
// one of them.
func Split(text []byte) [][]byte {
	d := fieldDelim(text)
	var out [][]byte
	begin, over := 0, false
	for at := 0; at < len(text); {
		line := text[at:]
		if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
			line = line[:i]
		}
		switch {
		case at > begin && len(line) > 1 && line[0] == 'H' && (line[1] == d || over && usable(line[1])):
			out = append(out, text[begin:at:at])
			begin, over, d = at, false, line[1]
		case isRecord(line, d):
			over = line[0] == 'L'
		}
		at += len(line) + 1
	}
	if begin < len(text) {
		out = append(out, text[begin:])
	}
	return out
}
