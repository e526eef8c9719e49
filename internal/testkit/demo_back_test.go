package testkit_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// TestTheDemonstrationHandsBackToItsKIS is what a visitor does: the KIS goes, an
// entry is written, the KIS returns and takes it, badly at first.
func TestTheDemonstrationHandsBackToItsKIS(t *testing.T) {
	t.Parallel()
	d := &app.Demo{Dir: t.TempDir(), Listen: "127.0.0.1:0", Seed: 11, Speed: 1, Small: true, Hash: testkit.CheapHash(), Log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	filled, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- d.Run(ctx, func() {}, func() { close(filled) }) }()
	select {
	case <-filled:
	case err := <-ended:
		t.Fatal(err)
	case <-time.After(2 * time.Minute):
		t.Fatal("the wards are not filled")
	}
	sign := func(id string) *testkit.Person {
		p := testkit.Browser(t, d.URL)
		p.SignIn(id, app.DemoPassword)
		return p
	}
	it, doctor := sign("it"), sign("arzt")
	it.Page("/people/pflege").Submit("/people/pflege", "wards", "3A").Answers(200)
	doctor.Page("/outages").Submit("/outages/declare", "system", "kis", "why", "Anmeldung hängt").Submit("/outages/declared")
	page := it.Page("/outages")
	page.Submit("/outages/" + page.In("section.outage").Attr("section", "id") + "/confirm").Answers(200)

	it.Page("/demo/kis").Sees("Es nimmt Verbindungen an").Submit("/demo", "kis", "off").Answers(200)
	it.Page("/demo/kis").Sees("Es ist aus")
	nurse := sign("pflege")
	charts := slices.DeleteFunc(nurse.Page("/ward/3A").In("table").Links(), func(link string) bool { return strings.Contains(link, "/write/") })
	writes := func(chart, pressure string) {
		nurse.Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "bp", pressure, "act", "sign").Answers(200).Sees("gilt")
	}
	writes(charts[0], "118/76")

	back := d.Hub().Back
	act := func(who string) handback.Act {
		return handback.Act{By: clinical.Staff{ID: who, Name: who}, At: time.Now()}
	}
	if err := back.SetMode(ctx, journal.NewID(), "kis", handback.Flowing, act("it")); err != nil {
		t.Fatal(err)
	}
	release := func() {
		t.Helper()
		if err := back.Wait(ctx, d.Hub().Journal.Head()); err != nil {
			t.Fatal(err)
		}
		items, err := back.Items(ctx, "kis", handback.Filter{States: []handback.State{handback.Waiting}})
		if err != nil || len(items) != 1 {
			t.Fatalf("%+v %v", items, err)
		}
		if err := back.Decide(ctx, journal.NewID(), "kis", handback.Release, items, act("arzt")); err != nil {
			t.Fatal(err)
		}
	}
	until := func(state handback.State, n int) {
		t.Helper()
		for {
			seq := back.Seq()
			items, err := back.Items(ctx, "kis", handback.Filter{States: []handback.State{state}})
			if err != nil {
				t.Fatal(err)
			}
			if len(items) == n {
				return
			}
			if err := back.Wait(ctx, seq+1); err != nil {
				t.Fatal(err)
			}
		}
	}
	it.Page("/demo/kis").Submit("/demo", "kis", "on").Answers(200)
	release()
	until(handback.Accepted, 1)
	it.Page("/demo/kis").Sees("Beide Seiten · gleich").NotSees("Unterschied")

	it.Page("/demo/kis").Submit("/demo/kis", "do", "refuse").Answers(200)
	writes(charts[0], "121/79")
	release()
	until(handback.Refused, 1)
	it.Page("/demo/kis").Sees("MSA-3: Fall ist abgeschlossen", "Beide Seiten · gleich")

	it.Page("/demo/kis").Submit("/demo/kis", "do", "die", "echo", "on").Answers(200)
	writes(charts[len(charts)-1], "133/81")
	release()
	until(handback.Sent, 1) // it died before it answered; the entry is tried again
	for !it.Page("/demo/kis").In("main").Has("b") {
		if err := ctx.Err(); err != nil {
			t.Fatal(err)
		}
	}
	it.Page("/demo/kis").Sees("Es ist aus", "Antwort fehlt hier")
	it.Page("/demo/kis").Submit("/demo/kis", "do", "accept").Answers(200)
	it.Page("/demo/kis").Submit("/demo", "kis", "on").Answers(200)
	until(handback.Accepted, 2)
	it.Page("/demo/kis").Sees("Beide Seiten · gleich", "kam noch einmal")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
