package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Keys are the secrets of one node.
type Keys struct {
	Root     seal.Key      // everything at rest is encrypted under keys derived from it
	Signer   note.Signer   // signs checkpoints
	Verifier note.Verifier // what witnesses check them with
}

// The files beside the master key.
const (
	signKeyFile   = "checkpoint.key"
	publicKeyFile = "checkpoint.pub"
)

// CreateKeys writes a fresh master key to path and the checkpoint keys beside
// it. With a passphrase the master key is wrapped by it. An existing key is
// never overwritten.
func CreateKeys(path, signerName, passphrase string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("key folder: %w", err)
	}
	root := seal.NewKey()
	var err error
	if passphrase == "" {
		err = seal.WriteKeyFile(path, root)
	} else {
		err = seal.WriteWrappedKeyFile(path, root, passphrase)
	}
	if err != nil {
		return err
	}
	secret, public, err := seal.NewSigningKey(signerName)
	if err != nil {
		return err
	}
	if err := seal.WriteSigningKeyFile(filepath.Join(dir, signKeyFile), secret); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, publicKeyFile), []byte(public+"\n"), 0o644); err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	return nil
}

// OpenKeys reads the master key at path and the checkpoint keys beside it;
// passphrase is used where the master key is wrapped.
func OpenKeys(path, passphrase string) (Keys, error) {
	var k Keys
	var err error
	dir := filepath.Dir(path)
	if passphrase == "" {
		k.Root, err = seal.ReadKeyFile(path)
	} else {
		k.Root, err = seal.ReadWrappedKeyFile(path, passphrase)
	}
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return Keys{}, fault.Mark(err, fault.NotFound, lang.Text{
				DE: "Die Schlüsseldatei fehlt. „notbetrieb init“ legt Schlüssel an.",
				EN: "The key file is missing. “notbetrieb init” makes the keys.",
			})
		}
		return Keys{}, err
	}
	if k.Signer, err = seal.ReadSigner(filepath.Join(dir, signKeyFile)); err != nil {
		return Keys{}, err
	}
	public, err := os.ReadFile(filepath.Join(dir, publicKeyFile))
	if err != nil {
		return Keys{}, fmt.Errorf("public key: %w", err)
	}
	if k.Verifier, err = seal.NewVerifier(strings.TrimSpace(string(public))); err != nil {
		return Keys{}, err
	}
	return k, nil
}

// CreateCA writes the node's own certificate authority and a server
// certificate for hosts into dir.
func CreateCA(dir, hospital string, hosts []string, now time.Time) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("certificate folder: %w", err)
	}
	ca, err := seal.NewCA(hospital+" Notbetrieb CA", now)
	if err != nil {
		return err
	}
	if err := seal.WriteCA(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key"), ca); err != nil {
		return err
	}
	id, err := ca.IssueServer(now, hosts...)
	if err != nil {
		return err
	}
	return seal.WriteIdentity(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"), id)
}

// Issued names the files of a certificate that was made.
type Issued struct{ Cert, Key, CA string }

// IssueFeed makes a certificate of the node's own authority for the sender of a
// feed and writes it with its secret key to out. The authority lies beside the
// pages' certificate, where init has put both. Files are never overwritten.
// Errors: NotFound for a feed that the configuration does not name and for an
// authority that is not there.
func IssueFeed(cfg config.Config, feed, out string, now time.Time) (Issued, error) {
	if !slices.ContainsFunc(cfg.Feeds, func(f config.Feed) bool { return f.Name == feed && f.Kind == config.MLLP }) {
		return Issued{}, fault.New(fault.NotFound, lang.Text{
			DE: "Die Konfiguration kennt keinen solchen Eingang vom Typ mllp.", EN: "The configuration knows no such feed of kind mllp.",
		})
	}
	dir := filepath.Dir(cfg.Web.TLS.Cert)
	i := Issued{Cert: filepath.Join(out, feed+".pem"), Key: filepath.Join(out, feed+".key"), CA: filepath.Join(dir, "ca.pem")}
	ca, err := seal.ReadCA(i.CA, filepath.Join(dir, "ca.key"))
	if errors.Is(err, os.ErrNotExist) || cfg.Web.TLS.Cert == "" {
		return Issued{}, fault.Newf(fault.NotFound, lang.Text{
			DE: "Die eigene Zertifizierungsstelle (ca.pem, ca.key) liegt nicht neben web.tls.cert.",
			EN: "The own authority (ca.pem, ca.key) does not lie beside web.tls.cert.",
		}, "cert: %v", err)
	}
	if err != nil {
		return Issued{}, err
	}
	id, err := ca.IssueClient(now, feed)
	if err != nil {
		return Issued{}, err
	}
	return i, seal.WriteIdentity(i.Cert, i.Key, id)
}
