package paper

import "notbetrieb/internal/lang"

// newsRow is one line of the NEWS2 table: what counts 3, 2, 1, 0, 1, 2, 3.
type newsRow struct {
	name  lang.Text
	cells [7]string
	words [7]lang.Text // for cells that differ by language
}

// news2 is the scoring table of the National Early Warning Score 2 (Royal
// College of Physicians, London, December 2017, chart 1). It is for patients
// from 16 years on and not for pregnancy.
var news2 = []newsRow{
	{name: lang.Text{DE: "Atemfrequenz /min", EN: "Respiration /min"}, cells: [7]string{"≤ 8", "", "9–11", "12–20", "", "21–24", "≥ 25"}},
	{name: lang.Text{DE: "SpO₂ % (Skala 1)", EN: "SpO₂ % (scale 1)"}, cells: [7]string{"≤ 91", "92–93", "94–95", "≥ 96", "", "", ""}},
	{
		name: lang.Text{DE: "SpO₂ % (Skala 2)*", EN: "SpO₂ % (scale 2)*"}, cells: [7]string{"≤ 83", "84–85", "86–87", "88–92", "", "", ""},
		words: [7]lang.Text{4: {DE: "93–94 m. O₂", EN: "93–94 on O₂"}, 5: {DE: "95–96 m. O₂", EN: "95–96 on O₂"}, 6: {DE: "≥ 97 m. O₂", EN: "≥ 97 on O₂"}},
	},
	{name: lang.Text{DE: "Luft oder O₂-Gabe", EN: "Air or oxygen"}, words: [7]lang.Text{1: {DE: "O₂-Gabe", EN: "oxygen"}, 3: {DE: "Luft", EN: "air"}}},
	{name: lang.Text{DE: "RR systolisch mmHg", EN: "BP systolic mmHg"}, cells: [7]string{"≤ 90", "91–100", "101–110", "111–219", "", "", "≥ 220"}},
	{name: lang.Text{DE: "Puls /min", EN: "Pulse /min"}, cells: [7]string{"≤ 40", "", "41–50", "51–90", "91–110", "111–130", "≥ 131"}},
	{name: lang.Text{DE: "Bewusstsein", EN: "Consciousness"}, cells: [7]string{3: "A", 6: "C, V, P, U"}},
	{
		name:  lang.Text{DE: "Temperatur °C", EN: "Temperature °C"},
		words: [7]lang.Text{0: {DE: "≤ 35,0", EN: "≤ 35.0"}, 2: {DE: "35,1–36,0", EN: "35.1–36.0"}, 3: {DE: "36,1–38,0", EN: "36.1–38.0"}, 4: {DE: "38,1–39,0", EN: "38.1–39.0"}, 5: {DE: "≥ 39,1", EN: "≥ 39.1"}},
	},
}

// vitalsForm draws the table of vital signs and below it what NEWS2 counts.
func (c *formSheets) vitalsForm() {
	c.lastKnown()
	const newsHeight, notesHeight = 9 * 5.2, 21.0
	c.ruledTo(c.rest([]column{
		{head: c.say("Datum, Uhrzeit", "Date, time"), width: 26}, {head: c.say("RR syst./diast.", "BP syst/diast"), width: 23}, {head: c.say("Puls /min", "Pulse /min"), width: 13},
		{head: "Temp °C", width: 14}, {head: "SpO₂ %", width: 13}, {head: "O₂ l/min", width: 13}, {head: c.say("Atemfr. /min", "Resp /min"), width: 14},
		{head: c.say("Schmerz 0–10", "Pain 0–10"), width: 16}, {head: c.say("ACVPU", "ACVPU"), width: 15}, {head: "NEWS2", width: 16}, {head: c.say("Hz.", "Init.")},
	}), 9, newsHeight+notesHeight, 6)
	c.newsTable()
}

func (c *formSheets) newsTable() {
	s, b := style{c.f.cond, small}, style{c.f.condBold, small}
	const rowH, name = 5.2, 36.0
	c.need(9*rowH + 21)
	c.y += 2
	w := (c.width() - name) / 7
	p := c.flow.p
	line := func(head string, bold bool, cells [7]string) {
		st := s
		if bold {
			st = b
		}
		p.Box(c.left, c.y, name, rowH, 0.17, 0)
		c.text(c.left+pad, c.y+0.6, b, c.clean(head))
		for i, t := range cells {
			x := c.left + name + float64(i)*w
			p.Box(x, c.y, w, rowH, 0.17, 0)
			t = c.clean(t)
			c.text(x+(w-st.width(t))/2, c.y+0.6, st, t)
		}
		c.y += rowH
	}
	line(c.say("NEWS2: Punkte", "NEWS2: points"), true, [7]string{"3", "2", "1", "0", "1", "2", "3"})
	for _, r := range news2 {
		cells := r.cells
		for i, t := range r.words {
			if w := t.In(c.lang); w != "" {
				cells[i] = w
			}
		}
		line(r.name.In(c.lang), false, cells)
	}
	c.y += 0.8
	c.para(b, 0, c.say("Summe 0–4: Station · ein Wert mit 3 Punkten: Arzt sieht den Patienten · 5–6: Arzt sofort, Messung mindestens stündlich · ab 7: Notfallteam, dauernd überwachen",
		"Sum 0–4: ward · 3 points in one line: physician sees the patient · 5–6: physician at once, measure at least hourly · from 7: emergency team, watch without pause"))
	c.para(s, 0, c.say("A wach · C neu verwirrt · V reagiert auf Ansprache · P auf Schmerz · U keine Reaktion. * Skala 2 nur auf ärztliche Anordnung (Ziel 88–92 %). Nicht unter 16 Jahren, nicht in der Schwangerschaft. Quelle: Royal College of Physicians, NEWS2, 2017.",
		"A alert · C newly confused · V responds to voice · P to pain · U unresponsive. * Scale 2 only if a physician orders it (target 88–92 %). Not under 16 years, not in pregnancy. Source: Royal College of Physicians, NEWS2, 2017."))
}
