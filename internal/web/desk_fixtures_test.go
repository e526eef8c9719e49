package web

import (
	"time"

	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
)

func fixtureTasks() []chart.Task {
	at := func(d time.Duration, o clinical.Order) chart.Task {
		o.Requested = ago(d)
		return chart.Task{
			Kind: chart.TaskOrder, Key: "k1", Case: "4711001", Name: clinical.Name{Family: "Müller", Given: "Anna"}, Birth: clinical.Date{Year: 1951, Month: 4, Day: 3},
			Place: clinical.Place{Ward: "3A", Room: "301", Bed: "F"}, At: ago(d), Order: chart.Item[clinical.Order]{V: o, Origin: org(9, "here", d)},
		}
	}
	return []chart.Task{
		at(80*time.Minute, clinical.Order{Placer: "NA000000017", What: clinical.Coded{Text: "Elektrolyte, Nierenwerte"}, Section: clinical.Laboratory, Status: clinical.PartResult, Specimen: "Serum", Priority: "R", By: clinical.Staff{Name: "S. Weber"}}),
		at(20*time.Minute, clinical.Order{Placer: "NA000000025", What: clinical.Coded{Text: "Kleines Blutbild"}, Section: clinical.Laboratory, Status: clinical.InProgress, Specimen: "EDTA-Blut", Priority: "S", Question: "Blutung", By: clinical.Staff{Name: "K. Huber"}}),
	}
}

func fixtureLabOpened(f Frame) *labOpened {
	p := fixturePatient()
	o := chart.Item[clinical.Order]{V: fixtureTasks()[0].Order.V}
	o.V.Parts = []clinical.Coded{{Code: "ELEK"}, {Code: "NIERE"}}
	k := 6.4
	value := chart.Item[clinical.Result]{Origin: org(12, "cobas", 9*time.Minute), V: clinical.Result{
		Placer: o.V.Placer, Code: clinical.Coded{Code: "2823-3", Text: "Kalium"}, Section: clinical.Laboratory, Value: "6,4", Number: &k, Unit: "mmol/l",
		Flags: []string{"HH"}, Status: clinical.Preliminary, Device: true, Comment: "Analysengerät, nicht validiert", At: ago(30 * time.Minute),
	}}
	p.Results = append([]chart.Item[clinical.Result]{value}, p.Results...)
	return &labOpened{opened: &opened{p: p, frame: f}, order: o}
}

// deskGallery draws the pages of the places that answer orders.
func deskGallery(add func(string, []byte, error), f Frame) {
	work := worklistPage{Frame: f.titled("desk/lab", laboratory.title), Here: "/desk/lab", Scanner: true, Scan: "NA000000999", Done: "NA000000009", Total: 2, Problem: lang.Text{DE: "Kein offener Auftrag hat die Nummer NA000000999.", EN: "No open order has the number NA000000999."}}
	work.fill(fixtureTasks(), "", func(t chart.Task) string { return answerPath(laboratory, t.Key, t.Order.V) })
	draw(add, "worklist", worklistPageT, work)

	s := &Server{c: Config{Catalogue: catalogue.Default()}}
	l := fixtureLabOpened(f)
	l.rows = s.resultRowsOf(l)
	l.rows[1].Value = "9,1" // what is asked about once more
	f.Banner = newBanner(l.p, f, "lab", around{})
	order := workRow{Number: "NA000000017", What: "Elektrolyte, Nierenwerte", Specimen: "Serum", Status: orderWord(clinical.PartResult), Urgent: true, At: f.stamp(ago(80 * time.Minute)), By: "S. Weber", Question: "Klinische Frage: Herzrhythmusstörung"}
	draw(add, "labresult", resultPageT, resultPage{
		Frame: f.titled("desk/lab", lang.Text{DE: "Werte", EN: "Values"}), Order: order, Action: "/patient/k1/results/NA000000017", Arrive: "/patient/k1/results/NA000000017/arrived", Key: "k", Rows: l.rows, Free: []freeRow{{No: "0"}, {No: "1"}},
		Taken: "09:50", NeedWhy: true, NeedDuo: true, Open: 1, Labels: "/patient/k1/specimens.pdf?order=NA000000017",
		Asked: []problem{{"v1", lang.Text{DE: "Kalium: 9,1 mmol/l ist ungewöhnlich. Stimmt der Wert?", EN: "Potassium: 9.1 mmol/l is unusual. Is the value right?"}}},
	})
	waiting := []unheardView{{Key: "k1", Name: "MÜLLER, Anna", Place: "3A · Zi 301 F", Case: "4711001", Label: "Kalium", Value: "6,4", Unit: "mmol/l", At: f.stamp(ago(30 * time.Minute)), Since: f.stamp(ago(9 * time.Minute)), Section: sectionWord(clinical.Laboratory), ID: "x", Seq: 12, Form: "k"}}
	draw(add, "critical", criticalPageT, criticalPage{
		Frame: f.titled("patient", lang.Text{DE: "Kritische Werte", EN: "Critical values"}), Rows: waiting, Action: "/patient/k1/critical", Own: true, Phone: true,
		Heard: []lineView{{Text: "S. Weber: Arzt informiert", At: f.stamp(ago(5 * time.Minute))}},
	})
	bare := f
	bare.Banner = nil
	draw(add, "criticallist", criticalListPageT, criticalListPage{Frame: bare.titled("desk/critical", lang.Text{DE: "Kritische Werte ohne Kenntnisnahme", EN: "Critical values nobody took note of"}), Rows: waiting})
	g := inputGroup{}
	for _, x := range entry.Finding.Fields {
		g.Fields = append(g.Fields, inputView{Field: x})
	}
	order.What = "CT Schädel"
	draw(add, "report", reportPageT, reportPage{Frame: f.titled("desk/findings", lang.Text{DE: "Befund schreiben", EN: "Write the finding"}), Order: order, Groups: []inputGroup{g}, Action: "/patient/k1/report/NA000000017", Key: "k", Stands: lang.Text{DE: "vorläufig", EN: "preliminary"}, By: "Dr. P. Lang", Since: f.stamp(ago(time.Hour))})
	lab := writePage{Frame: f.titled("patient", lang.Text{DE: "Labor anfordern", EN: "Order laboratory tests"}), Form: entry.LaboratoryOrder(catalogue.Default()), Action: "/patient/k1/write/order-lab", Key: "k"}
	for _, x := range lab.Form.Fields {
		if n := len(lab.Groups); n == 0 || lab.Groups[n-1].Name != x.Group {
			lab.Groups = append(lab.Groups, inputGroup{Name: x.Group})
		}
		last := &lab.Groups[len(lab.Groups)-1]
		last.Fields = append(last.Fields, inputView{Field: x})
	}
	draw(add, "order-lab", writePageT, lab)
}
