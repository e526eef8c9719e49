package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"time"

	"notbetrieb/internal/lang"
)

// This file is the signs of life of the workplaces and what they bring back:
// whether the crisis team has said something new.

// notesPath is the page of the messages to staff. Pages nobody sits at ask for
// it: it opens no chart, records no read and renews no session.
const notesPath = "/notes"

// notesPage holds nothing but the head that every page has.
type notesPage struct{ Frame }

var notesPageT = parse[notesPage]("notes")

func (s *Server) showNotes(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	return notesPageT.of(newNotesPage(s.bare(v)))
}

func newNotesPage(f Frame) notesPage {
	return notesPage{f.titled("notes", lang.Text{DE: "Mitteilungen", EN: "Messages"})}
}

// alive answers the sign of life that every open page sends every two minutes,
// with the mark of the messages to staff. Whoever asks learns nothing else; no
// session is looked at.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Posted", s.posted(s.c.Now()))
	w.WriteHeader(http.StatusNoContent)
}

// posted is the mark of the messages to staff that stand: it changes when one
// comes, ends or is withdrawn, and says nothing of what they say. Without any it
// is empty.
func (s *Server) posted(now time.Time) string {
	if s.p.Crisis == nil {
		return ""
	}
	list := s.p.Crisis.Posted(now)
	if len(list) == 0 {
		return ""
	}
	h := sha256.New()
	for _, n := range list {
		h.Write([]byte(n.ID + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// seen takes every request as a sign of life of the workplace it came from.
func (s *Server) seen(r *http.Request) {
	if s.p.Watch == nil {
		return
	}
	if from, err := netip.ParseAddr(clientOf(r)); err == nil {
		s.p.Watch.Seen(from)
	}
}

// clientOf is the address of the client without its port.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
