package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
)

// systems measures how long it takes from the bytes of the files to an estate
// that is read, compared with what stands and checked, in each format. A file
// with a mistake, or one that comes back as other rows, fails the measure.
func systems(ctx context.Context, b *bench) error {
	n := sized(b, 2000, 100)
	tables, err := hospitals(n)
	if err != nil {
		return err
	}
	book, err := estate.XLSX(tables, lang.DE)
	if err != nil {
		return err
	}
	var csv []estate.File
	for _, t := range estate.AllTables() {
		csv = append(csv, estate.File{Name: estate.Slug(t.Title.DE) + ".csv", Data: estate.CSV(t, tables, lang.DE)})
	}
	for _, format := range []struct {
		name  string
		files []estate.File
	}{
		{"CSV", csv}, {"XLSX", []estate.File{{Name: "haus.xlsx", Data: book}}}, {"YAML", []estate.File{{Name: "haus.yaml", Data: estate.YAML(tables, lang.DE)}}},
	} {
		var took []time.Duration
		for range sized(b, 5, 1) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			begun := time.Now()
			in := estate.Read(format.files, &estate.Tables{})
			if len(in.Mistakes) > 0 {
				return fmt.Errorf("%s: %s", format.name, in.Mistakes[0].Say.EN)
			}
			changes := estate.Diff(&estate.Tables{}, &in.Tables)
			found := estate.New(in.Tables).Check(estate.Date{Year: 2026, Month: time.November, Day: 22})
			took = append(took, time.Since(begun))
			if left := estate.Diff(tables, &in.Tables); len(left) > 0 || len(changes) == 0 || len(found) == 0 {
				return fmt.Errorf("%s: %d rows came back differently, %d changes, %d findings", format.name, len(left), len(changes), len(found))
			}
		}
		slices.Sort(took)
		b.add(fmt.Sprintf("Import and check of %d systems, %s, median", len(tables.Systems), format.name), took[len(took)/2].Seconds()*1000, "ms", lower, goal(1000))
	}
	return nil
}

// hospitals is an estate of at least n systems: the template over and over.
func hospitals(n int) (*estate.Tables, error) {
	base, err := estate.Template()
	if err != nil {
		return nil, err
	}
	out := &estate.Tables{Contacts: base.Contacts, Sites: base.Sites}
	for round := 0; len(out.Systems) < n; round++ {
		id := func(s string) string {
			if s == "" {
				return ""
			}
			return fmt.Sprintf("%s-%d", s, round)
		}
		for _, s := range base.Systems {
			s.ID, s.Name = id(s.ID), lang.Text{DE: id(s.Name.DE), EN: id(s.Name.EN)}
			out.Systems = append(out.Systems, s)
		}
		for _, d := range base.Dependencies {
			d.System, d.On, d.For = id(d.System), id(d.On), id(d.For)
			out.Dependencies = append(out.Dependencies, d)
		}
		for _, s := range base.Stores {
			s.ID, s.System, s.Host = id(s.ID), id(s.System), ""
			out.Stores = append(out.Stores, s)
		}
		for _, c := range base.Backups {
			c.ID, c.System, c.Store = id(c.ID), id(c.System), id(c.Store)
			out.Backups = append(out.Backups, c)
		}
		for _, p := range base.Probes {
			p.ID, p.System = id(p.ID), id(p.System)
			out.Probes = append(out.Probes, p)
		}
	}
	return out, nil
}
