package intake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"notbetrieb/internal/hl7"
)

// authority is a certificate authority for tests.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.key = newKey(t)
	der := a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, &a.key.PublicKey)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(c *x509.Certificate, pub any) []byte {
	a.t.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.Subject = pkix.Name{CommonName: "Klinikum Testhausen"}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := a.cert
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return der
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// issue writes a certificate and its key.
func (a *authority) issue(name string) (cert, key string) {
	a.t.Helper()
	k := newKey(a.t)
	der := a.sign(&x509.Certificate{
		KeyUsage: x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, &k.PublicKey)
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "PRIVATE KEY", raw)
}

func (a *authority) client(name string) *tls.Config {
	a.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	c := &tls.Config{RootCAs: roots}
	if name != "" {
		cert, key := a.issue(name)
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			a.t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

// tryTLS sends one message and reports whether it was taken.
func tryTLS(t *testing.T, h *hub, c *tls.Config) bool {
	t.Helper()
	client, err := hl7.Dial(t.Context(), h.Addr().String(), hl7.ClientOptions{TLS: c, Answer: 20 * time.Second})
	if err != nil {
		return false
	}
	defer client.Close()
	answer, err := client.Send(t.Context(), admission(1))
	return err == nil && ackOf(t, answer).Code == hl7.AA
}

func TestTLSWithAndWithoutClientCertificates(t *testing.T) {
	t.Parallel()
	ours, strange := newAuthority(t), newAuthority(t)
	cert, key := ours.issue("hub")
	ca := filepath.Join(ours.dir, "ca.pem")
	known, foreign := ours.client("kis"), strange.client("kis") // once: each writes its files
	foreign.RootCAs = ours.client("").RootCAs
	tests := []struct {
		name                    string
		files                   TLSFiles
		none, known, unknown, p bool
	}{
		{"no client certificates", TLSFiles{Cert: cert, Key: key}, true, true, true, false},
		{"optional", TLSFiles{Cert: cert, Key: key, ClientCA: ca}, true, true, false, false},
		{"required", TLSFiles{Cert: cert, Key: key, ClientCA: ca, Require: true}, false, true, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config, err := tt.files.Config()
			if err != nil {
				t.Fatal(err)
			}
			h := listen(t, &memory{}, func(f *Feed) { f.TLS = config })
			if tryTLS(t, h, ours.client("")) != tt.none || tryTLS(t, h, known) != tt.known ||
				tryTLS(t, h, foreign) != tt.unknown || tryTLS(t, h, nil) != tt.p {
				t.Errorf("certificate none, known, unknown or no TLS was treated wrongly")
			}
			if h.metric(t, "refused_connections_total") == 0 {
				t.Error("no refusal was counted")
			}
		})
	}
}

func TestWrongTLSFilesAreFoundAtTheStart(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.issue("hub")
	for _, f := range []TLSFiles{
		{}, {Cert: cert}, {Cert: cert, Key: key, Require: true}, {Cert: cert, Key: key, ClientCA: "fehlt.pem"}, {Cert: cert, Key: key, ClientCA: key},
	} {
		if _, err := f.Config(); err == nil {
			t.Errorf("no error for %+v", f)
		}
	}
}
