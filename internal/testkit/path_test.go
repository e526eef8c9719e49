package testkit_test

import (
	"strings"

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
