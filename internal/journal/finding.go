package journal

import (
	"fmt"

	"notbetrieb/internal/lang"
)

// Code names one kind of damage. It is stable: scripts and the handbook use it.
type Code string

// What Check can find. Codes of checkpoints have three forms, for the table in
// the journal ("checkpoint-"), the file beside it ("anchor-") and the notes
// that others kept ("witness-").
const (
	CodeMissing    Code = "missing"       // there is no journal.db
	CodeFormat     Code = "format"        // not a journal, or written by a newer version
	CodeKey        Code = "key"           // the key does not fit
	CodeDatabase   Code = "database"      // SQLite cannot read the file
	CodeWAL        Code = "wal"           // the write-ahead log is damaged: its end is lost
	CodeHead       Code = "head"          // the head row does not match the records
	CodeBatch      Code = "batch"         // a batch does not authenticate
	CodeMoved      Code = "batch-moved"   // a batch stands where another belongs
	CodeGap        Code = "batch-missing" // records are missing
	CodeExtra      Code = "batch-extra"   // rows that no head accounts for
	CodeTree       Code = "tree"          // tree hashes do not match the records
	CodeIDs        Code = "ids"           // the table of IDs does not match the records
	CodeTwice      Code = "twice"         // one ID was stored twice
	CodeUnexpl     Code = "pruned"        // content is gone that no prune record explains
	CodeUnread     Code = "-unreadable"   // suffix: no checkpoint, or a wrong signature
	CodeShorter    Code = "-shorter"      // suffix: it witnesses more records than there are
	CodeForked     Code = "-forked"       // suffix: it witnesses another history
	CodeAnchorAway Code = "anchor-away"   // no damage: the anchor's disk is not there
	checkpointRow       = "checkpoint"
	anchorFile          = "anchor"
	witnessNote         = "witness"
)

// Finding is one damage, said clearly. First and Last name the records it
// concerns; both are 0 where it concerns none.
type Finding struct {
	Code  Code
	First Seq
	Last  Seq
	Text  lang.Text
	Err   error // for an operator; may be nil, never holds health data

	Notice bool // no damage
}

// Stats says how much Check has seen.
type Stats struct {
	Head        Seq   // records by the head row
	Records     int   // records read and verified
	Pruned      int   // places whose content was pruned
	Batches     int   // batches read
	Checkpoints int   // checkpoints of the journal verified
	Witnesses   int   // notes of others, and the anchor, that fit
	Bytes       int64 // of bodies read
}

// maxFindings is how many findings of one code are told one by one.
const maxFindings = 1000

// findings collects, joining neighbours of the same code.
type findings struct {
	all []Finding
	n   map[Code]int
}

func (f *findings) add(code Code, first, last Seq, err error) {
	if n := len(f.all); n > 0 && first != 0 {
		if p := &f.all[n-1]; p.Code == code && p.Last != 0 && first <= p.Last+1 && first >= p.First {
			p.Last = max(p.Last, last)
			p.Text = say(code, p.First, p.Last)
			return
		}
	}
	if f.n == nil {
		f.n = make(map[Code]int)
	}
	if f.n[code]++; f.n[code] > maxFindings {
		return
	}
	f.all = append(f.all, Finding{Code: code, First: first, Last: last, Text: say(code, first, last), Err: err, Notice: code == CodeAnchorAway})
}

// say is the sentence for each code.
func say(code Code, first, last Seq) lang.Text {
	de, en := fmt.Sprintf("Einträge %d bis %d: ", first, last), fmt.Sprintf("Records %d to %d: ", first, last)
	if first == last {
		de, en = fmt.Sprintf("Eintrag %d: ", first), fmt.Sprintf("Record %d: ", first)
	}
	if first == 0 {
		de, en = "", ""
	}
	t, ok := sentences()[code]
	if !ok {
		t = lang.Text{DE: "Unbekannter Befund " + string(code) + ".", EN: "Unknown finding " + string(code) + "."}
	}
	return lang.Text{DE: de + t.DE, EN: en + t.EN}
}

func sentences() map[Code]lang.Text {
	m := map[Code]lang.Text{
		CodeAnchorAway: {DE: "Der zweite Ort für die Signatur ist nicht da oder leer. Ob das Journal gekürzt wurde, lässt sich daran nicht prüfen.", EN: "The second place for the signature is not there or empty. Whether the journal was cut cannot be told by it."},
		CodeMissing:    {DE: "Die Datei journal.db fehlt.", EN: "The file journal.db is missing."},
		CodeFormat:     {DE: "Die Datei ist kein Journal dieser Programmversion.", EN: "The file is not a journal of this program version."},
		CodeKey:        {DE: "Der Schlüssel passt nicht zu diesem Journal. Mehr konnte nicht geprüft werden.", EN: "The key does not fit this journal. Nothing more could be checked."},
		CodeDatabase:   {DE: "Die Datenbankdatei ist beschädigt; SQLite kann sie nicht vollständig lesen.", EN: "The database file is damaged; SQLite cannot read all of it."},
		CodeWAL:        {DE: "Das Schreibprotokoll (journal.db-wal) ist beschädigt. Bestätigte Einträge an seinem Ende sind nicht mehr lesbar. Datei sichern, nicht starten.", EN: "The write-ahead log (journal.db-wal) is damaged. Acknowledged records at its end can no longer be read. Save the file, do not start."},
		CodeHead:       {DE: "Der Kopfsatz passt nicht zu den Einträgen.", EN: "The head row does not match the records."},
		CodeBatch:      {DE: "Der Inhalt ist verändert oder beschädigt.", EN: "The content was changed or damaged."},
		CodeMoved:      {DE: "Der Inhalt steht an einer falschen Stelle; er gehört woandershin.", EN: "The content stands in a wrong place; it belongs elsewhere."},
		CodeGap:        {DE: "Es fehlen Einträge.", EN: "Records are missing."},
		CodeExtra:      {DE: "Diese Zeilen gehören nicht zum Journal.", EN: "These rows do not belong to the journal."},
		CodeTree:       {DE: "Die Prüfsummen im Hashbaum passen nicht zu den Einträgen.", EN: "The hashes of the tree do not match the records."},
		CodeIDs:        {DE: "Das Verzeichnis der Kennungen passt nicht zu den Einträgen; Wiederholungen könnten doppelt gespeichert werden.", EN: "The table of IDs does not match the records; repeats could be stored twice."},
		CodeTwice:      {DE: "Dieselbe Kennung ist zweimal gespeichert.", EN: "The same ID is stored twice."},
		CodeUnexpl:     {DE: "Der Inhalt wurde gelöscht, ohne dass das Journal eine Löschung nach Frist vermerkt.", EN: "The content was removed, but the journal notes no end of retention for it."},
	}
	for what, who := range map[string]lang.Text{
		checkpointRow: {DE: "Ein Prüfpunkt im Journal", EN: "A checkpoint in the journal"},
		anchorFile:    {DE: "Der Anker neben dem Journal", EN: "The anchor beside the journal"},
		witnessNote:   {DE: "Ein anderswo verwahrter Prüfpunkt", EN: "A checkpoint kept elsewhere"},
	} {
		m[Code(what)+CodeUnread] = lang.Text{DE: who.DE + " ist unlesbar oder hat eine falsche Unterschrift.", EN: who.EN + " is unreadable or has a wrong signature."}
		m[Code(what)+CodeShorter] = lang.Text{DE: who.DE + " bezeugt mehr Einträge, als das Journal hat. Es ist älter oder gekürzt.", EN: who.EN + " witnesses more records than the journal has. It is older or was cut."}
		m[Code(what)+CodeForked] = lang.Text{DE: who.DE + " bezeugt eine andere Vergangenheit.", EN: who.EN + " witnesses another past."}
	}
	return m
}
