package config

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on machines that bring none

	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/numbers"
	"notbetrieb/internal/strict"
)

// checker looks at the values and at what must fit together.
type checker struct {
	*strict.Reader
	c        *Config
	warnings Mistakes
	ports    map[string][]listener
}

// listener is an address that is listened on, and the key that says so.
type listener struct{ host, port, path string }

func (k *checker) warn(path, de, en string) {
	k.warnings = append(k.warnings, k.Mistake(path, de, en))
}

func (k *checker) check() {
	k.ports = map[string][]listener{}
	zone := k.hospital()
	k.files()
	k.web()
	k.systems()
	k.feeds()
	k.wards()
	k.limits("ages.feed", k.c.Ages.Feed)
	k.limits("ages.vitals", k.c.Ages.Vitals)
	k.limits("ages.lab", k.c.Ages.Lab)
	k.medication()
	k.targets()
	k.watch()
	k.crisis()
	k.callout()
	k.evidence()
	k.forward()
	k.rest()
	k.numbers()
	k.mapping(zone)
}

// once notes a value that came before. seen holds the paths by value.
func (k *checker) once(seen map[string]string, path, v string) {
	if v == "" {
		return
	}
	if first, dup := seen[v]; dup {
		k.Note(path, "„"+v+"“ steht schon bei "+first+".", "“"+v+"” is already at "+first+".")
		return
	}
	seen[v] = path
}

func (k *checker) hospital() *time.Location {
	h := k.c.Hospital
	k.Required("hospital.name", h.Name)
	k.Short("hospital.site", h.Site)
	k.OneOf("hospital.language", string(h.Language), "de", "en")
	zone, err := time.LoadLocation(h.Timezone)
	if err != nil || h.Timezone == "" || h.Timezone == "Local" {
		k.Note("hospital.timezone", "Diese Zeitzone gibt es nicht; gemeint ist ein Name wie Europe/Berlin.",
			"There is no such time zone; a name like Europe/Berlin is expected.")
		return time.UTC
	}
	return zone
}

func (k *checker) files() {
	k.Required("data", k.c.Data)
	if k.Required("keys.file", k.c.Keys.File) && within(k.c.Keys.File, k.c.Data) {
		k.warn("keys.file", "Der Schlüssel liegt bei den Daten, die er schützt.", "The key lies beside the data it protects.")
	}
	if e := k.c.Keys.PassphraseEnv; strings.ContainsAny(e, "= \t\x00") {
		k.Note("keys.passphrase_env", "Das ist kein Name einer Umgebungsvariablen.", "This is no name of an environment variable.")
	}
	k.OneOf("log.level", k.c.Log.Level, "debug", "info", "warn", "error")
	k.OneOf("log.format", k.c.Log.Format, "text", "json")
}

// within reports whether file lies in dir.
func within(file, dir string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && dir != "" && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func (k *checker) web() {
	w := k.c.Web
	if k.Required("web.listen", w.Listen) {
		k.listen("web.listen", w.Listen, w.TLS.On())
	}
	k.tls("web.tls", w.TLS)
	if w.ExternalURL != "" {
		u, err := url.Parse(w.ExternalURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			k.Note("web.external_url", "Das ist keine Adresse wie https://notbetrieb.klinikum.example.",
				"This is no address like https://notbetrieb.hospital.example.")
		}
	}
	s := w.Session
	if s.Idle < time.Minute {
		k.Note("web.session.idle", "Mindestens eine Minute.", "At least one minute.")
	}
	if s.Absolute < s.Idle || s.Absolute > 7*day {
		k.Note("web.session.absolute", "Nicht weniger als idle und höchstens sieben Tage.", "Not below idle and at most seven days.")
	}
	if k.c.Metrics.Listen != "" {
		k.listen("metrics.listen", k.c.Metrics.Listen, false)
	}
}

func (k *checker) tls(path string, t TLS) {
	switch {
	case (t.Cert == "") != (t.Key == ""):
		k.Note(path, "Zertifikat und Schlüssel gehören zusammen; eines fehlt.", "Certificate and key belong together; one is missing.")
	case t.ClientCA != "" && t.Cert == "":
		k.Note(path+".client_ca", "Clientzertifikate brauchen TLS: cert und key fehlen.",
			"Client certificates need TLS: cert and key are missing.")
	}
}

// listen checks an address, that nobody else listens there, and that it does
// not carry patient data readable through the house.
func (k *checker) listen(path, addr string, tls bool) {
	host, port, err := net.SplitHostPort(addr)
	n, perr := strconv.ParseUint(port, 10, 16)
	if err != nil || perr != nil || strings.ContainsAny(host, " /") {
		k.Note(path, "Das ist keine Adresse mit Port wie 0.0.0.0:2575.", "This is no address with a port like 0.0.0.0:2575.")
		return
	}
	if !tls && !loopback(host) {
		k.warn(path, "Diese Adresse ist im Netz erreichbar, und TLS ist aus: alles ist dort mitzulesen.",
			"This address can be reached from the network and TLS is off: everything can be read on the way.")
	}
	if n == 0 {
		return // any free port
	}
	port = strconv.FormatUint(n, 10)
	for _, o := range k.ports[port] {
		if o.host == host || anyHost(o.host) || anyHost(host) {
			k.Note(path, "Port "+port+" ist schon vergeben: "+o.path+".", "Port "+port+" is already taken by "+o.path+".")
			return
		}
	}
	k.ports[port] = append(k.ports[port], listener{host, port, path})
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

func anyHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}

func (k *checker) systems() {
	seen := map[string]string{}
	for i, s := range k.c.Systems {
		path := "systems[" + strconv.Itoa(i) + "]"
		k.Short(path+".id", s.ID)
		k.once(seen, path+".id", s.ID)
		k.Required(path+".name", s.Name.DE)
	}
}

func (k *checker) feeds() {
	seen, folders := map[string]string{}, map[string]string{}
	for i, f := range k.c.Feeds {
		path := "feeds[" + strconv.Itoa(i) + "]"
		k.Short(path+".name", f.Name)
		k.once(seen, path+".name", f.Name)
		if k.Required(path+".system", f.System) &&
			!slices.ContainsFunc(k.c.Systems, func(s System) bool { return s.ID == f.System }) {
			k.Note(path+".system", "Ein System „"+f.System+"“ steht nicht unter systems.", "There is no system “"+f.System+"” under systems.")
		}
		k.OneOf(path+".kind", string(f.Kind), string(MLLP), string(ASTM), string(Folder))
		k.tls(path+".tls", f.TLS)
		if f.Kind == MLLP || f.Kind == ASTM {
			if k.Required(path+".listen", f.Listen) {
				k.listen(path+".listen", f.Listen, f.TLS.On())
			}
			k.absent(path+".folder", f.Folder)
		}
		if f.Kind == Folder {
			if k.Required(path+".folder", f.Folder) {
				k.once(folders, path+".folder", filepath.Clean(f.Folder))
			}
			if f.KeepDone < 0 {
				k.Note(path+".keep_done", "0s (sofort entfernen) oder mehr.", "0s (remove at once) or more.")
			}
			k.absent(path+".listen", f.Listen)
			k.absent(path+".tls", f.TLS.Cert)
		}
		for n, a := range f.Allow {
			if _, err := netip.ParsePrefix(a); err == nil {
				continue
			}
			if _, err := netip.ParseAddr(a); err != nil {
				k.Note(path+".allow["+strconv.Itoa(n)+"]", "Das ist keine Adresse wie 10.1.2.3 und kein Netz wie 10.1.0.0/16.",
					"This is no address like 10.1.2.3 and no network like 10.1.0.0/16.")
			}
		}
		if f.MaxMessage < 64<<10 || f.MaxMessage > 64<<20 {
			k.Note(path+".max_message", "Erlaubt sind 64KiB bis 64MiB.", "Allowed are 64KiB to 64MiB.")
		}
		if f.Site != "" {
			k.Short(path+".site", f.Site)
		}
		k.limits(path+".silence", f.Silence)
	}
}

func (k *checker) absent(path, v string) {
	if v != "" {
		k.Note(path, "Das passt nicht zu dieser Art von Zulieferung.", "This does not fit this kind of feed.")
	}
}

func (k *checker) wards() {
	seen := map[string]string{}
	for i, w := range k.c.Wards {
		path := "wards[" + strconv.Itoa(i) + "]"
		k.Required(path+".code", w.Code)
		k.once(seen, path+".code", w.Code)
		k.OneOf(path+".kind", string(w.Kind), wardKinds()...)
		beds := map[string]string{}
		rooms := map[string]string{}
		for n, r := range w.Beds {
			at := path + ".beds[" + strconv.Itoa(n) + "]"
			k.Required(at+".room", r.Room)
			k.once(rooms, at+".room", r.Room)
			if len(r.Beds) == 0 {
				k.Note(at+".beds", "Ein Zimmer hat mindestens ein Bett.", "A room has at least one bed.")
			}
			for m, b := range r.Beds {
				bed := at + ".beds[" + strconv.Itoa(m) + "]"
				if !k.Required(bed, b) {
					continue
				}
				if first, dup := beds[r.Room+"\x00"+b]; dup {
					k.Note(bed, "Dieses Bett steht schon bei "+first+".", "This bed is already at "+first+".")
				}
				beds[r.Room+"\x00"+b] = bed
			}
		}
	}
}

func (k *checker) limits(path string, l Limits) {
	switch {
	case l.Amber <= 0:
		k.Note(path+".amber", "Mehr als nichts.", "More than nothing.")
	case l.Red < l.Amber:
		k.Note(path+".red", "Rot darf nicht vor Gelb kommen.", "Red must not come before amber.")
	}
}

func (k *checker) rest() {
	if n := k.c.Intake.InFlight; n < 1<<20 || n > 16<<30 {
		k.Note("intake.in_flight", "Erlaubt sind 1MiB bis 16GiB.", "Allowed are 1MiB to 16GiB.")
	}
	for i, f := range k.c.Feeds {
		if f.MaxMessage > k.c.Intake.InFlight {
			k.warn("feeds["+strconv.Itoa(i)+"].max_message", "Größer als intake.in_flight: diese Grenze gilt.", "Larger than intake.in_flight: that limit holds.")
		}
	}
	r := k.c.Retention
	if r.Days < 0 || r.Days > 0 && r.Days < 30 {
		k.Note("retention.days", "0 (alles behalten) oder mindestens 30.", "0 (keep everything) or at least 30.")
	}
	if r.KeepReadsDays < 0 {
		k.Note("retention.keep_reads_days", "0 (alles behalten) oder mehr.", "0 (keep everything) or more.")
	} else if r.KeepReadsDays > 0 && r.KeepReadsDays < 365 {
		k.warn("retention.keep_reads_days", "Fragen, wer was gelesen hat, kommen oft erst nach Monaten.",
			"Questions about who read what often come only after months.")
	}
	if e := k.c.Checkpoint.Every; e < time.Second || e > day {
		k.Note("checkpoint.every", "Erlaubt sind 1s bis 1d.", "Allowed are 1s to 1d.")
	}
	if a := k.c.Checkpoint.AnchorDir; a != "" && within(a, k.c.Data) {
		k.warn("checkpoint.anchor_dir", "Der zweite Ort liegt bei den Daten: wer sie zurücksetzt, setzt auch ihn zurück.",
			"The second place lies beside the data: who sets them back sets it back too.")
	}
	k.OneOf("print.paper", k.c.Print.Paper, "A4", "A5")
	k.measure("print.label", k.c.Print.Label, 20, 210, 10, 297)
	k.measure("print.wristband", k.c.Print.Wristband, 100, 400, 15, 60)
}

// numbers checks the ranges one by one and against each other.
func (k *checker) numbers() {
	n := k.c.Numbers
	k.Short("numbers.node", n.Node)
	if k.Required("numbers.authority", n.Authority) && n.Authority == k.c.Mapping.Identity.Authority {
		k.Note("numbers.authority", "So heißt schon die Stelle, die die Patientennummern des Hauses vergibt (mapping.identity.authority).",
			"This is the authority of the hospital's own patient numbers already (mapping.identity.authority).")
	}
	if err := numbers.Check(n.Ranges()); err != nil {
		say := fault.Say(err)
		k.Note("numbers", say.DE, say.EN)
	}
}

// targets checks the systems that entries are handed back to.
func (k *checker) targets() {
	seen := map[string]string{}
	for i, t := range k.c.Targets {
		path := "targets[" + strconv.Itoa(i) + "]"
		k.Short(path+".name", t.Name)
		k.once(seen, path+".name", t.Name)
		if k.Required(path+".system", t.System) && !slices.ContainsFunc(k.c.Systems, func(s System) bool { return s.ID == t.System }) {
			k.Note(path+".system", "Ein System „"+t.System+"“ steht nicht unter systems.", "There is no system “"+t.System+"” under systems.")
		}
		k.OneOf(path+".kind", string(t.Kind), string(ToHL7), string(ToFHIR))
		if t.Kind == ToFHIR {
			k.fhirTarget(path, t)
		} else if _, _, err := net.SplitHostPort(t.Address); err != nil {
			k.Note(path+".address", "Rechner und Port: 10.20.0.9:2575.", "Host and port: 10.20.0.9:2575.")
		}
		k.OneOf(path+".version", t.Version, "2.3", "2.3.1", "2.4", "2.5", "2.5.1")
		k.Required(path+".charset", t.Charset)
		if t.Lanes < 1 || t.Lanes > 64 {
			k.Note(path+".lanes", "Erlaubt sind 1 bis 64.", "Allowed are 1 to 64.")
		}
		if t.PauseAfter < 1 || t.PauseAfter > 1000 {
			k.Note(path+".pause_after", "Erlaubt sind 1 bis 1000.", "Allowed are 1 to 1000.")
		}
		k.patience(path+".answer", t.Answer)
		for n, kind := range t.AsDocument {
			if slices.Contains(t.ByHand, kind) {
				k.Note(path+".as_document["+strconv.Itoa(n)+"]", "Das steht auch unter by_hand.", "This stands under by_hand too.")
			}
		}
		for field, list := range map[string][]string{"by_hand": t.ByHand, "as_document": t.AsDocument, "four_eyes": t.FourEyes} {
			for n, kind := range list {
				k.OneOf(path+"."+field+"["+strconv.Itoa(n)+"]", kind, kinds()...)
			}
		}
	}
}

// kinds are the words for what is handed back.
func kinds() []string {
	var out []string
	for _, kind := range message.Kinds() {
		out = append(out, string(kind))
	}
	return out
}

// medication checks the times of a scheme; the drug table is read at the start.
func (k *checker) medication() {
	m := k.c.Medication
	last, ok := "", len(m.SchemeTimes) == 4
	for _, s := range m.SchemeTimes {
		t, err := time.Parse("15:04", s)
		ok = ok && err == nil && t.Format("15:04") == s && s > last
		last = s
	}
	if !ok {
		k.Note("medication.scheme_times", "Vier Uhrzeiten, aufsteigend: 08:00, 12:00, 18:00, 22:00.", "Four times, ascending: 08:00, 12:00, 18:00, 22:00.")
	}
	for i, name := range m.SecondPerson {
		k.Required("medication.second_person["+strconv.Itoa(i)+"]", name)
	}
}

func (k *checker) measure(path string, m Measure, minW, maxW, minH, maxH float64) {
	side := func(name string, v, least, most float64) {
		if v < least || v > most {
			a, b := strconv.FormatFloat(least, 'f', -1, 64), strconv.FormatFloat(most, 'f', -1, 64)
			k.Note(path+"."+name, "Erlaubt sind "+a+" bis "+b+" mm.", "Allowed are "+a+" to "+b+" mm.")
		}
	}
	side("width", m.Width, minW, maxW)
	side("height", m.Height, minH, maxH)
}

// mapping checks the tables themselves, and that they speak of feeds and wards
// that are there.
func (k *checker) mapping(zone *time.Location) {
	if reflect.ValueOf(k.c.Mapping).IsZero() {
		return // the built-in tables alone
	}
	if _, err := interpret.Compile(k.c.Mapping, zone); err != nil {
		for _, e := range split(err) {
			path, text, ok := strings.Cut(e.Error(), ": ")
			if !ok || strings.ContainsAny(path, " \"") {
				path, text = "", e.Error()
			}
			k.Note(strict.Join("mapping", path), "Diese Angabe stimmt nicht ("+text+").", "This entry is wrong ("+text+").")
		}
	}
	for _, name := range sortedKeys(k.c.Mapping.Feeds) {
		k.knownFeed("mapping.feeds."+name, name)
	}
	for i, r := range k.c.Mapping.Results {
		k.knownFeed("mapping.results["+strconv.Itoa(i)+"].feed", r.Feed)
	}
	for i, r := range k.c.Mapping.Sections {
		k.knownFeed("mapping.sections["+strconv.Itoa(i)+"].feed", r.Feed)
	}
	for i, r := range k.c.Mapping.Places {
		k.knownFeed("mapping.places["+strconv.Itoa(i)+"].feed", r.Feed)
	}
	for i, r := range k.c.Mapping.ZSegments {
		k.knownFeed("mapping.z_segments["+strconv.Itoa(i)+"].feed", r.Feed)
	}
	for i, w := range k.c.Mapping.Wards {
		if len(k.c.Wards) != 0 && w.Code != "" && !slices.ContainsFunc(k.c.Wards, func(o Ward) bool { return o.Code == w.Code }) {
			k.Note("mapping.wards["+strconv.Itoa(i)+"].code", "Eine Station „"+w.Code+"“ steht nicht unter wards.",
				"There is no ward “"+w.Code+"” under wards.")
		}
	}
}

func (k *checker) knownFeed(path, name string) {
	if name != "" && !slices.ContainsFunc(k.c.Feeds, func(f Feed) bool { return f.Name == name }) {
		k.Note(path, "Eine Zulieferung „"+name+"“ steht nicht unter feeds.", "There is no feed “"+name+"” under feeds.")
	}
}

// split returns the errors that were joined.
func split(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()
	}
	return []error{err}
}

func sortedKeys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
