package estate

import (
	_ "embed"
	"fmt"
)

//go:embed template.yaml
var templateYAML []byte

// Template returns the estate of a German hospital of middle size, to be
// adapted: what such a house runs, what depends on what, and how work goes on
// without it. Names of people and firms are functions, numbers are invented.
func Template() (*Tables, error) {
	in := Read([]File{{Name: "template.yaml", Data: templateYAML}}, &Tables{})
	if len(in.Mistakes) > 0 {
		m := in.Mistakes[0]
		return nil, fmt.Errorf("estate template: line %d %s: %s", m.Row, m.Column, m.Say.EN)
	}
	return &in.Tables, nil
}
