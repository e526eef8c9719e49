package web

import (
	"io/fs"
	"testing"
)

func TestEveryPageParses(t *testing.T) {
	t.Parallel()
	all := must(fs.Glob(templates, "pages/*/page.tmpl"))
	if len(drawings) != 2*len(all) {
		t.Errorf("%d drawings in two languages of %d pages", len(drawings), len(all))
	}
	for _, parsed := range drawings {
		parsed() // panics on a template that does not parse
	}
}
