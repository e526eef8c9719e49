package desk

import (
	"strings"

	"notbetrieb/internal/journal"
)

// KeyFor returns the key of an entry about something of which there is one: the
// same parts give the same key, so that two people who record it at once meet,
// and the second is told. kind keeps the keys of different things apart.
func KeyFor(kind string, parts ...string) string {
	return journal.KeyOf("entry "+kind, strings.Join(parts, "\x00"), nil).String()
}
