package app

import (
	"context"

	"notbetrieb/internal/inquiry"
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
