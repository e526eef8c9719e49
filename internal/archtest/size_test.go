package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	maxFile = 700 // lines
	maxFunc = 80  // lines, signature and braces included
)

// TestFilesAndFunctionsStaySmall walks the project's own Go files. Tests and
// pure data tables are exempt: a table grows with the world, not with us.
func TestFilesAndFunctionsStaySmall(t *testing.T) {
	t.Parallel()
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		checkFile(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, path string) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	lines := set.Position(f.End()).Line
	table := strings.Contains(string(src), "// Data table.")
	if lines > maxFile && !table {
		t.Errorf("%s has %d lines; split it by reason to change (limit %d)", path, lines, maxFile)
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1
		if n > maxFunc {
			t.Errorf("%s: %s has %d lines (limit %d)", path, fn.Name.Name, n, maxFunc)
		}
	}
}
