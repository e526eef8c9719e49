package message

import (
	"regexp"
	"strconv"
	"strings"
)

// quantity is an amount as HL7 writes it: digits with a decimal point.
type quantity struct{ low, high, unit string }

var (
	// figures are digits, also with blanks between groups of three, a decimal
	// comma or point, or a fraction.
	one    = `(\d{1,3}(?: \d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?[½¼¾]?|[½¼¾])`
	amount = regexp.MustCompile(`^` + one + `(?: ?[-–] ?` + one + `)? ?(\D*)$`)
	rate   = regexp.MustCompile(`^` + one + ` ?(\D+(?:/\d* ?\D+)?)$`)
	// groups could be a decimal point or one between thousands: 5.000.
	groups = regexp.MustCompile(`^[1-9]\d{0,2}(?:\.\d{3})+$`)
	blanks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ")
)

// amountOf splits "5 000 IE" into 5000 and IE, "1–2 Tbl." into 1, 2 and Tbl.
// False for what has two readings (1.000 IE) or is no single amount (2 x 500
// mg): nothing is guessed about a dose.
func amountOf(s string) (quantity, bool) {
	parts := amount.FindStringSubmatch(strings.TrimSpace(blanks.Replace(s)))
	if parts == nil {
		return quantity{}, false
	}
	low, ok := plainFigure(parts[1])
	if !ok {
		return quantity{}, false
	}
	q := quantity{low: low, unit: strings.TrimSpace(parts[3])}
	if parts[2] != "" {
		q.high, ok = plainFigure(parts[2])
	}
	return q, ok
}

// Amount splits an amount as it is written into figures with a decimal point and
// its unit: "5 000 IE", "1–2 Tbl.", "½ Tbl.". It is false for what has two
// readings or is no single amount; high is "" for no range.
func Amount(s string) (low, high, unit string, ok bool) {
	q, ok := amountOf(s)
	return q.low, q.high, q.unit, ok
}

// Rate splits the rate of an infusion: "2 ml/h".
func Rate(s string) (figure, unit string, ok bool) {
	q, ok := rateOf(s)
	return q.low, q.unit, ok
}

// Even reports whether a scheme means the same single dose each time: 1-0-1-0,
// not 2-0-1-0 and not ½-0-½.
func Even(scheme string) bool {
	for _, part := range strings.Split(scheme, "-") {
		if part != "0" && part != "1" {
			return false
		}
	}
	return true
}

// rateOf splits "2 ml/h" and "50 ml/24 h".
func rateOf(s string) (quantity, bool) {
	parts := rate.FindStringSubmatch(strings.TrimSpace(blanks.Replace(s)))
	if parts == nil {
		return quantity{}, false
	}
	n, ok := plainFigure(parts[1])
	return quantity{low: n, unit: strings.TrimSpace(parts[2])}, ok
}

// plainFigure writes a figure with a decimal point.
func plainFigure(s string) (string, bool) {
	if groups.MatchString(s) {
		return "", false
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), ",", ".")
	add := 0.0
	for mark, v := range map[string]float64{"½": 0.5, "¼": 0.25, "¾": 0.75} {
		if rest, ok := strings.CutSuffix(s, mark); ok {
			if strings.Contains(rest, ".") {
				return "", false
			}
			s, add = rest, v
		}
	}
	if add == 0 {
		return s, true
	}
	if s == "" {
		s = "0"
	}
	n, err := strconv.ParseFloat(s, 64)
	return figure(n + add), err == nil
}
