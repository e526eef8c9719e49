package app

import (
	"net/http"

	"notbetrieb/internal/config"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/web"
)

// Pages builds the pages of a hub. demo is the simulated hospital's switch, nil
// in a real house; hint is a line under the sign-in.
func Pages(demo web.Demo, hint lang.Text) func(*Hub) (http.Handler, error) {
	return func(h *Hub) (http.Handler, error) {
		c := h.Config
		size := c.Print.Wristband
		band := paper.AdultBand()
		band.Width, band.Height = size.Width, size.Height
		labels := paper.Labels70x37()
		if l := c.Print.Label; l.Width != labels.W || l.Height != labels.H {
			labels = labelSheet(l)
		}
		drugs, err := Drugs(c)
		if err != nil {
			return nil, err
		}
		hook, err := h.alertHook()
		if err != nil {
			return nil, err
		}
		sms, err := h.smsToken()
		if err != nil {
			return nil, err
		}
		s, err := web.New(web.Config{
			House: c.Hospital.Name, Zone: h.Zone, Limits: webLimits(c), Paper: paperLimits(c),
			Band: band, Labels: labels, TLS: c.Web.TLS.On(), Drugs: drugs, Site: c.Hospital.Site, SigninHint: hint,
			Now: h.now, Log: h.log, Ready: h.Ready, Alarms: h.standing, Confirm: h.ConfirmAlarm, Authority: c.Numbers.Authority, Catalogue: h.Assays, Alerts: hook, SMSToken: sms, CallDeclared: c.Callout.Declared, Keeping: web.Keeping{Days: c.Retention.Days, Reads: c.Retention.KeepReadsDays, Freeze: c.Evidence.Freeze, FreezeDays: c.Evidence.Days, Patient: h.named},
		}, web.Parts{Journal: h.Journal, Charts: h.Chart, Staff: h.Staff, Outages: h.Board, Harm: h.Harm, Estate: h.Estate, Watch: h.Watch, Crisis: h.Crisis, Callout: h.Callout, Evidence: h.Evidence, Desk: h.Desk, Tray: h.Tray, Numbers: h.Numbers, Back: h.Back, Forward: h.Forward, Review: h.Review, Inquiry: h.Inquiry, Demo: demo})
		if err != nil {
			return nil, err
		}
		h.closeWeb = s.Close
		return s.Handler(), nil
	}
}

// standing are the alarms as a page shows them.
func (h *Hub) standing() []web.Alarm {
	var out []web.Alarm
	for _, a := range h.Alarms.All() {
		out = append(out, web.Alarm{Key: a.Key, Text: a.Text, Since: a.Since, Mark: a.Mark(), Count: a.Count, Told: a.Told})
	}
	return out
}

// labelSheet fills an A4 sheet with labels of one size.
func labelSheet(m config.Measure) paper.LabelSheet {
	const width, height = 210, 297
	cols, rows := max(int(width/m.Width), 1), max(int(height/m.Height), 1)
	return paper.LabelSheet{
		W: m.Width, H: m.Height, Cols: cols, Rows: rows,
		Left: max((width-float64(cols)*m.Width)/2, 0), Top: max((height-float64(rows)*m.Height)/2, 0),
	}
}

func webLimits(c config.Config) web.Limits {
	out := web.Limits{
		Feed:  web.Limit(c.Ages.Feed),
		Vital: web.Limit(c.Ages.Vitals),
		Feeds: map[string]web.Limit{},
	}
	for _, f := range c.Feeds {
		out.Feeds[f.Name] = web.Limit(f.Silence)
	}
	return out
}

func paperLimits(c config.Config) paper.Limits {
	return paper.Limits{Laboratory: c.Ages.Lab.Red, Vitals: c.Ages.Vitals.Red, Master: c.Ages.Feed.Red, Medication: c.Ages.Feed.Red}
}
