package app

import (
	"context"

	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
)

func (h *Hub) reviewOptions() oversight.Options {
	return oversight.Options{
		Dir: h.folder("review"), Key: h.Keys.Root.Derive("review"), Site: h.Config.Hospital.Site, Authority: h.Config.Mapping.Identity.Authority,
		Zone: h.Zone, Now: h.now, Log: h.log,
	}
}

func (h *Hub) inquiryOptions() inquiry.Options {
	return inquiry.Options{
		Dir: h.folder("sealed"), Key: h.Keys.Root.Derive("inquiry"), Site: h.Config.Hospital.Site, Cost: inquiry.Cost{Memory: h.phrases.Memory, Time: h.phrases.Time, Lanes: h.phrases.Threads}, Now: h.now, Log: h.log,
	}
}

// openInquiry opens the desk of those who look over accesses, and the book of
// sealed investigations.
func (h *Hub) openInquiry(ctx context.Context) error {
	var err error
	if h.Review, err = oversight.Open(ctx, h.Journal, h.Chart, h.Staff, h.reviewOptions()); err != nil {
		return err
	}
	h.Inquiry, err = inquiry.Open(ctx, h.Journal, h.inquiryOptions())
	return err
}

// checkReview compares the saved indexes of both with fresh folds.
func (h *Hub) checkReview(ctx context.Context, j *still) ([]Finding, error) {
	var out []Finding
	for _, x := range []struct {
		part  string
		check func() (journal.Verdict, error, error)
	}{
		{"review", func() (journal.Verdict, error, error) { return oversight.Check(ctx, j, h.reviewOptions()) }},
		{"sealed", func() (journal.Verdict, error, error) { return inquiry.CheckIndex(ctx, j, h.inquiryOptions()) }},
	} {
		verdict, why, err := x.check()
		if err != nil {
			return out, err
		}
		if verdict != journal.SavedWell {
			out = append(out, Finding{Part: x.part, Code: x.part + "-" + string(verdict), Err: why, Text: lang.Text{
				DE: "Das gespeicherte Verzeichnis (" + x.part + ") passt nicht zum Journal. Es wird beim nächsten Start neu aufgebaut; das Journal selbst ist davon nicht betroffen.",
				EN: "The saved index (" + x.part + ") does not agree with the journal. It is built anew at the next start; the journal itself is not touched.",
			}})
		}
	}
	return out, nil
}
