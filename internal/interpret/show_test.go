package interpret

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"notbetrieb/internal/journal"
)

func TestShow(t *testing.T) {
	s := openSite(t)
	for _, f := range strings.Fields(os.Getenv("SHOW")) {
		raw, _ := os.ReadFile(f)
		for _, m := range messagesOf(raw) {
			fmt.Println(f, dump(s.Record(journal.Record{Seq: 1, Source: "x", Kind: journal.HL7, Body: live(m)})))
		}
	}
}
