package hl7

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAnswerRepeatsWhatTheSenderNeeds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 4, 5, 0, time.FixedZone("", 3600))
	tests := []struct {
		name, sent string
		code       AckCode
		text       string
		want       string
	}{
		{
			"stored, version 2.5", "MSH|^~\\&|KIS^1.2^ISO|H|NB|N|20261121||ADT^A01^ADT_A01|4711|P|2.5|||||DEU|8859/15\r", AA, "",
			"MSH|^~\\&|NB|N|KIS^1.2^ISO|H|20261121120405+0100||ACK^A01^ACK|N1|P|2.5|||||DEU|8859/15\rMSA|AA|4711\r",
		},
		{
			"enhanced mode", "MSH|^~\\&|KIS|H|NB|N|20261121||ADT^A01|4711|P|2.3|||AL\r", CA, "",
			"MSH|^~\\&|NB|N|KIS|H|20261121120405+0100||ACK^A01|N1|P|2.3|||NE|NE||\rMSA|CA|4711\r",
		},
		{
			"other delimiters and version 2.2", "MSH$%~!@$KIS$H$NB$N$20261121$$ADT%A01$47%11$T$2.2\r", AA, "",
			"MSH$%~!@$NB$N$KIS$H$20261121120405+0100$$ACK$N1$T$2.2\rMSA$AA$47%11\r",
		},
		{
			"refused, version 2.5 has ERR", "MSH|^~\\&|KIS|H|NB|N|20261121||ADT^A01|4711|P|2.5.1||||||8859/1\r", AE, "Größe|zu groß",
			"MSH|^~\\&|NB|N|KIS|H|20261121120405+0100||ACK^A01^ACK|N1|P|2.5.1||||||8859/1\rMSA|AE|4711|Gr\xF6\xDFe\\F\\zu gro\xDF\rERR|||207^Application internal error^HL70357|E||||Gr\xF6\xDFe\\F\\zu gro\xDF\r",
		},
		{
			"refused, version 2.3 has none", "MSH|^~\\&|KIS|H|NB|N|20261121||ADT^A01|4711|P|2.3\r", AR, "nein",
			"MSH|^~\\&|NB|N|KIS|H|20261121120405+0100||ACK^A01|N1|P|2.3\rMSA|AR|4711|nein\r",
		},
		{
			"no header at all", "Hallo", AA, "",
			"MSH|^~\\&|||||20261121120405+0100||ACK|N1|P|2.3\rMSA|AA|\r",
		},
	}
	for _, tt := range tests {
		h, _ := ReadHeader([]byte(tt.sent))
		got := string(Answer(h, tt.code, tt.text, now, "N1"))
		if got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
		a, err := ParseAck([]byte(got))
		if err != nil || a.Code != tt.code || a.ControlID != h.ControlID || a.Text != tt.text {
			t.Errorf("%s: read back %+v, %v", tt.name, a, err)
		}
	}
}

func TestAnswerToUTF16IsUTF16(t *testing.T) {
	t.Parallel()
	h, err := ReadHeader(widen([]byte("MSH|^~\\&|KIS|H|NB|N|20261121||ADT^A01|4711|P|2.5\r"), little))
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAck(Answer(h, AA, "", time.Now(), "1"))
	if err != nil || a.ControlID != "4711" || !a.Code.Positive() {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestParseAckFindsTheReason(t *testing.T) {
	t.Parallel()
	a, err := ParseAck([]byte("MSH|^~\\&|KIS|||||| |1|P|2.5\rMSA| ae |77\rERR|||207^x|E||||Fall unbekannt\r"))
	if err != nil || a.Code != AE || a.ControlID != "77" || a.Text != "Fall unbekannt" {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := ParseAck([]byte("MSH|^~\\&|KIS\r")); !errors.Is(err, ErrNoAck) {
		t.Errorf("got %v", err)
	}
	if _, err := ParseAck(nil); !errors.Is(err, ErrNoHeader) {
		t.Errorf("got %v", err)
	}
}

func TestAcknowledgementModes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		accept, app               string
		wantAccept, good, badness bool
	}{
		{"", "", false, true, true},
		{"AL", "", true, false, false},
		{"AL", "AL", true, true, true},
		{"NE", "AL", false, true, true},
		{"", "AL", false, true, true},
		{"AL", "NE", true, false, false},
		{"NE", "NE", false, false, false},
		{"SU", "ER", true, false, true},
		{"ER", "SU", false, true, false},
		{"XX", "YY", true, true, true},
	}
	for _, tt := range tests {
		h := Header{AcceptAck: tt.accept, AppAck: tt.app}
		if h.WantsAccept() != tt.wantAccept || h.WantsApplication(true) != tt.good || h.WantsApplication(false) != tt.badness {
			t.Errorf("%q %q: accept %v, application %v %v", tt.accept, tt.app, h.WantsAccept(), h.WantsApplication(true), h.WantsApplication(false))
		}
	}
}

func TestReadHeader(t *testing.T) {
	t.Parallel()
	h, err := ReadHeader([]byte("\x0B\xEF\xBB\xBFMSH|^~\\&|KIS|H|NB|N|202611211204+0100^S||ADT^A01^ADT_A01|47\\T\\11|P^A|2.5^DEU|17||AL|NE|DEU|8859/15~ASCII|de\nPID|"))
	want := Header{DefaultDelims(), "KIS", "H", "NB", "N", "202611211204+0100", "ADT", "A01", "ADT_A01", "47\\T\\11", "P", "2.5", "17", "AL", "NE", "DEU", "8859/15~ASCII", narrow}
	if err != nil || h != want {
		t.Errorf("got %+v, %v", h, err)
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add([]byte("MSH|^~\\&|KIS|H|NB|H|202611211200||ADT^A01|4711|P|2.5\rPID|1\r"))
	f.Add([]byte("\xFF\xFEM\x00S\x00H\x00|\x00^\x00"))
	f.Add([]byte("\xEF\xBB\xBFMSH$%~!@$A\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ReadHeader(b)
		if err != nil && h != (Header{}) {
			t.Fatalf("error %v, yet header %+v", err, h)
		}
		if _, perr := Parse(b); (perr == nil) != (err == nil) {
			t.Fatalf("header says %v, message says %v", err, perr)
		}
		if strings.ContainsAny(h.ControlID, "\r\n") {
			t.Fatalf("control ID over two lines: %q", h.ControlID)
		}
		a, perr := ParseAck(Answer(h, AA, "", time.Unix(0, 0), "1"))
		if perr != nil || a.Code != AA {
			t.Fatalf("our answer does not parse: %+v %v", a, perr)
		}
		if len(h.ControlID) > 0 && !strings.ContainsAny(h.ControlID, "\x00\x0B\x1C\t ") && h.wide == narrow && a.ControlID != h.ControlID {
			t.Fatalf("answer names %q, want %q", a.ControlID, h.ControlID)
		}
	})
}
