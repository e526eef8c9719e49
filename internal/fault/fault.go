// Package fault gives every error a kind, which says what the caller can do
// about it, and a sentence that is safe to show to the person at the screen.
//
// An error that nobody marked stays unexplained: a file path or a patient's
// name inside an error text cannot reach a screen through this package.
package fault

import (
	"errors"
	"fmt"

	"notbetrieb/internal/lang"
)

// Kind says what the caller can do about an error.
type Kind uint8

const (
	Internal    Kind = iota // a bug or a broken machine: tell the operator
	Invalid                 // the input is wrong: show what to change
	NotFound                // no such patient, stay, ward or record
	Forbidden               // signed in, but not allowed
	Unsigned                // nobody is signed in
	Conflict                // somebody else was faster: show both
	Unavailable             // a peer or a disk is away: try again
	Corrupt                 // stored bytes fail their check: stop and call help
)

// fault is an error with a kind and a sentence.
type fault struct {
	kind Kind
	say  lang.Text
	err  error
}

func (f *fault) Error() string {
	if f.err == nil {
		return f.say.EN
	}
	return f.err.Error()
}

func (f *fault) Unwrap() error { return f.err }

// New returns an error of kind k that says the sentence to the user.
func New(k Kind, say lang.Text) error { return &fault{kind: k, say: say} }

// Mark gives err a kind and a sentence; errors.Is and errors.As still see err.
// Mark of a nil error is nil.
func Mark(err error, k Kind, say lang.Text) error {
	if err == nil {
		return nil
	}
	return &fault{kind: k, say: say, err: err}
}

// Newf is New with an operator's detail that is logged but never shown. The
// detail must hold no health data.
func Newf(k Kind, say lang.Text, format string, args ...any) error {
	return &fault{kind: k, say: say, err: fmt.Errorf(format, args...)}
}

// KindOf returns the kind of err: that of the outermost marked error in its
// chain, or Internal.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.kind
	}
	return Internal
}

// Say returns the sentence for the user. An unmarked error gets a neutral one.
func Say(err error) lang.Text {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.say
	}
	return lang.Text{
		DE: "Interner Fehler. Nichts ist verloren gegangen. Bitte die IT-Leitstelle anrufen.",
		EN: "Internal error. Nothing was lost. Please call the IT desk.",
	}
}
