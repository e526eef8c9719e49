package app

import (
	"context"
	"slices"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/web"
)

// This file is the receiving side of the simulated KIS: a fakekis on a socket of
// this machine to which the demonstration hands back.

// demoTarget is the name of the demonstration's only target.
const demoTarget = "kis"

// demoAnswer is how long the demonstration waits for an answer: short, so that
// silence can be watched.
const demoAnswer = 5 * time.Second

type demoBehaviour struct {
	key, de, en string
	rule        fakekis.Rule
}

// demoBehaviours are what a person can tell the simulated KIS to do.
var demoBehaviours = []demoBehaviour{
	{"accept", "nimmt alles an", "accepts everything", fakekis.Rule{Do: fakekis.Accept}},
	{"refuse", "lehnt ab: „Fall ist abgeschlossen“", "refuses: “Fall ist abgeschlossen”", fakekis.Rule{Do: fakekis.Refuse, Text: "Fall ist abgeschlossen"}},
	{"silent", "nimmt nicht an und schweigt", "does not accept and stays silent", fakekis.Rule{Do: fakekis.Silent}},
	{"take-silent", "nimmt an und schweigt", "accepts and stays silent", fakekis.Rule{Do: fakekis.TakeSilent}},
	{"late", "nimmt an und antwortet zu spät", "accepts and answers too late", fakekis.Rule{Do: fakekis.Late, Delay: demoAnswer + 2*time.Second}},
	{"wrong-id", "nimmt an und bestätigt eine andere Nachricht", "accepts and acknowledges another message", fakekis.Rule{Do: fakekis.WrongID}},
	{"cut", "nimmt an und bricht die Verbindung ab", "accepts and cuts the connection", fakekis.Rule{Do: fakekis.CutAfter}},
	{"die", "nimmt die nächste Nachricht an und stürzt ab", "accepts the next message and dies", fakekis.Rule{Do: fakekis.DieAfter, Times: 1}},
}

// openKIS makes the receiving side, which is up while the simulated KIS is on.
func (d *Demo) openKIS(house *demo.House, timezone string) error {
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return err
	}
	d.kis, err = fakekis.New(fakekis.Options{
		Name: "KIS", Facility: "LORENZ", Authority: house.Mapping().Authority, Zone: zone, Dir: d.Dir, Numbers: true, Now: d.now,
	})
	if err != nil {
		return err
	}
	d.does.Store(&demoBehaviours[0].key)
	return d.kis.Start()
}

// demoTargetConfig is the demonstration's target as an integrator would write it.
func demoTargetConfig(addr string) config.HandbackTarget {
	t := config.DefaultTarget()
	t.Name, t.System, t.Address, t.ReceivingApp, t.ReceivingFacility = demoTarget, "kis", addr, "KIS", "LORENZ"
	t.Repeats, t.Answer = true, demoAnswer
	return t
}

// feedBack sends what the receiving side tells to the hub until ctx ends, and
// switches the simulated KIS off when it dies.
func (d *Demo) feedBack(ctx context.Context, addr string) error {
	for ctx.Err() == nil {
		err := d.kis.Wait(ctx, func() bool {
			if !d.kis.Up() {
				return d.house.Load().Powered("kis")
			}
			return len(d.kis.Feed()) > 0
		})
		if err != nil {
			return err
		}
		if !d.kis.Up() {
			d.house.Load().Power("kis", false)
			continue
		}
		if _, err := d.kis.Send(ctx, addr, hl7.ClientOptions{}); err != nil && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
	return ctx.Err()
}

// Switch turns the simulated KIS on or off, with the side that receives.
func (d *Demo) Switch(_ context.Context, on bool) error {
	if !on {
		d.house.Load().Power("kis", false)
		d.kis.Stop()
		return nil
	}
	if err := d.kis.Start(); err != nil {
		return err
	}
	d.house.Load().Power("kis", true)
	return nil
}

// Behave tells the receiving side what to do with what it gets from now on, and
// whether it tells what it took on its own feed.
func (d *Demo) Behave(_ context.Context, key string, echo bool) error {
	i := slices.IndexFunc(demoBehaviours, func(b demoBehaviour) bool { return b.key == key })
	if i < 0 {
		return fault.New(fault.Invalid, lang.Text{DE: "So kann sich das simulierte KIS nicht verhalten.", EN: "The simulated HIS cannot behave like this."})
	}
	d.kis.SetRules(demoBehaviours[i].rule)
	d.kis.SetEcho(echo)
	d.does.Store(&demoBehaviours[i].key)
	d.echo.Store(echo)
	return nil
}

// latestArrivals is how many arrivals the page of the demonstration lists.
const latestArrivals = 20

// Counterpart returns what the simulated KIS got and took, beside what was
// handed back to it.
func (d *Demo) Counterpart(ctx context.Context) (web.Counterpart, error) {
	c := web.Counterpart{Up: d.kis.Up(), Behaves: *d.does.Load(), Echo: d.echo.Load(), Target: demoTarget}
	for _, b := range demoBehaviours {
		c.Behaviours = append(c.Behaviours, web.Behaviour{Key: b.key, Label: lang.Text{DE: b.de, EN: b.en}})
	}
	var held []handback.Held
	for _, a := range d.kis.Accepted() {
		held = append(held, handback.Held{Control: a.Control, Times: 1})
		c.Repeats += a.Again
	}
	c.Taken = len(held)
	arrived := d.kis.Arrived()
	c.Arrived = len(arrived)
	for _, a := range slices.Backward(arrived[max(0, len(arrived)-latestArrivals):]) {
		c.Latest = append(c.Latest, web.DemoArrival{Control: a.Control, Type: a.Type, Did: did(a.Did), Text: a.Text, Again: a.Again})
	}
	var err error
	c.Both, err = d.ledger.Compare(ctx, held)
	return c, err
}

func did(b fakekis.Behaviour) lang.Text {
	for _, known := range demoBehaviours {
		if known.rule.Do == b {
			return lang.Text{DE: known.de, EN: known.en}
		}
	}
	return lang.Text{DE: string(b)}
}
