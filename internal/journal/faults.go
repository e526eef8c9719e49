package journal

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// ErrClosed is wrapped by every call after Close.
var ErrClosed = errors.New("journal is closed")

// ErrFenced is wrapped when another writer moved the head: this one stops.
var ErrFenced = errors.New("journal head was moved by another writer")

func sayFull() lang.Text {
	return lang.Text{
		DE: "Der Datenträger des Journals ist voll. Der Eintrag ist nicht gespeichert. Bitte sofort die IT-Leitstelle anrufen.",
		EN: "The journal's disk is full. The entry is not stored. Please call the IT desk at once.",
	}
}

func sayUnwritable() lang.Text {
	return lang.Text{
		DE: "Das Journal kann gerade nicht schreiben. Der Eintrag ist vielleicht nicht gespeichert. Bitte wiederholen.",
		EN: "The journal cannot write just now. The entry may not be stored. Please try again.",
	}
}

func sayUnreadable() lang.Text {
	return lang.Text{
		DE: "Das Journal kann gerade nicht gelesen werden. Bitte wiederholen.",
		EN: "The journal cannot be read just now. Please try again.",
	}
}

func sayCorrupt() lang.Text {
	return lang.Text{
		DE: "Das Journal ist beschädigt. Es wird nichts mehr geschrieben. Bitte sofort die IT-Leitstelle anrufen.",
		EN: "The journal is damaged. Nothing more is written. Please call the IT desk at once.",
	}
}

func sayClosed() lang.Text {
	return lang.Text{
		DE: "Das Journal ist geschlossen. Der Eintrag ist nicht gespeichert.",
		EN: "The journal is closed. The entry is not stored.",
	}
}

func sayFenced() lang.Text {
	return lang.Text{
		DE: "Ein zweites Notbetrieb schreibt in dasselbe Journal. Dieses hier schreibt nicht mehr.",
		EN: "A second Notbetrieb writes to the same journal. This one has stopped writing.",
	}
}

func sayLocked() lang.Text {
	return lang.Text{
		DE: "In diesem Datenordner läuft schon ein Notbetrieb.",
		EN: "Another Notbetrieb is already running on this data folder.",
	}
}

// storeFault gives an error of SQLite or the file system its kind.
func storeFault(err error, op string, say lang.Text) error {
	if err == nil {
		return nil
	}
	if fault.KindOf(err) != fault.Internal {
		return fmt.Errorf("journal %s: %w", op, err)
	}
	err = fmt.Errorf("journal %s: %w", op, err)
	switch {
	case errors.Is(err, sqlite3.FULL), errors.Is(err, syscall.ENOSPC):
		return fault.Mark(err, fault.Unavailable, sayFull())
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB),
		errors.Is(err, errForged), errors.Is(err, errDecode), errors.Is(err, errWAL):
		return fault.Mark(err, fault.Corrupt, sayCorrupt())
	case errors.Is(err, ErrFenced):
		return fault.Mark(err, fault.Conflict, sayFenced())
	case errors.Is(err, ErrClosed):
		return fault.Mark(err, fault.Unavailable, sayClosed())
	default:
		return fault.Mark(err, fault.Unavailable, say)
	}
}
