package web

import (
	"notbetrieb/internal/chart"
	"notbetrieb/internal/lang"
)

// printPage chooses what is printed.
type printPage struct {
	Frame
	Wards   []printWard
	Ward    string // chosen beforehand
	Patient string
	Name    string // of the chosen patient
	Whole   bool   // may print the whole house
	Job     *jobView
}

type printWard struct {
	Code, Name string
	Patients   int
	Here       bool
}

// jobView is the house job while it is drawn.
type jobView struct {
	ID       string
	Done     int
	Total    int
	Finished bool
	Failed   lang.Text
	Size     string
	Started  stamp
}

// jobPage shows the progress of the house job.
type jobPage struct {
	Frame
	Job jobView
}

// Percent is the part that is drawn.
func (j jobView) Percent() int {
	if j.Total == 0 {
		return 0
	}
	return min(j.Done*100/j.Total, 100)
}

var (
	printPageT = parse[printPage]("print")
	jobPageT   = parse[jobPage]("job")
)

func newPrintPage(h chart.House, f Frame, ward, patient, name string, job *jobView) printPage {
	if ward == "" && len(f.User.Wards) > 0 { // whoever works on a ward prints its folder
		ward = f.User.Wards[0]
	}
	v := printPage{Frame: f.titled("print", lang.Text{DE: "Druck", EN: "Print"}), Ward: ward, Patient: patient, Name: name, Whole: f.User.Can("print-house"), Job: job}
	for _, w := range h.Wards {
		if w.Occupied > 0 || w.Beds > 0 {
			v.Wards = append(v.Wards, printWard{Code: w.Code, Name: w.Name, Patients: w.Occupied, Here: w.Code == ward})
		}
	}
	return v
}

func newJobPage(j jobView, f Frame) jobPage {
	v := jobPage{Frame: f.titled("print", lang.Text{DE: "Hausmappe", EN: "House folder"}), Job: j}
	v.Refresh = !j.Finished && j.Failed.DE == ""
	return v
}

// RefreshSeconds is short while the job is drawn.
func (jobPage) RefreshSeconds() int { return 3 }
