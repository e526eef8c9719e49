package paper

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/sheet"
)

// list writes the ward list. Charts, where not nil, are the patients of the
// pack: beds without one are named.
func (d *document) list(ward chart.Ward, charts map[clinical.PatientKey]*chart.Patient) error {
	code := ward.Code
	if code == "" {
		code = "?"
	}
	f := d.newFlow(true, sheet.Code{Ward: code}, d.say("Stationsliste", "Ward list"))
	f.start(sheet.FormList)
	f.listHead(ward, charts)
	t := table{lines: true, grid: true, cols: []column{
		{head: d.say("Zi / Bett", "Room / bed"), width: 17}, {head: "Patient", width: 74}, {head: d.say("Tag", "Day"), width: 9, right: true},
		{head: d.say("Allergien, Warnungen", "Allergies, warnings"), width: 48}, {head: d.say("Zuletzt", "Latest"), width: 38},
		{head: d.say("Offen, fällig", "Open, due"), width: 48}, {head: d.say("Notiz", "Note"), width: f.width() - 234},
	}}
	f.again = nil
	f.begin(t)
	for i, r := range ward.Rows {
		f.add(t, row{cells: f.listRow(r, d.alike(ward, i)), least: 10})
	}
	if len(ward.Rows) == 0 {
		f.para(style{f.f.cond, body}, pad, d.say("Zu dieser Station sind keine Betten und keine Patienten bekannt.", "No beds and no patients are known for this ward."))
	}
	if d.o.Duplex && charts != nil && len(f.pages)%2 == 1 {
		f.kind = d.say("Notizen", "Notes") + " " + ward.Code
		f.start(sheet.FormList)
		f.notes()
	}
	return f.finish(wardName(ward), false)
}

func (f *flow) listHead(ward chart.Ward, charts map[clinical.PatientKey]*chart.Patient) {
	big, s := style{f.f.bold, 14}, style{f.f.cond, body}
	occupied := fmt.Sprintf(f.say("%d von %d Betten belegt", "%d of %d beds taken"), ward.Occupied, ward.Beds)
	for _, l := range f.atMost(3, big.wrap(f.clean(wardName(ward)), f.width()-60)) {
		f.text(f.left, f.y, big, l)
		f.textRight(f.right, f.y+0.8, style{f.f.bold, strong}, occupied)
		occupied = ""
		f.y += big.leading()
	}
	var feeds []string
	for _, feed := range f.o.Feeds {
		words := feed.Label.In(f.lang)
		if words == "" {
			words = feed.Name
		}
		if feed.Last.IsZero() {
			words += " " + f.say("noch keine Meldung", "no message yet")
		} else {
			words += " " + f.ago(feed.Last)
			if l := f.o.Limits.Master; l > 0 && f.now.Sub(feed.Last) > l {
				words += " " + f.outdated()
			}
		}
		feeds = append(feeds, words)
	}
	if len(feeds) > 0 {
		f.para(s, 0, f.say("Quellen: ", "Sources: ")+strings.Join(feeds, " · "))
	}
	if since := f.o.Changed.Since; !since.IsZero() {
		words := f.say("NUR GEÄNDERTE: Diese Mappe enthält nur Patienten, deren Akte sich seit ", "CHANGED ONLY: this pack holds only patients whose chart changed since ") + f.stamp(since)
		if f.o.Changed.Seq != 0 {
			words += f.say(" (Journal Nr. ", " (journal no. ") + fmt.Sprint(f.o.Changed.Seq) + ")"
		}
		f.para(style{f.f.bold, body}, 0, words+f.say(" geändert hat. Für alle anderen gelten die früheren Blätter.", ". For all others the earlier sheets stand."))
	}
	if charts != nil {
		var missing []string
		for _, r := range ward.Rows {
			if !r.Free && charts[r.Key] == nil {
				missing = append(missing, joined(" ", r.Place.Room, r.Place.Bed, f.name(r.Name, r.Unnamed)))
			}
		}
		if len(missing) > 0 {
			f.para(style{f.f.condBold, body}, 0, f.say("Ohne Patientenblatt in dieser Mappe: ", "Without patient sheets in this pack: ")+strings.Join(missing, " · "))
		}
	}
	f.y += 1
	f.p.Line(f.left, f.y, f.right, f.y, 0.4, 0)
	f.y += 0.6
}

func (f *flow) listRow(r chart.Row, alike warning) []cell {
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	bed := joined(" ", r.Place.Room, r.Place.Bed)
	if bed == "" {
		bed = f.say("ohne Bett", "no bed")
	}
	if r.Arriving {
		coming := f.say("kommt", "coming")
		if !r.Expected.IsZero() {
			coming += " " + f.when(r.Expected)
		}
		bed = joined("\n", bed, coming)
	}
	if r.Free {
		return []cell{{{text: bed, style: b}}, {{text: f.say("frei", "free"), style: c}}}
	}
	who := cell{{text: f.name(r.Name, r.Unnamed), style: style{f.f.bold, body}}}
	who = append(who, words{text: joined(" · ", f.birth(r.Birth)+" "+f.letter(r.Sex), f.caseNo(r.Case)), style: c})
	if alike.on {
		who = append(who, words{text: "‼ " + f.say("NAMENSGLEICH ", "SAME NAME ") + strings.Join(alike.others, " · "), style: b})
	}
	if r.Unnamed && !r.Name.Zero() {
		who = append(who, words{text: f.say("Person nicht identifiziert", "person not identified"), style: b})
	}
	if r.Shared {
		who = append(who, words{text: f.say("‼ Bett doppelt belegt gemeldet", "‼ bed reported as taken twice"), style: b})
	}
	if !r.Elsewhere.Zero() {
		who = append(who, words{text: f.say("‼ neuere Meldung nennt ", "‼ newer message names ") + joined(" ", r.Elsewhere.Ward, r.Elsewhere.Room, r.Elsewhere.Bed), style: b})
	}
	if r.Dead {
		who = append(who, words{text: f.say("† verstorben", "† died"), style: b})
	}
	if r.State == chart.Away {
		who = append(who, words{text: f.say("beurlaubt", "on leave"), style: c})
	}
	who = append(who, words{text: joined(" · ", firstOf(r.Diagnosis, r.Reason), r.Doctor), style: c})
	day := ""
	if !r.Since.IsZero() {
		day = itoa(f.stayDay(r.Since))
	}
	return []cell{
		{{text: bed, style: b}}, who, {{text: day, style: c}}, f.listWarnings(r), f.listLatest(r), f.listDue(r), nil,
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (f *flow) listWarnings(r chart.Row) cell {
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	var out cell
	switch {
	case len(r.Allergies) > 0:
		out = append(out, words{text: "▲ " + strings.Join(r.Allergies, ", "), style: b})
	case r.NoneKnown:
		out = append(out, words{text: f.say("Allergien: keine bekannt", "Allergies: none known"), style: c})
	default:
		out = append(out, words{text: f.say("Allergien: nicht übermittelt", "Allergies: not sent"), style: c})
	}
	if len(r.Isolation) > 0 {
		out = append(out, words{text: f.say("ISOLATION: ", "ISOLATION: ") + strings.Join(r.Isolation, ", "), style: b})
	}
	if len(r.Alerts) > 0 {
		out = append(out, words{text: strings.Join(r.Alerts, ", "), style: c})
	}
	if r.Resuscitate != "" {
		out = append(out, words{text: r.Resuscitate, style: b})
	}
	return out
}

func (f *flow) listLatest(r chart.Row) cell {
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	var out cell
	if m := r.Score; m != nil {
		out = append(out, words{text: joined(" ", m.Label, m.Value, flagArrow([]string{m.Flag}), f.when(m.At)), style: b})
	}
	for _, m := range r.Critical {
		out = append(out, words{text: "‼ " + joined(" ", m.Label, m.Value, m.Unit, flagArrow([]string{m.Flag}), f.when(m.At)), style: b})
	}
	if m := r.Vital; m != nil {
		out = append(out, words{text: joined(" ", m.Label, m.Value, m.Unit, flagArrow([]string{m.Flag}), f.when(m.At)), style: c})
	}
	if r.NewFindings > 0 {
		news := fmt.Sprintf(f.say("%d neue Befunde", "%d new findings"), r.NewFindings)
		if r.NewFindings == 1 {
			news = f.say("1 neuer Befund", "1 new finding")
		}
		out = append(out, words{text: news, style: c})
	}
	return out
}

// dueSpan is how far ahead the list looks for doses: one shift.
const dueSpan = 8 * time.Hour

func (f *flow) listDue(r chart.Row) cell {
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	var out cell
	var open []string
	for s, n := range r.OpenOrders {
		if n > 0 {
			open = append(open, f.sectionName(s)+" "+itoa(n))
		}
	}
	sort.Strings(open)
	if len(open) > 0 {
		out = append(out, words{text: strings.Join(open, " · "), style: c})
	}
	type due struct {
		at time.Time
		d  chart.Due
	}
	var dues []due
	y, m, day := f.now.In(f.zone).Date()
	for _, d := range r.Doses {
		if d.AsNeeded || d.Timeless {
			continue
		}
		for k := range 2 {
			at := time.Date(y, m, day+k, int(d.At)/60, int(d.At)%60, 0, 0, f.zone)
			if at.Before(f.now.Add(-time.Hour)) || at.After(f.now.Add(dueSpan)) || !d.From.IsZero() && at.Before(d.From) || !d.Until.IsZero() && at.After(d.Until) {
				continue
			}
			dues = append(dues, due{at, d})
		}
	}
	sort.SliceStable(dues, func(i, k int) bool { return dues[i].at.Before(dues[k].at) })
	const most = 5
	for i, d := range dues {
		if i == most {
			out = append(out, words{text: fmt.Sprintf(f.say("und %d weitere Gaben: siehe Plan", "and %d more doses: see plan"), len(dues)-most), style: c})
			break
		}
		out = append(out, words{text: joined(" ", f.clock(d.at), d.d.Drug, d.d.Dose, d.d.Route), style: b})
	}
	return append(out, f.listStanding(r)...)
}

// listStanding names the drugs in force that have no time of day.
func (f *flow) listStanding(r chart.Row) cell {
	c := style{f.f.cond, body}
	var out cell
	const most = 4
	rest := 0
	for i := range r.Doses {
		s, ok := r.Doses[i].Standing(f.now.In(f.zone), f.now.Add(dueSpan))
		switch {
		case !ok:
		case len(out) == most:
			rest++
		default:
			out = append(out, words{text: joined(" ", s.Word.In(f.lang)+":", s.Drug, s.Amount.In(f.lang)), style: c})
		}
	}
	if rest > 0 {
		out = append(out, words{text: fmt.Sprintf(f.say("und %d weitere ohne Uhrzeit: siehe Plan", "and %d more without a time: see plan"), rest), style: c})
	}
	return out
}
