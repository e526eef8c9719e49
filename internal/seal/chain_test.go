package seal

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A hospital's own authority mostly issues RSA certificates below an authority
// in between; browsers know only the one at the top.
func TestACertificateOfTheHospitalsOwnAuthorityIsServedWithItsChain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	key := func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	middleKey, leafKey := key(), key()
	issue := func(name string, ca bool, parent *x509.Certificate, pub *rsa.PublicKey, signer any) *x509.Certificate {
		c := &x509.Certificate{SerialNumber: newSerial(), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour),
			NotAfter: now.Add(time.Hour), IsCA: ca, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature}
		if ca {
			c.KeyUsage = x509.KeyUsageCertSign
		} else {
			c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, signer)
		if err != nil {
			t.Fatal(err)
		}
		out, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	root := issue("Wurzel", true, nil, &middleKey.PublicKey, middleKey)
	middle := issue("Zwischen", true, root, &leafKey.PublicKey, middleKey)
	server := key()
	leaf := issue("notbetrieb", false, middle, &server.PublicKey, leafKey)

	dir := t.TempDir()
	certPath, keyPath := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	certs := append(pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: leaf.Raw}), pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: middle.Raw})...)
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(server)})
	if err := os.WriteFile(certPath, certs, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyPath, pkcs1, 0o600); err != nil {
		t.Fatal(err)
	}
	id, err := ReadIdentity(certPath, keyPath)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", ServerTLS(id, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
		}
	}()
	pool := x509.NewCertPool()
	pool.AddCert(root)
	c, err := tls.Dial("tcp", l.Addr().String(), clientTLS(nil, pool))
	if err != nil {
		t.Fatal("a browser that knows the top authority:", err)
	}
	_ = c.Close()
}
