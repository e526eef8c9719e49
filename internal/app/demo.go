package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// DemoPassword is the password of every person of the demo hospital. It is
// printed at the start and guards invented data only.
const DemoPassword = "Notbetrieb-Demo"

// DemoConfig returns the configuration of the demo hospital on loopback, with
// every feed on a free port.
func DemoConfig(house *demo.House, dir, listen string) config.Config {
	c := config.Default()
	c.Hospital.Name = "Klinikum Sankt Lorenz (Demo)"
	c.Hospital.Site = "demo"
	c.Data = dir
	c.Keys.File = filepath.Join(dir, "keys", "master.key")
	c.Web.Listen = listen
	c.Watch.Workplaces = []config.Workplace{{Name: "Dieser Rechner (Vorführung)", Address: "127.0.0.0/8"}} // the only one there is
	if exe, err := os.Executable(); err == nil {                                                           // a command of containment that changes nothing
		c.Crisis.Hooks = []config.Hook{{Name: "cut-remote", Label: lang.Text{DE: "Fernzugänge schließen (Vorführung, ändert nichts)", EN: "Close remote access (demonstration, changes nothing)"}, Command: []string{exe, "version"}, Timeout: time.Minute}}
	}
	c.Mapping = demoMapping(house)
	names := map[string]lang.Text{
		"kis": {DE: "KIS", EN: "HIS"}, "lis": {DE: "Labor", EN: "Laboratory"}, "ris": {DE: "Radiologie", EN: "Radiology"},
		"pdms": {DE: "Vitalwerte", EN: "Vital signs"}, "apo": {DE: "Medikation", EN: "Medication"},
	}
	for _, id := range []string{"kis", "lis", "ris", "pdms", "apo"} {
		c.Systems = append(c.Systems, config.System{ID: id, Name: names[id]})
	}
	labels := map[string]lang.Text{
		demo.KISADT: {DE: "KIS Aufnahme", EN: "HIS admissions"}, demo.KISOrders: {DE: "KIS Anforderungen", EN: "HIS orders"},
		demo.LIS: {DE: "Labor", EN: "Laboratory"}, demo.RIS: {DE: "Radiologie", EN: "Radiology"},
		demo.PDMS: {DE: "Vitalwerte", EN: "Vital signs"}, demo.APO: {DE: "Medikation", EN: "Medication"},
		demo.TERMINE: {DE: "Termine", EN: "Appointments"}, demo.DOCS: {DE: "Dokumente", EN: "Documents"},
	}
	for system, feeds := range house.Systems() {
		for _, name := range feeds {
			f := config.DefaultFeed()
			f.Name, f.Label, f.System, f.Listen = name, labels[name], system, "127.0.0.1:0"
			switch name {
			case demo.RIS, demo.TERMINE, demo.DOCS: // send seldom
				f.Silence = config.Limits{Amber: 4 * time.Hour, Red: 8 * time.Hour}
			}
			c.Feeds = append(c.Feeds, f)
		}
	}
	sortFeeds(c.Feeds, house.Feeds())
	for _, w := range house.Wards() {
		c.Wards = append(c.Wards, demoWard(w))
	}
	return c
}

// DemoPeople signs up one person of each role.
func DemoPeople(ctx context.Context, book *staff.Book) error {
	wards := []string{"3A", "3B"}
	people := []staff.Person{
		{ID: "pflege", Name: "S. Weber", Roles: []staff.Role{staff.Nurse}, Wards: wards},
		{ID: "arzt", Name: "Dr. J. Brandt", Roles: []staff.Role{staff.Physician}},
		{ID: "aufnahme", Name: "M. Kurz", Roles: []staff.Role{staff.Admission}},
		{ID: "labor", Name: "T. Özdemir", Roles: []staff.Role{staff.Laboratory}},
		{ID: "radiologie", Name: "Dr. P. Lang", Roles: []staff.Role{staff.Radiology}},
		{ID: "apotheke", Name: "K. Sommer", Roles: []staff.Role{staff.Pharmacy}},
		{ID: "it", Name: "R. Vogel", Roles: []staff.Role{staff.IT}},
		{ID: "krisenstab", Name: "Dr. A. Stein", Roles: []staff.Role{staff.Crisis}},
		{ID: "krisenstab2", Name: "K. Roth", Roles: []staff.Role{staff.Crisis}},
		{ID: "revision", Name: "H. Adler", Roles: []staff.Role{staff.Auditor}},
	}
	for i := range people {
		p := &people[i]
		p.Lang = lang.DE
		if _, there := book.Person(p.ID); there {
			continue
		}
		if err := errors.Join(book.Add(ctx, staff.Console(), *p), book.SetPassword(ctx, staff.Console(), p.ID, DemoPassword)); err != nil {
			return fmt.Errorf("demo person %s: %w", p.ID, err)
		}
	}
	return nil
}

// DemoEstate makes the template the estate of a demo hospital that has none yet,
// with the feeds of its configuration.
func DemoEstate(ctx context.Context, book *estate.Book, c config.Config) error {
	now, seen := book.Current()
	if seen != 0 {
		return nil
	}
	tables, err := estate.Template()
	if err != nil {
		return err
	}
	for _, f := range c.Feeds {
		tables.Feeds = append(tables.Feeds, estate.Feed{Name: f.Name, System: f.System})
	}
	who := estate.Command{Key: "demo estate", Person: "it", Name: "R. Vogel", Why: "Vorlage für die Vorführung"}
	return book.Accept(ctx, who, estate.FromTemplate, estate.Diff(&now.Tables, tables))
}
