// Package evidence keeps what is secured in an incident: servers, disks, logs,
// telephones and files, each with its description, hashes, seal and place, and
// the chain of who had it from when to when. It also keeps the legal holds that
// stop retention.
//
// Everything is folded from records of the journal. Files that are taken in lie
// encrypted beside it; the journal holds their hash and size. Nothing here is
// ever changed or taken away: a correction is a new line, and a gap in the chain
// is written down as one. (ISO/IEC 27037; BSI, Leitfaden IT-Forensik.)
package evidence

import (
	"strings"
	"time"

	"notbetrieb/internal/journal"
)

// Act is who did a thing and when it was written down.
type Act struct {
	Person string    `json:"person,omitempty"` // sign-in name; "" for what the hub did by itself
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
	Key    string    `json:"key,omitempty"` // command key of the form: the same key again is the same act
}

// Done reports whether somebody has acted.
func (a Act) Done() bool { return !a.At.IsZero() }

// Party is somebody who has or gets an item: a person of the house or one
// outside with an organisation.
type Party struct {
	Name  string `json:"name"`
	Org   string `json:"org,omitempty"`   // "" is the house itself
	Reach string `json:"reach,omitempty"` // telephone, file number there
}

// Same reports whether both are the same person.
func (p Party) Same(o Party) bool {
	return strings.EqualFold(p.Name, o.Name) && strings.EqualFold(p.Org, o.Org)
}

// String is the party as one line.
func (p Party) String() string {
	if p.Org == "" {
		return p.Name
	}
	return p.Name + " (" + p.Org + ")"
}

// Kind is what an item is.
type Kind string

// Kinds returns every kind in the order of the form.
func Kinds() []Kind {
	return []Kind{"server", "computer", "disk", "phone", "network", "backup", "log", "image", "file", "paper", "other"}
}

// Powers returns how a device can have been found: switched on, off, or nobody
// knows; "" for things without power.
func Powers() []string { return []string{"on", "off", "unknown", ""} }

// Volatiles returns what can have become of memory and network state: secured,
// not secured, or there was none.
func Volatiles() []string { return []string{"yes", "no", ""} }

// Hash is a digest that somebody typed in: of an image that stays outside.
type Hash struct {
	Alg   string `json:"alg"` // MD5, SHA-1, SHA-256, SHA-512
	Value string `json:"value"`
	Of    string `json:"of,omitempty"` // what it is the hash of
}

// Thing is the description of an item, as it was when it was secured.
type Thing struct {
	Kind     Kind      `json:"kind"`
	Title    string    `json:"title"`
	Serial   string    `json:"serial,omitempty"` // make and serial number
	Found    string    `json:"found"`            // where
	At       time.Time `json:"at"`               // when it was secured
	Power    string    `json:"power,omitempty"`
	Volatile string    `json:"volatile,omitempty"`
	Taken    Party     `json:"taken"` // who secured it: the first who has it
	Tool     string    `json:"tool,omitempty"`
	Version  string    `json:"version,omitempty"`
	Blocker  string    `json:"blocker,omitempty"` // write blocker
	Seal     string    `json:"seal,omitempty"`    // number of the bag or seal
	Place    string    `json:"place"`             // where it is kept
	Size     string    `json:"size,omitempty"`    // of an image that stays outside, as written on it
	Hashes   []Hash    `json:"hashes,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// Role is what a file is for.
type Role string

const (
	Content   Role = "content"   // the evidence itself
	Photo     Role = "photo"     // a picture of the item, its seal, its place
	Receipt   Role = "receipt"   // a signed receipt that was scanned or photographed
	Signature Role = "signature" // drawn on the screen
)

// File is a file that was taken in. Its bytes lie in the [Store].
type File struct {
	Hash  string `json:"sha256"` // of the bytes, hexadecimal
	Size  int64  `json:"bytes"`
	Name  string `json:"name"`
	Media string `json:"media,omitempty"` // image/jpeg, image/png, application/pdf; else ""
	Role  Role   `json:"role"`
	Entry int    `json:"entry,omitempty"` // of the chain, set by the fold
}

// Comparison is one comparison of hashes at a hand-over.
type Comparison struct {
	Of   string `json:"of"`
	Alg  string `json:"alg"`
	Want string `json:"want"`
	Got  string `json:"got"`            // "" where nothing could be read
	Here bool   `json:"here,omitempty"` // worked out here from the file that is held
}

// Right reports whether the hash is the one of the beginning.
func (c Comparison) Right() bool { return c.Got != "" && strings.EqualFold(c.Want, c.Got) }

// Signed says how a hand-over was signed.
type Signed string

const (
	OnScreen Signed = "screen"
	OnPaper  Signed = "paper"
	Refused  Signed = "refused"
)

// Entry is one line of an item's chain.
type Entry struct {
	Number  int
	Seq     journal.Seq
	Step    Step
	By      Act
	At      time.Time // when it happened
	Until   time.Time // end of a gap
	From    Party
	To      Party
	Text    string // reason, note
	Intact  string // of the seal: yes, no, "" for none
	Seal    string // new one
	Place   string // new one
	Checks  []Comparison
	Signed  Signed
	Files   []File
	Of      int    // the line it corrects, completes or confirms
	Receipt string // hash of the scanned receipt of this line, attached later
	Way     string // of an end: returned or destroyed
}

// Since is from when on the one who got the item by the line has it: of a gap,
// from its end.
func (e Entry) Since() time.Time {
	if e.Until.IsZero() {
		return e.At
	}
	return e.Until
}

// Deviates reports whether a hash was not the one of the beginning.
func (e Entry) Deviates() bool {
	for _, c := range e.Checks {
		if !c.Right() {
			return true
		}
	}
	return false
}

// Unsigned reports whether the signed paper is still missing.
func (e Entry) Unsigned() bool { return e.Signed == OnPaper && e.Receipt == "" }

// Item is one thing that was secured, as it stands. It is never changed: what
// is read stays as of one record.
type Item struct {
	ID     string
	Case   string // the incident
	Ref    string // on the label: B3-0012 is the twelfth of the third case
	Number int    // in its case
	Thing
	Holder  Party
	Stored  string // place where it is kept now
	Sealed  string // number of the seal that is on it now
	Turn    int    // the line that made the holder: a form shows it
	Files   []File
	Entries []Entry
	Asked   int    // the line that asks for the end; 0 for none
	Ended   string // returned or destroyed
}

// Gaps returns how many gaps its chain has.
func (i *Item) Gaps() int {
	n := 0
	for _, e := range i.Entries {
		if e.Step == stepGap {
			n++
		}
	}
	return n
}

// Deviates reports whether a hash was ever not the one of the beginning.
func (i *Item) Deviates() bool {
	for _, e := range i.Entries {
		if e.Deviates() {
			return true
		}
	}
	return false
}

// Awaited returns the lines whose signed paper is still missing.
func (i *Item) Awaited() []Entry {
	var out []Entry
	for _, e := range i.Entries {
		if e.Unsigned() {
			out = append(out, e)
		}
	}
	return out
}

// File returns the file with a hash.
func (i *Item) File(hash string) (File, bool) {
	for _, f := range i.Files {
		if f.Hash == hash {
			return f, true
		}
	}
	return File{}, false
}

// Case is the evidence of one incident.
type Case struct {
	ID      string
	Number  int // in the order of the first items
	Title   string
	Items   []*Item
	Exports []Export
	Last    journal.Seq // the newest act; each names the one before it
}

// Export is a package that left the house.
type Export struct {
	ID     string
	Seq    journal.Seq
	By     Act
	For    string // who got it
	Why    string
	Items  []string // whose files are in it; none: all
	Digest string   // SHA-256 of its manifest; "" where the transfer broke off
	Done   Act
}

// Scope is what a hold keeps.
type Scope struct {
	Whole    bool      `json:"whole,omitempty"`
	From     time.Time `json:"from,omitzero"` // records received from then on …
	To       time.Time `json:"to,omitzero"`   // … to then; zero: open
	Patients []string  `json:"patients,omitempty"`
	Case     string    `json:"case,omitempty"` // the incident it is about, whose logbook tells it
}

// Hold stops the dropping of old records.
type Hold struct {
	ID     string
	Seq    journal.Seq
	Scope  Scope
	Why    string
	Set    Act
	Asked  Act // somebody asked to lift it
	Asking string
	Lifted Act
}

// Stands reports whether the hold keeps records.
func (h Hold) Stands() bool { return !h.Lifted.Done() }
