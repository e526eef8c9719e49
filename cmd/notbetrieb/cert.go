package main

import (
	"context"
	"fmt"
	"time"

	"notbetrieb/internal/app"
)

// runCert issues certificates from the hub's own authority.
func runCert(_ context.Context, c console, args []string) error {
	if len(args) == 0 || args[0] != "feed" {
		fmt.Fprintln(c.err, "usage: notbetrieb cert feed --config FILE [--out DIR] NAME; -h explains")
		return errUsage
	}
	fs := c.flags("cert feed", "issue the certificate by which the sender of the feed NAME proves itself; valid for 397 days")
	path := fs.String("config", "", "configuration `FILE`")
	out := fs.String("out", ".", "`FOLDER` for NAME.pem and NAME.key")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	if fs.NArg() != 1 {
		fmt.Fprintln(c.err, "notbetrieb cert feed: exactly one NAME is needed, behind the flags")
		return errUsage
	}
	cfg, err := c.load(*path)
	if err != nil {
		return err
	}
	issued, err := app.IssueFeed(cfg, fs.Arg(0), *out, time.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, `%s   the certificate and
%s   its secret key: hand both to the sender, then delete the key here
%s   the authority: the sender trusts it, and tls.client_ca of the feed names it
`, issued.Cert, issued.Key, issued.CA)
	return err
}
