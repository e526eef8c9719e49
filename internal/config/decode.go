package config

import (
	"fmt"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/strict"
)

// Mistake is one thing wrong in the file, or one that is unwise.
type Mistake = strict.Mistake

// Mistakes are all mistakes of a file in the order of its lines. It is the
// error of [Parse]; its kind is fault.Invalid.
type Mistakes = strict.Mistakes

// Parse reads a file over the defaults. The warnings are what is allowed but
// unwise. The error is all [Mistakes] at once; then the Config is not to be used.
func Parse(b []byte) (c Config, warnings []Mistake, err error) {
	c = Default()
	r := &strict.Reader{Limits: strict.Limits{Bytes: 8 << 20, Levels: 40}, Own: readOwn, Begin: begin}
	read := r.Read(b, &c)
	k := &checker{Reader: r, c: &c}
	if read || len(r.Mistakes) == 0 {
		k.check()
	}
	if n := len(r.Mistakes); n > 0 {
		r.Mistakes.Sort()
		say := lang.Text{DE: "Die Konfiguration hat einen Fehler.", EN: "The configuration has one mistake."}
		if n > 1 {
			say = lang.Text{DE: fmt.Sprintf("Die Konfiguration hat %d Fehler.", n), EN: fmt.Sprintf("The configuration has %d mistakes.", n)}
		}
		return Config{}, nil, fault.Mark(r.Mistakes, fault.Invalid, say)
	}
	k.warnings.Sort()
	return c, k.warnings, nil
}

// begin sets what an element of a list is where the file says nothing.
func begin(element any) {
	switch p := element.(type) {
	case *Feed:
		*p = DefaultFeed()
	case *HandbackTarget:
		*p = DefaultTarget()
	case *Forward:
		*p = DefaultForward()
	case *Ward:
		*p = DefaultWard()
	case *Outlet:
		*p = DefaultOutlet()
	case *Hook:
		*p = Hook{Timeout: time.Minute}
	}
}

// readOwn reads durations and sizes.
func readOwn(word string, into any) (mistake lang.Text, own bool) {
	var err error
	switch p := into.(type) {
	case *time.Duration:
		if *p, err = parseDuration(word); err != nil {
			mistake = lang.Text{
				DE: "Hier wird eine Dauer erwartet, zum Beispiel 90s, 15m, 2h oder 3d.",
				EN: "A duration is expected here, for example 90s, 15m, 2h or 3d.",
			}
		}
	case *Size:
		if *p, err = parseSize(word); err != nil {
			mistake = lang.Text{
				DE: "Hier wird eine Größe erwartet, zum Beispiel 512KiB oder 32MiB.",
				EN: "A size is expected here, for example 512KiB or 32MiB.",
			}
		}
	default:
		return mistake, false
	}
	return mistake, true
}
