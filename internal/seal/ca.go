package seal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
	"time"
)

const (
	// caYears is long because renewing it means visiting every ward PC.
	caYears = 10
	// leafDays stays below the 398 days that browsers accept.
	leafDays = 397
	// early lets a certificate hold on machines whose clock is behind: without
	// the hospital's time server clocks drift.
	early = 24 * time.Hour
)

// CA is the node's own certificate authority (ECDSA P-256). Nothing outside
// the house trusts it.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Identity is a certificate with its secret key.
type Identity struct {
	cert  *x509.Certificate
	chain [][]byte // the authorities between cert and the one that clients know
	key   crypto.Signer
}

// NewCA makes an authority for the house named name, valid for ten years from
// now.
func NewCA(name string, now time.Time) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("ca: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber:          newSerial(),
		Subject:               pkix.Name{CommonName: name, Organization: []string{"Notbetrieb"}},
		NotBefore:             now.Add(-early),
		NotAfter:              now.AddDate(caYears, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	cert, err := sign(t, t, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &CA{cert, key}, nil
}

// newSerial returns 127 random bits (RFC 5280 4.1.2.2: positive, at most 20
// bytes).
func newSerial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}

func sign(t, parent *x509.Certificate, pub *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// IssueServer returns a certificate for the given host names and IP addresses,
// valid for 397 days from now.
func (ca *CA) IssueServer(now time.Time, hosts ...string) (*Identity, error) {
	if len(hosts) == 0 {
		return nil, errors.New("certificate: no host name")
	}
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: hosts[0]},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
			continue
		}
		if h == "" || strings.ContainsAny(h, " /:@") {
			return nil, fmt.Errorf("certificate: %q is no host name", h)
		}
		t.DNSNames = append(t.DNSNames, h)
	}
	return ca.issue(t, now)
}

// IssueClient returns a certificate by which a station, a feed or a person's
// machine proves its name, valid for 397 days from now.
func (ca *CA) IssueClient(now time.Time, name string) (*Identity, error) {
	if name == "" {
		return nil, errors.New("certificate: no name")
	}
	return ca.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		URIs:        []*url.URL{{Scheme: "notbetrieb", Host: "client", Path: "/" + name}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, now)
}

func (ca *CA) issue(t *x509.Certificate, now time.Time) (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	t.SerialNumber = newSerial()
	t.NotBefore, t.NotAfter = now.Add(-early), now.AddDate(0, 0, leafDays)
	if t.NotAfter.After(ca.cert.NotAfter) {
		t.NotAfter = ca.cert.NotAfter
	}
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.BasicConstraintsValid = true
	cert, err := sign(t, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return nil, err
	}
	return &Identity{cert: cert, key: key}, nil
}

// Pool returns the authority alone, for RootCAs or ClientCAs.
func (ca *CA) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(ca.cert)
	return p
}

// TLS returns the certificate as crypto/tls takes it.
func (id *Identity) TLS() tls.Certificate {
	return tls.Certificate{Certificate: append([][]byte{id.cert.Raw}, id.chain...), PrivateKey: id.key, Leaf: id.cert}
}

// ServerTLS returns a configuration for a server: TLS 1.2 or newer, id as its
// certificate. With clients not nil every client must prove itself with a
// certificate from one of these authorities.
func ServerTLS(id *Identity, clients *x509.CertPool) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{id.TLS()}}
	if clients != nil {
		c.ClientCAs, c.ClientAuth = clients, tls.RequireAndVerifyClientCert
	}
	return c
}

const (
	pemCert = "CERTIFICATE"
	pemKey  = "PRIVATE KEY"
)

// WriteCA writes certificate and secret key to two new files. Neither is ever
// overwritten. Only the key is secret.
func WriteCA(certPath, keyPath string, ca *CA) error {
	return writePair(certPath, keyPath, ca.cert, ca.key)
}

// ReadCA reads what WriteCA wrote.
func ReadCA(certPath, keyPath string) (*CA, error) {
	certs, signer, err := readPair(certPath, keyPath)
	if err != nil {
		return nil, err
	}
	key, ok := signer.(*ecdsa.PrivateKey)
	if !ok || !certs[0].IsCA {
		return nil, errors.New("ca: the certificate is none of an authority of this kind")
	}
	return &CA{certs[0], key}, nil
}

// WriteIdentity writes certificate and secret key to two new files.
func WriteIdentity(certPath, keyPath string, id *Identity) error {
	return writePair(certPath, keyPath, id.cert, id.key)
}

// ReadIdentity reads what WriteIdentity wrote, and what the hospital's own
// authority issued: ECDSA, RSA and Ed25519 keys, with the certificates of the
// authorities in between behind the first one.
func ReadIdentity(certPath, keyPath string) (*Identity, error) {
	certs, key, err := readPair(certPath, keyPath)
	if err != nil {
		return nil, err
	}
	id := &Identity{cert: certs[0], key: key}
	for _, c := range certs[1:] {
		id.chain = append(id.chain, c.Raw)
	}
	return id, nil
}

func writePair(certPath, keyPath string, cert *x509.Certificate, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("certificate key: %w", err)
	}
	if err := writeNew(keyPath, pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der})); err != nil {
		return err
	}
	return writeNew(certPath, pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: cert.Raw}))
}

func readPair(certPath, keyPath string) ([]*x509.Certificate, crypto.Signer, error) {
	certs, err := readCerts(certPath)
	if err != nil {
		return nil, nil, err
	}
	b, err := readSecret(keyPath)
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || !strings.HasSuffix(block.Type, pemKey) {
		return nil, nil, badKeyFile("no PEM private key")
	}
	// The standard library knows the forms of keys: PKCS #8, PKCS #1, SEC 1.
	pair, err := tls.X509KeyPair(pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: certs[0].Raw}), b)
	if err != nil {
		return nil, nil, badKeyFile("key and certificate do not belong together, or the key has no known form")
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, nil, badKeyFile("key cannot sign")
	}
	return certs, key, nil
}
