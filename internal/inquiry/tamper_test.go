package inquiry

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// tampered changes a report in every way that somebody might, and each is found.
func tampered(t *testing.T, zipped []byte, v note.Verifier) {
	t.Helper()
	rewrite := func(change func(files map[string][]byte, rep *report)) []byte {
		z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		var names []string
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if files[f.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
			names = append(names, f.Name)
		}
		var rep report
		if err := json.Unmarshal(files["report.json"], &rep); err != nil {
			t.Fatal(err)
		}
		change(files, &rep)
		if files["report.json"], err = json.Marshal(rep); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, n := range names {
			if files[n] == nil {
				continue
			}
			f, err := w.Create(n)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write(files[n]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	if _, broken := Check(rewrite(func(map[string][]byte, *report) {}), v); len(broken) > 0 {
		t.Fatalf("the report as it is: %+v", broken)
	}
	for name, c := range map[string]struct {
		code   string
		change func(files map[string][]byte, rep *report)
	}{
		"a page is left out":      {"chain", func(_ map[string][]byte, r *report) { r.Pages = slices.Delete(r.Pages, 2, 3) }},
		"the last pages are cut":  {"page", func(_ map[string][]byte, r *report) { r.Pages = r.Pages[:3] }},
		"two pages change places": {"chain", func(_ map[string][]byte, r *report) { r.Pages[1], r.Pages[2] = r.Pages[2], r.Pages[1] }},
		"a byte of a page":        {"record", func(_ map[string][]byte, r *report) { r.Pages[2].Body[100] ^= 1 }},
		"a record's number":       {"record", func(_ map[string][]byte, r *report) { r.Pages[2].Seq++ }},
		"a record's time":         {"record", func(_ map[string][]byte, r *report) { r.Pages[2].Received = r.Pages[2].Received.Add(1) }},
		"another key":             {"page", func(_ map[string][]byte, r *report) { r.Pages[2].Key[0] ^= 1 }},
		"the plain text": {"page", func(f map[string][]byte, _ *report) {
			f["pages.txt"] = bytes.Replace(f["pages.txt"], []byte("erste"), []byte("letzte"), 1)
		}},
		"the checkpoint":             {"checkpoint", func(_ map[string][]byte, r *report) { r.Checkpoint = r.Checkpoint[1:] }},
		"an attachment":              {"file", func(f map[string][]byte, r *report) { f[r.Files[0].Path] = []byte("anderer Beleg") }},
		"an attachment is left away": {"file", func(f map[string][]byte, r *report) { delete(f, r.Files[0].Path) }},
	} {
		_, broken := Check(rewrite(c.change), v)
		if !slices.ContainsFunc(broken, func(b Broken) bool { return b.Code == c.code }) {
			t.Errorf("%s: %+v", name, broken)
		}
	}
	for _, b := range [][]byte{nil, []byte("PK"), zipped[:len(zipped)/2]} {
		if _, broken := Check(b, v); len(broken) == 0 {
			t.Errorf("a report of %d bytes is whole", len(b))
		}
	}
}
