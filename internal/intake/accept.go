package intake

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// acceptor stores the messages of one feed and makes their answers. Listeners
// and folders share it, so that the same message has the same key on both ways.
type acceptor struct {
	feed     Feed
	journal  Appender
	log      *slog.Logger
	metrics  feedMetrics
	sequence sequence
	seldom   seldom
	ids      ackIDs
}

// accept stores what one frame holds and returns the answers. It says AA or CA
// only for what is on disk, whether or not anybody can read it: an AE or AR
// would make some senders drop the message and others stop for good. After an
// error there is no answer at all, so the sender keeps its message.
//
// In enhanced mode (MSH-15, MSH-16) the accept acknowledgement CA comes first;
// an application acknowledgement that is wanted as well follows at once, as AA:
// the message was taken over, and reading it is our own affair from then on.
//
// A frame without a readable MSH is stored and answered with AA and an empty
// MSA-2. It would be sent again for ever otherwise, and block what is behind
// it; people find it among the unread messages.
//
// Acknowledgements are not stored and not answered: two systems that answer
// each other's answers never stop. An empty frame is a sign of life and nothing
// else.
func (a *acceptor) accept(ctx context.Context, raw []byte) ([][]byte, error) {
	h, headErr := hl7.ReadHeader(raw)
	switch {
	case headErr == nil && h.Type == "ACK":
		a.metrics.acks.Inc()
		return nil, nil
	case headErr == nil && !joined(raw, h.Delims.Field):
		if err := a.store(ctx, h, raw); err != nil {
			return nil, err
		}
		return a.answers(h), nil
	}
	messages, info, err := hl7.SplitBatch(raw)
	if err == nil {
		return a.acceptBatch(ctx, messages, info)
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	a.metrics.unreadable.Inc()
	if err := a.store(ctx, h, raw); err != nil {
		return nil, err
	}
	return [][]byte{hl7.Answer(h, hl7.AA, "", time.Now(), a.ids.next())}, nil
}

// joined reports whether a second message follows in the same frame.
func joined(raw []byte, sep byte) bool {
	next := [...]byte{'\r', 'M', 'S', 'H', sep}
	if bytes.Contains(raw, next[:]) {
		return true
	}
	next[0] = '\n'
	return bytes.Contains(raw, next[:])
}

// acceptBatch stores each message of a batch as a record of its own and answers
// each of them: in one frame for a batch with an envelope (HL7 v2.5 section
// 2.10.3), in one frame each without.
func (a *acceptor) acceptBatch(ctx context.Context, messages [][]byte, info hl7.BatchInfo) ([][]byte, error) {
	var answers [][]byte
	for _, one := range messages {
		h, err := hl7.ReadHeader(one)
		if err != nil {
			a.metrics.unreadable.Inc()
		}
		if err := a.store(ctx, h, one); err != nil {
			return nil, err
		}
		answers = append(answers, a.answers(h)...)
	}
	a.checkBatch(info)
	if !info.Enveloped() || len(answers) == 0 {
		return answers, nil
	}
	first, _ := hl7.ReadHeader(messages[0])
	b := hl7.NewBuilder(first.Delims, first.Charset)
	b.Segment("BHS", first.ReceivingApp, first.ReceivingFacility, first.SendingApp, first.SendingFacility,
		time.Now().Format("20060102150405-0700"), "", "", "", a.ids.next())
	whole := b.Bytes()
	for _, one := range answers {
		whole = append(whole, one...)
	}
	end := hl7.NewBuilder(first.Delims, first.Charset).Segment("BTS", strconv.Itoa(len(answers)))
	return [][]byte{append(whole, end.Bytes()...)}, nil
}

func (a *acceptor) checkBatch(info hl7.BatchInfo) {
	if len(info.Problems) == 0 {
		return
	}
	a.feed.Alarm(a.feed.Name, alarmed(ErrBatch, fault.Invalid, lang.Text{
		DE: "Ein Nachrichtenstapel ist unvollständig. Was darin war, ist gespeichert. Bitte beim Absender nachfragen.",
		EN: "A message batch is incomplete. What it held is stored. Please ask the sender.",
	}, strings.Join(info.Problems, "; ")))
}

// store appends one message to the journal. The key is made of the feed, the
// sender's control ID and the bytes: the control ID alone repeats when a sender
// starts to count anew.
func (a *acceptor) store(ctx context.Context, h hl7.Header, raw []byte) error {
	sent, _, err := hl7.ParseTime(h.Time, a.feed.Zone)
	if err != nil {
		sent = time.Now()
	}
	if err := a.keep(ctx, journal.HL7, h.ControlID, sent, raw); err != nil {
		return err
	}
	if h.Sequence != "" {
		a.checkSequence(h)
	}
	return nil
}

// keep appends one message, and counts it or raises the alarm.
func (a *acceptor) keep(ctx context.Context, kind journal.Kind, number string, sent time.Time, raw []byte) error {
	_, err := a.journal.Append(ctx, journal.Record{
		ID:     journal.KeyOf(a.feed.Name, number, raw),
		Time:   sent,
		Site:   a.feed.Site,
		Source: a.feed.Name,
		Kind:   kind,
		Body:   raw,
	})
	if err != nil {
		a.metrics.storeFailures.Inc()
		a.feed.Alarm(a.feed.Name, fault.Mark(fmt.Errorf("%w: %w", ErrStore, err), fault.Unavailable, lang.Text{
			DE: "Eine Nachricht konnte nicht gespeichert werden. Der Absender hat keine Quittung bekommen und behält sie. Bitte Platte und Journal prüfen.",
			EN: "A message could not be stored. Its sender got no acknowledgement and keeps it. Please check disk and journal.",
		}))
		return fmt.Errorf("feed %s: %w: %w", a.feed.Name, ErrStore, err)
	}
	now := time.Now()
	a.metrics.messages.Inc()
	a.metrics.bytes.Add(float64(len(raw)))
	a.metrics.lastMessage.Set(float64(now.Unix()))
	return nil
}

// answers returns what the sender wants to hear about a stored message.
func (a *acceptor) answers(h hl7.Header) [][]byte {
	var out [][]byte
	now := time.Now()
	if h.WantsAccept() {
		out = append(out, hl7.Answer(h, hl7.CA, "", now, a.ids.next()))
	}
	if h.WantsApplication(true) {
		out = append(out, hl7.Answer(h, hl7.AA, "", now, a.ids.next()))
	}
	return out
}

func (a *acceptor) checkSequence(h hl7.Header) {
	missing := a.sequence.see(h)
	if missing == 0 {
		return
	}
	a.metrics.sequenceGaps.Inc()
	a.feed.Alarm(a.feed.Name, alarmed(ErrSequence, fault.Invalid, lang.Text{
		DE: "Dem Absender fehlen laufende Nummern: Nachrichten sind hier nicht angekommen. Bitte beim Absender nachfragen.",
		EN: "Sequence numbers are missing: messages did not arrive here. Please ask the sender.",
	}, strconv.FormatUint(missing, 10)+" missing"))
}

// maxSenders bounds how many senders' sequence numbers one feed remembers.
const maxSenders = 1024

// sequence watches the sequence numbers of the senders behind one feed.
type sequence struct {
	mu   sync.Mutex
	last map[string]uint64
}

// see returns how many numbers are missing before this one. The first number of
// a sender, a repeated one and one that is lower (the sender began anew) miss
// nothing; 0 and what is no number are not counted (HL7 v2.5 section 2.10.1).
func (s *sequence) see(h hl7.Header) (missing uint64) {
	n, err := strconv.ParseUint(strings.TrimSpace(h.Sequence), 10, 63)
	if err != nil || n == 0 {
		return 0
	}
	sender := h.SendingApp + "\r" + h.SendingFacility
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.last[sender]
	if !known && len(s.last) >= maxSenders {
		return 0
	}
	if s.last == nil {
		s.last = make(map[string]uint64)
	}
	s.last[sender] = n
	if !known || n <= last+1 {
		return 0
	}
	return n - last - 1
}

// ackIDs makes the control IDs of answers: the start in milliseconds and a
// counter, both in base 36, at most 20 characters.
type ackIDs struct {
	start string
	n     atomic.Uint64
}

func (a *ackIDs) begin(now time.Time) {
	a.start = strings.ToUpper(strconv.FormatInt(now.UnixMilli(), 36))
}

func (a *ackIDs) next() string {
	return a.start + "-" + strings.ToUpper(strconv.FormatUint(a.n.Add(1), 36))
}
