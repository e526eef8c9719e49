package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/forward"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/numbers"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
	"notbetrieb/internal/watch"
)

// Config is what a house decides about its pages.
type Config struct {
	House      string         // the hospital's name
	Zone       *time.Location // the hospital's; nil is UTC
	Limits     Limits         // zero: DefaultLimits
	Paper      paper.Limits   // the ages called old on sheets
	Band       paper.BandSize // zero: the adult band
	Labels     paper.LabelSheet
	WardNames  map[string]string    // by code, for sheets
	TLS        bool                 // served over TLS: cookies are Secure
	Site       string               // of records written
	Authority  string               // of the patient numbers given here
	Catalogue  *catalogue.Catalogue // of the laboratory; nil is the built-in one
	SigninHint lang.Text            // a line on the sign-in page, for the demonstration
	Drugs      Drugs                // medication
	Keeping    Keeping              // retention
	Now        func() time.Time     // nil is the system clock
	Log        *slog.Logger         // nil is silent

	// Alarms are those about Notbetrieb itself that stand now; nil for none.
	Alarms func() []Alarm
	// Confirm ends the alarm under key if it still bears the mark that was shown,
	// and records who confirmed it. Nil where no alarm is Told.
	Confirm func(ctx context.Context, by staff.Person, key, mark string) error

	// Alerts takes what other monitorings send to /hooks/alerts/{format}; nil for
	// nothing.
	Alerts http.Handler

	// SMSToken is what the gateway shows that hands over an SMS to /hooks/sms; ""
	// for none.
	SMSToken string

	// CallDeclared is the group that is called when an incident is declared; ""
	// for none.
	CallDeclared string

	// Ready says why the server is not ready to be read, nil if it is.
	Ready func(ctx context.Context) error
}

// Parts are the running parts whose content the pages show. All but Demo are
// needed.
type Parts struct {
	Journal  *journal.Journal
	Charts   *chart.Chart
	Staff    *staff.Book
	Outages  *incident.Board
	Harm     *harm.Register
	Estate   *estate.Book
	Crisis   *crisis.Book
	Callout  *callout.Book
	Evidence *evidence.Book
	Watch    *watch.Watch
	Desk     *desk.Desk
	Back     *handback.Book
	Forward  *forward.Relay
	Review   *oversight.Desk
	Inquiry  *inquiry.Book
	Numbers  *numbers.Office
	Tray     *tray.Tray
	Demo     Demo
}

// Demo is the simulated hospital that the demonstration can switch off and on.
type Demo interface {
	On() bool
	Note() lang.Text
	Switch(ctx context.Context, on bool) error
	Behave(ctx context.Context, key string, echo bool) error
	Counterpart(ctx context.Context) (Counterpart, error)
}

// Server answers the requests of browsers. It keeps no state of its own but the
// house job while one is drawn.
type Server struct {
	c     Config
	p     Parts
	log   *slog.Logger
	last  []byte // the page of the last resort, drawn before the first request
	house atomic.Pointer[houseAt]
	jobs  *jobs

	uploads                   chan struct{} // one for each scanned file that is in memory
	orderLab, values, byPhone *entry.Form   // made from the catalogue

	mux       http.Handler // behind the guards; set by Handler
	resumable []string     // patterns of the forms that come back after a sign-in

	nearMu sync.Mutex
	near   map[string]neighbours // by ward

	watch    *harm.Watch
	previews previews // of imports of the estate
	callers  callers  // who follow the link of an alarm
}

// New makes a server. Its pages are parsed and the page of the last resort is
// drawn here: what is wrong with them fails at the start.
func New(c Config, p Parts) (*Server, error) {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Limits.Feed == (Limit{}) {
		c.Limits.Feed = DefaultLimits().Feed
	}
	if c.Limits.Vital == (Limit{}) {
		c.Limits.Vital = DefaultLimits().Vital
	}
	if c.Band == (paper.BandSize{}) {
		c.Band = paper.AdultBand()
	}
	if c.Labels == (paper.LabelSheet{}) {
		c.Labels = paper.Labels70x37()
	}
	if err := c.Drugs.fill(); err != nil {
		return nil, err
	}
	if c.Catalogue == nil {
		c.Catalogue = catalogue.Default()
	}
	s := &Server{c: c, p: p, log: c.Log, orderLab: entry.LaboratoryOrder(c.Catalogue), values: entry.Results(c.Catalogue), byPhone: entry.PhoneResult(c.Catalogue), jobs: newJobs(), uploads: make(chan struct{}, filesInMemory), near: map[string]neighbours{}, watch: harm.NewWatch()}
	f := Frame{Lang: lang.DE, Now: c.Now().In(c.Zone), House: c.House, Limits: c.Limits}
	f.Mode = newModeView(incident.Mode{}, f)
	b, err := errorPageT.bytes(newErrorPage(f, http.StatusInternalServerError, lang.Text{
		DE: "Diese Seite konnte nicht gezeichnet werden. Die Daten sind unversehrt. Bitte zurückgehen, sonst die IT-Leitstelle anrufen und gedruckte Mappen verwenden.",
	}, "/"))
	if err != nil {
		return nil, err
	}
	s.last = b
	return s, nil
}

// Close stops the house job. Requests in flight go on.
func (s *Server) Close() { s.jobs.stop() }

// Handler returns the server's routes behind its guards.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{hash}/{name}", serveAsset)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /alive", s.alive)
	if s.c.Alerts != nil {
		mux.Handle("POST /hooks/alerts/{format}", s.c.Alerts)
	}
	if s.c.SMSToken != "" {
		mux.HandleFunc("POST /hooks/sms", s.inboundSMS)
	}
	s.routes(func(pattern string, h show) { mux.Handle(pattern, s.serve(h)) })
	s.forms(func(pattern string, h show) {
		s.resumable = append(s.resumable, pattern)
		mux.Handle(pattern, s.serve(h))
	})
	mux.Handle("/", s.serve(s.unknown))
	s.mux = mux
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.serve(s.foreign))
	return s.headers(guard.Handler(mux))
}

// routes names every page. Patterns are those of [http.ServeMux].
func (s *Server) routes(on func(string, show)) {
	on("GET /{$}", s.showHouse)
	on("GET /ward/{code}", s.showWard)
	on("GET /patient/{key}", s.showOverview)
	on("GET /patient/{key}/curve", s.showCurve)
	on("GET /patient/{key}/medication", s.showMedication)
	on("GET /patient/{key}/lab", s.showLab)
	on("GET /patient/{key}/findings", s.showFindings)
	on("GET /patient/{key}/findings/{id}", s.showFinding)
	on("GET /patient/{key}/document/{seq}/{segment}", s.showDocument)
	on("GET /patient/{key}/orders", s.showOrders)
	on("GET /patient/{key}/appointments", s.showAppointments)
	on("GET /patient/{key}/course", s.showCourse)
	on("GET /patient/{key}/sources", s.showSources)
	on("GET /patient/{key}/record/{seq}", s.showPatientRecord)
	on("GET /patient/{key}/write", s.showWriting)
	on("GET /patient/{key}/write/{form}", s.showWrite)
	on("GET /patient/{key}/entry/{root}", s.showEntry)
	s.orderingRoutes(on)
	s.deskRoutes(on)
	s.pharmacyRoutes(on)
	s.resultRoutes(on)
	on("GET /patient/{key}/critical", s.showCritical)
	on("GET /patient/{key}/report/{order}", s.showReport)
	on("GET /desk/critical", s.showCriticalList)
	s.wardRoutes(on)
	s.admissionRoutes(on)
	s.backRoutes(on)
	s.drugRoutes(on)
	on("GET /record/{seq}", s.showRecord)
	on("POST /record/{seq}/aside", s.setAside)
	on("GET /search", s.showSearch)
	on("GET /unread", s.showUnread)
	on("GET /outages", s.showOutages)
	on("POST /outages/declare", s.askDeclare)
	on("POST /outages/declared", s.declare)
	on("POST /outages/{id}/{act}", s.actOnOutage)
	on("POST /alarms/confirm", s.confirmAlarm)
	on("GET /audit", s.showAudit)
	on("GET /people", s.showPeople)
	on("GET /people/{id}", s.showPerson)
	on("POST /people/{id}", s.changePerson)
	on("POST /people/{id}/password", s.resetPassword)
	on("POST /people/{id}/unlock", s.unlockPerson)
	on("GET /print", s.showPrint)
	on("GET /print/ward.pdf", s.printWard)
	on("GET /print/patient/{file}", s.printPatient)
	on("GET /print/patient/{key}/{file}", s.printBands)
	on("POST /print/house", s.printHouse)
	on("GET /print/house/{id}", s.showJob)
	s.paperRoutes(on)
	on("GET /signin", s.showSignin)
	on("POST /signin", s.signin)
	on("POST /signout", s.signout)
	on("GET /glass", s.showGlass)
	on("GET /password", s.showPassword)
	on("POST /password", s.changePassword)
	on("POST /settings/night", s.setNight)
	on("POST /settings/lang", s.setLang)
	on("POST /demo", s.switchDemo)
	s.demoRoutes(on)
	s.forwardRoutes(on)
	s.harmRoutes(on)
	s.estateRoutes(on)
	s.watchRoutes(on)
	on("GET "+notesPath, s.showNotes)
	s.crisisRoutes(on)
	s.calloutRoutes(on)
	s.evidenceRoutes(on)
	s.oversightRoutes(on)
	s.inquiryRoutes(on)
}

// forms names the pages that take what people record. Their handlers heed
// visit.resumed: they draw a form that comes back from the sign-in and do
// nothing with it.
func (s *Server) forms(on func(string, show)) {
	on("POST /patient/{key}/write/{form}", s.sign)
	on("POST /patient/{key}/entry/{root}/withdraw", s.withdrawEntry)
	on("POST /glass", s.openGlass)
	s.resultForms(on)
	on("POST /patient/{key}/critical", s.takeNote)
	on("POST /patient/{key}/report/{order}", s.signReport)
	s.harmForms(on)
	s.estateForms(on)
	s.crisisForms(on)
	s.calloutForms(on)
	s.evidenceForms(on)
	s.oversightForms(on)
	s.admissionForms(on)
	s.drugForms(on)
	s.pharmacyForms(on)
	s.scanForms(on)
	s.watchForms(on)
}

// headers are what every answer says to the browser: nothing from elsewhere,
// nothing inline, nobody frames us.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.seen(r)
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if s.c.TLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyz answers 200 once the charts can be read.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if s.c.Ready != nil {
		if err := s.c.Ready(r.Context()); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("not ready\n"))
			return
		}
	}
	_, _ = w.Write([]byte("ready\n"))
}
