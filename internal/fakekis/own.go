package fakekis

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/interpret"
)

// What the KIS itself does: it was used before the outage, and people go on
// using it while the hand-back runs.

// Register adds a person of the KIS's own. Nothing is sent.
func (k *KIS) Register(p Patient) {
	k.mu.Lock()
	defer k.mu.Unlock()
	own := copied(&p)
	k.view.persons[p.Number] = &own
}

// Admit begins a stay and tells it (A01).
func (k *KIS) Admit(number string, s Stay) {
	k.do(number, "A01", s.Case, func(p *Patient) { *p.stay(s.Case) = s }, s.Admitted)
}

// Transfer moves a patient and tells it (A02).
func (k *KIS) Transfer(number string, no clinical.CaseNo, to clinical.Place, at time.Time) {
	k.do(number, "A02", no, func(p *Patient) { p.stay(no).Place = to }, at)
}

// Discharge ends a stay and tells it (A03).
func (k *KIS) Discharge(number string, no clinical.CaseNo, at time.Time) {
	k.do(number, "A03", no, func(p *Patient) { p.stay(no).Discharged = at }, at)
}

// Rename gives a person another name and tells it (A31).
func (k *KIS) Rename(number string, name clinical.Name) {
	k.do(number, "A31", "", func(p *Patient) { p.Name = name }, k.o.Now())
}

// Merge makes from one person with into and tells it (A40).
func (k *KIS) Merge(into, from string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.view.person(into)
	k.view.merge(p, from)
	k.tell("A40", p, nil, k.o.Now(), "MRG", k.id(from))
}

func (k *KIS) do(number, event string, no clinical.CaseNo, act func(*Patient), at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.view.person(number)
	act(p)
	var s *Stay
	if no != "" {
		s = p.stay(no)
	}
	k.tell(event, p, s, at)
}

// number gives persons that came with a foreign number one of the KIS's own. The
// caller holds the lock.
func (k *KIS) number(r interpret.Reading) {
	for _, c := range r.Changes {
		if len(c.IDs) == 0 || c.IDs[0].Authority == k.o.Authority {
			continue
		}
		foreign := c.IDs[0].Value
		p := k.view.persons[foreign]
		if p == nil || p.Into != "" {
			continue
		}
		own := strconv.Itoa(700001 + len(k.view.also))
		delete(k.view.persons, foreign)
		k.view.facts[own] = k.view.facts[foreign]
		delete(k.view.facts, foreign)
		p.Number, p.Others = own, append(p.Others, foreign)
		k.view.persons[own], k.view.also[foreign] = p, own
		b := hl7.NewBuilder(hl7.DefaultDelims(), "UNICODE UTF-8")
		k.tell("A47", p, nil, k.o.Now(), "MRG", b.Comps(foreign, "", "", c.IDs[0].Authority, "PI"))
	}
}

func (k *KIS) id(number string) string { return number + "^^^" + k.o.Authority + "^PI" }

// tell puts a message on the feed. The caller holds the lock.
func (k *KIS) tell(event string, p *Patient, s *Stay, at time.Time, more ...string) {
	k.told++
	now := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(k.o.Zone).Format("20060102150405-0700")
	}
	b := hl7.NewBuilder(hl7.DefaultDelims(), "UNICODE UTF-8")
	b.Segment("MSH", b.Text(k.o.Name), b.Text(k.o.Facility), "NOTBETRIEB", "", now(k.o.Now()), "", b.Comps("ADT", event), fmt.Sprintf("%s%06d", k.o.Name, k.told), "P", "2.5", "", "", "", "", "DEU", "UNICODE UTF-8")
	b.Segment("EVN", event, now(k.o.Now()), "", "", "", now(at))
	family := b.Text(p.Name.Family)
	if p.Name.Prefix != "" {
		family = b.Subs(p.Name.Prefix+" "+p.Name.Family, p.Name.Prefix, p.Name.Family)
	}
	sex := string(p.Sex)
	if p.Sex == clinical.Diverse {
		sex = "O"
	}
	b.Segment("PID", "1", "", k.id(b.Text(p.Number)), "", b.Join(family, b.Text(p.Name.Given), b.Text(p.Name.Further), b.Text(p.Name.Suffix), "", b.Text(p.Name.Title), "L"), "", strings.ReplaceAll(p.Birth.ISO(), "-", ""), sex)
	if len(more) > 0 {
		b.Segment(more[0], more[1:]...)
	}
	if s != nil {
		f := make([]string, 45)
		class := string(s.Class)
		if class == "" {
			class = "I"
		}
		f[0], f[1], f[2] = "1", class, b.Comps(s.Place.Ward, s.Place.Room, s.Place.Bed, s.Place.Facility)
		f[18], f[43], f[44] = b.Comps(string(s.Case), "", "", k.o.Authority, "VN"), now(s.Admitted), now(s.Discharged)
		b.Segment("PV1", f...)
	}
	k.feed = append(k.feed, b.Bytes())
	k.notify()
}

// echo tells a message that was taken to the others, as systems do: the same
// content under the KIS's own name and control ID. The caller holds the lock.
func (k *KIS) echo(h hl7.Header, raw []byte) {
	head, rest, ok := bytes.Cut(raw, []byte("\r"))
	fields := bytes.Split(head, []byte{h.Delims.Field})
	if !ok || len(fields) < 10 {
		return
	}
	k.told++
	own := map[int]string{2: k.o.Name, 3: k.o.Facility, 4: "NOTBETRIEB", 5: "", 6: k.o.Now().In(k.o.Zone).Format("20060102150405-0700"), 9: fmt.Sprintf("%s%06d", k.o.Name, k.told)}
	for i, v := range own {
		fields[i] = []byte(v)
	}
	for i := 14; i <= 15 && i < len(fields); i++ { // it wants plain answers
		fields[i] = nil
	}
	head = bytes.Join(fields, []byte{h.Delims.Field})
	k.feed = append(k.feed, append(append(head, '\r'), rest...))
	k.notify()
}

// Feed returns the messages that the KIS has not sent yet.
func (k *KIS) Feed() [][]byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.feed)
}

// Send sends its feed to a listener at addr, in order, and returns how many
// messages were taken there. What was not taken stays on the feed.
func (k *KIS) Send(ctx context.Context, addr string, o hl7.ClientOptions) (sent int, err error) {
	waiting := k.Feed()
	if len(waiting) == 0 {
		return 0, nil
	}
	c, err := hl7.Dial(ctx, addr, o)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }()
	for _, raw := range waiting {
		answer, err := c.Send(ctx, raw)
		if err != nil {
			return sent, err
		}
		if a, err := hl7.ParseAck(answer); err != nil || !a.Code.Positive() {
			return sent, fmt.Errorf("fakekis: the feed was refused: %s", a.Code)
		}
		sent++
		k.mu.Lock()
		k.feed = k.feed[1:]
		k.mu.Unlock()
	}
	return sent, nil
}

// objection is why a strict KIS refuses a message; "" if it does not. The caller
// holds the lock.
func (k *KIS) objection(typ, patient string) string {
	if !k.o.Strict {
		return ""
	}
	switch typ {
	case "ADT^A01", "ADT^A04", "ADT^A05", "ADT^A28":
		return ""
	}
	p := k.view.persons[patient]
	switch {
	case k.view.also[patient] != "":
		return ""
	case p == nil:
		return "Patient nicht bekannt"
	case p.Into != "":
		return "Patient wurde zusammengeführt mit " + p.Into
	}
	return ""
}
