package web

import (
	"time"

	"notbetrieb/internal/forward"
)

func forwardGallery(add func(string, []byte, error), f Frame) {
	at := f.Now.Add(-40 * time.Minute)
	f.Forward = &forwardPill{N: 2}
	draw(add, "forward", forwardPageT, newForwardPage(f, []forward.Standing{
		{Name: "archiv", Feeds: []string{"kis-adt", "lis"}, Repeats: true, Passed: 18234, Last: f.Now.Add(-time.Minute), Skipped: 1, Aside: []forward.Aside{
			{Seq: 88123, Control: "KIS0004711", Type: "ADT^A08", Feed: "kis-adt", Received: at, Code: "AE", Text: "Fall ist abgeschlossen"},
			{Seq: 88150, Control: "KIS0004733", Type: "ADT^A03", Feed: "kis-adt", Received: at.Add(time.Minute), Behind: true},
			{Seq: 88160, Control: "KIS0004740", Type: "ORU^R01", Feed: "lis", Received: at.Add(2 * time.Minute), Code: "AR", Text: "Schnittstelle gesperrt", Again: true},
		}},
		{Name: "register", Feeds: []string{"kis-adt"}, Waiting: 312, Oldest: at, Stuck: &forward.Stuck{Seq: 88001, Control: "KIS0004699", Type: "ADT^A01", Since: at, Tries: 41}},
	}, nil))
	draw(add, "forward-none", forwardPageT, newForwardPage(f, nil, nil))
}
