package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// Line is what one rule asks for, in words.
type Line struct {
	Name lang.Text
	On   bool
	Say  lang.Text
}

// Lines say the rules in words, the gravest first. role says what a role is
// called.
func (r Rules) Lines(role func(string) lang.Text) []Line {
	roles := func(list []string) (de, en string) {
		var g, e []string
		for _, x := range list {
			w := role(x)
			g, e = append(g, w.DE), append(e, w.In(lang.EN))
		}
		return cmp.Or(strings.Join(g, ", "), "niemand"), cmp.Or(strings.Join(e, ", "), "nobody")
	}
	houseDE, houseEN := roles(r.Relation.House)
	var hoursDE, hoursEN []string
	for _, x := range slices.Sorted(maps.Keys(r.Hours.Roles)) {
		w := role(x)
		hoursDE, hoursEN = append(hoursDE, w.DE+" "+r.Hours.Roles[x]), append(hoursEN, w.In(lang.EN)+" "+r.Hours.Roles[x])
	}
	if len(hoursDE) == 0 {
		hoursDE, hoursEN = []string{"keine"}, []string{"none"}
	}
	common := strings.Join(r.Own.Common, ", ")
	commonDE, commonEN := cmp.Or(common, "keiner"), cmp.Or(common, "none")
	ahead, after, within, search := lang.Lasting(r.Relation.Ahead), lang.Lasting(r.Relation.After), lang.Lasting(r.Before.Within), lang.Lasting(r.Searches.Within)
	say := map[string]lang.Text{
		"relation": {
			DE: fmt.Sprintf("Ab %d Patienten an einem Tag. Als Bezug zählt ein Aufenthalt auf einer Station der Person, von %s davor bis %s danach. Für das ganze Haus arbeiten: %s.", r.Relation.Least, ahead.DE, after.DE, houseDE),
			EN: fmt.Sprintf("From %d patients in a day. A stay on a ward of the person counts as a relation, from %s before to %s after it. For the whole house work: %s.", r.Relation.Least, ahead.EN, after.EN, houseEN),
		},
		"mass": {
			DE: fmt.Sprintf("Ab %d Patienten an einem Tag, wenn es das %s-fache des eigenen mittleren Tages ist und mehr als in der Rolle üblich. Bei weniger als %d bekannten Tagen: ab dem %s-fachen der Rolle.", r.Mass.Least, number(r.Mass.Times), r.Mass.Days, number(r.Mass.Role)),
			EN: fmt.Sprintf("From %d patients in a day, if it is %s times the own median day and more than is usual in the role. With less than %d known days: from %s times that of the role.", r.Mass.Least, number(r.Mass.Times), r.Mass.Days, number(r.Mass.Role)),
		},
		"hours": {
			DE: fmt.Sprintf("Ab %d Zugriffen eines Tages außerhalb des Dienstplans, in Stunden mit weniger als %s %% der eigenen früheren Zugriffe. Sind weniger als %d bekannt, zählen die Zeiten der Rolle: %s. Alle anderen arbeiten rund um die Uhr.", r.Hours.Least, number(100*r.Hours.Share), r.Hours.Learn, strings.Join(hoursDE, "; ")),
			EN: fmt.Sprintf("From %d accesses of a day outside of the roster, in hours with less than %s %% of the own earlier accesses. Where fewer than %d are known the hours of the role count: %s. All others work around the clock.", r.Hours.Least, number(100*r.Hours.Share), r.Hours.Learn, strings.Join(hoursEN, "; ")),
		},
		"before-change": {DE: "Gelesen bis zu " + within.DE + " vor einer Löschung oder Änderung in derselben Akte.", EN: "Read up to " + within.EN + " before something in the same chart was deleted or altered."},
		"searches": {
			DE: fmt.Sprintf("Ab %d Suchen an einem Tag, nach denen innerhalb von %s keine Akte geöffnet wurde.", r.Searches.Least, search.DE),
			EN: fmt.Sprintf("From %d searches in a day after which no chart was opened within %s.", r.Searches.Least, search.EN),
		},
		"glass": {
			DE: fmt.Sprintf("Ab %d Gründen an einem Tag, oder ohne Behandlungsbezug, oder wenn danach nichts geöffnet wurde.", r.Glass.Least),
			EN: fmt.Sprintf("From %d reasons in a day, or without a treatment relation, or if nothing was opened after it.", r.Glass.Least),
		},
		"own-name": {DE: "Die eigene Akte, oder ein Patient gleichen Nachnamens. Zu häufig, um etwas zu sagen: " + commonDE + ".", EN: "The own record, or a patient of the same surname. Too frequent to say anything: " + commonEN + "."},
		"flagged":  {DE: "Eine Akte aus der Liste der besonders geschützten, ohne Behandlungsbezug.", EN: "A chart of the list of specially protected ones, without a treatment relation."},
		"take-out": {
			DE: fmt.Sprintf("Ab %d Drucken an einem Tag ohne Behandlungsbezug, ab %d mit einem, und jede Ausleitung.", r.TakeOut.Least, ownPrints*r.TakeOut.Least),
			EN: fmt.Sprintf("From %d prints in a day without a treatment relation, from %d with one, and each export.", r.TakeOut.Least, ownPrints*r.TakeOut.Least),
		},
	}
	var out []Line
	for _, x := range rules() {
		out = append(out, Line{Name(x.id), x.on(&r), say[x.id]})
	}
	return out
}

// Name is what people call a rule; "" for one that is none.
func Name(id string) lang.Text {
	switch id {
	case "relation":
		return lang.Text{DE: "Ohne Behandlungsbezug", EN: "No treatment relation"}
	case "mass":
		return lang.Text{DE: "Massenhaft gelesen", EN: "Read in bulk"}
	case "hours":
		return lang.Text{DE: "Ungewöhnliche Zeit", EN: "Unusual time"}
	case "before-change":
		return lang.Text{DE: "Kurz vor einer Änderung", EN: "Just before a change"}
	case "searches":
		return lang.Text{DE: "Viele Suchen ohne Öffnen", EN: "Many searches, nothing opened"}
	case "glass":
		return lang.Text{DE: "Freigabe aus Gründen", EN: "Break-glass"}
	case "own-name":
		return lang.Text{DE: "Eigene Akte oder gleicher Nachname", EN: "Own record or same surname"}
	case "flagged":
		return lang.Text{DE: "Kollegin, Kollege oder bekannte Person", EN: "Colleague or person of public interest"}
	case "take-out":
		return lang.Text{DE: "Drucken und Ausleiten", EN: "Prints and exports"}
	}
	return lang.Text{}
}

// unknown says what a rule cannot know.
func unknown(id string) lang.Text {
	switch id {
	case "relation":
		return lang.Text{DE: "Die Regel kennt Stationen, Bewegungen, Aufträge und den Dienstplan, soweit er eingelesen ist. Sie kennt keine Rufe am Telefon, keine Konsile ohne Auftrag, keine Vertretungen und keine Nacharbeit am Brief.", EN: "The rule knows wards, movements, orders and the roster as far as it was read in. It does not know calls by telephone, consults without an order, stand-ins or work on a letter afterwards."}
	case "mass":
		return lang.Text{DE: "Die Regel zählt. Sie weiß nicht, ob jemand Betten plant, abrechnet, eine Studie führt oder eine Übergabe macht.", EN: "The rule counts. It does not know whether somebody plans beds, bills, runs a study or hands over."}
	case "hours":
		return lang.Text{DE: "Die Regel kennt Uhrzeit, Rolle und eigene Gewohnheit. Getauschte Dienste stehen nur im Dienstplan, wenn er eingelesen ist. Fremde Uhren können falsch gehen.", EN: "The rule knows time of day, role and own habit. Swapped shifts are known only if the roster was read in. Foreign clocks may be wrong."}
	case "before-change":
		return lang.Text{DE: "Die Regel sieht die Reihenfolge, keinen Zusammenhang. Wer einen Befund berichtigt, muss ihn vorher lesen. Wer geändert hat, steht nur da, wenn die Nachricht es sagt.", EN: "The rule sees an order in time, no cause. Whoever corrects a finding must read it first. Who altered it is known only if the message says so."}
	case "searches":
		return lang.Text{DE: "Die Regel sieht nicht, was gesucht wurde. Tippfehler, unbekannte Patienten und ein schlechter Scanner sehen genauso aus.", EN: "The rule does not see what was searched for. Typing mistakes, unknown patients and a bad scanner look the same."}
	case "glass":
		return lang.Text{DE: "Die Regel sieht den Grund und was danach gelesen wurde. Ob der Grund stimmt, kann nur ein Mensch fragen.", EN: "The rule sees the reason and what was read after it. Whether the reason is true only a person can ask."}
	case "own-name":
		return lang.Text{DE: "Gleicher Nachname heißt nicht verwandt, und Verwandte heißen oft anders. Die eigene Akte ist nur bekannt, wenn sie in der Liste steht.", EN: "The same surname does not mean related, and relatives often have another one. The own record is known only if it is in the list."}
	case "flagged":
		return lang.Text{DE: "Die Regel kennt nur, wer in der Liste steht. Wer behandelt, liest auch diese Akten zu Recht.", EN: "The rule knows only who is in the list. Whoever treats reads these charts rightly, too."}
	case "take-out":
		return lang.Text{DE: "Die Regel sieht den Druckauftrag, nicht was mit dem Papier geschah. Bildschirmfotos sieht sie nicht.", EN: "The rule sees the print, not what became of the paper. It does not see photographs of a screen."}
	}
	return lang.Text{}
}
