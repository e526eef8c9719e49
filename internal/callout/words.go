package callout

import (
	"strings"

	"notbetrieb/internal/callout/way"
)

// maxShort is the longest text of an SMS, in characters: two parts.
const maxShort = 300

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

// short is what fits into an SMS.
func (b *Book) short(c *Callout, x Person) string {
	tail := ""
	if c.Place != "" {
		tail += " Wohin: " + c.Place + "."
	}
	if c.Phone != "" {
		tail += " Tel. " + c.Phone + "."
	}
	tail += " Antwort: Code " + x.Code
	if b.o.Answers != "" {
		tail += " an " + b.o.Answers
	}
	if link := b.link(c, x); link != "" {
		tail += " oder " + link
	}
	said := c.head(false) + " " + b.o.Hospital + ", " + c.Name + ": " + c.Title + "."
	for i, l := range c.Lines() {
		if i > 0 { // the first is in the title
			said += " " + l + "."
		}
	}
	return cut(said, maxShort-len([]rune(tail))) + tail
}

// cut shortens a text; what comes behind it (where to answer) must fit.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:min(max(n-3, 20), len(r))]) + "..."
	}
	return s
}

// link is where a person answers, "" where nobody outside reaches the pages.
func (b *Book) link(c *Callout, x Person) string {
	if b.o.URL == "" {
		return ""
	}
	return strings.TrimRight(b.o.URL, "/") + "/a/" + b.token(c.ID, x.ID)
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
		m.Text = strings.Join([]string{m.Subject, "", c.Title, c.EndWhy, "", "Sie werden nicht mehr gebraucht. Danke."}, "\n")
		m.Short = cut(c.head(true)+" "+b.o.Hospital+", "+c.Name+": "+c.Title+". "+c.EndWhy, maxShort-40) + " Sie werden nicht mehr gebraucht."
		return m
	}
	m.Text, m.Short, m.Link, m.Code = b.text(c, post, x), b.short(c, x), b.link(c, x), x.Code
	return m
}
