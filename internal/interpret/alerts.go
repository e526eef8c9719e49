package interpret

import (
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// alerts makes warnings of a code (DG1-3, AL1-3, IAM-3) by the site's table.
func (r *reader) alerts(seg segment, what clinical.Coded, act clinical.Action) {
	code := fold(what.Code)
	if code == "" {
		return
	}
	for _, rule := range r.f.alerts[seg.Name()] {
		if !like(rule.Code, code) {
			continue
		}
		r.emit(clinical.Alert{Kind: clinical.AlertKind(rule.Kind), What: renamed(what, rule.Text), From: r.alertTime(seg), Action: act})
		return
	}
}

func renamed(c clinical.Coded, text string) clinical.Coded {
	if text != "" {
		c.Text = text
	}
	return c
}

func (r *reader) alertTime(seg segment) time.Time {
	if seg.Name() == "DG1" {
		return r.time(seg, 5)
	}
	return time.Time{}
}

// alertsOfVisit makes warnings of coded fields of PID, PV1 and PV2, such as
// PV1-15 (ambulatory status) or PV1-16 (VIP).
func (r *reader) alertsOfVisit(g *group) {
	for _, seg := range [...]segment{g.pid, g.pv1, g.pv2} {
		if !seg.Exists() {
			continue
		}
		for _, rule := range r.f.alerts[seg.Name()] {
			if rule.Field == 0 {
				continue
			}
			for _, rep := range seg.Field(rule.Field).Reps() {
				what := r.coded(rep)
				if what.Code != "" && like(rule.Code, fold(what.Code)) {
					r.emit(clinical.Alert{Kind: clinical.AlertKind(rule.Kind), What: renamed(what, rule.Text), Action: clinical.Insert})
				}
			}
		}
	}
}

// alertOf makes a warning of an observation whose code the site's table names;
// false if the table does not. The value decides what is shown: one that the
// rule maps to nothing ends the warning.
func (r *reader) alertOf(seg segment, what clinical.Coded) bool {
	code := fold(what.Code)
	if code == "" {
		return false
	}
	for _, rule := range r.f.alerts["OBX"] {
		if !like(rule.Code, code) {
			continue
		}
		f := seg.Field(5)
		sent := r.codedField(f)
		text, known := lookupValue(rule.Values, sent)
		if len(rule.Values) > 0 && !known {
			continue
		}
		alert := clinical.Alert{
			Kind: clinical.AlertKind(rule.Kind), What: renamed(what, rule.Text), From: r.time(seg, 14), Action: clinical.Insert,
		}
		switch {
		case text != "":
			alert.What.Text = text
		case known, f.Null(), withdrawn(seg.Field(11)):
			alert.Action = clinical.Cancel
		case rule.Text == "" && sent.Label() != "":
			alert.What.Text = strings.TrimSpace(what.Label() + ": " + sent.Label())
		}
		r.emit(alert)
		return true
	}
	return false
}

// lookupValue finds what a rule shows for a value; "*" stands for any that is
// sent.
func lookupValue(values map[string]string, sent clinical.Coded) (string, bool) {
	for _, v := range [...]string{sent.Code, sent.Text} {
		if text, ok := values[v]; ok && v != "" {
			return text, true
		}
	}
	text, ok := values["*"]
	return text, ok && !sent.Zero()
}

func withdrawn(f hl7.Field) bool {
	switch fold(f.Text()) {
	case "D", "W":
		return true
	}
	return false
}
