// Package interpret turns one journal record into clinical changes: what the
// message states about one patient, in the hospital's own words.
//
// It is pure. It has no clock, does no I/O and remembers nothing from one
// record to the next, so a rebuilt chart is the same chart. It knows meaning
// and no connections. What differs from hospital to hospital stands in mapping
// tables, which are data; nothing about a patient's identity is guessed, and
// what is not understood becomes a Problem that people are shown.
package interpret
