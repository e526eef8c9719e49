package hl7

import (
	"bytes"
	"fmt"
	"strconv"
)

// BatchInfo says what a file or batch promised and what was in it.
type BatchInfo struct {
	Files    int      // FHS segments
	Batches  int      // BHS segments
	Messages int      // MSH segments
	Problems []string // counts that do not agree, trailers that are missing; no health data
}

// Enveloped reports whether there was a file or batch header.
func (i BatchInfo) Enveloped() bool { return i.Files+i.Batches > 0 }

// SplitBatch parts a file or batch (FHS/BHS … BTS/FTS, HL7 v2.5 section 2.10.3)
// into its messages, each exactly as its bytes stand in raw. Several messages
// without an envelope, and files saved with their MLLP framing, are taken too.
// The counts of BTS and FTS are compared, and missing trailers noticed: see
// Problems. A file that is one message alone is returned as it is, mark and
// framing included; several UTF-16 messages are returned as UTF-8.
//
// The errors are ErrNoHeader if there is no message at all, and ErrTooLarge.
func SplitBatch(raw []byte) ([][]byte, BatchInfo, error) {
	if len(raw) > MaxSize {
		return nil, BatchInfo{}, ErrTooLarge
	}
	text := raw
	order, _ := wide(raw)
	if order != nil {
		text, _ = plainText(raw)
	}
	s := splitter{text: text}
	s.run()
	if len(s.found) == 0 {
		return nil, s.info, ErrNoHeader
	}
	// Parse finds the message of such a file behind its marks and blanks.
	if _, err := ReadHeader(raw); err == nil && len(s.found) == 1 && !s.info.Enveloped() {
		return [][]byte{raw}, s.info, nil
	}
	return s.found, s.info, nil
}

type splitter struct {
	text    []byte
	found   [][]byte
	info    BatchInfo
	start   int // of the open message, -1 for none
	inBatch int // messages since BHS
	batches int // BTS seen since FHS
	openFHS bool
	openBHS bool
}

func (s *splitter) run() {
	s.start = -1
	lines := lineCutter{b: s.text, noLF: bytes.IndexByte(s.text, '\n') < 0}
	for {
		lo, hi, more := lines.next()
		if !more {
			break
		}
		at := lo
		for at < hi && (isNoise(s.text[at]) || bytes.HasPrefix(s.text[at:hi], []byte("\xEF\xBB\xBF"))) {
			if s.text[at] == 0xEF {
				at += 2
			}
			at++
		}
		if hi-at >= 3 {
			s.line(at, s.text[at:hi])
		}
	}
	s.close(len(s.text))
	if s.openBHS {
		s.problem("BHS without BTS: the batch is cut off")
	}
	if s.openFHS {
		s.problem("FHS without FTS: the file is cut off")
	}
}

// line handles one line that begins at at.
func (s *splitter) line(at int, line []byte) {
	switch string(line[:3]) {
	case "MSH":
		if _, ok := readDelims(line); !ok {
			return
		}
		s.close(at)
		s.start = at
		if s.info.Messages == 0 && !s.info.Enveloped() && !onlyNoise(s.text[:at]) {
			s.preamble(at)
		}
		s.info.Messages++
		s.inBatch++
	case "FHS", "BHS":
		if _, ok := readDelims(line); !ok {
			return
		}
		s.close(at)
		if line[0] == 'F' {
			s.info.Files++
			s.openFHS, s.batches = true, 0
			return
		}
		if s.openBHS {
			s.problem("BHS without BTS: the batch is cut off")
		}
		s.info.Batches++
		s.openBHS, s.inBatch = true, 0
	case "BTS", "FTS":
		if len(line) > 3 && !usable(line[3]) {
			return
		}
		s.close(at)
		s.trailer(line)
	}
}

func (s *splitter) trailer(line []byte) {
	declared, has := trailerCount(line)
	if line[0] == 'B' {
		if has && declared != s.inBatch {
			s.problem(fmt.Sprintf("BTS says %d messages, found %d", declared, s.inBatch))
		}
		s.openBHS, s.inBatch = false, 0
		s.batches++
		return
	}
	if has && declared != s.batches && !(s.batches == 0 && declared == s.info.Messages) {
		s.problem(fmt.Sprintf("FTS says %d batches, found %d", declared, s.batches))
	}
	s.openFHS, s.batches = false, 0
}

// trailerCount reads BTS-1 or FTS-1, if there is a number.
func trailerCount(line []byte) (int, bool) {
	if len(line) < 5 {
		return 0, false
	}
	field := line[4:]
	for i, c := range field {
		if c < '0' || c > '9' {
			field = field[:i]
			break
		}
	}
	n, err := strconv.Atoi(string(field))
	return n, err == nil
}

// close ends the open message before position end.
func (s *splitter) close(end int) {
	if s.start < 0 {
		return
	}
	last := end
	for last > s.start && isNoise(s.text[last-1]) {
		last--
	}
	for _, lineEnd := range [...]string{"\r\n", "\r", "\n"} {
		if bytes.HasPrefix(s.text[last:end], []byte(lineEnd)) {
			last += len(lineEnd)
			break
		}
	}
	s.found = append(s.found, s.text[s.start:last:last])
	s.start = -1
}

// preamble gives the lines before the first MSH to its message, as far as Parse
// looks past such lines; it does not past a byte order mark in the middle.
func (s *splitter) preamble(at int) {
	if at > maxPreamble/2 {
		s.problem("long text before the first message")
		return
	}
	if _, err := ReadHeader(s.text); err != nil {
		s.problem("text before the first message")
		return
	}
	s.start = 0
}

// onlyNoise reports whether b is blanks, framing and byte order marks.
func onlyNoise(b []byte) bool {
	return len(trimFrame(bytes.ReplaceAll(b, []byte("\xEF\xBB\xBF"), nil))) == 0
}

func (s *splitter) problem(text string) { s.info.Problems = append(s.info.Problems, text) }
