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
