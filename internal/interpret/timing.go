package interpret

import (
	"fmt"
	"strings"

	"notbetrieb/internal/clinical"
)

// frequency is a compiled FrequencyRule.
type frequency struct {
	scheme   string
	times    []clinical.DayTime
	asNeeded bool
	text     string
}

// frequencyKey makes "2 x tgl." and "2XTGL" equal.
func frequencyKey(s string) string {
	s = strings.ToUpper(s)
	s = strings.NewReplacer(" ", "", ".", "", "×", "X", "Ä", "AE", "Ö", "OE", "Ü", "UE", "TÄGLICH", "TGL", "TAEGLICH", "TGL", "TAEGL", "TGL").Replace(s)
	return strings.ReplaceAll(s, "TAEGLICH", "TGL")
}

// scheme reads "1-0-1-0", "1-0-1", "½-0-½", "0,5 - 0 - 0,5 - 1": the scheme as
// written without blanks, and the times of the doses that are not zero.
func (s *Site) scheme(text string) (string, []clinical.DayTime, bool) {
	parts := strings.Split(strings.ReplaceAll(text, " ", ""), "-")
	if len(parts) < 3 || len(parts) > 4 {
		return "", nil, false
	}
	var times []clinical.DayTime
	for i, p := range parts {
		if !doseCount(p) {
			return "", nil, false
		}
		if strings.Trim(p, "0.,") != "" {
			times = append(times, s.dayTimes[i])
		}
	}
	return strings.Join(parts, "-"), times, true
}

// doseCount reports whether p is an amount of a scheme: 1, 0,5, 1/2, ½, 1½.
func doseCount(p string) bool {
	if p == "" || len(p) > 8 {
		return false
	}
	return strings.Trim(p, "0123456789.,/½¼¾") == "" && strings.IndexAny(p, "0123456789½¼¾") >= 0
}

// clockText is "08:00".
func clockText(t clinical.DayTime) string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }
