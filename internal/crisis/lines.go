package crisis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
)

// log appends the line of an act to the logbook. The logbook is kept in German:
// it is one document, whoever reads it.
func (c *Crisis) log(seq journal.Seq, e event, kind LineKind) {
	l := Line{Number: len(c.Lines) + 1, Seq: seq, At: e.By.At, Kind: kind, By: e.By.Name, Text: strings.TrimSpace(c.words(e))}
	switch e.Step {
	case stepLogged:
		if !e.At.IsZero() && !e.At.Equal(e.By.At) {
			l.At, l.Recorded = e.At, e.By.At
		}
	case stepObserved:
		if !e.At.IsZero() {
			l.At = e.At
		}
	case stepLogCorrected:
		l.Corrects = e.Number
	}
	if l.By == "" {
		l.By = e.By.Person
	}
	if l.By == "" {
		l.By = "Notbetrieb"
	}
	c.Lines = append(c.Lines, l)
}

// because joins a sentence and what was said to it.
func because(sentence, text string) string {
	if text == "" {
		return sentence + "."
	}
	return sentence + ": " + text
}

// words is what the logbook says of an act.
func (c *Crisis) words(e event) string {
	switch e.Step {
	case stepOpened:
		return because("Lage eröffnet ("+KindName(e.Kind).DE+exercise(e.Exercise)+")", e.Title) + known(e.Text)
	case stepDeclared:
		return because("Krisenlage erklärt, Plan „"+KindName(c.Kind).DE+"“ Fassung "+c.Plan, alone(e.Alone))
	case stepConfirmed:
		return "Krisenlage bestätigt."
	case stepCloseAsked:
		return because("Ende der Krisenlage beantragt", e.Text)
	case stepCloseOff:
		return "Antrag auf Ende zurückgenommen."
	case stepClosed:
		return "Krisenlage beendet."
	case stepClosedAlone:
		return because("Krisenlage beendet", alone(e.Alone))
	case stepKind:
		return because("Art der Lage geändert in „"+KindName(e.Kind).DE+"“, Aufgaben ergänzt", e.Text)
	case stepLinked:
		return because("Gemeldete Ausfälle zugeordnet", strconv.Itoa(len(e.Outages)))
	case stepUnlinked:
		return because("Zuordnung von Ausfällen aufgehoben", strconv.Itoa(len(e.Outages)))
	case stepLogged:
		return e.Text + between(e.Name, e.Reach)
	case stepLogCorrected:
		return fmt.Sprintf("Berichtigung zu Zeile %d: %s", e.Number, e.Text)
	case stepObserved:
		return e.Text
	case stepMeetingSet:
		return because("Besprechung angesetzt auf "+e.Said, e.Text)
	case stepMeetingHeld:
		return because("Besprechung", e.Text)
	case stepSituation:
		return fmt.Sprintf("Lagebericht Fassung %d gespeichert.", len(c.Situations))
	}
	if e.Task != "" || e.Step == stepTaskAdded {
		return c.taskWords(e)
	}
	if s := c.teamWords(e); s != "" {
		return s
	}
	return c.outsideWords(e)
}

func exercise(is bool) string {
	if is {
		return ", Übung"
	}
	return ""
}

// known is what stood on further lines when the incident was opened.
func known(text string) string {
	if text == "" {
		return ""
	}
	return "\n" + text
}

func alone(why string) string {
	if why == "" {
		return ""
	}
	return "allein, weil " + why
}

func between(from, to string) string {
	switch {
	case from != "" && to != "":
		return " (von " + from + " an " + to + ")"
	case from != "":
		return " (von " + from + ")"
	case to != "":
		return " (an " + to + ")"
	}
	return ""
}

func (c *Crisis) taskWords(e event) string {
	if e.Step == stepTaskAdded {
		return because("Aufgabe ergänzt", e.New.Title)
	}
	t, _ := c.Task(e.Task)
	name := "Aufgabe „" + t.Title + "“"
	switch e.Step {
	case stepTaskTaken:
		if e.Name == "" {
			return name + " liegt bei niemandem."
		}
		return name + " liegt bei " + e.Name + "."
	case stepTaskDue:
		return because(name+" neu befristet auf "+e.Said, e.Text)
	case stepTaskDone:
		return because(name+" erledigt", e.Text)
	case stepTaskNot:
		return because(name+" nicht nötig", e.Text)
	case stepTaskReopened:
		return because(name+" wieder offen", e.Text)
	case stepAgreed:
		return name + ": Ausführung des Befehls „" + t.Hook + "“ zugestimmt."
	case stepDisagreed:
		return because(name+": Zustimmung zum Befehl zurückgenommen", e.Text)
	case stepRun:
		var who []string
		for _, r := range t.Runs {
			if r.ID == e.Of {
				for _, a := range r.Agreed {
					who = append(who, a.Name)
				}
			}
		}
		return name + ": Befehl „" + t.Hook + "“ begonnen, zugestimmt haben " + strings.Join(who, " und ") + "."
	case stepRan:
		return because(fmt.Sprintf("%s: Befehl „%s“ beendet mit %d", name, t.Hook, e.Code), strings.TrimSpace(e.Text+" "+firstLines(e.Output)))
	}
	return ""
}

// firstLines is the beginning of a command's output; all of it stays in the
// record.
func firstLines(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 400 {
		return string(r[:400]) + " …"
	}
	return s
}

func (c *Crisis) teamWords(e event) string {
	switch e.Step {
	case stepSeated:
		deputy := ""
		if e.Deputy {
			deputy = " (Vertretung)"
		}
		return RoleName(e.Role).DE + deputy + ": " + e.Name + " übernimmt."
	case stepUnseated:
		for _, s := range c.Shifts {
			if s.ID == e.Of {
				return RoleName(s.Role).DE + ": " + s.Name + " scheidet aus."
			}
		}
	case stepHandover:
		return because("Übergabe "+RoleName(e.Role).DE+" an "+e.Name, e.Text)
	case stepAccepted:
		for _, h := range c.Handovers {
			if h.ID == e.Of {
				return "Übergabe " + RoleName(h.Role).DE + " von " + h.By.Name + " angenommen."
			}
		}
	case stepKnowledge:
		what := "des Vorfalls"
		if e.Word == string(rulebook.FromBreach) {
			what = "der Verletzung personenbezogener Daten"
		}
		return because("Zeitpunkt der Kenntnis "+what+" gezeichnet: "+e.Said+", durch "+e.Name, e.Text)
	case stepDuty:
		word := "ist abzugeben"
		if e.Word == "no" {
			word = "ist nicht abzugeben"
		}
		return because("Meldung „"+dutyOf(e)+"“ "+word, e.Text)
	case stepReport:
		return fmt.Sprintf("Meldung „%s“ Fassung %d gespeichert.", dutyOf(e), len(c.Reports[e.Of].Versions))
	case stepSent:
		return because(fmt.Sprintf("Meldung „%s“ Fassung %d abgesandt an %s (%s), Prüfsumme %s", dutyOf(e), e.Number, e.Name, e.Word, e.Digest[:min(16, len(e.Digest))]), e.Reach)
	case stepWarned:
		if e.Number >= int(rulebook.Overdue) {
			return "Frist der Meldung „" + dutyOf(e) + "“ ist abgelaufen."
		}
		return fmt.Sprintf("Von der Frist der Meldung „%s“ sind %d %% vergangen.", dutyOf(e), rulebook.Warning(e.Number).Percent())
	}
	return ""
}

// dutyOf is the duty of an act by its name, or by its key where an older act says
// no name.
func dutyOf(e event) string {
	if e.Said != "" {
		return e.Said
	}
	return e.Of
}

// listed joins what is said with a mark between; empty parts are left out.
func listed(mark string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" }), mark)
}

func (c *Crisis) outsideWords(e event) string {
	switch e.Step {
	case stepNotice:
		return because("Meldung an das Personal", listed(": ", e.Title, e.Text))
	case stepNoticeGone:
		return "Meldung an das Personal zurückgenommen."
	case stepStatement:
		return because("Text entworfen ("+StatementName(e.Word).DE+")", e.Title)
	case stepReleased:
		for _, s := range c.Texts {
			if s.ID == e.Of {
				return fmt.Sprintf("Text freigegeben (%s, Fassung %d): %s", StatementName(s.What).DE, s.Version, s.Title)
			}
		}
	case stepRestricted:
		return because("Einschränkung: "+ServiceName(Service(e.Word)).DE, listed("; Grund: ", e.Name, e.Text))
	case stepLifted:
		for _, r := range c.Restrictions {
			if r.ID == e.Of {
				return "Einschränkung aufgehoben: " + ServiceName(r.Service).DE + "."
			}
		}
	case stepCapacity:
		return because("Kapazität "+e.Name, Capacity{Light: e.Word, Free: e.Reach, Note: e.Text}.Words())
	case stepEvacuation:
		where := "gesamtes Haus"
		if len(e.Wards) > 0 {
			where = strings.Join(e.Wards, ", ")
		}
		return because("Evakuierung angeordnet ("+where+"), Sammelpunkt "+e.Name, e.Text)
	case stepMoved:
		return "Evakuierung: " + strings.TrimSpace(e.Ward+" "+e.Bed) + " nach " + e.Text + "."
	case stepMovedBack:
		return "Evakuierung: Erfassung von " + strings.TrimSpace(e.Ward+" "+e.Bed) + " zurückgenommen."
	case stepEvacuationEnd:
		return fmt.Sprintf("Evakuierung beendet, %d erfasst.", len(c.Evacuation.Moved))
	}
	return ""
}
