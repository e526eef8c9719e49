package testkit_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"notbetrieb/internal/testkit"
)

// chartOf returns the address of a patient's chart, as the ward list links it.
func chartOf(ward *testkit.Page, kase string) string {
	return ward.Attr("tr[data-case="+kase+"] a.rowlink", "href")
}

func underPath(link, prefix string) bool { return strings.HasPrefix(link, prefix) }

// cut splits /patient/key/rest.
func cut(path string) (patient, key, rest string) {
	f := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	f = append(f, "", "")
	return f[0], f[1], f[2]
}

// lines keeps what is logged.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// messageText reads a message of testdata as it stands there.
func messageText(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
