package journal

import (
	"fmt"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Free returns how many bytes may still be written on the disk of dir.
func Free(dir string) (uint64, error) { return freeBytes(dir) }

// enoughFree refuses a disk on which the journal would soon stand still.
func enoughFree(dir string, want int64) error {
	if want < 0 {
		return nil
	}
	have, err := freeBytes(dir)
	if err != nil {
		return storeFault(fmt.Errorf("free space: %w", err), "open", sayUnwritable())
	}
	if have < uint64(want) {
		return fault.Newf(fault.Unavailable, lang.Text{
			DE: fmt.Sprintf("Auf dem Datenträger des Journals sind nur noch %d MB frei, nötig sind %d MB. Bitte Platz schaffen.", have>>20, want>>20),
			EN: fmt.Sprintf("Only %d MB are free on the journal's disk, %d MB are needed. Please make room.", have>>20, want>>20),
		}, "journal open: %d bytes free, want %d", have, want)
	}
	return nil
}
