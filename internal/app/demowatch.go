package app

import (
	"errors"
	"net"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/estate"
)

// This file is what the watch of the demonstration looks at. Nothing of it lies
// outside this machine: the simulated KIS is its receiving side, and a few
// neighbours are one socket that always answers.

// demoWatch is quick, so that switching the KIS off becomes a proposal while one
// is looking: within a minute.
func demoWatch(w config.Watch) config.Watch {
	w.Every, w.Propose = 10*time.Second, 10*time.Second
	return w
}

// demoNeighbours are the systems of the demonstration that always answer.
func demoNeighbours() []string {
	return []string{"netz-kern", "ad", "dns", "datenbanken", "virtualisierung", "pacs", "mail"}
}

// watchDemo lets the watch look at the simulated systems, until stop.
func (d *Demo) watchDemo() (stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, portTaken(err, "127.0.0.1:0")
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			_ = nc.Close() // it has answered
		}
	}()
	every := estate.Of(10 * time.Second)
	probes := []estate.Probe{{ID: "kis-empfang", System: "kis", Kind: estate.ProbeTCP, Target: d.kis.Addr(), Interval: every}}
	for _, id := range demoNeighbours() {
		probes = append(probes, estate.Probe{ID: id + "-tcp", System: id, Kind: estate.ProbeTCP, Target: l.Addr().String(), Interval: every})
	}
	d.hub.probes = func() []estate.Probe { return probes }
	return func() error {
		err := l.Close()
		<-gone
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		return err
	}, nil
}
