// Package intake holds the gateways through which the hospital's systems hand
// over what they know: MLLP listeners, listeners for analysers (ASTM) and
// watched folders.
//
// It knows connections, never meaning. It stores first and answers only then,
// and it never says more than is true: an answer means that the bytes are on
// stable storage, not that anybody understood them.
package intake

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Appender stores a record. A nil error means that it is on stable storage; the
// same ID again returns the first Seq. After an error the record may or may not
// be stored. The Appender may keep the record's Body.
type Appender interface {
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
}

// Feed is one source of messages and what it may do. Zero values mean the
// default named with each of them.
type Feed struct {
	Name string // the source of its records: "kis-adt"; required
	Site string // the hospital, where there are several

	Listen     string         // host:port; listeners only
	TLS        *tls.Config    // nil: plain TCP; see TLSFiles
	Allow      []netip.Prefix // senders' addresses; none: all
	MaxMessage int            // bytes; 32 MiB
	Idle       time.Duration  // longest silence on a connection; 12 h
	FrameTime  time.Duration  // longest time for one frame to arrive; 1 minute
	MaxConns   int            // connections at a time; 512
	Budget     *Budget        // of all feeds together; nil: none
	Stop       time.Duration  // how long messages in work may take when stopping; 10 s

	// A sender that opens a connection per message and closes none would fill
	// up MaxConns: the connection that was silent longest is closed for a new
	// one, if its silence lasted longer than this. 1 minute, at least FrameTime.
	Spare time.Duration

	Zone *time.Location // of time stamps without a zone; time.Local

	// Alarm is told what a person must know: see ErrStore, ErrOversized,
	// ErrSequence, ErrBatch and ErrFile. It may be called often and by many
	// goroutines, and must return quickly. The error holds no health data. Nil
	// means that the log and the metrics are enough.
	Alarm func(feed string, err error)
}

const (
	defaultMaxMessage = 32 << 20
	defaultIdle       = 12 * time.Hour
	defaultFrameTime  = time.Minute
	defaultMaxConns   = 512
	defaultStop       = 10 * time.Second
	defaultSpare      = time.Minute
)

// withDefaults fills in the defaults.
func (f Feed) withDefaults() Feed {
	f.MaxMessage = int(f.Budget.most(int64(positive(f.MaxMessage, defaultMaxMessage))))
	f.MaxConns = positive(f.MaxConns, defaultMaxConns)
	f.Idle = positive(f.Idle, defaultIdle)
	f.FrameTime = positive(f.FrameTime, defaultFrameTime)
	f.Stop = positive(f.Stop, defaultStop)
	f.Spare = max(positive(f.Spare, defaultSpare), f.FrameTime)
	if f.Zone == nil {
		f.Zone = time.Local
	}
	if f.Alarm == nil {
		f.Alarm = func(string, error) {}
	}
	return f
}

func positive[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// What an Alarm may be about, found with errors.Is.
var (
	// ErrStore: a message could not be stored. Its sender got no answer and
	// still has it.
	ErrStore = errors.New("intake: not stored")
	// ErrOversized: a message is over the limit. Its sender got no answer.
	ErrOversized = errors.New("intake: message over the size limit")
	// ErrSequence: sequence numbers (MSH-13) are missing.
	ErrSequence = errors.New("intake: gap in sequence numbers")
	// ErrBatch: a batch does not hold what its trailer says.
	ErrBatch = errors.New("intake: batch incomplete")
	// ErrFile: a file could not be taken and was put aside, or could not be
	// moved.
	ErrFile = errors.New("intake: file put aside")
)

// alarmed wraps an alarm with the sentence for the person who reads it.
func alarmed(kind error, k fault.Kind, say lang.Text, detail string) error {
	return fault.Mark(fmt.Errorf("%w: %s", kind, detail), k, say)
}

// TLSFiles names the PEM files of a listener.
type TLSFiles struct {
	Cert, Key string
	ClientCA  string // empty: client certificates are not looked at
	Require   bool   // a sender without a certificate of ClientCA is refused
}

// A FileError is a file of a listener that is missing or cannot be used.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return "feed certificate: " + e.File + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// Config reads the files. TLS 1.2 is the least that is spoken. A file that is
// missing or holds something else is a [*FileError].
func (f TLSFiles) Config() (*tls.Config, error) {
	var pair [2][]byte
	for i, name := range [...]string{f.Cert, f.Key} {
		var err error
		if pair[i], err = os.ReadFile(name); err != nil {
			return nil, &FileError{name, err}
		}
	}
	cert, err := tls.X509KeyPair(pair[0], pair[1])
	if err != nil {
		return nil, &FileError{f.Cert, err}
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if f.ClientCA == "" {
		if f.Require {
			return nil, errors.New("feed certificate: a client certificate is required, but no authority is named")
		}
		return c, nil
	}
	pem, err := os.ReadFile(f.ClientCA)
	if err != nil {
		return nil, &FileError{f.ClientCA, err}
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, &FileError{f.ClientCA, errors.New("no certificate in the file")}
	}
	c.ClientAuth = tls.VerifyClientCertIfGiven
	if f.Require {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// seldom lets one thing of each kind through per interval, so that a port
// scanner or a full disk cannot fill the log.
type seldom struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const seldomInterval = 10 * time.Second

func (s *seldom) now(kind string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if last, ok := s.last[kind]; ok && now.Sub(last) < seldomInterval {
		return false
	}
	if s.last == nil {
		s.last = make(map[string]time.Time)
	}
	s.last[kind] = now
	return true
}
