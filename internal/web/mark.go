package web

import (
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// A mark is how a flag is drawn and said: a shape, never colour alone.
type mark struct {
	Sym      string
	Word     lang.Text
	Critical bool
	Abnormal bool
}

// markOf turns abnormal flags (HL7 table 0078) into a mark. critical is set by
// the caller where it knows more than the flags.
func markOf(flags []string, critical bool) mark {
	m := mark{Critical: critical}
	for _, f := range flags {
		switch strings.ToUpper(f) {
		case "HH", ">", "HU":
			m.Sym, m.Word, m.Critical = "↑↑‼", lang.Text{DE: "kritisch hoch", EN: "critically high"}, true
		case "LL", "<", "LU":
			m.Sym, m.Word, m.Critical = "↓↓‼", lang.Text{DE: "kritisch niedrig", EN: "critically low"}, true
		case "AA":
			m.Sym, m.Word, m.Critical = "‼", lang.Text{DE: "kritisch auffällig", EN: "critically abnormal"}, true
		case "H":
			m.Sym, m.Word = "↑", lang.Text{DE: "erhöht", EN: "high"}
		case "L":
			m.Sym, m.Word = "↓", lang.Text{DE: "erniedrigt", EN: "low"}
		case "A":
			m.Sym, m.Word = "◆", lang.Text{DE: "auffällig", EN: "abnormal"}
		}
	}
	if m.Critical && m.Sym == "" {
		m.Sym, m.Word = "‼", lang.Text{DE: "kritisch", EN: "critical"}
	}
	if m.Critical && !strings.Contains(m.Sym, "‼") {
		m.Sym += "‼"
	}
	m.Abnormal = m.Critical || m.Sym != ""
	return m
}

// markResult marks a result by its flags, or by its reference range where the
// sender gave no flag.
func markResult(r clinical.Result) mark {
	m := markOf(r.Flags, r.Critical())
	if m.Abnormal || r.Number == nil || len(r.Flags) > 0 {
		return m
	}
	switch {
	case r.High != nil && *r.Number > *r.High:
		return markOf([]string{"H"}, false)
	case r.Low != nil && *r.Number < *r.Low:
		return markOf([]string{"L"}, false)
	}
	return m
}
