package chart

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// head is the folded document of one identity, without the bulky lists, which
// are kept in chapters. One message rewrites it and the chapters it touches.
type head struct {
	P     Patient // Stays, Results, Documents and Doses are empty; Linked names only direct links
	Stays []stay
	Cases []clinical.CaseNo // every case that was sent with this identity
	Cut   []cut             // merges that the sender took back

	IntoBy clinical.Origin // of P.Into
	Marks  []keptMark      // newest critical results and abnormal vital signs
	Fresh  []freshDoc      // newest documents
	Given  []lastGiven     // newest doses of each prescription

	Wrote              uint32 // one bit for each section that has results written here
	WroteFrom, WroteTo int    // first and last day of them
}

// cut remembers that From was taken out of this identity, so that an older
// merge message that comes late does not bring it back.
type cut struct {
	From clinical.PatientKey
	By   clinical.Origin
}

type keptMark struct {
	Key   string // of the result
	Vital bool
	Score bool // a NEWS2, kept also where nobody need act on it
	M     Mark
}

type freshDoc struct {
	ID string
	At time.Time
}

// lastGiven is one of the newest answers to planned doses.
type lastGiven struct {
	Prescription string
	ID           string
	At           time.Time
	Due          time.Time
	Until        time.Time
	Status       clinical.DoseStatus
}

// Chapters of a patient's documents. The number is part of the key on disk.
const (
	chapterResults   = 0  // + section number
	chapterDocuments = 20 // by day
	chapterDoses     = 21 // by day
	chapterSources   = 22 // by month
	chapterHomes     = 30 // + section number: which days hold the results of an order
	chapterDocHomes  = 52
	chapterNumbers   = 53 // order numbers of which the giver was said
)

// chapter is one part of a patient's lists; only the field of its kind is used.
type chapter struct {
	Results   []Item[clinical.Result]
	Documents []Item[clinical.Document]
	Doses     []Item[clinical.Dose]
	Sources   []Source
	Homes     []home
}

// home says on which days the entries under one number are kept, and for a
// replaced document under which number it is now; in the chapter of numbers, who
// gave it.
type home struct {
	Number string
	Days   []int
	To     string
}

// sections gives each section its number on disk.
func sections() []clinical.Section {
	return []clinical.Section{
		clinical.Laboratory, clinical.Microbiology, clinical.Vitals, clinical.Radiology, clinical.Endoscopy,
		clinical.Cardiology, clinical.Pathology, clinical.Surgery, clinical.Consult, clinical.Nursing,
		clinical.Pharmacy, clinical.OtherSection, clinical.Transport, clinical.Diet,
	}
}

func sectionNumber(s clinical.Section) int {
	if i := slices.Index(sections(), s); i >= 0 {
		return i
	}
	return slices.Index(sections(), clinical.OtherSection)
}

// dayOf is the number of the day of t in the hospital's zone, counted from
// 1970-01-01.
func (r rules) dayOf(t time.Time) int {
	_, offset := t.In(r.zone).Zone()
	sec := t.Unix() + int64(offset)
	day := sec / 86400
	if sec%86400 < 0 {
		day--
	}
	return int(day)
}

// stayOf returns the stay with this case, or one that was merged into it; it is
// made if make is set.
func (h *head) stayOf(no clinical.CaseNo, create bool) *stay {
	for i := range h.Stays {
		if s := &h.Stays[i]; s.S.Case == no || no != "" && slices.Contains(s.S.Also, no) {
			return s
		}
	}
	if !create {
		return nil
	}
	h.Stays = append(h.Stays, stay{S: Stay{Case: no}})
	return &h.Stays[len(h.Stays)-1]
}

// addIDs remembers identifiers under which the sender knows the person.
func (h *head) addIDs(ids []clinical.Identifier) {
	for _, id := range ids {
		i := slices.IndexFunc(h.P.IDs, func(k clinical.Identifier) bool {
			return k.Value == id.Value && k.Authority == id.Authority
		})
		if i < 0 {
			h.P.IDs = append(h.P.IDs, id)
		} else if id.Type != "" {
			h.P.IDs[i].Type = id.Type
		}
	}
}
