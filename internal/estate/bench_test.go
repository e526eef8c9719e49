package estate

import (
	"fmt"
	"testing"

	"notbetrieb/internal/lang"
)

// many is an estate of n systems, of the template over and over.
func many(t testing.TB, n int) *Tables {
	t.Helper()
	base, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	var out Tables
	out.Contacts, out.Sites = base.Contacts, base.Sites
	for round := 0; len(out.Systems) < n; round++ {
		id := func(s string) string { return fmt.Sprintf("%s-%d", s, round) }
		for _, s := range base.Systems {
			s.ID, s.Name = id(s.ID), lang.Text{DE: id(s.Name.DE), EN: id(s.Name.EN)}
			out.Systems = append(out.Systems, s)
		}
		for _, d := range base.Dependencies {
			d.System, d.On = id(d.System), id(d.On)
			if d.For != "" {
				d.For = id(d.For)
			}
			out.Dependencies = append(out.Dependencies, d)
		}
		for _, p := range base.Probes {
			p.ID, p.System = id(p.ID), id(p.System)
			out.Probes = append(out.Probes, p)
		}
		for _, b := range base.Backups {
			b.ID, b.System = id(b.ID), id(b.System)
			out.Backups = append(out.Backups, b)
		}
	}
	return &out
}

func BenchmarkReadAndCheck(b *testing.B) {
	tables := many(b, 2000)
	book, err := XLSX(tables, lang.DE)
	if err != nil {
		b.Fatal(err)
	}
	files := map[string][]File{
		"xlsx": {{"a.xlsx", book}}, "yaml": {{"a.yaml", YAML(tables, lang.DE)}},
		"csv": {{"systeme.csv", CSV(tables_("systems"), tables, lang.DE)}, {"abhaengigkeiten.csv", CSV(tables_("dependencies"), tables, lang.DE)}, {"kontakte.csv", CSV(tables_("contacts"), tables, lang.DE)}, {"standorte.csv", CSV(tables_("sites"), tables, lang.DE)}},
	}
	for _, kind := range []string{"csv", "xlsx", "yaml"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				in := Read(files[kind], &Tables{})
				if len(in.Mistakes) > 0 {
					b.Fatal(in.Mistakes[0])
				}
				New(in.Tables).Check(Date{2026, 11, 22})
			}
		})
	}
	e := New(*tables)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			e.Check(Date{2026, 11, 22})
		}
	})
	b.Run("stops", func(b *testing.B) {
		for b.Loop() {
			e.StopCounts()
		}
	})
	b.Run("diff", func(b *testing.B) {
		for b.Loop() {
			Diff(&Tables{}, tables)
		}
	})
	b.Run("map", func(b *testing.B) {
		for b.Loop() {
			e.Map("kis-3", lang.DE)
		}
	})
}

func tables_(key string) *Table { t, _ := TableOf(key); return t }
