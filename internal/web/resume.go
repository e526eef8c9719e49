package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What somebody typed is not lost when the sign-in ended meanwhile: the page
// that asks to sign in again carries it, and the form comes back with it. The
// browser that sent it is the only one that gets it back.

// carried is a form on its way around the sign-in.
type carried struct {
	Path   string
	Fields []carriedField
}

type carriedField struct{ Name, Value string }

// carryPrefix is before the names of carried fields, carryPath the name of
// their form's address.
const (
	carryPrefix = "was."
	carryPath   = "resume"
)

type resumedKey struct{}

// carry returns the form of the request, nil if nobody typed anything into it
// and its page does not take a form back.
func (s *Server) carry(v *visit) *carried {
	if v.Method != http.MethodPost || forgets(v.Pattern) || underSeal(v.Pattern) || v.ParseForm() != nil {
		return nil
	}
	if !slices.Contains(s.resumable, v.Pattern) && len(s.typedTexts(v)) == 0 {
		return nil
	}
	c := &carried{Path: v.URL.Path}
	for name, values := range v.PostForm {
		if withheld(name) { // of a second person: typed again
			continue
		}
		for _, value := range values {
			c.Fields = append(c.Fields, carriedField{carryPrefix + name, value})
		}
	}
	// Values of one name stay in their order: rows of a table belong together by it.
	slices.SortStableFunc(c.Fields, func(a, b carriedField) int { return strings.Compare(a.Name, b.Name) })
	return c
}

// carriedOf reads what a sign-in form carries, nil for nothing.
func carriedOf(v *visit) *carried {
	path := v.PostFormValue(carryPath)
	if path == "" || safeBack(path) == "/" {
		return nil
	}
	c := &carried{Path: path}
	for name, values := range v.PostForm {
		if strings.HasPrefix(name, carryPrefix) {
			for _, value := range values {
				c.Fields = append(c.Fields, carriedField{name, value})
			}
		}
	}
	return c
}

// resume draws the carried form again for the person who has just signed in.
// Nothing is done with it: the handler sees that it was resumed and only draws.
func (s *Server) resume(v *visit, c *carried, token string) http.Handler {
	form := url.Values{}
	for _, f := range c.Fields {
		form.Add(strings.TrimPrefix(f.Name, carryPrefix), f.Value)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := r.Clone(context.WithValue(r.Context(), resumedKey{}, true))
		next.URL = &url.URL{Path: c.Path}
		next.RequestURI = c.Path
		next.Form, next.PostForm, next.Pattern = form, form, ""
		next.Header.Del("Cookie")
		next.AddCookie(&http.Cookie{Name: s.cookie("session"), Value: token})
		for _, keep := range v.Cookies() {
			if keep.Name == "lang" || keep.Name == "night" {
				next.AddCookie(keep)
			}
		}
		s.mux.ServeHTTP(w, next)
	})
}
