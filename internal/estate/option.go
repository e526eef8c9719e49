package estate

import (
	"slices"

	"notbetrieb/internal/lang"
)

// Duty is one question that is asked of a place outside before data of patients
// go there, and its answer. It is a help to decide, not legal advice.
type Duty struct {
	Code   string // stable
	Answer Answer
	Say    lang.Text
	Source lang.Text // the rule, "" where it is prudence
}

var euCountries = []string{
	"EU", "DE", "AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
	"IS", "LI", "NO", // European Economic Area
}

// InEU reports whether the data lie in the European Union or Economic Area.
func (o Option) InEU() Answer {
	switch {
	case o.Country == "":
		return Unknown
	case slices.Contains(euCountries, o.Country):
		return Yes
	}
	return No
}

// Duties returns what §393 SGB V asks of computing by a cloud service with
// health data (Type 2 attestation since 1 July 2025), and what Art. 28 DSGVO and
// §203 StGB ask of every place. Own machines in another's rooms are no cloud
// service, and the C5 questions are left out.
func (o Option) Duties(today Date) []Duty {
	sgb := lang.Text{DE: "§ 393 SGB V"}
	var out []Duty
	where := Duty{Code: "country", Answer: o.InEU(), Source: sgb}
	switch where.Answer {
	case Yes:
		where.Say = lang.Text{DE: "Die Daten liegen in Deutschland oder im EWR (" + o.Country + ").", EN: "The data lie in Germany or the EEA (" + o.Country + ")."}
	case No:
		where.Say = lang.Text{
			DE: "Die Daten liegen außerhalb des EWR (" + o.Country + "). Erlaubt ist das nur mit Angemessenheitsbeschluss.",
			EN: "The data lie outside the EEA (" + o.Country + "). That is allowed only with a decision on adequacy.",
		}
	case Unknown:
		where.Say = lang.Text{DE: "Wo die Daten liegen, ist nicht bekannt.", EN: "Where the data lie is not known."}
	}
	out = append(out, where)
	if o.Kind == Cloud {
		out = append(out, o.cloudDuties(today, sgb)...)
	}
	return append(out, answered("processing", o.Processing, lang.Text{DE: "Art. 28 DSGVO, § 203 StGB"},
		lang.Text{DE: "Auftragsverarbeitung und Verpflichtung zur Verschwiegenheit sind vereinbart.", EN: "Processing on behalf and secrecy are agreed."},
		lang.Text{DE: "Auftragsverarbeitung und Verpflichtung zur Verschwiegenheit sind nicht vereinbart.", EN: "Processing on behalf and secrecy are not agreed."},
		lang.Text{DE: "Ob Auftragsverarbeitung und Verschwiegenheit vereinbart sind, ist nicht bekannt.", EN: "Whether processing on behalf and secrecy are agreed is not known."}))
}

func answered(code string, a Answer, source, yes, no, unknown lang.Text) Duty {
	d := Duty{Code: code, Answer: a, Source: source, Say: unknown}
	switch a {
	case Yes:
		d.Say = yes
	case No:
		d.Say = no
	case Unknown:
	}
	return d
}

func (o Option) cloudDuties(today Date, sgb lang.Text) []Duty {
	c5 := Duty{Code: "c5", Source: sgb}
	switch {
	case o.C5 == C5Type2 && o.C5Until.Stated() && o.C5Until.DaysFrom(today) < -365:
		c5.Answer = No
		c5.Say = lang.Text{
			DE: "Das C5-Testat Typ 2 deckt nur die Zeit bis " + o.C5Until.German() + ". Ein neueres ist nötig.",
			EN: "The C5 type 2 attestation covers only the time until " + o.C5Until.String() + ". A newer one is needed.",
		}
	case o.C5 == C5Type2:
		c5.Answer, c5.Say = Yes, lang.Text{DE: "Ein C5-Testat Typ 2 liegt vor.", EN: "There is a C5 type 2 attestation."}
	case o.C5 == C5Type1:
		c5.Answer, c5.Say = No, lang.Text{
			DE: "Es gibt nur ein C5-Testat Typ 1. Seit 1.7.2025 ist Typ 2 nötig.", EN: "There is only a C5 type 1 attestation. Type 2 is needed since 1 July 2025.",
		}
	case o.C5 == C5None:
		c5.Answer, c5.Say = No, lang.Text{DE: "Es gibt kein C5-Testat.", EN: "There is no C5 attestation."}
	default:
		c5.Say = lang.Text{DE: "Ob ein C5-Testat vorliegt, ist nicht bekannt.", EN: "Whether there is a C5 attestation is not known."}
	}
	scope := Duty{Code: "c5-scope", Answer: Unknown, Source: sgb, Say: lang.Text{
		DE: "Was das Testat umfasst, ist nicht festgehalten.", EN: "What the attestation covers is not written down.",
	}}
	if o.C5Scope != "" {
		scope.Answer, scope.Say = Yes, lang.Text{DE: "Umfang des Testats: " + o.C5Scope, EN: "Scope of the attestation: " + o.C5Scope}
	}
	return []Duty{
		answered("establishment", o.Establishment, sgb,
			lang.Text{DE: "Der Anbieter hat eine Niederlassung in Deutschland.", EN: "The provider has an establishment in Germany."},
			lang.Text{DE: "Der Anbieter hat keine Niederlassung in Deutschland.", EN: "The provider has no establishment in Germany."},
			lang.Text{DE: "Ob der Anbieter eine Niederlassung in Deutschland hat, ist nicht bekannt.", EN: "Whether the provider has an establishment in Germany is not known."}),
		c5, scope,
		answered("c5-customer", o.C5Customer, sgb,
			lang.Text{DE: "Die Kriterien, die der Kunde erfüllen muss, sind erfüllt.", EN: "The criteria that the customer must meet are met."},
			lang.Text{DE: "Die Kriterien, die der Kunde erfüllen muss, sind nicht erfüllt.", EN: "The criteria that the customer must meet are not met."},
			lang.Text{DE: "Ob die Kriterien erfüllt sind, die der Kunde erfüllen muss, ist nicht bekannt.", EN: "Whether the criteria are met that the customer must meet is not known."}),
	}
}
