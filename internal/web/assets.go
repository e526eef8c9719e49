package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"notbetrieb/internal/typeface"
)

//go:embed assets
var assetFiles embed.FS

// bundle is every asset by name, and the hash of them all, which stands in
// their addresses: a changed asset has a new address, so each may be kept for
// ever.
type bundle struct {
	hash  string
	files map[string][]byte
}

// assets is read once; it never changes.
var assets = readAssets()

func readAssets() bundle {
	b := bundle{files: map[string][]byte{}}
	for _, name := range []string{"app.js", "icon.svg"} {
		b.files[name] = must(assetFiles.ReadFile("assets/" + name))
	}
	var css bytes.Buffer
	for _, name := range []string{"fonts.css", "kit.css", "print.css"} {
		css.Write(must(assetFiles.ReadFile("assets/" + name)))
	}
	sheets := must(fs.Glob(templates, "pages/*/page.css"))
	slices.Sort(sheets)
	for _, name := range sheets {
		css.Write(must(templates.ReadFile(name)))
	}
	b.files["kit.css"] = css.Bytes()
	for _, f := range typeface.Faces() {
		b.files[string(f)+".woff2"] = must(typeface.WOFF2(f))
	}
	b.files["OFL.txt"] = must(typeface.Licence())

	names := make([]string, 0, len(b.files))
	for n := range b.files {
		names = append(names, n)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, n := range names {
		fmt.Fprintf(h, "%s %d\n", n, len(b.files[n]))
		h.Write(b.files[n])
	}
	b.hash = hex.EncodeToString(h.Sum(nil))[:16]
	return b
}

// must is for files embedded in the program: they are there or it was built
// wrong.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func assetURL(name string) string { return "/assets/" + assets.hash + "/" + name }

// serveAsset answers /assets/{hash}/{name}.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	b, ok := assets.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) {
	case ".woff2":
		kind = "font/woff2"
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("hash") == assets.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.HasSuffix(name, ".woff2") {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
	_, _ = w.Write(b)
}
