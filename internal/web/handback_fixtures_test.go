package web

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// fixtureTarget is a hand-back in full flow.
func fixtureTarget(f Frame) targetView {
	t := targetView{
		Name: "kis", System: lang.Text{DE: "KIS", EN: "HIS"}, Mode: handback.Flowing, Word: modeWord(handback.Flowing), Act: handback.Act{By: clinical.Staff{Name: "R. Vogel"}},
		At: f.stamp(ago(2 * time.Hour)), Href: "/handback/kis", Key: "k", Open: true, Second: 14, Machine: 1203, Unknown: 3, Reports: 2, Modes: modeChoices(handback.Flowing),
	}
	t.count([]handback.Progress{
		{Ward: "", Count: map[handback.State]int{handback.Accepted: 12}},
		{Ward: "3A", Count: map[handback.State]int{handback.Waiting: 4120, handback.Released: 812, handback.Sent: 4, handback.Accepted: 2210, handback.Refused: 3, handback.Unclear: 1, handback.Rest: 2, handback.Hand: 17, handback.Nothing: 88}},
		{Ward: "ITS", Count: map[handback.State]int{handback.Waiting: 1990, handback.Released: 401, handback.Accepted: 5122, handback.Hand: 2}},
	})
	t.foretell(handback.Flowing, handback.Pace{Slot: 10 * time.Second, Good: []int{40, 38, 52, 44, 30, 41, 48, 39}, Bad: []int{0, 1, 0, 0, 0, 0, 0, 0}})
	return t
}

// fixtureHeldItems are entries of two patients, with what may stand against one.
func fixtureHeldItems() []handback.Item {
	weber, brandt := clinical.Staff{ID: "s.weber", Name: "S. Weber"}, clinical.Staff{ID: "brandt", Name: "Dr. J. Brandt"}
	item := func(n int, form string, st handback.State, by clinical.Staff, kinds ...message.Kind) handback.Item {
		return handback.Item{Root: string(rune('a' + n)), Key: "k", Form: form, State: st, By: by, At: ago(time.Duration(30-n) * time.Hour), Kinds: kinds, Ward: "3A", Needs: 1}
	}
	held := item(1, "prescription", handback.Waiting, brandt, message.Medication)
	held.Conflicts = []handback.Conflict{
		{Kind: handback.Merged, Holds: true, Mark: "merged:x", Say: lang.Text{DE: "Wurde dort zusammengeführt in MÜLLER, Anna-Maria *12.03.1948 (900418). Der Eintrag geht an diese Person.", EN: "Was merged there."}},
		{Kind: handback.Newer, Holds: true, Mark: "newer:x", Say: lang.Text{DE: "Dort am 21.11.2026 09:12 geändert: Ramipril 2,5 mg 1-0-0. Der Eintrag hier ist älter und würde das überschreiben.", EN: "Changed there."}},
	}
	warned := item(2, "vitals", handback.Waiting, weber, message.Vitals)
	warned.Conflicts = []handback.Conflict{{Kind: handback.Discharged, Mark: "discharged:x", Say: lang.Text{DE: "Dort am 21.11.2026 08:30 entlassen, der Fall ist geschlossen.", EN: "Discharged there."}}}
	refused := item(3, "note", handback.Refused, brandt, message.Document)
	refused.Answer = "Fall gesperrt: Abrechnung läuft"
	second := item(4, "prescription", handback.Released, brandt, message.Medication)
	second.Needs, second.Decided = 2, handback.Act{By: weber, At: ago(time.Hour)}
	return []handback.Item{item(0, "vitals", handback.Waiting, weber, message.Vitals), held, warned, refused, second, item(5, "admission", handback.Accepted, weber, message.Admission)}
}

func fixtureBackPatients(f Frame) []backPatient {
	p := fixturePatient()
	b := backPatient{Key: p.Key, Name: p.Name.V.Display(), Birth: p.Birth.V.German(), Case: "4711001", Ward: "3A", Side: "/handback/kis/patient/" + string(p.Key)}
	for _, it := range fixtureHeldItems() {
		line := newBackItem(&it, p.Key, f)
		line.What = "Temperatur 38,4 °C · Puls 96 /min · RR 118/76 mmHg"
		line.Chosen = line.State == handback.Waiting && len(line.Conflicts) == 0
		b.Items = append(b.Items, line)
	}
	return []backPatient{b}
}

// handbackGallery draws the pages of the hand-back.
func handbackGallery(add func(string, []byte, error), f Frame) {
	t := fixtureTarget(f)
	tested := t
	tested.Name, tested.System, tested.Mode, tested.Word, tested.Href, tested.Modes = "lis", lang.Text{DE: "Labor", EN: "Laboratory"}, handback.Testing, modeWord(handback.Testing), "/handback/lis", modeChoices(handback.Testing)
	tested.Forecast, tested.Rate = lang.Text{}, ""
	tested.foretell(handback.Testing, handback.Pace{})
	braked := tested
	braked.Name, braked.Mode, braked.Word, braked.Modes, braked.Slowed = "lis2", handback.Paused, modeWord(handback.Paused), modeChoices(handback.Paused), brakedText()
	title := lang.Text{DE: "Rückgabe", EN: "Hand-back"}
	draw(add, "back", backPageT, backPage{Frame: f.titled("handback", title), Targets: []targetView{t, tested, braked}, May: f.User.Can(string(staff.ReleaseEntries))})
	queue := queuePage{
		Frame: f.titled("handback", title), Target: t, Patients: fixtureBackPatients(f), Key: "k", First: "/handback/kis", More: "/handback/kis?after=9",
		Filter: backFilter{Ward: "3A"}, Bulk: &bulkView{N: 4102, Held: 18, Of: "Station 3A", Upto: 88123, Next: "/handback/kis?from=9", Key: "b"},
		Problems: []problem{{"", lang.Text{DE: "Die erste Freigabe stammt von Ihnen. Die zweite gibt eine andere Person; es wurde nichts freigegeben.", EN: "The first release is yours."}}},
	}
	queue.links(queue.Filter, t.Href, nil)
	draw(add, "queue", queuePageT, queue)
	second := queue
	second.Filter.State, second.Bulk, second.Problems = handback.Released, &bulkView{Second: true, N: 812, Own: 31, Of: "Station 3A", Upto: 88123, Key: "b"}, nil
	second.Cut = "/handback/kis?conflict=1&after=9"
	draw(add, "queue-second", queuePageT, second)
	held := fixtureBackPatients(f)
	held[0].Items = held[0].Items[1:2]
	draw(add, "backask", askPageT, askPage{
		Frame: f.titled("handback", lang.Text{DE: "Trotz Konflikt freigeben", EN: "Release despite a conflict"}), Target: t, Patients: held, Others: 2, Values: []string{"b.k"}, Act: "release",
		Back: "/handback/kis", Key: "k", Confirmed: "c", Whom: held[0].Name, N: 3,
	})
	draw(add, "strangers", strangersPageT, strangersPage{
		Frame: f.titled("handback", lang.Text{DE: "Patienten zuordnen", EN: "Match patients"}), Target: t, Wards: true,
		Rows: []strangerRow{
			{Name: "Unbekannt, männlich", Case: "NF00412003", Ward: "ZNA", Entries: 14, Href: "/handback/kis/match/x", Standing: matchedWord(handback.Matched{})},
			{Name: "BAUMGARTEN, Lieselotte", Birth: "12.06.1948", Case: "NF00412011", Ward: "3A", Entries: 31, Href: "/handback/kis/match/y", Standing: lang.Text{DE: "zweite Person fehlt", EN: "second person missing"}, Lacks: true},
			{Name: "KURZ, Ina", Birth: "01.02.1990", Case: "NF00412029", Ward: "3A", Entries: 5, Href: "/handback/kis/match/z", Standing: matchedWord(handback.Matched{New: true}), Done: true},
		},
	})
	p, other := fixturePatient(), fixturePatient()
	other.Key, other.Name.V.Given, other.Birth.V.Day = "otherkey", "Annette", 13
	m := matchPage{
		Frame: f.titled("handback", lang.Text{DE: "Patient zuordnen", EN: "Match a patient"}), Target: t, Action: "/handback/kis/match/x", Key: "k", Who: newMatchPerson(p, nil, "", f),
		Asked: "müller", Entries: 31, Rows: []matchPerson{newMatchPerson(other, p, "900418", f)},
	}
	same := newMatchPerson(p, p, "900417", f)
	same.Key = "samekey"
	m.Rows = append(m.Rows, same)
	draw(add, "match", matchPageT, m)
	m.Matched, m.Asked, m.Rows = &matchedView{Number: "900417", By: "S. Weber", At: f.stamp(ago(time.Hour)), Lacks: true, CanPart: true}, "", nil
	draw(add, "match-lacks", matchPageT, m)
	sides := sidesPage{Frame: f.titled("handback", lang.Text{DE: "Beide Seiten", EN: "Both sides"}), Target: t, Name: p.Name.V.Display(), Birth: p.Birth.V.German(), Case: "4711001", Href: "/patient/" + string(p.Key), Key: "k", Back: "/handback/kis", Items: held}
	sides.lay([]handback.Pair{
		{Kind: "result", What: "Kalium", Ours: "4,1 mmol/l", Theirs: "5,1 mmol/l", At: ago(26 * time.Hour), State: handback.Differ, Entry: 1, Record: 9},
		{Kind: "result", What: "Temperatur", Ours: "38,4 °C", At: ago(25 * time.Hour), State: handback.Ours, Entry: 2},
		{Kind: "prescription", What: "Ramipril", Theirs: "Ramipril 2,5 mg 1-0-0", At: ago(3 * time.Hour), State: handback.Theirs, Record: 10},
		{Kind: "allergy", What: "Penicillin", Ours: "SV", Theirs: "SV", At: ago(30 * time.Hour), State: handback.Same, Entry: 3, Record: 11, Gone: true},
	}, map[uint64]handback.Item{1: fixtureHeldItems()[0], 2: fixtureHeldItems()[2]}, f)
	draw(add, "sides", sidesPageT, sides)
	interim := handback.Report{Version: 1, At: ago(5 * time.Hour), By: clinical.Staff{Name: "R. Vogel"}, Since: 4001, Upto: 88000, Entries: 14784, Count: map[handback.Outcome]int{handback.Arrived: 7344, handback.ByHand: 19, handback.Empty: 88, handback.Pending: 7333}, Signature: "s"}
	final := interim
	final.Version, final.Final, final.Unreadable = 2, true, 1
	draw(add, "backreport", backReportPageT, backReportPage{
		Frame: f.titled("handback", lang.Text{DE: "Berichte der Rückgabe", EN: "Reports of the hand-back"}), Target: t, Make: true, Close: true, Key: "k",
		Reports:  []reportView{newReportView(&final, t.Href, f), newReportView(&interim, t.Href, f)},
		Problems: []problem{{"", lang.Text{DE: "7333 von 14784 Einträgen sind noch nicht abgerechnet: angenommen, von Hand eingetragen oder als nicht nötig entschieden.", EN: "7333 of 14784 entries are not accounted for yet."}}},
	})
}
