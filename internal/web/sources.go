package web

import (
	"strconv"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// sourcesPage lists every message behind a chart.
type sourcesPage struct {
	Frame
	Rows  []sourceRow
	Pager pagerView
}

type sourceRow struct {
	sourceView
	Kind     string
	Control  string
	Sent     stamp
	Received stamp
	Unread   string
	Test     bool
}

const sourcesPerPage = 100

var sourcesPageT = parse[sourcesPage]("sources")

func newSourcesPage(p *chart.Patient, list []chart.Source, f Frame, near around) sourcesPage {
	f.Banner = newBanner(p, f, "sources", near)
	v := sourcesPage{Frame: f.titled("patient", lang.Text{DE: "Quellen", EN: "Sources"})}
	for _, s := range list {
		v.Rows = append(v.Rows, sourceRow{
			sourceView: f.source(clinical.Origin{Seq: s.Seq, Feed: s.Feed}), Kind: s.Kind, Control: s.Control,
			Sent: f.stamp(s.Sent), Received: f.stamp(s.Received), Unread: s.Unread, Test: s.Test,
		})
	}
	if len(list) == sourcesPerPage {
		v.Pager.Older = "/patient/" + string(p.Key) + "/sources?before=" + strconv.FormatUint(list[len(list)-1].Seq, 10)
	}
	return v
}
