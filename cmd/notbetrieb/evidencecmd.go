package main

import (
	"context"
	"fmt"

	"notbetrieb/internal/evidence"
)

// runEvidence checks a package of evidence offline: no configuration, no
// journal, only the file and the public key that was pinned before.
func runEvidence(ctx context.Context, c console, args []string) error {
	f, v, err := offline(c, "evidence", "FILE", "verify a package of evidence (Beweispaket) with the pinned public key; needs nothing else", args)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	m, broken, err := evidence.VerifyPackage(ctx, f, info.Size(), v)
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	var wrong []string
	for _, x := range broken {
		wrong = append(wrong, "evidence/"+x.Code+": "+x.Text.EN)
	}
	if err := tell(c, wrong); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s\n%s\nfor %s: %s\nmade %s UTC by %s\n%d items, %d records up to no. %d: signed by %s\n", oneLine(m.Hospital), oneLine(m.Title), oneLine(m.For), oneLine(m.Why),
		m.Made.UTC().Format("2006-01-02 15:04"), oneLine(m.By), len(m.Items), m.Records, m.Last, v.Name())
	for _, i := range m.Items {
		fmt.Fprintf(c.out, "B%d-%s  %s  %d lines, held by %s", m.Number, i.Ref, oneLine(i.Title), i.Lines, oneLine(i.Holder))
		if i.Gaps > 0 {
			fmt.Fprintf(c.out, "  GAPS IN THE CHAIN: %d", i.Gaps)
		}
		fmt.Fprintln(c.out)
		for _, x := range i.Files {
			where := x.Path
			if where == "" {
				where = "left out of this package"
			}
			fmt.Fprintf(c.out, "    %s  %d  %q  %s\n", x.SHA256, x.Bytes, x.Name, where)
		}
	}
	fmt.Fprintln(c.out, "no damage found")
	return nil
}
