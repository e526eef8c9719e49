// Package scan turns a stack of scanned paper into pages, and pages into the
// codes they carry. It knows nothing of patients: who files a page decides by
// what was read here, or asks a person.
package scan
