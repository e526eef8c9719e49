package entry

import (
	"strings"

	"notbetrieb/internal/clinical"
)

// placeMark stands between the parts of a place.
const placeMark = " · "

// PlaceText writes ward, room and bed in one line: "3A · 302 · F", "3A".
func PlaceText(p clinical.Place) string {
	return strings.TrimRight(strings.Join([]string{p.Ward, p.Room, p.Bed}, placeMark), "· ")
}

// ParsePlace reads what PlaceText writes; false without a ward.
func ParsePlace(text string) (clinical.Place, bool) {
	parts := strings.Split(strings.TrimSpace(text), placeMark)
	if parts[0] == "" || strings.HasPrefix(parts[0], "·") || len(parts) > 3 {
		return clinical.Place{}, false
	}
	parts = append(parts, "", "")
	return clinical.Place{Ward: parts[0], Room: strings.TrimSpace(parts[1]), Bed: strings.TrimSpace(parts[2])}, true
}
