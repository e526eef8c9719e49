package evidence

import (
	"regexp"
	"slices"
	"time"

	"notbetrieb/internal/journal"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "evidence record", Version: 1, Most: 1 << 20}

// Step says what an act did. The words are the stored form and never change.
type Step string

const (
	stepSecured   Step = "secured"
	stepFiles     Step = "files-added"
	stepHanded    Step = "handed-over"
	stepReceipt   Step = "receipt-attached"
	stepGap       Step = "gap"
	stepKept      Step = "kept" // another place or seal, with the same holder
	stepVerified  Step = "verified"
	stepNote      Step = "note"
	stepCorrected Step = "corrected"
	stepEndAsked  Step = "end-asked"
	stepEndOff    Step = "end-called-off"
	stepEnded     Step = "ended"
	stepExported  Step = "exported"
	stepExportEnd Step = "export-ended"
	stepHold      Step = "hold"
	stepLiftAsked Step = "lift-asked"
	stepLiftOff   Step = "lift-called-off"
	stepLifted    Step = "lifted"
)

// The two ways in which an item ends here.
const (
	Returned  = "returned"
	Destroyed = "destroyed"
)

// event is the body of a record of kind Evidence. Each step uses some fields.
type event struct {
	V    int         `json:"v"`
	Step Step        `json:"t"`
	Case string      `json:"case,omitempty"` // "" for holds
	Prev journal.Seq `json:"prev,omitempty"` // the act of this case before it: none can be left out
	Item string      `json:"item,omitempty"` // empty for secured: the record's ID is the item's
	By   Act         `json:"by"`

	Title  string       `json:"title,omitempty"` // of the incident
	Thing  *Thing       `json:"thing,omitempty"`
	Files  []File       `json:"files,omitempty"`
	From   *Party       `json:"from,omitempty"`
	To     *Party       `json:"to,omitempty"`
	Turn   int          `json:"turn,omitempty"` // the line that made the holder, as the form showed it
	At     time.Time    `json:"at,omitzero"`
	Until  time.Time    `json:"until,omitzero"`
	Text   string       `json:"text,omitempty"`
	Intact string       `json:"intact,omitempty"`
	Seal   string       `json:"seal,omitempty"`
	Place  string       `json:"place,omitempty"`
	Checks []Comparison `json:"checks,omitempty"`
	Signed Signed       `json:"signed,omitempty"`
	Of     int          `json:"of,omitempty"`
	Way    string       `json:"way,omitempty"`
	Scope  *Scope       `json:"scope,omitempty"`
	Hold   string       `json:"hold,omitempty"`
	Export string       `json:"export,omitempty"`
	For    string       `json:"for,omitempty"`
	Items  []string     `json:"items,omitempty"`
	Digest string       `json:"digest,omitempty"`

	Logbook *logLine `json:"logbook,omitempty"`

	clock bool // the time is that of the clock: nobody said one
}

func (e event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

// decodeEvent reads the body of a record of kind Evidence. It never returns an
// act that lacks what its step needs.
func decodeEvent(body []byte) (event, error) {
	var e event
	if err := form.Decode(body, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.By.At.IsZero() || !e.whole() {
		return event{}, journal.ErrBody
	}
	return e, nil
}

// ofHolds reports whether the step is about a hold and not about a case.
func (s Step) ofHolds() bool {
	return s == stepHold || s == stepLiftAsked || s == stepLiftOff || s == stepLifted
}

// ofItem reports whether the step is a line of an item's chain.
func (s Step) ofItem() bool {
	return !s.ofHolds() && s != stepExported && s != stepExportEnd
}

var sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (f File) whole() bool {
	return sha256Form.MatchString(f.Hash) && f.Size >= 0 && f.Name != "" && slices.Contains([]Role{Content, Photo, Receipt, Signature}, f.Role)
}

// whole reports whether the event has what its step needs.
func (e *event) whole() bool {
	if e.By.Person == "" && e.Step != stepHold && e.Step != stepExportEnd || (e.Case == "") != e.Step.ofHolds() {
		return false
	}
	if e.Step.ofItem() && (e.Item == "") != (e.Step == stepSecured) || slices.ContainsFunc(e.Files, func(f File) bool { return !f.whole() }) {
		return false
	}
	switch e.Step {
	case stepSecured:
		t := e.Thing
		return t != nil && slices.Contains(Kinds(), t.Kind) && t.Title != "" && t.Found != "" && t.Place != "" && t.Taken.Name != "" && !t.At.IsZero()
	case stepFiles:
		return len(e.Files) > 0
	case stepHanded:
		return e.From != nil && e.To != nil && e.From.Name != "" && e.To.Name != "" && e.Turn > 0 && !e.At.IsZero() && e.Text != "" &&
			slices.Contains([]Signed{OnScreen, OnPaper, Refused}, e.Signed) && (e.Signed == OnScreen) == slices.ContainsFunc(e.Files, func(f File) bool { return f.Role == Signature })
	case stepReceipt:
		return e.Of > 0 && len(e.Files) == 1 && e.Files[0].Role == Receipt
	case stepGap:
		return e.From != nil && e.To != nil && e.To.Name != "" && e.Turn > 0 && !e.At.IsZero() && !e.Until.Before(e.At) && e.Text != ""
	case stepKept:
		return (e.Place != "" || e.Seal != "") && e.Text != ""
	case stepVerified:
		return len(e.Checks) > 0
	case stepNote:
		return e.Text != ""
	case stepCorrected:
		return e.Text != "" && e.Of > 0
	case stepEndAsked:
		return e.Text != "" && e.Turn > 0 && (e.Way == Returned && e.To != nil && e.To.Name != "" || e.Way == Destroyed)
	case stepEndOff, stepEnded:
		return e.Of > 0
	case stepExported:
		return e.For != "" && e.Text != ""
	case stepExportEnd:
		return e.Export != "" && sha256Form.MatchString(e.Digest)
	case stepHold:
		s := e.Scope
		return s != nil && e.Text != "" && (s.Whole || !s.From.IsZero() || len(s.Patients) > 0) && (s.Case == "" || s.Whole || !s.From.IsZero() || len(s.Patients) > 0)
	case stepLiftAsked:
		return e.Hold != "" && e.Text != ""
	case stepLiftOff, stepLifted:
		return e.Hold != ""
	}
	return false
}
