package callout

import (
	"slices"
	"strings"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
)

// maxShort is the room of an SMS: two parts of 153 (see gsm.go).
const maxShort = 306

// minSaid is the room that is always left for what it is about.
const minSaid = 60

// head is the loud first word of every text.
func (c *Callout) head(clear bool) string {
	word := "ALARM"
	switch {
	case clear:
		word = "ENTWARNUNG"
	case c.Ask == Read:
		word = "HINWEIS"
	}
	if c.Drill {
		return "PROBEALARM (ÜBUNG) " + word
	}
	return word
}

// text is what a person is told at length. The texts are German, as the paper of
// the crisis team is.
func (b *Book) text(c *Callout, post Post, x Person) string {
	lines := []string{c.head(false) + ": " + c.Name, b.o.Hospital, "", c.Title}
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, label+value)
		}
	}
	add("", c.Text)
	for _, l := range c.Lines() {
		add("– ", l)
	}
	lines = append(lines, "")
	if c.Drill {
		lines = append(lines, "Das ist eine Übung. Bitte nur antworten, nicht kommen.")
	}
	add("Für: ", x.Name)
	add("Gerufen als: ", post.Function)
	add("Wohin: ", c.Place)
	add("Rückruf: ", c.Phone)
	lines = append(lines, "", "Antworten:")
	if link := b.link(c, x); link != "" {
		lines = append(lines, link, "oder den Code "+x.Code+" nennen")
	} else {
		lines = append(lines, "den Code "+x.Code+" nennen")
	}
	if b.o.Answers != "" {
		lines[len(lines)-1] += " oder als SMS senden: " + b.o.Answers
	}
	lines = append(lines, "", "Ohne Antwort wird die Vertretung gerufen. Alarmiert "+c.Started.At.In(b.o.Zone).Format("02.01.2006 15:04")+" Uhr.")
	return strings.Join(lines, "\n")
}

// short is what fits into an SMS. How to answer is never cut off, and some of
// what it is about always stands there.
func (b *Book) short(c *Callout, x Person) string {
	answer := " Antwort: Code " + x.Code
	if b.o.Answers != "" {
		answer += " an " + b.o.Answers
	}
	if link := b.link(c, x); link != "" {
		answer += " oder " + link
	}
	said := c.head(false) + " "
	if c.shares(x) {
		said += "für " + x.Name + ": "
	}
	said += b.o.Hospital + ", " + c.Name + ": " + c.Title + "."
	for i, l := range c.Lines() {
		if i > 0 { // the first is in the title
			said += " " + l + "."
		}
	}
	answer, said = gsm(answer), gsm(said)
	room := maxShort - gsmSize(answer)
	where, phone := "", ""
	if c.Phone != "" {
		phone = gsm(" Tel. " + c.Phone + ".")
	}
	if c.Place != "" {
		where = gsm(" Wohin: " + c.Place + ".")
	}
	where = gsmCut(where, max(room-minSaid-gsmSize(phone), 0))
	tail := where + phone
	return gsmCut(said, max(room-gsmSize(tail), 0)) + tail + answer
}

// shares reports whether somebody else on the call-out has the same telephone:
// then its SMS says for whom it is.
func (c *Callout) shares(x Person) bool {
	for _, p := range c.Posts {
		for _, y := range p.Chain {
			if y.ID == x.ID || y.Contact == x.Contact && y.Name == x.Name {
				continue
			}
			for _, w := range y.Ways {
				if w.Kind != estate.Mail && slices.ContainsFunc(x.Ways, func(v Way) bool { return v.To == w.To }) {
					return true
				}
			}
		}
	}
	return false
}

// link is where a person answers, "" where nobody outside reaches the pages.
func (b *Book) link(c *Callout, x Person) string {
	if b.o.URL == "" {
		return ""
	}
	return strings.TrimRight(b.o.URL, "/") + "/a/" + b.token(c.ID, x.ID)
}

// over is what somebody is to do who hears that it is over.
func (c *Callout) over(x Person) string {
	_, answered := x.Answered()
	switch {
	case c.Ask == Read:
		return "Das ist erledigt. Danke."
	case c.Drill:
		return "Die Übung ist beendet, niemand muss kommen. Danke."
	case c.Moves(x):
		return "Bitte umkehren, wenn Sie unterwegs sind: Sie werden nicht mehr gebraucht. Danke."
	case answered:
		return "Sie werden nicht mehr gebraucht. Danke."
	}
	return "Bitte nicht mehr kommen. Wer unterwegs ist, kann umkehren. Danke."
}

// message is what leaves the house for a person.
func (b *Book) message(c *Callout, post Post, x Person, s step) way.Message {
	w := x.Ways[s.way]
	purpose := "call"
	if c.Ended.Done() {
		purpose = "clear"
	}
	m := way.Message{
		ID: c.ID[:min(len(c.ID), 32)] + "-" + strings.ReplaceAll(x.ID, ".", "-") + "-" + purpose + "-" + w.Out, To: w.To, Name: x.Name, Exercise: c.Drill, At: b.o.Now(),
		Subject: c.head(c.Ended.Done()) + ": " + c.Name + ", " + b.o.Hospital,
	}
	if c.Ended.Done() {
		lines := []string{m.Subject, "", c.Title}
		if c.EndWhy != "" {
			lines = append(lines, c.EndWhy)
		}
		m.Text = strings.Join(append(lines, "", c.over(x)), "\n")
		tail := gsm(" " + c.over(x))
		who := ""
		if c.shares(x) {
			who = "für " + x.Name + ": "
		}
		m.Short = gsmCut(gsm(c.head(true)+" "+who+b.o.Hospital+", "+c.Name+": "+c.Title+". "+c.EndWhy), maxShort-gsmSize(tail)) + tail
		return m
	}
	m.Text, m.Short, m.Link, m.Code = b.text(c, post, x), b.short(c, x), b.link(c, x), x.Code
	return m
}
