package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// target is a patient in house to whom things happen while pages are watched.
type target struct {
	Key, Number, Case    string
	Family, Given, Birth string
	Sex, Ward, Room, Bed string
}

func (t target) pid() string {
	return fmt.Sprintf("PID|1||%s^^^KIS^PI||%s^%s^^^^^L||%s|%s\r", t.Number, t.Family, t.Given, t.Birth, t.Sex)
}

func (t target) visit() string {
	return fmt.Sprintf("PV1|1|I|%s^%s^%s^KSL||||||||||||||||%s^^^KIS^VN\r", t.Ward, t.Room, t.Bed, t.Case)
}

// happening is one message of the pace run and when it was due.
type happening struct {
	ID    string // MSH-10
	At    time.Time
	Key   string // whose
	Ward  string // where it must be seen
	Value string // of a critical result, as written on pages; "" for a transfer
}

// pacePlan is what the sender is told.
type pacePlan struct {
	Targets  []target
	ADT, LIS string // host:port
	Rate     int    // messages a second
	Long     time.Duration
}

// hl7Time gives two results of one second an order, and names its zone: the
// sender's is not the hospital's.
const hl7Time = "20060102150405.000-0700"

const (
	paceConns     = 16
	transferEvery = 10 // every tenth message moves somebody
)

// paceChild sends critical results and transfers at a steady pace. A message is
// late by what the hub makes it wait: its time is when it was due.
func paceChild(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("pace", flag.ContinueOnError)
	path := fs.String("plan", "", "file with the plan")
	if err := fs.Parse(args); err != nil {
		return err
	}
	raw, err := os.ReadFile(*path)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	var p pacePlan
	if err := json.Unmarshal(raw, &p); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	all, err := p.send(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(all)
}

// due is a message on its way to one connection.
type due struct {
	id    string
	frame []byte
}

func (p *pacePlan) send(ctx context.Context) ([]happening, error) {
	g, ctx := errgroup.WithContext(ctx)
	adt, err := dialAll(ctx, g, p.ADT)
	if err != nil {
		return nil, err
	}
	lis, err := dialAll(ctx, g, p.LIS)
	if err != nil {
		return nil, err
	}
	var all []happening
	total := int(float64(p.Rate) * p.Long.Seconds())
	begin := time.Now().Add(100 * time.Millisecond)
	for n := range total {
		at := begin.Add(time.Duration(n) * time.Second / time.Duration(p.Rate))
		time.Sleep(time.Until(at))
		who := p.who(n)
		h := happening{ID: "P" + strconv.Itoa(n), At: at, Key: p.Targets[who].Key}
		lines := lis
		var raw []byte
		if n%transferEvery == 0 {
			lines = adt
			raw = p.transfer(who, n, &h)
		} else {
			raw = p.result(who, n, &h)
		}
		frame := append([]byte{0x0b}, raw...)
		select {
		case lines[who%paceConns] <- due{h.ID, append(frame, 0x1c, 0x0d)}:
		case <-ctx.Done():
			return nil, g.Wait()
		}
		all = append(all, h)
	}
	for n := range paceConns {
		close(adt[n])
		close(lis[n])
	}
	return all, g.Wait()
}

// who chooses the patient of a message: one third of them are moved, to the
// others results come.
func (p *pacePlan) who(n int) int {
	third := max(len(p.Targets)/3, 1)
	if n%transferEvery == 0 {
		return n / transferEvery % third
	}
	if len(p.Targets) <= third {
		return 0
	}
	return third + n%(len(p.Targets)-third)
}

// transfer moves a patient into the bed of the one after the next.
func (p *pacePlan) transfer(who, n int, h *happening) []byte {
	t := &p.Targets[who]
	to := p.Targets[(who+n/transferEvery+7)%len(p.Targets)]
	t.Ward, t.Room, t.Bed = to.Ward, to.Room, to.Bed
	h.Ward = t.Ward
	at := h.At.Format(hl7Time)
	return fmt.Appendf(nil, "MSH|^~\\&|KIS|KSL|NOTBETRIEB|KSL|%s||ADT^A02^ADT_A02|%s|P|2.5|||||DEU|UNICODE UTF-8\rEVN|A02|%s||||%s\r%s%sZBE|%d^KIS|%s||INSERT|N\r",
		at, h.ID, at, at, t.pid(), t.visit(), 70_000_000+n, at)
}

// result is a critical potassium whose value tells it from all others.
func (p *pacePlan) result(who, n int, h *happening) []byte {
	t := p.Targets[who]
	milli := 6100 + n%3900
	h.Ward, h.Value = t.Ward, fmt.Sprintf("%d,%03d", milli/1000, milli%1000)
	at := h.At.Format(hl7Time)
	return fmt.Appendf(nil, "MSH|^~\\&|LIS|KSL|NOTBETRIEB|KSL|%s||ORU^R01^ORU_R01|%s|P|2.5.1|||||DEU|UNICODE UTF-8\r%s%sORC|RE|KP%d|LP%d||CM\r"+
		"OBR|1|KP%d|LP%d|ELEK^Elektrolyte^L|||%s||||||||Serum|||||||%s||LAB|F\rOBX|1|NM|KA^Kalium^L|1|%d.%03d|mmol/l|3.5 - 5.1|HH|||F|||%s\r",
		at, h.ID, t.pid(), t.visit(), n, n, n, n, at, at, milli/1000, milli%1000, at)
}

// dialAll opens the connections to one feed; each sends what it is given, one
// after the other.
func dialAll(ctx context.Context, g *errgroup.Group, addr string) ([]chan due, error) {
	var out []chan due
	for range paceConns {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			return nil, fmt.Errorf("sender: %w", err)
		}
		queue := make(chan due, 4096)
		out = append(out, queue)
		g.Go(func() error {
			defer nc.Close()
			in := bufio.NewReaderSize(nc, 8<<10)
			for d := range queue {
				if err := exchange(nc, in, d.frame, []byte(d.id)); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return out, nil
}
