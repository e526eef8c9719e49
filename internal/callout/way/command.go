package way

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Command is a program that sends an SMS over an own modem. No shell reads it.
// In its arguments stand the places {number}, {text} and {id}; the text is also
// its input.
type Command struct {
	Args []string // the program with its whole path, then its arguments
	Wait time.Duration
}

// Send runs the program. It took the message if it ends with 0; any other end
// can be tried again, and one that had to be stopped is unclear.
func (c Command) Send(ctx context.Context, m Message) Result {
	ctx, stop := context.WithTimeout(ctx, c.Wait)
	defer stop()
	place := strings.NewReplacer("{number}", m.To, "{text}", m.Short, "{id}", m.ID)
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = place.Replace(a)
	}
	cmd := exec.CommandContext(ctx, c.Args[0], args[1:]...)
	said := &first{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir = strings.NewReader(m.Short), said, said, "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	cmd.WaitDelay = 2 * time.Second // a child that keeps the output open
	err := cmd.Run()
	detail := told(said.b.String(), m.Link, m.Short, m.Code)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Result{Unclear, "stopped after " + c.Wait.String()}
	case errors.As(err, &exit):
		return Result{Unreached, told("exit " + strconv.Itoa(exit.ExitCode()) + " " + detail)}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // that one ended well, a child of it did not
		return Result{Refused, "program cannot be started"}
	}
	return Result{Accepted, detail}
}

// first keeps the first bytes that are written.
type first struct{ b bytes.Buffer }

func (f *first) Write(p []byte) (int, error) {
	f.b.Write(p[:min(len(p), max(maxAnswer-f.b.Len(), 0))])
	return len(p), nil
}
