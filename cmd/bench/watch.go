package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/watch"
)

// This measure watches a large hospital: 300 systems with five probes each, one
// a minute, against peers on this machine. A tenth of the systems does not
// answer at all, which is what costs a watch most.

// watching runs the watch for a while and measures what it costs.
func watching(ctx context.Context, b *bench) error {
	systems := sized(b, 300, 20)
	long := sized(b, 2*time.Minute, 15*time.Second)
	dir, err := b.folder("watch")
	if err != nil {
		return err
	}
	peers, stop, err := watchPeers()
	if err != nil {
		return err
	}
	defer stop()
	secret, _, err := seal.NewSigningKey("bench")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	j, err := journal.Open(ctx, filepath.Join(dir, "journal"), seal.NewKey(), signer, journal.Options{MinFree: -1})
	if err != nil {
		return err
	}
	defer j.Close()
	folder := filepath.Join(dir, "watch")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	e := watchedEstate(systems, peers, long)
	w, err := watch.Open(ctx, j, watch.Options{Dir: folder, Key: seal.NewKey(), Estate: func() *estate.Estate { return e }, Zone: time.Local})
	if err != nil {
		return err
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, begun := processorTime(), time.Now()
	while, end := context.WithTimeout(ctx, long)
	defer end()
	if err := w.Look(while); err != nil {
		return err
	}
	took, spent := time.Since(begun), processorTime()-cpu
	runtime.GC()
	runtime.ReadMemStats(&after)
	c := w.Counts()
	if c.Up+c.Down == 0 {
		return fmt.Errorf("the watch concluded nothing from %d probes", c.Probes)
	}
	rate := float64(c.Probes) / took.Minutes()
	b.add(fmt.Sprintf("probes run of %d systems, a tenth of them silent", systems), rate, "per minute", higher, goal(sized(b, 1500.0, 1.0)))
	b.add("cores that takes, with the peers asked", spent.Seconds()/took.Seconds(), "cores", lower, goal(sized(b, 0.5, 2.0)))
	b.add("memory the watch holds", max(float64(after.HeapAlloc)-float64(before.HeapAlloc), 0)/1e6, "MB", lower, goal(100))
	b.add("the longest a probe began late", c.Late.Seconds(), "s", lower)
	return w.Close()
}

// watchedPeers are the addresses of what is asked.
type watchedPeers struct{ tcp, http, hl7, silent string }

// watchPeers starts an open port, a web server, an HL7 receiver and a port that
// takes connections and says nothing.
func watchPeers() (p watchedPeers, stop func(), err error) {
	var open []net.Listener
	stop = func() {
		for _, l := range open {
			_ = l.Close()
		}
	}
	serve := func(f func(net.Conn)) string {
		l, e := net.Listen("tcp", "127.0.0.1:0")
		if e != nil {
			err = e
			return ""
		}
		open = append(open, l)
		go func() {
			for {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				go f(nc)
			}
		}()
		return l.Addr().String()
	}
	p.tcp = serve(func(nc net.Conn) { _ = nc.Close() })
	p.silent = serve(func(nc net.Conn) {
		defer nc.Close()
		_, _ = nc.Read(make([]byte, 64<<10))
		time.Sleep(time.Minute)
	})
	p.hl7 = serve(func(nc net.Conn) {
		defer nc.Close()
		c := hl7.NewConn(nc, hl7.Limits{})
		raw, err := c.ReadFrame(context.Background())
		if err != nil {
			return
		}
		if h, err := hl7.ReadHeader(raw); err == nil {
			_ = c.WriteFrame(hl7.Answer(h, hl7.AA, "", time.Now(), "1"))
		}
	})
	l, e := net.Listen("tcp", "127.0.0.1:0")
	if e != nil {
		return p, stop, e
	}
	open = append(open, l)
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	}()
	p.http = "http://" + l.Addr().String() + "/"
	return p, stop, err
}

// watchedEstate has five probes for each system, each once a minute, or twice in
// a short run.
func watchedEstate(systems int, p watchedPeers, long time.Duration) *estate.Estate {
	every := estate.Of(min(time.Minute, long/2))
	var t estate.Tables
	for i := range systems {
		id := fmt.Sprintf("system-%d", i)
		t.Systems = append(t.Systems, estate.System{ID: id, Weight: estate.Essential})
		if i > 0 {
			t.Dependencies = append(t.Dependencies, estate.Dependency{System: id, On: fmt.Sprintf("system-%d", i/4), Kind: estate.Needs})
		}
		for n := range 5 {
			x := estate.Probe{ID: fmt.Sprintf("%s-%d", id, n), System: id, Interval: every}
			switch {
			case i%10 == 9:
				x.Kind, x.Target = estate.ProbeHL7, p.silent
			case n < 2:
				x.Kind, x.Target = estate.ProbeTCP, p.tcp
			case n < 4:
				x.Kind, x.Target = estate.ProbeHTTP, p.http
			default:
				x.Kind, x.Target = estate.ProbeHL7, p.hl7
			}
			t.Probes = append(t.Probes, x)
		}
	}
	return estate.New(t)
}
