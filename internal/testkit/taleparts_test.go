package testkit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"notbetrieb/internal/config"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// This file plays the lines of a tale that are about mobile phones, evidence and
// the access review.

// callsBySMS lets a house call its crisis team by SMS when an incident is
// declared.
func callsBySMS(c *config.Config, g *smsGateway) {
	way := config.DefaultOutlet()
	way.Name, way.Kind, way.URL, way.Body, way.Type = "sms", "sms", g.URL+"/send", "to={number}&text={text}", "application/x-www-form-urlencoded"
	c.Callout.URL, c.Callout.Answers, c.Callout.Declared, c.Callout.Ways = "http://alarm.example", "0511 4711", "stab", []config.Outlet{way}
}

// mobile is a phone: what it gets, and the answer by the link in it.
func (s *tale) mobile(number, verb string, args []string) bool {
	s.t.Helper()
	last := func() string {
		all := s.sms.all()
		for i := len(all) - 1; i >= 0; i-- {
			if strings.HasPrefix(all[i], number+" ") {
				return all[i]
			}
		}
		return ""
	}
	if verb == "gets" {
		soon(s.t, "an SMS to "+number, func() bool { return last() != "" })
		for _, a := range args {
			if !strings.Contains(last(), a) {
				s.t.Logf("%q is not in %q", a, last())
				return false
			}
		}
		return true
	}
	link := regexp.MustCompile(`http://alarm\.example(/a/\S+)`).FindStringSubmatch(last())
	if verb != "answers" || link == nil {
		s.t.Logf("no link in %q", last())
		return false
	}
	page := s.h.Visitor().Page(link[1]).Submit(link[1], fields(args)...)
	return page.Status == 200 && !page.Has("#problems")
}

// uploads sends a form with a file.
func (s *tale) uploads(who *testkit.Person, path, field, name string, args []string) *testkit.Page {
	s.t.Helper()
	var files []testkit.Upload
	if filepath.Ext(name) == ".png" {
		files = []testkit.Upload{{Name: name, Body: aPhoto(s.t)}}
	} else if name != "-" {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(s.file), name))
		if err != nil {
			s.t.Fatal(err)
		}
		files = []testkit.Upload{{Name: name, Body: b}}
	}
	key := journal.KeyOf(s.id, path+who.ID, []byte(strings.Join(args, ";"))).String()
	return who.Upload(path, field, files, append([]string{"key", key}, fields(args)...)...)
}

// packs takes the evidence of the incident out of the house and checks it with
// nothing but the public key.
func (s *tale) packs(who *testkit.Person, items string, args []string) bool {
	s.t.Helper()
	page := who.Post("/evidence/package", append([]string{"key", "package" + s.id, "case", s.id}, fields(args)...)...)
	m, broken, err := evidence.VerifyPackage(s.t.Context(), bytes.NewReader(page.Body), int64(len(page.Body)), s.h.Hub.Keys.Verifier)
	if err != nil || len(broken) != 0 || strconv.Itoa(len(m.Items)) != items {
		s.t.Logf("%d: %v %+v", page.Status, err, broken)
		return false
	}
	return true
}

// hit is the page of the first hit of a list.
func (s *tale) hit(who *testkit.Person, list string) *testkit.Page {
	s.t.Helper()
	page := who.Page(list)
	if page.Count("tbody tr.link") == 0 {
		s.t.Fatalf("no hit: %s", page.Text())
	}
	return who.Page(page.Attr("tbody a.rowlink", "href"))
}
