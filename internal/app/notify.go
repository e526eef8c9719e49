package app

import (
	"context"
	"fmt"
	"net"
	"time"
)

// Notifier tells the service manager how the hub is (sd_notify(3)). The zero
// Notifier has nobody to tell.
type Notifier struct {
	Socket   string        // NOTIFY_SOCKET
	Watchdog time.Duration // WATCHDOG_USEC; 0: no watchdog
}

// Say sends one state such as "READY=1".
func (n Notifier) Say(state string) error {
	if n.Socket == "" {
		return nil
	}
	addr := n.Socket
	if addr[0] == '@' {
		addr = "\x00" + addr[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// Keep tells the watchdog that the hub lives, as long as alive says so, until
// ctx ends. A word that does not reach the service manager is no reason to
// stop serving: the next one may.
func (n Notifier) Keep(ctx context.Context, alive func(context.Context) error) error {
	if n.Socket == "" || n.Watchdog <= 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(n.Watchdog / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if alive(ctx) != nil {
			continue // no sign of life: the watchdog decides
		}
		_ = n.Say("WATCHDOG=1")
	}
}
