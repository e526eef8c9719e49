package seal

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
)

func TestBoxIsXAES256GCM(t *testing.T) {
	t.Parallel()
	// The two vectors of the XAES-256-GCM specification (C2SP).
	tests := []struct {
		name     string
		key      byte
		aad, hex string
	}{
		{"derived key with the top bit clear", 1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		{"derived key with the top bit set", 3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := Key(bytes.Repeat([]byte{tt.key}, KeySize))
			nonce := [nonceSize]byte([]byte("ABCDEFGHIJKLMNOPQRSTUVWX"))
			got := NewBox(k).sealWith(nil, []byte("XAES-256-GCM"), []byte(tt.aad), nonce)
			if h := hex.EncodeToString(got[nonceSize:]); h != tt.hex {
				t.Errorf("got %s, want %s", h, tt.hex)
			}
		})
	}
}

func TestBoxOpensOnlyWhatItSealed(t *testing.T) {
	t.Parallel()
	b := NewBox(NewKey())
	plain := []byte("Frau Dr. Käthe von der Heide-Öztürk")
	sealed := b.Seal([]byte("x"), plain, []byte("place 1"))[1:]
	got, err := b.Open(nil, sealed, []byte("place 1"))
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("got %q, %v", got, err)
	}
	for i := range len(sealed) * 8 {
		bad := bytes.Clone(sealed)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := b.Open(nil, bad, []byte("place 1")); !errors.Is(err, ErrForged) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
	}
	if _, err := b.Open(nil, sealed, []byte("place 2")); !errors.Is(err, ErrForged) {
		t.Errorf("other place: %v", err)
	}
	if _, err := NewBox(NewKey()).Open(nil, sealed, []byte("place 1")); !errors.Is(err, ErrForged) {
		t.Errorf("other key: %v", err)
	}
	if _, err := b.Open(nil, sealed[:Overhead-1], nil); !errors.Is(err, ErrForged) {
		t.Errorf("too short: %v", err)
	}
	if again := b.Seal(nil, plain, nil); bytes.Equal(again, b.Seal(nil, plain, nil)) {
		t.Error("the same plaintext twice gave the same bytes")
	}
}

func TestKeyNeverShowsItself(t *testing.T) {
	t.Parallel()
	k := NewKey()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k, "in", struct{ K Key }{k})
	all := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		all += fmt.Sprintf(verb, k) + fmt.Sprintf(verb, &k)
	}
	for _, n := range []string{hex.EncodeToString(k[:4]), fmt.Sprintf("%d %d", k[0], k[1]), fmt.Sprintf("%d,%d", k[0], k[1])} {
		if strings.Contains(strings.ToLower(all), n) {
			t.Errorf("the key shows: %s in %s", n, all)
		}
	}
	if !strings.Contains(all, "[key]") {
		t.Error("want [key]")
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	t.Parallel()
	k := NewKey()
	if k.Derive("a") == k.Derive("b") || k.Derive("a") == k || k.Derive("a") != k.Derive("a") {
		t.Error("derived keys must be stable and differ by purpose")
	}
}

func TestKeyFiles(t *testing.T) {
	t.Parallel()
	dir, k := t.TempDir(), NewKey()
	plain, wrapped := filepath.Join(dir, "key"), filepath.Join(dir, "wrapped")
	if err := WriteKeyFile(plain, k); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadKeyFile(plain); err != nil || got != k {
		t.Fatalf("read: %v", err)
	}
	if err := WriteKeyFile(plain, NewKey()); fault.KindOf(err) != fault.Conflict {
		t.Errorf("overwriting: %v, want a conflict", err)
	}
	if got, err := ReadKeyFile(plain); err != nil || got != k {
		t.Errorf("the file changed: %v", err)
	}
	if err := WriteWrappedKeyFile(wrapped, k, "kurz"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("short passphrase: %v", err)
	}
	if err := WriteWrappedKeyFile(wrapped, k, "sieben Störche über Köln"); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadWrappedKeyFile(wrapped, "sieben Störche über Köln"); err != nil || got != k {
		t.Fatalf("wrapped: %v", err)
	}
	if _, err := ReadWrappedKeyFile(wrapped, "sieben Störche über Bonn"); !errors.Is(err, ErrPassphrase) || fault.KindOf(err) != fault.Forbidden {
		t.Errorf("wrong passphrase: %v", err)
	}
	if _, err := ReadKeyFile(wrapped); !errors.Is(err, ErrWrapped) {
		t.Errorf("wrapped read as plain: %v", err)
	}
	if _, err := ReadKeyFile(filepath.Join(dir, "none")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("missing: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".key-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files stay: %v %v", left, err)
	}
	if err := os.Chmod(plain, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKeyFile(plain); fault.KindOf(err) != fault.Forbidden && os.PathSeparator == '/' {
		t.Errorf("readable by others: %v", err)
	}
}

func TestDamagedKeyFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "one line": plainHead, "no base64": plainHead + "\n???\n", "short": plainHead + "\nAAAA\n",
		"other format": "notbetrieb key 2\nAAAA\n", "huge": strings.Repeat("x", maxKeyFile+1),
		"wrapped short": wrappedHead + "\nAAAA\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadKeyFile(p); err == nil {
				t.Error("read")
			}
			if _, err := ReadWrappedKeyFile(p, "egal egal egal"); err == nil {
				t.Error("read as wrapped")
			}
		})
	}
}

func TestSigningKeyFileSignsAndVerifies(t *testing.T) {
	t.Parallel()
	p := filepath.Join(t.TempDir(), "signer")
	secret, public, err := NewSigningKey("hub.kh-nord")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteSigningKeyFile(p, secret); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSigner(p)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(public + "\n")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: "text\n"}, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
	if err := WriteSigningKeyFile(filepath.Join(t.TempDir(), "x"), "nonsense"); err == nil {
		t.Error("nonsense was written as a key")
	}
}

func TestOwnAuthorityIdentifiesBothSides(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	made, err := NewCA("Klinikum Nord", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteCA(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"), made); err != nil {
		t.Fatal(err)
	}
	ca, err := ReadCA(filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.IssueServer(now, "hub.kh-nord.lan", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteIdentity(filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key"), server); err != nil {
		t.Fatal(err)
	}
	if server, err = ReadIdentity(filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")); err != nil {
		t.Fatal(err)
	}
	client, err := ca.IssueClient(now, "station 3A")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := NewCA("Fremd", now)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := foreign.IssueClient(now, "station 3A")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		c    *tls.Config
		ok   bool
	}{
		{"known client", clientTLS(client, ca.Pool()), true},
		{"no certificate", clientTLS(nil, ca.Pool()), false},
		{"foreign client", clientTLS(stranger, ca.Pool()), false},
		{"server of another authority", clientTLS(client, foreign.Pool()), false},
		{"server certificate as client", clientTLS(server, ca.Pool()), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := handshake(t, ServerTLS(server, ca.Pool()), tt.c); got != tt.ok {
				t.Errorf("got %v, want %v", got, tt.ok)
			}
		})
	}
	if _, err := ReadIdentity(filepath.Join(dir, "s.crt"), filepath.Join(dir, "ca.key")); err == nil {
		t.Error("a key of another certificate was accepted")
	}
	if _, err := ReadCA(filepath.Join(dir, "s.crt"), filepath.Join(dir, "s.key")); err == nil {
		t.Error("a server certificate was accepted as authority")
	}
	if d := server.cert.NotAfter.Sub(now); d > 398*24*time.Hour {
		t.Errorf("server certificate is valid for %s", d)
	}
}

// handshake reports whether a byte gets from client to server and back.
func handshake(t *testing.T, server, client *tls.Config) bool {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.CopyN(c, c, 1)
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	client = client.Clone()
	client.ServerName = "hub.kh-nord.lan"
	c := tls.Client(raw, client)
	if _, err := c.Write([]byte("x")); err != nil {
		return false
	}
	_, err = io.ReadFull(c, make([]byte, 1))
	return err == nil
}

// clientTLS returns a configuration for a client that trusts only servers, and
// proves itself with id if that is not nil.
func clientTLS(id *Identity, servers *x509.CertPool) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: servers}
	if id != nil {
		c.Certificates = []tls.Certificate{id.TLS()}
	}
	return c
}
