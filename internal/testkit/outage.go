package testkit

import "strings"

// Declare declares that a system is out of service: the physician declares it,
// a nurse confirms it, both through the pages.
func (h *Hospital) Declare(system string, values ...string) {
	h.t.Helper()
	id := h.Propose(system, values...)
	h.As("pflege").Page("/outages").Submit("/outages/" + id + "/confirm").Answers(200)
	h.Settle()
}

// Propose lets the physician declare an outage through the pages, without a
// second person. It returns the outage's number.
func (h *Hospital) Propose(system string, values ...string) string {
	h.t.Helper()
	form := append([]string{"system", system, "why", "Anmeldung hängt seit dem Morgen"}, values...)
	page := h.As("arzt").Page("/outages").Submit("/outages/declare", form...).Submit("/outages/declared").Answers(200)
	h.Settle()
	return strings.TrimPrefix(page.In("section.outage").Attr("section", "id"), "#")
}
