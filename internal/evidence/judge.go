package evidence

import (
	"slices"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Reason says why an act has no effect.
type Reason string

const (
	notThere   Reason = "not-there"
	overtaken  Reason = "overtaken"  // another act of the case came between
	elsewhere  Reason = "elsewhere"  // somebody else has it meanwhile
	sameParty  Reason = "same-party" // from and to are one
	tooEarly   Reason = "too-early"  // before the holder had it
	isEnded    Reason = "ended"
	samePerson Reason = "same-person"
	doneBefore Reason = "done-before"
	isAsked    Reason = "end-is-asked"
)

// judge says why e has no effect now, or "". The act is the one it collides with.
func (f *fold) judge(e event) (Reason, Act) {
	if e.Prev != f.lastOf(e.Case) {
		return overtaken, Act{}
	}
	switch {
	case e.Step.ofHolds():
		return f.judgeHold(e)
	case e.Step == stepSecured:
		return "", Act{}
	}
	c := f.find(e.Case)
	if c == nil {
		return notThere, Act{}
	}
	switch e.Step {
	case stepExported:
		return "", Act{}
	case stepExportEnd:
		i := slices.IndexFunc(c.Exports, func(x Export) bool { return x.ID == e.Export })
		switch {
		case i < 0:
			return notThere, Act{}
		case c.Exports[i].Done.Done():
			return doneBefore, c.Exports[i].Done
		}
		return "", Act{}
	}
	i := f.items[e.Item]
	if i == nil || i.Case != e.Case {
		return notThere, Act{}
	}
	return i.judge(e)
}

func (i *Item) judge(e event) (Reason, Act) {
	newest := i.Entries[i.Turn-1]
	switch e.Step {
	case stepReceipt, stepCorrected:
		if e.Of > len(i.Entries) {
			return notThere, Act{}
		}
		if x := i.Entries[e.Of-1]; e.Step == stepReceipt && x.Signed == "" && x.Step != stepEnded {
			return notThere, Act{}
		} else if e.Step == stepReceipt && x.Receipt != "" {
			return doneBefore, x.By
		}
		return "", Act{}
	case stepNote, stepFiles, stepVerified:
		return "", Act{}
	}
	if i.Ended != "" {
		return isEnded, newest.By
	}
	switch e.Step {
	case stepHanded, stepGap, stepEndAsked:
		switch {
		case e.Turn != i.Turn || e.From != nil && !e.From.Same(i.Holder):
			return elsewhere, newest.By
		case i.Asked > 0:
			return isAsked, i.Entries[i.Asked-1].By
		case e.Step != stepEndAsked && e.From.Same(*e.To) && e.Step == stepHanded:
			return sameParty, Act{}
		case !e.At.IsZero() && e.At.Before(newest.Since().Truncate(time.Minute)): // people type minutes
			return tooEarly, newest.By
		}
	case stepEndOff, stepEnded:
		switch {
		case i.Asked == 0 || e.Of != i.Asked:
			return notThere, Act{}
		case e.Step == stepEnded && i.Entries[i.Asked-1].By.Person == e.By.Person:
			return samePerson, i.Entries[i.Asked-1].By
		}
	}
	return "", Act{}
}

func (f *fold) judgeHold(e event) (Reason, Act) {
	if e.Step == stepHold {
		return "", Act{}
	}
	n := slices.IndexFunc(f.holds, func(h Hold) bool { return h.ID == e.Hold })
	if n < 0 {
		return notThere, Act{}
	}
	h := f.holds[n]
	switch {
	case !h.Stands():
		return doneBefore, h.Lifted
	case e.Step == stepLiftAsked && h.Asked.Done():
		return doneBefore, h.Asked
	case e.Step != stepLiftAsked && !h.Asked.Done():
		return notThere, Act{}
	case e.Step == stepLifted && h.Asked.Person == e.By.Person:
		return samePerson, h.Asked
	}
	return "", Act{}
}

// say is the sentence for a refused act.
func (r Reason) say(by lang.Text) (fault.Kind, lang.Text) {
	switch r {
	case notThere:
		return fault.NotFound, lang.Text{DE: "Das gibt es hier nicht oder nicht mehr. Bitte die Seite neu laden.", EN: "This is not here, or no longer. Please reload the page."}
	case overtaken:
		return fault.Conflict, lang.Text{DE: "Gleichzeitig wurde etwas anderes eingetragen. Bitte die Seite neu laden und noch einmal senden.", EN: "Something else was recorded at the same time. Please reload the page and send again."}
	case elsewhere:
		return fault.Conflict, lang.Text{DE: "Das Beweisstück hat inzwischen jemand anderes, eingetragen von " + by.DE + ". Nur wer es hat, kann es übergeben. Es ist nichts eingetragen: bitte die Kette ansehen und das Formular neu öffnen.", EN: "Somebody else has the item meanwhile, recorded by " + by.EN + ". Only who has it can hand it over. Nothing was recorded: please look at the chain and open the form again."}
	case sameParty:
		return fault.Invalid, lang.Text{DE: "Übergeben wird an jemand anderen. Ein anderer Ort oder ein neues Siegel wird unter „Aufbewahrung“ eingetragen.", EN: "It is handed over to somebody else. Another place or a new seal is recorded under “Storage”."}
	case tooEarly:
		return fault.Invalid, lang.Text{DE: "Der Zeitpunkt liegt vor dem letzten Wechsel, eingetragen von " + by.DE + ".", EN: "The time lies before the last change, recorded by " + by.EN + "."}
	case isEnded:
		return fault.Conflict, lang.Text{DE: "Das Beweisstück ist zurückgegeben oder vernichtet: " + by.DE + ".", EN: "The item was returned or destroyed: " + by.EN + "."}
	case samePerson:
		return fault.Conflict, lang.Text{DE: "Das muss eine zweite Person tun. Zuerst war es: " + by.DE + ".", EN: "A second person has to do this. The first was: " + by.EN + "."}
	case doneBefore:
		return fault.Conflict, lang.Text{DE: "Das ist schon eingetragen: " + by.DE + ".", EN: "This is recorded already: " + by.EN + "."}
	case isAsked:
		return fault.Conflict, lang.Text{DE: "Rückgabe oder Vernichtung ist beantragt: " + by.DE + ". Erst bestätigen oder zurückziehen.", EN: "Return or destruction was asked for: " + by.EN + ". Confirm it or call it off first."}
	}
	return fault.Conflict, lang.Text{DE: "Das geht jetzt nicht.", EN: "This is not possible now."}
}
