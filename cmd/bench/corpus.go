package main

import (
	"bytes"
	"context"
	"errors"
	"time"

	"notbetrieb/internal/demo"
)

// template is a message whose control ID (MSH-10) is filled in when it is sent.
type template struct{ head, tail []byte }

// with appends the message with a control ID to dst.
func (t template) with(dst []byte, id string) []byte {
	dst = append(dst, t.head...)
	dst = append(dst, id...)
	return append(dst, t.tail...)
}

// corpus returns messages as a hospital sends them: admissions, orders,
// laboratory, vital signs and medication of the demo hospital in their natural
// mix, without documents.
func corpus(ctx context.Context, most int) ([]template, error) {
	var out []template
	house := demo.New(demo.Plan{Seed: 7, Start: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Small: true})
	for m := range house.History(ctx) {
		if m.Feed == demo.DOCS || m.Feed == demo.RIS {
			continue
		}
		if t, ok := cut(m.Raw); ok {
			out = append(out, t)
		}
		if len(out) == most {
			break
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the demo hospital sent nothing")
	}
	return out, nil
}

// cut finds MSH-10.
func cut(raw []byte) (template, bool) {
	at := 0
	for range 9 {
		i := bytes.IndexByte(raw[at:], '|')
		if i < 0 {
			return template{}, false
		}
		at += i + 1
	}
	end := bytes.IndexByte(raw[at:], '|')
	if end < 0 {
		return template{}, false
	}
	return template{bytes.Clone(raw[:at]), bytes.Clone(raw[at+end:])}, true
}
