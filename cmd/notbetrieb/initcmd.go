package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func runInit(ctx context.Context, c console, args []string) error {
	fs := c.flags("init", "write a commented configuration, the keys, the own certificate authority and the first person")
	data := fs.String("data", "", "data `DIR`ectory; must be on a local disk")
	keyDir := fs.String("keys", "", "`DIR`ectory of the keys (default DATA/keys); better on another disk")
	name := fs.String("hospital", "Krankenhaus", "`NAME` of the hospital")
	listen := fs.String("listen", "127.0.0.1:8443", "`ADDRESS` of the pages")
	hosts := fs.String("hosts", "", "comma-separated `NAMES` and addresses people type, for the certificate (default: this host)")
	passEnv := fs.String("passphrase-env", "", "wrap the master key with the passphrase in this environment `VARIABLE`")
	admin := fs.String("admin", "it", "sign-in name of the first person (role IT)")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *data == "" {
		fmt.Fprintln(c.err, "notbetrieb init: --data DIR is needed")
		return errUsage
	}
	dir, err := filepath.Abs(*data)
	if err != nil {
		return err
	}
	cfg := config.Default()
	cfg.Hospital.Name, cfg.Data, cfg.Web.Listen = *name, dir, *listen
	cfg.Keys = config.Keys{File: filepath.Join(dir, "keys", "master.key"), PassphraseEnv: *passEnv}
	if *keyDir != "" {
		if *keyDir, err = filepath.Abs(*keyDir); err != nil {
			return err
		}
		cfg.Keys.File = filepath.Join(*keyDir, "master.key")
	}
	tls := filepath.Join(dir, "tls")
	cfg.Web.TLS = config.TLS{Cert: filepath.Join(tls, "server.pem"), Key: filepath.Join(tls, "server.key")}
	path := filepath.Join(dir, "notbetrieb.yaml")
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already; nothing was changed", path)
	}
	pass, err := c.passphrase(cfg)
	if err != nil {
		return err
	}
	for _, step := range []func() error{ // the configuration last: what is there then is whole
		func() error { return os.MkdirAll(dir, 0o700) },
		func() error { return app.CreateKeys(cfg.Keys.File, cfg.Hospital.Site, pass) },
		func() error { return app.CreateCA(tls, *name, certHosts(*hosts), time.Now()) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	password, err := c.firstPerson(ctx, cfg, *admin)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, config.Write(cfg), 0o600); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	fmt.Fprintf(c.out, `Configuration   %s
Keys            %s   (keep a copy in another place: without it the data is lost)
Certificates    %s   (give ca.pem to the ward PCs)
First person    %s, password %s   (to be changed at the first sign-in)

Next: name systems, feeds and wards in the configuration, then
  notbetrieb serve --config %s
`, path, cfg.Keys.File, tls, *admin, password, path)
	return nil
}

func certHosts(list string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if list == "" {
		if h, err := os.Hostname(); err == nil {
			hosts = append(hosts, h)
		}
	}
	for h := range strings.SplitSeq(list, ",") {
		if h = strings.TrimSpace(h); h != "" {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// firstPerson signs up the person who signs up the others.
func (c console) firstPerson(ctx context.Context, cfg config.Config, id string) (password string, err error) {
	keys, err := c.keys(cfg)
	if err != nil {
		return "", err
	}
	h, err := app.Open(ctx, cfg, keys, app.Options{})
	if err != nil {
		return "", err
	}
	password = newPassword()
	err = errors.Join(
		h.Staff.Add(ctx, staff.ConsoleOf(operator()), staff.Person{ID: id, Name: "IT", Roles: []staff.Role{staff.IT}, Lang: lang.DE, MustChange: true}),
		h.Staff.SetPassword(ctx, staff.ConsoleOf(operator()), id, password),
		h.Close(),
	)
	return password, err
}

// newPassword returns 100 random bits that can be read aloud.
func newPassword() string {
	var b [13]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	s := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	return s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:20]
}
