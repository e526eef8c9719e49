package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"notbetrieb/internal/intake"
	"notbetrieb/internal/journal"
)

// durable is one run of a sender against a listener.
type durable struct {
	sent
	batch float64 // records in one commit
}

func (d durable) rate() float64 { return float64(d.Messages) / d.Took.Seconds() }

// mllp measures durable messages a second through real sockets, with a sender
// in a process of its own that waits for each answer.
func mllp(ctx context.Context, b *bench) error {
	rounds, long := sized(b, 3, 1), sized(b, 4*time.Second, 200*time.Millisecond)
	for _, conns := range []int{1, 16, 256} {
		var rate, raw, p50, p99, batch, plain []float64
		for range rounds {
			d, err := b.journalRun(ctx, conns, long)
			if err != nil {
				return err
			}
			perSecond, err := rawRate(b.dir, int(d.batch*float64(d.Bytes)/float64(max(d.Messages, 1))), long/2)
			if err != nil {
				return err
			}
			floor, err := b.plainRun(ctx, conns, long)
			if err != nil {
				return err
			}
			rate, raw = append(rate, d.rate()), append(raw, perSecond*d.batch)
			p50, p99 = append(p50, millis(d.P50)), append(p99, millis(d.P99))
			batch, plain = append(batch, d.batch), append(plain, floor.rate())
		}
		name := fmt.Sprintf("MLLP, %d connections: ", conns)
		if conns == 1 {
			name = "MLLP, 1 connection: "
		}
		if conns == 256 {
			b.add(name+"durable messages", median(rate), "messages/s", higher, goal(10_000),
				peer(median(plain), "same sockets, a plain file in the journal's place"))
			b.add(name+"share of what a plain file reaches", 100*median(rate)/median(plain), "%", higher)
			b.add(name+"share of raw append+fsync", 100*median(rate)/median(raw), "%", higher, goal(50),
				peer(median(raw), "messages/s in raw append+fsync of the same batches"))
		} else {
			b.add(name+"durable messages", median(rate), "messages/s", higher,
				peer(median(raw), "raw append+fsync of the same batches"))
		}
		b.add(name+"answer p50", median(p50), "ms", lower)
		b.add(name+"answer p99", median(p99), "ms", lower)
		b.add(name+"messages in one commit", median(batch), "messages", higher)
	}
	return nil
}

// journalRun sends into the real encrypted journal, then checks that everything
// acknowledged is there.
func (b *bench) journalRun(ctx context.Context, conns int, long time.Duration) (d durable, err error) {
	dir, err := b.folder("mllp")
	if err != nil {
		return d, err
	}
	defer os.RemoveAll(dir)
	cfg, keys, err := demoHub(dir, time.Now())
	if err != nil {
		return d, err
	}
	at := cfg.Data + "/journal"
	if err := os.MkdirAll(at, 0o700); err != nil {
		return d, fmt.Errorf("journal folder: %w", err)
	}
	j, err := journal.Open(ctx, at, keys.Root, keys.Signer, journal.Options{})
	if err != nil {
		return d, err
	}
	d.sent, err = serveTo(ctx, j, conns, long)
	if err := errors.Join(err, j.Close()); err != nil {
		return d, err
	}
	found, stats, err := journal.Check(ctx, at, keys.Root, keys.Verifier, nil, journal.CheckOptions{})
	if err != nil {
		return d, err
	}
	if len(found) > 0 || stats.Records < d.All {
		return d, fmt.Errorf("journal: %d findings, %d records of %d acknowledged", len(found), stats.Records, d.All)
	}
	d.batch = float64(stats.Records) / float64(max(stats.Batches, 1))
	return d, nil
}

// plainRun is journalRun with a plain file in the journal's place: what sockets,
// sender and fsync alone cost.
func (b *bench) plainRun(ctx context.Context, conns int, long time.Duration) (d durable, err error) {
	dir, err := b.folder("plain")
	if err != nil {
		return d, err
	}
	defer os.RemoveAll(dir)
	p, err := newPlainFile(dir)
	if err != nil {
		return d, err
	}
	d.sent, err = serveTo(ctx, p, conns, long)
	if err := errors.Join(err, p.f.Close()); err != nil {
		return d, err
	}
	d.batch = float64(d.All) / float64(max(p.commits, 1))
	return d, nil
}

// serveTo runs a listener and a sender against it.
func serveTo(ctx context.Context, to intake.Appender, conns int, long time.Duration) (sent, error) {
	l, err := intake.NewListener(intake.Feed{Name: "bench", Site: "demo", Listen: "127.0.0.1:0"}, to,
		slog.New(slog.DiscardHandler), intake.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		return sent{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	var r sent
	err = child(ctx, &r, "send", "-addr", l.Addr().String(), "-conns", fmt.Sprint(conns), "-warm", (long / 4).String(), "-for", long.String())
	stop()
	return r, errors.Join(err, <-done)
}

// child runs a part of this program in a process of its own and reads its
// report.
func child(ctx context.Context, report any, part string, args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"-child", part}, args...)...)
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("child %s: %w: %s", part, err, bytes.TrimSpace(wrong.Bytes()))
	}
	if err := json.Unmarshal(said.Bytes(), report); err != nil {
		return fmt.Errorf("child %s: %w", part, err)
	}
	return nil
}
