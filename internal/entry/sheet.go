package entry

import "notbetrieb/internal/lang"

// SheetForm is the kind of the entry that files one page of scanned paper.
const SheetForm = "sheet"

// The fields of an entry that files a page.
const (
	SheetRef   = "ref"   // the page: number of its file's record, hyphen, page of the file
	SheetKind  = "kind"  // kind of the form
	SheetTitle = "title" // what stands at its head
	SheetPage  = "page"  // page of the form
	SheetMatch = "match" // who recognised it: "code", or "person"
	SheetDone  = "done"  // "1": everything on it was entered
	SheetAside = "aside" // why it belongs to no chart
)

var sheetForm = &Form{
	Kind: SheetForm, Title: lang.Text{DE: "Gescanntes Papier", EN: "Scanned paper"}, Right: "file-sheets",
	Fields: []Field{
		{Name: SheetTitle, Label: lang.Text{DE: "Bogen", EN: "Form"}, Kind: Line},
		{Name: SheetPage, Label: lang.Text{DE: "Seite", EN: "Page"}, Kind: Line},
		{Name: SheetMatch, Label: lang.Text{DE: "Zugeordnet", EN: "Filed"}, Kind: Choice, Options: []Option{
			{"code", lang.Text{DE: "nach dem Blattcode", EN: "by the code on the sheet"}},
			{"person", lang.Text{DE: "von einer Person", EN: "by a person"}},
		}},
		{Name: SheetDone, Label: lang.Text{DE: "Übertragen", EN: "Transcribed"}, Kind: Check, Options: []Option{{"1", lang.Text{DE: "ja, vollständig", EN: "yes, in full"}}}},
	},
}
