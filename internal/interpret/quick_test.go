package interpret

import (
	"os"
	"testing"
	"time"
	"fmt"

	"notbetrieb/internal/journal"
)

func TestQuick(t *testing.T) {
	z, _ := time.LoadLocation("Europe/Berlin")
	s, err := Compile(Tables{Identity: IdentityTable{Authority: "KIS"}}, z)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range os.Args[len(os.Args)-3:] {
		raw, err := os.ReadFile(f)
		if err != nil { continue }
		fmt.Println(dump(s.Record(journal.Record{Seq: 1, Source: "x", Kind: journal.HL7, Body: raw})))
	}
}
