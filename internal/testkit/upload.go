package testkit

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
)

// Upload is one file that a browser hands in.
type Upload struct {
	Name string
	Body []byte
}

// Upload hands in files in one form field, as a browser does, and follows where
// it is sent. values are the form's other fields.
func (p *Person) Upload(path, field string, files []Upload, values ...string) *Page {
	p.t.Helper()
	return p.do(p.handsIn(path, field, files, values), true)
}

// TryUpload is Upload to a hub that may be gone: without an answer there is an
// error and the test goes on. It follows nowhere.
func (p *Person) TryUpload(path, field string, files []Upload, values ...string) (*Page, error) {
	p.t.Helper()
	return p.try(p.handsIn(path, field, files, values), false)
}

// CutUpload is Upload of one file through a line that drops the second half of
// what is sent and calls it all.
func (p *Person) CutUpload(path, field string, file Upload, values ...string) *Page {
	p.t.Helper()
	r := p.handsIn(path, field, []Upload{file}, values)
	r.ContentLength /= 2
	r.Body, r.GetBody = io.NopCloser(io.LimitReader(r.Body, r.ContentLength)), nil
	return p.do(r, true)
}

func (p *Person) handsIn(path, field string, files []Upload, values []string) *http.Request {
	p.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, v := range pairs(values) {
		for _, one := range v {
			if err := w.WriteField(name, one); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(field, f.Name)
		if err != nil {
			p.t.Fatal(err)
		}
		_, _ = part.Write(f.Body) // into memory
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	base := p.base()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, base+path, &b)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept-Language", "de")
	r.Header.Set("Origin", base)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}
