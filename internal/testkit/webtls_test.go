package testkit_test

import (
	"crypto/tls"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/testkit"
)

func TestPagesWithClientCertificatesLetOnlyThoseIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	ca, err := seal.NewCA("Klinik am Lindenhof", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.IssueServer(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	browser, err := ca.IssueClient(time.Now(), "stationspc")
	if err != nil {
		t.Fatal(err)
	}
	if err := seal.WriteCA(file("ca.pem"), file("ca.key"), ca); err != nil {
		t.Fatal(err)
	}
	if err := seal.WriteIdentity(file("server.pem"), file("server.key"), server); err != nil {
		t.Fatal(err)
	}
	h := testkit.New(t, func(c *config.Config) {
		c.Web.TLS = config.TLS{Cert: file("server.pem"), Key: file("server.key"), ClientCA: file("ca.pem")}
	})
	get := func(certs ...tls.Certificate) error {
		c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool(), Certificates: certs}}}
		defer c.CloseIdleConnections()
		res, err := c.Get(h.URL() + "/signin")
		if err == nil {
			err = res.Body.Close()
		}
		return err
	}
	if err := get(); err == nil {
		t.Error("a browser without a certificate was let in")
	}
	if err := get(browser.TLS()); err != nil {
		t.Errorf("the browser with its certificate: %v", err)
	}
}
