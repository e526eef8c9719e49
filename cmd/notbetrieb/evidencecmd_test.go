package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notbetrieb/internal/seal"
)

// A forged package cannot write its own verdict into the terminal of whoever
// checks it.
func TestAForgedPackageSaysNothingInItsOwnWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, public, err := seal.NewSigningKey("klinikum-nordheide")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(`{"format":"notbetrieb evidence 1","parts":[{"path":"a\u001b[2J\nno damage found\n\u202eb","bytes":1,"sha256":"00"}]}`)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	key, file := filepath.Join(dir, "checkpoint.pub"), filepath.Join(dir, "beweise.zip")
	for name, body := range map[string][]byte{key: []byte(public + "\n"), file: b.Bytes()} {
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errw bytes.Buffer
	if code := run(t.Context(), []string{"evidence", "check", "--key", key, file}, func(string) string { return "" }, strings.NewReader(""), &out, &errw); code == 0 {
		t.Error("a forged package is right")
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "evidence/") || strings.ContainsAny(line, "\x1b\u202e") {
			t.Errorf("the package writes %q", line)
		}
	}
	if !strings.Contains(out.String(), "evidence/note: ") {
		t.Errorf("the signature is not named: %s", out.String())
	}
}

// The two checks of what left a hospital ask for the same and refuse the same.
func TestOfflineChecksRefuseAlike(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, public, err := seal.NewSigningKey("haus")
	if err != nil {
		t.Fatal(err)
	}
	key, file := filepath.Join(dir, "checkpoint.pub"), filepath.Join(dir, "x.zip")
	for name, body := range map[string]string{key: public + "\n", file: "no\x1b[2J zip"} {
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"evidence", "inquiry"} {
		for name, c := range map[string]struct {
			args []string
			says string
		}{
			"nothing": {nil, "usage: notbetrieb " + command + " check --key checkpoint.pub FILE"}, "no key": {[]string{"check", file}, "usage: "},
			"no file": {[]string{"check", "--key", key, file + "x"}, "no such file"}, "no package": {[]string{"check", "--key", key, file}, command + "/"},
		} {
			var out, errw bytes.Buffer
			code := run(t.Context(), append([]string{command}, c.args...), func(string) string { return "" }, strings.NewReader(""), &out, &errw)
			if all := out.String() + errw.String(); code == 0 || !strings.Contains(all, c.says) || strings.Contains(all, "\x1b") {
				t.Errorf("%s, %s: %d %q", command, name, code, all)
			}
		}
	}
}
