package estate

import (
	"maps"
	"slices"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/probe"
)

// Data table.

// Table is one sheet of the estate as people write it.
type Table struct {
	Key     string // "systems"
	Title   lang.Text
	Also    []string // further names of the sheet that are understood
	Columns []Column

	key  func(cells []string) string   // of stored cells, what makes a row the same row
	fits func(cells []string) []misfit // what cannot stand together in one row; nil: anything can
	rows func(*Tables) [][]string
	fill func(*Tables, [][]string) bool
}

// misfit is a cell that cannot stand beside the others of its row.
type misfit struct {
	col int
	say lang.Text
}

// Column returns a column by its key.
func (t *Table) Column(key string) (*Column, bool) {
	i := t.at(key)
	if i < 0 {
		return nil, false
	}
	return &t.Columns[i], true
}

func (t *Table) at(key string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Key == key })
}

// Rows returns the rows of the table as stored values, in the order of Columns.
func (t *Table) Rows(of *Tables) [][]string { return t.rows(of) }

// KeyOf returns what names a row of stored values in its table.
func (t *Table) KeyOf(cells []string) string { return t.key(cells) }

// AllTables returns every table, in the order of the workbook.
func AllTables() []*Table { return tables }

// TableOf returns a table by its key.
func TableOf(key string) (*Table, bool) {
	for _, t := range tables {
		if t.Key == key {
			return t, true
		}
	}
	return nil, false
}

func table[T any](key, de, en string, also []string, slice func(*Tables) *[]T, cols ...bound[T]) *Table {
	t := &Table{Key: key, Title: lang.Text{DE: de, EN: en}, Also: also, key: func(cells []string) string { return cells[0] }}
	for _, c := range cols {
		t.Columns = append(t.Columns, c.Column)
	}
	t.rows = func(all *Tables) [][]string {
		rows := *slice(all)
		out := make([][]string, len(rows))
		for i := range rows {
			cells := make([]string, len(cols))
			for n := range cols {
				cells[n] = cols[n].get(&rows[i])
			}
			out[i] = cells
		}
		return out
	}
	t.fill = func(all *Tables, rows [][]string) bool {
		var out []T
		if len(rows) > 0 {
			out = make([]T, len(rows))
		}
		for i, cells := range rows {
			for n := range cols {
				if !cols[n].set(&out[i], cells[n]) {
					return false
				}
			}
		}
		*slice(all) = out
		return true
	}
	return t
}

var (
	areas = []Word{
		{string(Clinical), lang.Text{DE: "Klinik", EN: "Clinical"}, nil},
		{string(Diagnostics), lang.Text{DE: "Diagnostik", EN: "Diagnostics"}, nil},
		{string(Communication), lang.Text{DE: "Kommunikation", EN: "Communication"}, nil},
		{string(Telematics), lang.Text{DE: "Telematik", EN: "Telematics"}, []string{"TI", "Telematikinfrastruktur"}},
		{string(Infrastructure), lang.Text{DE: "Infrastruktur", EN: "Infrastructure"}, []string{"IT-Infrastruktur"}},
		{string(Devices), lang.Text{DE: "Medizintechnik", EN: "Medical devices"}, nil},
		{string(Building), lang.Text{DE: "Gebäude", EN: "Building"}, []string{"Haustechnik", "Gebäudetechnik"}},
		{string(Administration), lang.Text{DE: "Verwaltung", EN: "Administration"}, nil},
	}
	weights = []Word{
		{string(Vital), lang.Text{DE: "lebenswichtig", EN: "vital"}, []string{"A", "kritisch", "critical"}},
		{string(Essential), lang.Text{DE: "wichtig", EN: "essential"}, []string{"B", "important"}},
		{string(Supporting), lang.Text{DE: "unterstützend", EN: "supporting"}, []string{"C"}},
	}
	kinds = []Word{
		{string(Needs), lang.Text{DE: "braucht", EN: "needs"}, []string{"benötigt", "zwingend", "need", "requires"}},
		{string(Helpful), lang.Text{DE: "hilfreich", EN: "helpful"}, []string{"nutzt", "hilft", "optional"}},
		{string(StandsInBy), lang.Text{DE: "Ersatz", EN: "fallback"}, []string{"Ausweich", "Rückfall", "ersatzweise"}},
	}
	optionKinds = []Word{
		{string(Cloud), lang.Text{DE: "Cloud", EN: "Cloud"}, nil},
		{string(Colocation), lang.Text{DE: "Fremdes Rechenzentrum (eigene Rechner)", EN: "Colocation"}, []string{"Colocation", "Kolokation", "Rechenzentrum"}},
		{string(Partner), lang.Text{DE: "Partnerhaus", EN: "Partner hospital"}, []string{"Partner"}},
		{string(Container), lang.Text{DE: "Mobiles Rechenzentrum", EN: "Mobile computing centre"}, []string{"Container"}},
	}
	attestations = []Word{
		{string(C5None), lang.Text{DE: "kein Testat", EN: "no attestation"}, []string{"keins", "keines", "nein", "no"}},
		{string(C5Type1), lang.Text{DE: "Typ 1", EN: "type 1"}, []string{"1", "typ1", "type1", "C5 Typ 1"}},
		{string(C5Type2), lang.Text{DE: "Typ 2", EN: "type 2"}, []string{"2", "typ2", "type2", "C5 Typ 2"}},
	}
)

func probeKinds() []Word {
	var out []Word
	for _, k := range []ProbeKind{
		ProbeTCP, ProbeTLS, ProbeHTTP, ProbeDNS, ProbeLDAP, ProbeSMTP, ProbeHL7, ProbeDICOM, ProbeFHIR,
		ProbePostgreSQL, ProbeSQLServer, ProbeOracle, ProbeICMP, ProbeTILage, ProbeConnector, ProbeWebhook,
	} {
		out = append(out, Word{Stored: string(k), Say: lang.Text{DE: string(k), EN: string(k)}})
	}
	return out
}

// Say names the way.
func (k WayKind) Say() lang.Text { return wayHeads[k] }

var wayHeads = map[WayKind]lang.Text{
	Mobile: {DE: "Mobil", EN: "Mobile"}, Landline: {DE: "Amtsleitung", EN: "Landline"}, Pager: {DE: "Funkmelder", EN: "Pager"},
	Radio: {DE: "Funk", EN: "Radio"}, Satellite: {DE: "Satellitentelefon", EN: "Satellite phone"}, InPerson: {DE: "Zu finden in", EN: "To be found at"},
	Extension: {DE: "Nebenstelle", EN: "Extension"}, Messenger: {DE: "Messenger", EN: "Messenger"}, Mail: {DE: "E-Mail", EN: "E-mail"}, Fax: {DE: "Fax", EN: "Fax"},
}

func way(k WayKind, also ...string) bound[Contact] {
	b := bound[Contact]{Column: Column{Key: string(k), Head: wayHeads[k], Also: also, read: plain}}
	b.get = func(c *Contact) string {
		var out []string
		for _, w := range c.Ways {
			if w.Kind == k {
				out = append(out, w.Value)
			}
		}
		return strings.Join(out, ", ")
	}
	b.set = func(c *Contact, v string) bool {
		values := split(v)
		if k == InPerson && v != "" { // an address has commas of its own
			values = []string{v}
		}
		for _, x := range values {
			c.Ways = append(c.Ways, Way{k, x})
		}
		return true
	}
	if k != InPerson {
		b.read = func(s string) (string, bool) {
			s, ok := plain(s)
			return strings.Join(split(s), ", "), ok
		}
	}
	if k.Offline() {
		b.Hint = lang.Text{DE: "Geht ohne Netz, Mail und Telefonanlage des Hauses.", EN: "Works without the house's network, mail and exchange."}
	} else {
		b.Hint = lang.Text{DE: "Fällt mit dem Netz des Hauses aus.", EN: "Fails with the house's network."}
	}
	return b
}

// secretWords are option names that would put a password into a spreadsheet.
var secretWords = []string{"password", "passwort", "passwd", "kennwort", "pwd", "pass", "token", "apikey", "api-key", "api_key"}

func options() bound[Probe] {
	b := bound[Probe]{Column: Column{
		Key: "options", Head: lang.Text{DE: "Einstellungen", EN: "Options"}, Also: []string{"option", "optionen"},
		Hint: lang.Text{
			DE: "name=wert, mehrere mit Strichpunkt. Nie ein Passwort: secret=NAME nennt eines, das am Hub hinterlegt ist.",
			EN: "name=value, several separated by semicolons. Never a password: secret=NAME names one that the hub has.",
		},
		want: lang.Text{
			DE: "Einstellungen stehen als name=wert, mit Strichpunkt getrennt. Ein Passwort gehört nicht hierher: secret=NAME nennt eines, das am Hub hinterlegt ist.",
			EN: "Options are name=value, separated by semicolons. A password does not belong here: secret=NAME names one that the hub has.",
		},
	}}
	b.read = func(s string) (string, bool) {
		m, ok := readOptions(s)
		return showOptions(m), ok
	}
	b.get = func(p *Probe) string { return showOptions(p.Options) }
	b.set = func(p *Probe, v string) (ok bool) { p.Options, ok = readOptions(v); return ok }
	return b
}

func readOptions(s string) (map[string]string, bool) {
	var m map[string]string
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ';' || r == '\n' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if _, twice := m[name]; !ok || name == "" || value == "" || twice || slices.Contains(secretWords, name) {
			return nil, false
		}
		if m == nil {
			m = map[string]string{}
		}
		m[name] = value
	}
	return m, true
}

func showOptions(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+m[k])
	}
	return strings.Join(parts, "; ")
}

func country() bound[Option] {
	b := text("country", "Land der Daten", "Country of the data", func(o *Option) *string { return &o.Country }).also("land", "country", "hosting")
	b.Hint = lang.Text{DE: "Zwei Buchstaben, zum Beispiel DE; EU für die Union.", EN: "Two letters, for example DE; EU for the Union."}
	b.want = b.Hint
	b.read = func(s string) (string, bool) {
		switch strings.ToLower(s) {
		case "deutschland", "germany":
			return "DE", true
		}
		s = strings.ToUpper(s)
		return s, s == "" || len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
	}
	return b
}

var tables = []*Table{
	systemTable(), dependencyTable(), siteTable(), hostTable(), storeTable(), backupTable(),
	probeTable(), feedTable(), contactTable(), contractTable(), spareTable(), optionTable(),
}

func systemTable() *Table {
	type r = System
	return table("systems", "Systeme", "Systems", []string{"system", "anwendungen", "applications"}, func(t *Tables) *[]r { return &t.Systems },
		ident(func(s *r) *string { return &s.ID }),
		text("name", "Name", "Name", func(s *r) *string { return &s.Name.DE }).must().also("bezeichnung", "system"),
		text("name-en", "Name englisch", "Name in English", func(s *r) *string { return &s.Name.EN }).also("english name", "name (en)"),
		word("area", "Bereich", "Area", areas, func(s *r) *Area { return &s.Area }),
		word("weight", "Bedeutung", "Weight", weights, func(s *r) *Weight { return &s.Weight }).also("kritikalität", "criticality", "gewicht").
			hint("Was es für Patienten heißt, wenn das System fehlt.", "What it means for patients when the system is gone."),
		text("purpose", "Was es für Patienten tut", "What it does for patients", func(s *r) *string { return &s.Purpose }).long().also("zweck", "purpose", "aufgabe"),
		ref("owner", "Verantwortlich", "Owner", "contacts", func(s *r) *string { return &s.Owner }).also("verantwortlicher", "verantwortliche", "besitzer", "eigner"),
		text("vendor", "Hersteller", "Vendor", func(s *r) *string { return &s.Vendor }).also("lieferant", "anbieter"),
		ref("site", "Standort", "Site", "sites", func(s *r) *string { return &s.Site }),
		span("mtd", "MTD", "MTD", func(s *r) *Span { return &s.MTD }).also("mta", "höchste ausfallzeit", "maximal tolerierbare ausfallzeit", "maximum tolerable downtime").
			hint("Wie lange das Haus höchstens ohne das System auskommt.", "How long the house can do without the system at most."),
		span("rto", "RTO", "RTO", func(s *r) *Span { return &s.RTO }).also("wiederanlaufzeit", "recovery time objective").
			hint("In welcher Zeit das System wieder laufen soll.", "Within which time the system is to run again."),
		span("rpo", "RPO", "RPO", func(s *r) *Span { return &s.RPO }).also("datenverlust", "recovery point objective").
			hint("Wie viel Arbeit höchstens verloren gehen darf, als Zeit.", "How much work may be lost at most, as time."),
		text("fallback", "Ohne das System", "Without the system", func(s *r) *string { return &s.Fallback }).long().also("notverfahren", "fallback", "ersatzverfahren", "manuell").
			hint("Wie von Hand weitergearbeitet wird.", "How work goes on by hand."),
		text("note", "Bemerkung", "Note", func(s *r) *string { return &s.Note }).long().also("notiz", "kommentar", "comment"),
	)
}

func dependencyTable() *Table {
	type r = Dependency
	kind := word("kind", "Art", "Kind", kinds, func(d *r) *Kind { return &d.Kind }).
		hint("braucht: ohne geht es nicht. hilfreich: es geht mit weniger. Ersatz: springt ein. Leer heißt braucht.",
			"needs: it stops without. helpful: it goes on with less. fallback: takes over. Empty means needs.")
	read := kind.read
	kind.read = func(s string) (string, bool) {
		if s == "" {
			s = string(Needs)
		}
		return read(s)
	}
	t := table("dependencies", "Abhängigkeiten", "Dependencies", []string{"dependency", "abhaengigkeiten"}, func(t *Tables) *[]r { return &t.Dependencies },
		ref("system", "System", "System", "systems", func(d *r) *string { return &d.System }).must(),
		kind,
		ref("on", "Von", "On", "systems", func(d *r) *string { return &d.On }).must().also("braucht", "depends on", "hängt ab von", "abhängig von", "ziel").
			hint("Das System, von dem es abhängt oder das einspringt.", "The system it depends on, or that takes over."),
		ref("for", "Ersetzt", "Replaces", "systems", func(d *r) *string { return &d.For }).also("für", "for", "anstelle von").
			hint("Nur bei Ersatz: welches gebrauchte System ersetzt wird. Leer: das System selbst.", "Only of a fallback: which needed system is replaced. Empty: the system itself."),
		text("note", "Bemerkung", "Note", func(d *r) *string { return &d.Note }).long().also("notiz"),
	)
	t.key = func(cells []string) string { return strings.Join(cells[:4], "/") }
	return t
}

func siteTable() *Table {
	type r = Site
	return table("sites", "Standorte", "Sites", []string{"site", "gebäude", "brandabschnitte"}, func(t *Tables) *[]r { return &t.Sites },
		ident(func(s *r) *string { return &s.ID }),
		text("name", "Name", "Name", func(s *r) *string { return &s.Name }).must(),
		text("address", "Anschrift", "Address", func(s *r) *string { return &s.Address }).also("adresse"),
		text("note", "Bemerkung", "Note", func(s *r) *string { return &s.Note }).long(),
	)
}

func hostTable() *Table {
	type r = Host
	return table("hosts", "Rechner", "Hosts", []string{"server", "servers", "host"}, func(t *Tables) *[]r { return &t.Hosts },
		ident(func(h *r) *string { return &h.ID }),
		text("name", "Name", "Name", func(h *r) *string { return &h.Name }).must(),
		refs("systems", "Systeme", "Systems", "systems", func(h *r) *[]string { return &h.Systems }).also("system"),
		ref("site", "Standort", "Site", "sites", func(h *r) *string { return &h.Site }),
		text("address", "Netzadresse", "Network address", func(h *r) *string { return &h.Address }).also("ip", "adresse"),
		tick("virtual", "Virtuell", "Virtual", func(h *r) *bool { return &h.Virtual }),
		text("note", "Bemerkung", "Note", func(h *r) *string { return &h.Note }).long(),
	)
}

func storeTable() *Table {
	type r = Store
	return table("stores", "Datenbestände", "Data stores", []string{"datenbestaende", "daten", "stores", "datenbanken"}, func(t *Tables) *[]r { return &t.Stores },
		ident(func(s *r) *string { return &s.ID }),
		ref("system", "System", "System", "systems", func(s *r) *string { return &s.System }).must(),
		text("name", "Name", "Name", func(s *r) *string { return &s.Name }).must(),
		text("kind", "Art", "Kind", func(s *r) *string { return &s.Kind }),
		ref("host", "Rechner", "Host", "hosts", func(s *r) *string { return &s.Host }).also("server"),
		count("size", "Größe in GB", "Size in GB", func(s *r) *int64 { return &s.Size }).also("größe", "gb", "size"),
		tick("patients", "Patientendaten", "Patient data", func(s *r) *bool { return &s.Patients }),
		text("note", "Bemerkung", "Note", func(s *r) *string { return &s.Note }).long(),
	)
}

func backupTable() *Table {
	type r = BackupCopy
	return table("backups", "Sicherungen", "Backups", []string{"backup", "datensicherungen", "sicherungskopien"}, func(t *Tables) *[]r { return &t.Backups },
		ident(func(b *r) *string { return &b.ID }),
		ref("system", "System", "System", "systems", func(b *r) *string { return &b.System }).must(),
		ref("store", "Datenbestand", "Data store", "stores", func(b *r) *string { return &b.Store }).hint("Leer: alle Datenbestände des Systems.", "Empty: all data stores of the system."),
		text("medium", "Medium", "Medium", func(b *r) *string { return &b.Medium }),
		ref("site", "Standort", "Site", "sites", func(b *r) *string { return &b.Site }),
		span("every", "Alle", "Every", func(b *r) *Span { return &b.Every }).also("intervall", "interval", "abstand").hint("Abstand von einer Kopie zur nächsten.", "From one copy to the next."),
		span("keep", "Aufbewahrung", "Keep", func(b *r) *Span { return &b.Keep }).also("retention"),
		tick("offline", "Vom Netz getrennt", "Offline", func(b *r) *bool { return &b.Offline }),
		tick("immutable", "Unveränderlich", "Immutable", func(b *r) *bool { return &b.Immutable }),
		text("key-at", "Schlüssel liegt", "Key lies at", func(b *r) *string { return &b.KeyAt }).also("schlüssel").hint("Wo der Schlüssel liegt, nie der Schlüssel selbst.", "Where the key lies, never the key itself."),
		date("restored", "Zuletzt zurückgespielt", "Last restored", func(b *r) *Date { return &b.Restored }).also("rücksicherung"),
		text("note", "Bemerkung", "Note", func(b *r) *string { return &b.Note }).long(),
	)
}

func probeTable() *Table {
	type r = Probe
	t := table("probes", "Prüfungen", "Probes", []string{"probe", "pruefungen", "überwachung", "monitoring"}, func(t *Tables) *[]r { return &t.Probes },
		ident(func(p *r) *string { return &p.ID }),
		ref("system", "System", "System", "systems", func(p *r) *string { return &p.System }).must(),
		word("kind", "Art", "Kind", probeKinds(), func(p *r) *ProbeKind { return &p.Kind }).must(),
		text("target", "Ziel", "Target", func(p *r) *string { return &p.Target }).must().also("adresse"),
		options(),
		span("interval", "Alle", "Every", func(p *r) *Span { return &p.Interval }).also("intervall", "interval"),
		text("note", "Bemerkung", "Note", func(p *r) *string { return &p.Note }).long(),
	)
	t.fits = func(cells []string) []misfit { return probeFits(t, cells) }
	return t
}

// probeFits checks target and options by the kind of the probe.
func probeFits(t *Table, cells []string) []misfit {
	kind, target, opts := t.at("kind"), t.at("target"), t.at("options")
	if cells[kind] == "" || cells[target] == "" {
		return nil // said already
	}
	m, _ := readOptions(cells[opts])
	if ProbeKind(cells[kind]) == ProbeWebhook { // is not asked but hears
		if len(m) == 0 {
			return nil
		}
		return []misfit{{opts, lang.Text{DE: "Eine Prüfung der Art webhook hat keine Einstellungen.", EN: "A probe of the kind webhook has no options."}}}
	}
	at := map[probe.Part]int{probe.OfKind: kind, probe.OfTarget: target, probe.OfOptions: opts}
	var out []misfit
	for _, w := range probe.Check(probe.Spec{Kind: cells[kind], Target: cells[target], Options: m}) {
		out = append(out, misfit{at[w.Part], fault.Say(w.Err)})
	}
	return out
}

func feedTable() *Table {
	type r = Feed
	return table("feeds", "Datenströme", "Feeds", []string{"datenstroeme", "feed", "schnittstellen"}, func(t *Tables) *[]r { return &t.Feeds },
		text("name", "Name", "Name", func(f *r) *string { return &f.Name }).must().hint("Wie in der Konfiguration dieses Hubs.", "As in this hub's configuration."),
		ref("system", "System", "System", "systems", func(f *r) *string { return &f.System }).must(),
		text("note", "Bemerkung", "Note", func(f *r) *string { return &f.Note }).long(),
	)
}

func contactTable() *Table {
	type r = Contact
	return table("contacts", "Kontakte", "Contacts", []string{"contact", "telefonbuch", "ansprechpartner"}, func(t *Tables) *[]r { return &t.Contacts },
		ident(func(c *r) *string { return &c.ID }),
		text("name", "Name", "Name", func(c *r) *string { return &c.Name }).must(),
		text("function", "Aufgabe", "Function", func(c *r) *string { return &c.Function }).also("funktion", "rolle", "role"),
		text("company", "Firma", "Company", func(c *r) *string { return &c.Company }).also("organisation", "unternehmen").hint("Leer: das Krankenhaus.", "Empty: the hospital."),
		way(Mobile, "handy", "mobiltelefon"), way(Landline, "telefon", "festnetz", "phone"), way(Pager, "piepser"), way(Radio), way(Satellite),
		way(InPerson, "ort", "anschrift", "place"), way(Extension, "durchwahl", "voip", "dect"), way(Messenger), way(Mail, "mail", "email"), way(Fax),
		ref("deputy", "Vertretung", "Deputy", "contacts", func(c *r) *string { return &c.Deputy }).also("vertreter", "vertreterin"),
		ref("called-by", "Wird gerufen von", "Called by", "contacts", func(c *r) *string { return &c.CalledBy }).also("gerufen von", "anruf durch").
			hint("Wer diesen Kontakt in der Telefonkette anruft.", "Who calls this contact in the phone tree."),
		tick("root", "Beginn der Telefonkette", "Root of the phone tree", func(c *r) *bool { return &c.Root }).also("beginn", "wurzel", "root"),
		text("note", "Bemerkung", "Note", func(c *r) *string { return &c.Note }).long(),
	)
}

func contractTable() *Table {
	type r = Contract
	return table("contracts", "Verträge", "Contracts", []string{"vertraege", "contract", "wartungsverträge"}, func(t *Tables) *[]r { return &t.Contracts },
		ident(func(c *r) *string { return &c.ID }),
		text("name", "Name", "Name", func(c *r) *string { return &c.Name }).must().also("vertrag"),
		text("vendor", "Vertragspartner", "Vendor", func(c *r) *string { return &c.Vendor }).also("firma", "hersteller", "anbieter"),
		refs("systems", "Systeme", "Systems", "systems", func(c *r) *[]string { return &c.Systems }).also("system"),
		text("hotline", "Hotline", "Hotline", func(c *r) *string { return &c.Hotline }).also("telefon"),
		text("customer", "Kundennummer", "Customer number", func(c *r) *string { return &c.Customer }),
		text("level", "Leistung", "Service level", func(c *r) *string { return &c.Level }).also("sla", "servicelevel"),
		span("response", "Beginn der Hilfe in", "Response within", func(c *r) *Span { return &c.Response }).also("reaktionszeit", "response"),
		text("hours", "Zeiten", "Hours", func(c *r) *string { return &c.Hours }).also("servicezeit"),
		ref("contact", "Ansprechpartner", "Contact", "contacts", func(c *r) *string { return &c.Contact }).also("kontakt"),
		date("until", "Endet am", "Ends on", func(c *r) *Date { return &c.Until }).also("ende", "bis", "until", "end").hint("Letzter Tag. Leer: ohne Ende.", "Last day. Empty: no end."),
		span("notice", "Kündigungsfrist", "Notice", func(c *r) *Span { return &c.Notice }),
		text("note", "Bemerkung", "Note", func(c *r) *string { return &c.Note }).long(),
	)
}

func spareTable() *Table {
	type r = Spare
	return table("spares", "Ersatzgeräte", "Spares", []string{"ersatzgeraete", "spare", "reserve"}, func(t *Tables) *[]r { return &t.Spares },
		ident(func(s *r) *string { return &s.ID }),
		text("name", "Name", "Name", func(s *r) *string { return &s.Name }).must().also("gerät"),
		count("count", "Anzahl", "Count", func(s *r) *int { return &s.Count }).also("menge"),
		refs("systems", "Für Systeme", "For systems", "systems", func(s *r) *[]string { return &s.Systems }).also("systeme", "systems"),
		ref("site", "Standort", "Site", "sites", func(s *r) *string { return &s.Site }),
		text("place", "Platz", "Place", func(s *r) *string { return &s.Place }).also("ort", "raum"),
		ref("owner", "Verwahrt von", "Kept by", "contacts", func(s *r) *string { return &s.Owner }).also("verantwortlich"),
		date("checked", "Zuletzt geprüft", "Last checked", func(s *r) *Date { return &s.Checked }).also("geprüft"),
		text("note", "Bemerkung", "Note", func(s *r) *string { return &s.Note }).long(),
	)
}

func optionTable() *Table {
	type r = Option
	return table("options", "Ausweichorte", "Options", []string{"option", "optionen", "ausweichmöglichkeiten"}, func(t *Tables) *[]r { return &t.Options },
		ident(func(o *r) *string { return &o.ID }),
		text("name", "Name", "Name", func(o *r) *string { return &o.Name }).must(),
		word("kind", "Art", "Kind", optionKinds, func(o *r) *OptionKind { return &o.Kind }).must(),
		text("provider", "Anbieter", "Provider", func(o *r) *string { return &o.Provider }),
		refs("systems", "Für Systeme", "For systems", "systems", func(o *r) *[]string { return &o.Systems }).also("systeme", "systems"),
		span("available", "Bereit nach", "Available after", func(o *r) *Span { return &o.Available }).also("verfügbar", "available"),
		euro("setup", "Kosten einmalig", "Cost once", func(o *r) *Euro { return &o.Setup }).also("einmalig"),
		euro("monthly", "Kosten je Monat", "Cost per month", func(o *r) *Euro { return &o.Monthly }).also("monatlich"),
		country(),
		word("establishment", "Niederlassung in Deutschland", "Establishment in Germany", answers, func(o *r) *Answer { return &o.Establishment }).also("niederlassung"),
		word("c5", "C5-Testat", "C5 attestation", attestations, func(o *r) *Attestation { return &o.C5 }).also("c5"),
		text("c5-scope", "C5 umfasst", "C5 covers", func(o *r) *string { return &o.C5Scope }).long().also("c5-umfang", "c5 scope"),
		date("c5-until", "C5 geprüft bis", "C5 until", func(o *r) *Date { return &o.C5Until }),
		word("c5-customer", "C5-Pflichten des Kunden erfüllt", "C5 customer criteria met", answers, func(o *r) *Answer { return &o.C5Customer }),
		word("processing", "Auftragsverarbeitung und Schweigepflicht vereinbart", "Processing contract and secrecy", answers, func(o *r) *Answer { return &o.Processing }).also("avv"),
		text("kritis", "KRITIS-Pflichten", "KRITIS duties", func(o *r) *string { return &o.Kritis }).long().also("kritis"),
		text("exit", "Ausstieg", "Exit", func(o *r) *string { return &o.Exit }).long(),
		span("exit-time", "Dauer des Ausstiegs", "Exit takes", func(o *r) *Span { return &o.ExitTime }),
		ref("contact", "Ansprechpartner", "Contact", "contacts", func(o *r) *string { return &o.Contact }).also("kontakt"),
		text("note", "Bemerkung", "Note", func(o *r) *string { return &o.Note }).long(),
	)
}

var answers = []Word{yes, no}
