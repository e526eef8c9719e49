package probe

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"
)

// This file starts the servers that the probes are run against.

// need finds a program of a Debian package. Without it the test is skipped, but
// not where CI says that it is there.
func need(t *testing.T, name, pkg string) string {
	t.Helper()
	places := []string{name, "/usr/sbin/" + name}
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		places = append(places, found[len(found)-1])
	}
	for _, p := range places {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed (package %s); scripts/test-tools installs it", name, pkg)
	}
	t.Skipf("%s is not installed (package %s); scripts/test-tools installs it", name, pkg)
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs a program until the test ends, and returns when its port is open.
func start(t *testing.T, cmd *exec.Cmd, port int) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-gone
		}
	})
	for {
		nc, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			_ = nc.Close()
			return
		}
		select {
		case <-gone:
			t.Fatalf("%s ended: %s", cmd.Path, out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// as makes cmd run as another user where the test is root: PostgreSQL refuses to
// be that.
func as(t *testing.T, name string, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		return cmd
	}
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	cmd.Dir = "/"
	return cmd
}

// postgres starts a database server with the account probe and its password.
func postgres(t *testing.T) (addr string) {
	t.Helper()
	initdb, server := need(t, "initdb", "postgresql"), need(t, "postgres", "postgresql")
	dir, err := os.MkdirTemp("/tmp", "nb-pg-") // a short path: it holds a socket; t.TempDir is not open to another user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if u, err := user.Lookup("postgres"); err == nil && os.Getuid() == 0 {
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	pass := filepath.Join(dir, "pw")
	if err := os.WriteFile(pass, []byte("geheim\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if out, err := as(t, "postgres", exec.Command(initdb, "-D", data, "-U", "probe", "-A", "scram-sha-256", "--pwfile", pass, "-N", "--no-instructions")).CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := freePort(t)
	start(t, as(t, "postgres", exec.Command(server, "-D", data, "-p", strconv.Itoa(port), "-k", dir, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off")), port)
	ready := need(t, "pg_isready", "postgresql") // the port is open before the server serves
	for exec.Command(ready, "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(port)).Run() != nil {
		select {
		case <-t.Context().Done():
			t.Fatal("the database does not get ready")
		case <-time.After(20 * time.Millisecond):
		}
	}
	return "127.0.0.1:" + strconv.Itoa(port)
}

// slapd starts a directory with the account cn=probe,dc=klinik,dc=test.
func slapd(t *testing.T) (addr string) {
	t.Helper()
	program := need(t, "slapd", "slapd")
	dir := t.TempDir()
	conf := filepath.Join(dir, "slapd.conf")
	text := fmt.Sprintf(`include /etc/ldap/schema/core.schema
pidfile %[1]s/pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=klinik,dc=test"
rootdn "cn=probe,dc=klinik,dc=test"
rootpw geheim
directory %[1]s
`, dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	start(t, exec.Command(program, "-h", "ldap://127.0.0.1:"+strconv.Itoa(port), "-f", conf, "-d", "0"), port)
	return "127.0.0.1:" + strconv.Itoa(port)
}

// storescp starts a DICOM receiver of dcmtk.
func storescp(t *testing.T) (addr string) {
	t.Helper()
	program := need(t, "storescp", "dcmtk")
	port := freePort(t)
	start(t, exec.Command(program, "--aetitle", "PACS", "--output-directory", t.TempDir(), strconv.Itoa(port)), port)
	return "127.0.0.1:" + strconv.Itoa(port)
}

// authority signs the certificates of a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Haus"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, cert: cert, pool: x509.NewCertPool()}
	a.pool.AddCert(cert)
	return a
}

// issue makes a certificate for 127.0.0.1, or for name, with an end.
func (a *authority) issue(t *testing.T, name string, from, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kis"}, NotBefore: from, NotAfter: until}
	if name == "" {
		tmpl.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	} else {
		tmpl.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serve answers each connection with f until the test ends.
func serve(t *testing.T, cert *tls.Certificate, f func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	if cert != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*cert}})
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer nc.Close()
				if c, ok := nc.(*tls.Conn); ok && c.Handshake() != nil {
					return
				}
				f(nc)
			}()
		}
	}()
	return addr
}

// mail speaks SMTP as a mail server does; greeting is its first line.
func mail(greeting string, cert *tls.Certificate) func(net.Conn) {
	return func(nc net.Conn) {
		fmt.Fprintf(nc, "%s\r\n", greeting)
		buf := make([]byte, 512)
		for {
			n, err := nc.Read(buf)
			if err != nil {
				return
			}
			switch word := strings.ToUpper(strings.Fields(string(buf[:n]) + " x")[0]); word {
			case "EHLO":
				if cert != nil {
					fmt.Fprint(nc, "250-mail\r\n250 STARTTLS\r\n")
				} else {
					fmt.Fprint(nc, "250 mail\r\n")
				}
			case "STARTTLS":
				fmt.Fprint(nc, "220 ready\r\n")
				nc = tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{*cert}})
				cert = nil
			case "QUIT":
				fmt.Fprint(nc, "221 bye\r\n")
				return
			default:
				fmt.Fprint(nc, "250 ok\r\n")
			}
		}
	}
}

// sqlServer answers as a Microsoft SQL Server does ([MS-TDS], without TLS): it
// takes the account probe with the password geheim and knows the number one.
// There is no such server that could be installed where the tests run.
func sqlServer(nc net.Conn) {
	wide := func(s string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return b
	}
	answer := func(parts ...[]byte) bool {
		body := bytes.Join(parts, nil)
		head := []byte{4, 1, 0, 0, 0, 0, 1, 0} // tabular result, the last packet
		binary.BigEndian.PutUint16(head[2:], uint16(8+len(body)))
		_, err := nc.Write(append(head, body...))
		return err == nil
	}
	counted := func(token byte, body []byte) []byte {
		return append(binary.LittleEndian.AppendUint16([]byte{token}, uint16(len(body))), body...)
	}
	done := append([]byte{0xFD}, make([]byte, 12)...)
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(nc, head); err != nil {
			return
		}
		body := make([]byte, max(int(binary.BigEndian.Uint16(head[2:]))-8, 0))
		if _, err := io.ReadFull(nc, body); err != nil {
			return
		}
		well := false
		switch head[0] {
		case 0x12: // before the sign-in: version and encryption, which is not supported
			well = answer([]byte{0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF}, []byte{16, 0, 0, 0, 0, 0}, []byte{2})
		case 0x10: // the sign-in; its password is scrambled by [MS-TDS] 2.2.6.4
			scrambled := wide("geheim")
			for i, b := range scrambled {
				scrambled[i] = (b<<4 | b>>4) ^ 0xA5
			}
			if bytes.Contains(body, wide("probe")) && bytes.Contains(body, scrambled) {
				name := wide("SQL")
				well = answer(counted(0xAD, slices.Concat([]byte{1, 0x74, 0, 0, 4, 3}, name, []byte{16, 0, 0, 0})), done)
				break
			}
			text := wide("Login failed")
			failed := binary.LittleEndian.AppendUint32(nil, 18456)
			failed = append(failed, 1, 14)
			failed = binary.LittleEndian.AppendUint16(failed, uint16(len(text)/2))
			failed = append(append(failed, text...), 0, 0, 0, 0, 0, 0)
			well = answer(counted(0xAA, failed), append([]byte{0xFD, 2}, make([]byte, 11)...))
		case 0x01: // a batch: one column of type int, one row
			if bytes.Contains(body, wide("select 1")) {
				well = answer([]byte{0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0x38, 0}, []byte{0xD1, 1, 0, 0, 0}, done)
			}
		}
		if !well {
			return
		}
	}
}
