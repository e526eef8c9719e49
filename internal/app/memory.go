package app

import "runtime/debug"

// TuneMemory lets the heap grow to three times what lives before it is
// collected. A hub's live heap is small and its pages are short-lived: fewer
// collections keep the slowest pages and a rebuild of the charts fast.
func TuneMemory() { debug.SetGCPercent(200) }
