package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// show is a handler that may fail. Only serve turns its error into a response.
type show func(*visit) (http.Handler, error)

// visit is one request with what is known about its reader.
type visit struct {
	*http.Request
	w       http.ResponseWriter // for cookies and limits only
	now     time.Time           // in the hospital's zone
	mode    incident.Mode
	lang    lang.Lang
	night   bool
	session *staff.Session // nil: nobody is signed in
	token   string
	view    *chart.View // opened by charts, closed by serve
	house   *houseAt
	resumed bool // a form that comes back from the sign-in: it is drawn, nothing is done
}

// houseAt is the house overview as of one record.
type houseAt struct {
	chart.House
	read time.Time
}

// maxForm is the most bytes of a form: the longest texts that the fields of a
// form take (a handover has four of 10,000 characters), escaped, fit in.
const maxForm = 512 << 10

// serve runs h and is the one place where errors become pages.
func (s *Server) serve(h show) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit(r.Pattern))
		v := s.visit(w, r)
		defer func() {
			if v.view != nil {
				if err := v.view.Close(); err != nil {
					s.log.ErrorContext(r.Context(), "chart view not closed", "err", err)
				}
			}
		}()
		res, err := s.first(v, h)
		if err != nil {
			res = s.failed(v, err)
		}
		res.ServeHTTP(w, r)
	})
}

// first is h, or the page that comes before every other: whoever must change
// the password does nothing else until then.
func (s *Server) first(v *visit, h show) (http.Handler, error) {
	if v.session != nil && v.session.Person.MustChange {
		switch p := v.URL.Path; {
		case p == "/password", p == "/signout", strings.HasPrefix(p, "/settings/"):
		default:
			return seeOther("/password"), nil
		}
	}
	if v.resumed && !slices.Contains(s.resumable, v.Pattern) { // no page of its own draws it again
		if len(s.typedTexts(v)) == 0 {
			return seeOther("/"), nil
		}
		return s.givenBack(v)
	}
	if v.Method == http.MethodPost && v.ParseForm() != nil {
		return nil, fault.New(fault.Invalid, lang.Text{
			DE: "Diese Eingabe ist zu lang oder unlesbar und wurde nicht gespeichert. Bitte zurückgehen und kürzen.",
			EN: "This input is too long or unreadable and was not stored. Please go back and shorten it.",
		})
	}
	return h(v)
}

// status is the HTTP status of each kind of error.
func status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unsigned:
		return http.StatusUnauthorized
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal, fault.Corrupt:
	}
	return http.StatusInternalServerError
}

// failed is the page for an error.
func (s *Server) failed(v *visit, err error) http.Handler {
	kind := fault.KindOf(err)
	if kind == fault.Unsigned && v.Method == http.MethodGet {
		return seeOther("/signin?" + url.Values{"back": {v.URL.RequestURI()}}.Encode())
	}
	if kind == fault.Unsigned {
		if c := s.carry(v); c != nil {
			p := newSigninPage(s.bare(v), "", c.Path, nil, s.c.SigninHint)
			p.Carried = c
			if res, err := signinPageT.status(http.StatusUnauthorized, p); err == nil {
				return res
			}
		}
	}
	code := status(kind)
	if code >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(v.Context(), "request failed", "route", v.Pattern, "err", err)
	}
	p := newErrorPage(s.bare(v), code, fault.Say(err), v.cameFrom())
	p.Typed, p.Again = s.typedTexts(v), s.again(v, kind)
	res, drawErr := errorPageT.status(code, p)
	if drawErr != nil {
		s.log.ErrorContext(v.Context(), "error page not drawn", "err", drawErr)
		return wholePage(http.StatusInternalServerError, s.last)
	}
	return res
}

// visit finds out who asks, in which language, in which mode.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Request: r, w: w, now: s.c.Now().In(s.c.Zone)}
	v.resumed = r.Context().Value(resumedKey{}) != nil
	v.mode = s.p.Outages.Mode(v.now)
	if c, err := r.Cookie(s.cookie("session")); err == nil {
		open := s.p.Staff.Session
		if r.URL.Path == notesPath { // asked for by pages nobody sits at: it keeps no session open
			open = s.p.Staff.Peek
		}
		if sess, err := open(r.Context(), c.Value); err == nil {
			v.session, v.token = &sess, c.Value
			if s.p.Crisis != nil { // what it is about is not for a visitor at a screen
				v.mode.Crises = s.p.Crisis.Said()
			}
		}
	}
	v.lang = lang.Parse(strings.TrimSpace(r.Header.Get("Accept-Language")))
	if v.session != nil && v.session.Person.Lang != "" {
		v.lang = v.session.Person.Lang
	}
	if c, err := r.Cookie("lang"); err == nil && (c.Value == "de" || c.Value == "en") {
		v.lang = lang.Lang(c.Value)
	}
	if c, err := r.Cookie("night"); err == nil {
		v.night = c.Value == "on"
	}
	return v
}

// bare is a frame without data from the charts.
func (s *Server) bare(v *visit) Frame {
	f := Frame{Lang: v.lang, Now: v.now, House: s.c.House, Path: v.URL.RequestURI(), Night: v.night, Limits: s.c.Limits}
	if v.Method != http.MethodGet {
		f.Path = "/"
	}
	f.Mode = newModeView(v.mode, f)
	f.Late = !s.p.Staff.Aside().Since.IsZero()
	if v.session != nil {
		f.User = newUserView(*v.session, f)
	}
	if v.session != nil {
		f.Forward = s.forwardPill()
	}
	f.Notices, f.Posted = s.noticesFor(v, f), s.posted(v.now)
	if s.p.Demo != nil && v.session != nil {
		f.Demo = &demoView{On: s.p.Demo.On(), Note: s.p.Demo.Note()}
	}
	return f
}

// frame is bare with the age of the data.
func (s *Server) frame(v *visit) (Frame, error) {
	f := s.bare(v)
	h, err := s.houseOf(v)
	if err != nil {
		return f, err
	}
	f.Feeds = newFeedViews(h.Feeds, f)
	f.Unread = h.Unread
	f.Paper = s.paperWaiting(v)
	f.AsOf, f.Seq = f.stamp(DataAsOf(h.Feeds, v.mode)), h.Seq
	if v.view != nil {
		f.Seq = v.view.Seq()
		f.Signed = s.justSigned(v, f)
		f.Unsigned, err = s.draftsOf(v, f)
	}
	return f, err
}

// DataAsOf is the age of the data that a page states at its head: the newest
// message of any feed, or, while systems are out of service, the newest that
// came from them. Our own records (reads, commands) make no data younger.
func DataAsOf(feeds []chart.Feed, m incident.Mode) time.Time {
	out := map[string]bool{}
	for _, s := range m.Systems {
		out[s.ID] = true
	}
	var all, lost time.Time
	for _, x := range feeds {
		if x.Last.After(all) {
			all = x.Last
		}
		if out[x.System] && x.Last.After(lost) {
			lost = x.Last
		}
	}
	if m.Kind == incident.Emergency && !lost.IsZero() {
		return lost
	}
	return all
}

// charts opens the view of this visit: everything on one page is as of one
// record.
func (s *Server) charts(v *visit) (*chart.View, error) {
	if v.view == nil {
		view, err := s.p.Charts.View(v.Context())
		if err != nil {
			return nil, err
		}
		v.view = view
	}
	return v.view, nil
}

// houseOf returns the overview as of the visit's record; pages at the same
// record, or within a second where only ages are taken from it, share one.
func (s *Server) houseOf(v *visit) (*houseAt, error) {
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	if h := s.house.Load(); h != nil && v.now.Sub(h.read).Abs() < time.Second {
		return h, nil
	}
	return s.houseAs(v, view)
}

// houseAs returns the overview as of exactly the view's record.
func (s *Server) houseAs(v *visit, view *chart.View) (*houseAt, error) {
	if h := s.house.Load(); h != nil && h.Seq == view.Seq() {
		return h, nil
	}
	h, err := view.House(v.Context())
	if err != nil {
		return nil, err
	}
	at := &houseAt{House: h, read: v.now}
	s.house.Store(at)
	return at, nil
}

func newUserView(sess staff.Session, f Frame) *userView {
	p := sess.Person
	u := &userView{Name: p.Name, ID: p.ID, Wards: p.Wards, Rights: map[staff.Right]bool{}}
	for _, r := range staff.Rights() {
		u.Rights[r] = staff.May(p, r)
	}
	if !u.Rights[staff.SeeWard] {
		u.Wards = nil
	}
	for _, g := range sess.Glass {
		if g.Until.After(f.Now) {
			gv := glassView{What: g.Ward, Until: f.stamp(g.Until), Reason: g.Reason}
			u.Glass = append(u.Glass, gv)
		}
	}
	return u
}

// declared reports whether an outage or exercise is declared, which opens
// reading.
func (v *visit) declared() bool {
	return v.mode.Kind == incident.Emergency || v.mode.Kind == incident.Exercise
}

// needSession returns the session or fault.Unsigned.
func (v *visit) needSession() (staff.Session, error) {
	if v.session == nil {
		return staff.Session{}, fault.New(fault.Unsigned, lang.Text{DE: "Bitte anmelden.", EN: "Please sign in."})
	}
	return *v.session, nil
}

// need is needSession with a right that opens no patient data.
func (v *visit) need(r staff.Right) (staff.Session, error) {
	sess, err := v.needSession()
	if err != nil {
		return sess, err
	}
	if !staff.May(sess.Person, r) {
		return sess, fault.New(fault.Forbidden, lang.Text{DE: "Diese Ansicht gehört nicht zu Ihren Aufgaben im Haus.", EN: "This view is not part of your role in the house."})
	}
	return sess, nil
}

// from is the address of the client without its port.
func (v *visit) from() string {
	return clientOf(v.Request)
}

// cameFrom is the page of ours that the reader came from, else the house.
func (v *visit) cameFrom() string {
	u, err := url.Parse(v.Referer())
	if err != nil || u.Host != v.Host || u.Path == "" {
		return "/"
	}
	return safeBack(u.RequestURI())
}

// seeOther sends the reader to another page of ours.
func seeOther(to string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}

// safeBack returns path if it leads to a page of ours, else the house.
func safeBack(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

func (s *Server) cookie(name string) string {
	if s.c.TLS {
		return "__Host-" + name
	}
	return name
}

// set puts a cookie; an empty value takes it away.
func (s *Server) set(v *visit, name, value string, age time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: s.c.TLS, SameSite: http.SameSiteStrictMode, MaxAge: int(age.Seconds())}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(v.w, c)
}

func (s *Server) unknown(*visit) (http.Handler, error) {
	return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Seite gibt es nicht.", EN: "There is no such page."})
}

// foreign answers a form that another site tried to send.
func (s *Server) foreign(*visit) (http.Handler, error) {
	return nil, fault.New(fault.Forbidden, lang.Text{
		DE: "Diese Eingabe kam nicht von einer Seite dieses Systems und wurde nicht angenommen.",
		EN: "This input did not come from a page of this system and was not accepted.",
	})
}
