package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
)

func runPrint(ctx context.Context, c console, args []string) error {
	path, rest := cutConfig(args)
	out := ""
	var words []string
	for i := 0; i < len(rest); i++ {
		if (rest[i] == "--out" || rest[i] == "-out") && i+1 < len(rest) {
			out = rest[i+1]
			i++
			continue
		}
		words = append(words, rest[i])
	}
	if out == "" || out == "-" {
		return c.onHub(ctx, path, "print", words, c.out)
	}
	tmp := out + ".part"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if err := errors.Join(c.onHub(ctx, path, "print", words, f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return os.Rename(tmp, out)
}

// formKinds names the forms there are.
func formKinds() string {
	var all []string
	for _, k := range paper.Kinds() {
		all = append(all, string(k))
	}
	return strings.Join(all, ", ")
}

// printPDF writes one job to out.
func printPDF(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	fs := console{err: errw}.flags("print", "write a ward pack, the house or one patient as PDF to standard output or --out FILE; every chart in it is recorded as read")
	job := app.PrintJob{User: call.User, Lang: lang.DE}
	fs.StringVar(&job.Ward, "ward", "", "the pack of this `WARD`")
	fs.StringVar(&job.Patient, "patient", "", "the sheets of one patient: patient number, case number or `KEY`")
	fs.String("case", "", "the same by case `NUMBER`")
	fs.BoolVar(&job.House, "house", false, "the packs of every ward in one file")
	fs.BoolVar(&job.List, "list", false, "with --ward: only the list")
	fs.Uint64Var(&job.Since, "since", 0, "only patients whose chart changed after record `N`")
	fs.StringVar(&job.Form, "form", "", "with --patient or --ward: a form to write on of this `KIND` ("+formKinds()+")")
	fs.IntVar(&job.Count, "count", 1, "with --form: how many, `N`")
	fs.BoolVar(&job.Pad, "pad", false, "with --ward: the emergency pad of forms without a patient")
	english := fs.Bool("english", false, "in English")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	chosen := 0
	fs.Visit(func(f *flag.Flag) {
		if f.Name == "case" && job.Patient == "" {
			job.Patient = f.Value.String()
		}
	})
	for _, is := range []bool{job.Ward != "", job.Patient != "", job.House} {
		if is {
			chosen++
		}
	}
	if chosen != 1 {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Genau eines angeben: --ward, --patient oder --house.", EN: "Give exactly one: --ward, --patient or --house.",
		})
	}
	if job.Pad && job.Ward == "" || job.Form != "" && job.House || (job.Pad || job.Form != "") && (job.List || job.Since > 0) || job.Pad && job.Form != "" {
		return fault.New(fault.Invalid, lang.Text{
			DE: "--form gehört zu --patient oder --ward, --pad zu --ward; beide nicht zu --list und --since.",
			EN: "--form goes with --patient or --ward, --pad with --ward; neither with --list and --since.",
		})
	}
	if *english {
		job.Lang = lang.EN
	}
	return h.PrintPDF(ctx, job, out, func(done, total int) { fmt.Fprintf(errw, "\r%d/%d", done, total) })
}
