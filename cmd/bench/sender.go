package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// sent is what a sender reports when it is done.
type sent struct {
	Messages int           // acknowledged in the measured time
	All      int           // acknowledged in all, warming up included
	Bytes    int64         // of the measured messages
	Took     time.Duration // measured time
	P50, P99 time.Duration // from the first byte sent to the whole answer
}

// runChild runs one of the parts that belong into a process of their own.
func runChild(ctx context.Context, name string, args []string, out, errw io.Writer) int {
	parts := map[string]func(context.Context, []string, io.Writer) error{
		"send": sendChild, "build": buildChild, "start": startChild, "pace": paceChild, "sink": sinkChild, "backlog": backlogChild,
	}
	part, ok := parts[name]
	if !ok {
		fmt.Fprintf(errw, "bench: no child %q\n", name)
		return 2
	}
	if err := part(ctx, args, out); err != nil {
		fmt.Fprintln(errw, "bench:", err)
		return 1
	}
	return 0
}

// sendChild sends messages over a number of connections, each of which waits
// for every answer, as HL7 senders do.
func sendChild(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("send", flag.ContinueOnError)
	addr := fs.String("addr", "", "host:port")
	conns := fs.Int("conns", 1, "connections")
	warm := fs.Duration("warm", time.Second, "time that is not counted")
	long := fs.Duration("for", time.Second, "time that is counted")
	if err := fs.Parse(args); err != nil {
		return err
	}
	messages, err := corpus(ctx, 2000)
	if err != nil {
		return err
	}
	begin := time.Now().Add(*warm)
	end := begin.Add(*long)
	all := make([]*line, *conns)
	g, ctx := errgroup.WithContext(ctx)
	for n := range all {
		l := &line{n: n, messages: messages, begin: begin, end: end}
		all[n] = l
		g.Go(func() error { return l.send(ctx, *addr) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r := sent{Took: *long}
	var took sample
	for _, l := range all {
		r.Messages += len(l.took)
		r.All += l.all
		r.Bytes += l.bytes
		took = append(took, l.took...)
	}
	r.P50, r.P99 = took.quantile(0.50), took.quantile(0.99)
	return json.NewEncoder(out).Encode(r)
}

// line is one connection of a sender.
type line struct {
	n          int
	messages   []template
	begin, end time.Time
	took       sample
	all        int
	bytes      int64
}

func (l *line) send(ctx context.Context, addr string) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	defer nc.Close()
	in := bufio.NewReaderSize(nc, 8<<10)
	var frame []byte
	id := []byte("B" + strconv.Itoa(l.n) + "-")
	stem := len(id)
	for i := l.n * 37; ctx.Err() == nil; i++ {
		start := time.Now()
		if start.After(l.end) {
			return nil
		}
		id = strconv.AppendInt(id[:stem], int64(l.all), 10)
		frame = frameOf(frame[:0], l.messages[i%len(l.messages)], string(id))
		if err := exchange(nc, in, frame, id); err != nil {
			return err
		}
		l.all++
		if done := time.Now(); start.After(l.begin) && done.Before(l.end) {
			l.took = append(l.took, done.Sub(start))
			l.bytes += int64(len(frame) - 3)
		}
	}
	return ctx.Err()
}

// frameOf puts a message into its MLLP frame.
func frameOf(dst []byte, t template, id string) []byte {
	dst = append(dst, 0x0b)
	dst = t.with(dst, id)
	return append(dst, 0x1c, 0x0d)
}

var errAnswer = errors.New("sender: the answer does not accept the message")

// exchange sends one frame and checks that the answer accepts this message:
// MSA-1 and MSA-2.
func exchange(nc net.Conn, in *bufio.Reader, frame, id []byte) error {
	if _, err := nc.Write(frame); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	answer, err := in.ReadSlice(0x1c)
	if err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	_, msa, ok := bytes.Cut(answer, []byte("\rMSA|"))
	if !ok || len(msa) < 4 || msa[1] != 'A' || !bytes.HasPrefix(msa[3:], id) { // AA or CA
		return errAnswer
	}
	_, err = in.ReadByte()
	return err
}
