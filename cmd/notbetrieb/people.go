package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func runPeople(ctx context.Context, c console, args []string) error {
	if len(args) == 0 {
		fmt.Fprintln(c.err, "usage: notbetrieb people list|add|password|roles --config FILE [flags]; -h explains")
		return errUsage
	}
	switch args[0] {
	case "list", "add", "password", "roles":
	default:
		fmt.Fprintf(c.err, "notbetrieb people: no command %q\n", args[0])
		return errUsage
	}
	path, rest := cutConfig(args[1:])
	return c.onHub(ctx, path, "people "+args[0], rest, c.out)
}

func peopleList(_ context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	if err := parse(console{err: errw}.flags("people list", "list who may sign in, with roles and wards"), call.Args); err != nil {
		return err
	}
	for _, p := range h.Staff.People() {
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, string(r))
		}
		state := ""
		if p.Disabled {
			state = "disabled"
		}
		wards := strings.Join(p.Wards, ",")
		if wards == "" {
			wards = "whole house"
		}
		if _, err := fmt.Fprintf(out, "%-16s %-28s %-24s %-20s %s\n", p.ID, p.Name, strings.Join(roles, ","), wards, state); err != nil {
			return err
		}
	}
	return nil
}

// peopleAdd signs somebody up with a fresh password that must be changed.
func peopleAdd(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	fs := console{err: errw}.flags("people add", "sign somebody up; prints a first password")
	id := fs.String("id", "", "sign-in `NAME`")
	name := fs.String("name", "", "`NAME` as shown")
	roles := fs.String("roles", "", "comma-separated `ROLES`: nurse, physician, admission, laboratory, radiology, pharmacy, it, crisis, auditor")
	wards := fs.String("wards", "", "comma-separated `WARDS`; empty is the whole house")
	english := fs.Bool("english", false, "pages in English")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	p := staff.Person{ID: *id, Name: *name, Lang: lang.DE, MustChange: true}
	if *english {
		p.Lang = lang.EN
	}
	for _, r := range list(*roles) {
		p.Roles = append(p.Roles, staff.Role(r))
	}
	p.Wards = list(*wards)
	password := newPassword()
	if err := h.Staff.Add(ctx, staff.ConsoleOf(call.User), p); err != nil {
		return err
	}
	return setPassword(ctx, h, call, p.ID, password, out)
}

// peoplePassword gives somebody a fresh password that must be changed.
func peoplePassword(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	fs := console{err: errw}.flags("people password", "give somebody a fresh password; prints it")
	id := fs.String("id", "", "sign-in `NAME`")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	p, ok := h.Staff.Person(*id)
	if !ok {
		return fault.New(fault.NotFound, lang.Text{DE: "Diese Person gibt es nicht.", EN: "There is no such person."})
	}
	p.MustChange = true
	password := newPassword()
	return errors.Join(h.Staff.Change(ctx, staff.ConsoleOf(call.User), p), setPassword(ctx, h, call, *id, password, out))
}

// peopleRoles gives somebody other roles.
func peopleRoles(ctx context.Context, h *app.Hub, call app.Call, _, errw io.Writer) error {
	fs := console{err: errw}.flags("people roles", "give somebody other roles in place of the old ones")
	id := fs.String("id", "", "sign-in `NAME`")
	roles := fs.String("roles", "", "comma-separated `ROLES`, as for people add")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	p, ok := h.Staff.Person(*id)
	if !ok {
		return fault.New(fault.NotFound, lang.Text{DE: "Diese Person gibt es nicht.", EN: "There is no such person."})
	}
	p.Roles = nil
	for _, r := range list(*roles) {
		p.Roles = append(p.Roles, staff.Role(r))
	}
	return h.Staff.Change(ctx, staff.ConsoleOf(call.User), p)
}

func setPassword(ctx context.Context, h *app.Hub, call app.Call, id, password string, out io.Writer) error {
	if err := h.Staff.SetPassword(ctx, staff.ConsoleOf(call.User), id, password); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s signs in with %s and changes it then\n", id, password)
	return err
}

func list(s string) []string {
	var out []string
	for x := range strings.SplitSeq(s, ",") {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}
