package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

func runJournal(ctx context.Context, c console, args []string) error {
	if len(args) == 0 {
		fmt.Fprintln(c.err, "usage: notbetrieb journal list|show|export --config FILE [flags]; -h explains")
		return errUsage
	}
	switch args[0] {
	case "list", "show", "export":
	default:
		fmt.Fprintf(c.err, "notbetrieb journal: no command %q\n", args[0])
		return errUsage
	}
	path, rest := cutConfig(args[1:])
	return c.onHub(ctx, path, "journal "+args[0], rest, c.out)
}

// cutConfig takes --config FILE out of args: it is for this process, the rest
// may go to a running hub.
func cutConfig(args []string) (path string, rest []string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case (a == "--config" || a == "-config") && i+1 < len(args):
			path = args[i+1]
			i++
		case len(a) > 9 && a[:9] == "--config=":
			path = a[9:]
		case len(a) > 8 && a[:8] == "-config=":
			path = a[8:]
		default:
			rest = append(rest, a)
		}
	}
	return path, rest
}

// selection are the flags that select records.
func selection(name, about string, call app.Call, errw io.Writer) (app.Selection, *int, error) {
	c := console{err: errw}
	fs := c.flags(name, about)
	var s app.Selection
	fs.StringVar(&s.Feed, "feed", "", "only records of this `FEED`")
	fs.StringVar((*string)(&s.Kind), "kind", "", "only records of this `KIND`: hl7v2, astm, read, staff, outage, command, harm, export")
	fs.StringVar(&s.Patient, "patient", "", "only records behind the chart of this patient `KEY`, patient number or case number")
	from := fs.String("from", "", "only records stored at or after this `TIME` (2026-11-21 or 2026-11-21T14:05)")
	to := fs.String("to", "", "only records stored before this `TIME`")
	limit := fs.Int("limit", 0, "at most `N` records (0: all)")
	if err := parse(fs, call.Args); err != nil {
		return s, nil, err
	}
	s.FromText, s.ToText = *from, *to
	return s, limit, nil
}

// journalList prints one line per record, without content.
func journalList(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	s, limit, err := selection("journal list", "list records, newest last; shows no content", call, errw)
	if err != nil {
		return err
	}
	n := 0
	var missing error
	for rec, err := range h.Select(ctx, s) {
		if gap := (*app.Missing)(nil); errors.As(err, &gap) {
			missing = err
			warnMissing(errw)(gap)
			continue
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%10d  %s  %-8s %-14s %7d bytes  %s\n", rec.Seq,
			rec.Received.In(h.Zone).Format("2006-01-02 15:04:05.000"), rec.Kind, rec.Source, len(rec.Body), rec.ID); err != nil {
			return err
		}
		if n++; *limit > 0 && n >= *limit {
			break
		}
	}
	return missing
}

// warnMissing tells the operator what cannot be given out.
func warnMissing(errw io.Writer) func(*app.Missing) {
	return func(m *app.Missing) { fmt.Fprintf(errw, "warning: %s; going on behind them\n", m) }
}

// journalShow prints one record with its content; the look is recorded.
func journalShow(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	fs := console{err: errw}.flags("journal show", "show the record of one number with its content; the look is recorded")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	if fs.NArg() != 1 {
		return fault.New(fault.Invalid, lang.Text{DE: "Eine Satznummer wird erwartet.", EN: "One record number is expected."})
	}
	seq, err := strconv.ParseUint(fs.Arg(0), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, lang.Text{DE: "Das ist keine Satznummer.", EN: "That is no record number."})
	}
	if err := h.RecordConsole(ctx, call.User, "raw", "", "record "+fs.Arg(0)); err != nil {
		return err
	}
	rec, err := h.Journal.Get(ctx, journal.Seq(seq))
	if err != nil {
		return err
	}
	body := rec.Body
	if rec.Kind == journal.Staff {
		body = []byte("(not shown: records about people hold password hashes)\n")
	}
	_, err = fmt.Fprintf(out, "Seq       %d\nID        %s\nKind      %s\nSource    %s\nSite      %s\nTime      %s\nReceived  %s\nBytes     %d\n\n%s\n",
		rec.Seq, rec.ID, rec.Kind, rec.Source, rec.Site, rec.Time.In(h.Zone), rec.Received.In(h.Zone), len(rec.Body), body)
	return err
}

// journalExport writes the raw bytes as they came in, as a tar with a manifest.
// The export is itself a record.
func journalExport(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	s, limit, err := selection("journal export", "write raw bytes as they came in to standard output, as tar with a manifest; the export is recorded", call, errw)
	if err != nil {
		return err
	}
	return h.Export(ctx, call.User, s, *limit, out, warnMissing(errw))
}
