package numbers

import (
	"errors"
	"fmt"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Block is a run of counters reserved for one node. Its JSON form is how it
// travels to the node.
type Block struct {
	Node string `json:"node"`
	Kind Kind   `json:"kind"`
	Scheme
	From uint64 `json:"from"`
	To   uint64 `json:"to"` // included
}

// Count returns how many numbers the block holds.
func (b Block) Count() uint64 { return b.span().count() }

func (b Block) span() span { return span{b.From, b.To} }

// valid reports what is wrong with a block that came from elsewhere.
func (b Block) valid() error {
	err := b.Scheme.valid()
	if err == nil && (b.From < 1 || b.To < b.From || b.To > b.Last()) {
		err = fmt.Errorf("from %d to %d", b.From, b.To)
	}
	if err == nil && !nodeName(b.Node) {
		err = errors.New("node")
	}
	if err == nil && b.Kind == "" {
		err = errors.New("kind")
	}
	if err == nil {
		return nil
	}
	return fault.Mark(fmt.Errorf("number block: %w", err), fault.Invalid, lang.Text{
		DE: "Dieser Nummernblock ist nicht lesbar. Bitte einen neuen anfordern.",
		EN: "This block of numbers cannot be read. Please ask for another.",
	})
}

// maxNode is the longest name of a node in bytes.
const maxNode = 200

func nodeName(s string) bool { return s != "" && len(s) <= maxNode }

// step says what a record of kind Numbers tells. The words are the stored form
// and never change.
type step string

const (
	reserved step = "reserved" // the hub gives the block to the node
	found    step = "found"    // the node has it, though this journal did not know
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "number block", Version: 1, Most: 64 << 10}

// event is the body of a record of kind Numbers.
type event struct {
	V    int  `json:"v"`
	Step step `json:"t"`
	Block
}

func (e event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

// decodeEvent reads the body of a record of kind Numbers.
func decodeEvent(body []byte) (event, error) {
	var e event
	if err := form.Decode(body, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.valid() != nil || e.Step != reserved && e.Step != found {
		return event{}, journal.ErrBody
	}
	return e, nil
}

var (
	// ErrUsedUp is wrapped when every number of a kind was reserved.
	ErrUsedUp = errors.New("numbers: the range is used up")
	// ErrEmpty is wrapped when a cut-off node has no number left.
	ErrEmpty = errors.New("numbers: the node has none left")
	// ErrTwice is wrapped when a block turns out to belong to two nodes.
	ErrTwice = errors.New("numbers: a block belongs to two nodes")
	// ErrSchemes is wrapped when two schemes can make the same number.
	ErrSchemes = errors.New("numbers: two schemes mix")
)

func usedUp(k Kind, s Scheme) error {
	return fault.Mark(fmt.Errorf("%w: %s %s", ErrUsedUp, k, s), fault.Unavailable, lang.Text{
		DE: fmt.Sprintf("Der Nummernkreis „%s“ ist aufgebraucht. Bitte die IT-Leitstelle anrufen: Er braucht mehr Stellen oder einen anderen Vorsatz.", k),
		EN: fmt.Sprintf("The number range “%s” is used up. Please call the IT desk: it needs more digits or another prefix.", k),
	})
}

func unknownKind(k Kind) error {
	return fault.Newf(fault.Invalid, lang.Text{
		DE: fmt.Sprintf("Für „%s“ ist kein Nummernkreis eingerichtet.", k),
		EN: fmt.Sprintf("No number range is set up for “%s”.", k),
	}, "numbers: no scheme for kind %q", k)
}

// Check reports what is wrong with the schemes of a house: one that is
// malformed, or two that can make the same number. The error's kind is Invalid.
func Check(schemes map[Kind]Scheme) error { return checkSchemes(schemes, nil) }

// checkSchemes refuses schemes that are wrong, or of which two can make the
// same number; besides are those used before, which may be the same.
func checkSchemes(schemes map[Kind]Scheme, besides []Scheme) error {
	for k, s := range schemes {
		if k == "" {
			return unknownKind(k)
		}
		if err := s.valid(); err != nil {
			return err
		}
		for k2, o := range schemes {
			if k < k2 && s.mixesWith(o) {
				return mixed(string(k), string(k2))
			}
		}
		for _, o := range besides {
			if s != o && s.mixesWith(o) {
				return mixed(string(k), o.String())
			}
		}
	}
	return nil
}

func mixed(a, b string) error {
	return fault.Mark(fmt.Errorf("%w: %s and %s", ErrSchemes, a, b), fault.Invalid, lang.Text{
		DE: fmt.Sprintf("Die Nummernkreise „%s“ und „%s“ können dieselbe Nummer ergeben. Bitte verschiedene Vorsätze wählen.", a, b),
		EN: fmt.Sprintf("The number ranges “%s” and “%s” can make the same number. Please choose different prefixes.", a, b),
	})
}
