package intake

import (
	"context"
	"net"
	"time"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// talkASTM serves the connection of one analyser and returns why it ended. The
// last frame of a message is acknowledged once the message is on disk. What
// cannot be stored is refused (NAK): the analyser repeats the frame six times,
// then it keeps the message and says so on its screen.
func (l *Listener) talkASTM(ctx, work context.Context, nc net.Conn, act *activity) error {
	conn := astm.NewConn(nc, astm.Limits{Max: l.feed.MaxMessage, Idle: l.feed.Idle})
	defer conn.Close() //nolint:errcheck // nothing is lost with it
	var told astm.Noise
	for {
		text, err := conn.Receive(ctx)
		now := conn.Noise() // analysers stay connected for months: count as it goes
		l.metrics.skipped.Add(float64(now.Skipped - told.Skipped))
		l.metrics.torn.Add(float64(now.Torn - told.Torn))
		l.metrics.refusedFrames.Add(float64(now.Refused - told.Refused))
		told = now
		if err != nil {
			return err
		}
		start := time.Now()
		act.since.Store(working)
		stored := l.acceptASTM(work, text)
		answer := conn.Accept
		if stored != nil {
			answer = conn.Refuse
			if l.seldom.now("store") {
				l.log.ErrorContext(ctx, "message not stored and refused", "peer", nc.RemoteAddr().String(), "err", stored)
			}
		}
		if err := answer(); err != nil {
			return err
		}
		end := time.Now()
		act.since.Store(end.UnixNano())
		l.metrics.seconds.Observe(end.Sub(start).Seconds())
		if work.Err() != nil {
			return work.Err()
		}
	}
}

// acceptASTM stores each message of a transmission as a record of its own, also
// one that has no header or no end: people find it among the unread messages.
func (a *acceptor) acceptASTM(ctx context.Context, text []byte) error {
	for _, one := range astm.Split(text) {
		number, sent := "", time.Now()
		if m, err := astm.Parse(one); err != nil {
			a.metrics.unreadable.Inc()
		} else {
			header := m.At(0)
			number = header.Field(3).All()
			if t, _, err := hl7.ParseTime(header.Field(14).All(), a.feed.Zone); err == nil {
				sent = t
			}
		}
		if err := a.keep(ctx, journal.ASTM, number, sent, one); err != nil {
			return err
		}
	}
	return nil
}
