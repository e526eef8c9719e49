package testkit_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/testkit"
)

// TestTheSmallDemoHospitalCanBeWalkedThrough runs the demo as people do and
// opens what links lead to, for each role.
func TestTheSmallDemoHospitalCanBeWalkedThrough(t *testing.T) {
	t.Parallel()
	var log lines
	d := &app.Demo{
		Dir: t.TempDir(), Listen: "127.0.0.1:0", Seed: 7, Speed: 1, Small: true, Hash: testkit.CheapHash(),
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
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
	who := map[string]*testkit.Person{}
	for _, id := range everybody {
		who[id] = testkit.Browser(t, d.URL)
		who[id].SignIn(id, app.DemoPassword)
	}
	who["it"].Page("/people/pflege").Submit("/people/pflege", "wards", "3A").Answers(200) // the small house has no 3B
	who["arzt"].Page("/outages").Submit("/outages/declare", "system", "kis", "why", "Anmeldung hängt").Submit("/outages/declared")
	page := who["pflege"].Page("/outages")
	page.Submit("/outages/" + page.In("section.outage").Attr("section", "id") + "/confirm").Answers(200)
	for _, language := range []string{"de", "en"} {
		for _, id := range everybody {
			who[id].Page("/").Submit("/settings/lang", "lang", language)
			walkAll(t, who[id], 120)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if text := log.String(); strings.Contains(text, "level=ERROR") {
		t.Errorf("the walk left errors in the log:\n%s", text)
	}
}
