package seal

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

const maxCertFile = 1 << 20

// readCerts reads the certificates of a PEM file, at least one.
func readCerts(path string) ([]*x509.Certificate, error) {
	i, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("certificate file: %w", err)
	}
	if i.Size() > maxCertFile {
		return nil, fmt.Errorf("certificate file: %d bytes are too many", i.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("certificate file: %w", err)
	}
	var out []*x509.Certificate
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != pemCert {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate file: %w", err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("certificate file: no certificate in it")
	}
	return out, nil
}
