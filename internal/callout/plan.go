package callout

import (
	"crypto/rand"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/rulebook"
)

// Out is a configured way out of the house.
type Out struct {
	Name   string
	Takes  []estate.WayKind // ways of a contact that it can tell somebody on
	Number bool             // the address is a telephone number
	Mail   bool             // the address is one of mail
	One    bool             // it takes one message after the other, as a modem does
	Send   way.Sender
}

// Holder is somebody on a seat of the crisis team of an incident.
type Holder struct {
	Role   rulebook.Role
	Name   string
	Reach  string // as it was written down: a number or an address of mail
	Deputy bool
}

const (
	maxPosts = estate.MaxCalled
	maxChain = 10
	maxWays  = 8
)

// planner finds whom to call, and how.
type planner struct {
	estate  *estate.Estate
	outs    []Out
	country string
	role    func(rulebook.Role) string
	holders []Holder
}

// posts returns the posts of a group with whoever fills them, and how many are
// left out because they are too many.
func (p planner) posts(g Group) (posts []planPost, left int) {
	var out []planPost
	switch g.ID {
	case GroupTree:
		out = p.tree()
	case GroupTeam, GroupLead:
		for _, r := range rulebook.Roles() {
			if chain := p.seated(r); len(chain) > 0 && (g.ID == GroupTeam || r == rulebook.Lead) {
				out = append(out, planPost{Function: p.role(r), Chain: chain})
			}
		}
	default:
		for _, s := range g.Seats {
			post := planPost{Function: s.Function}
			if s.Role != "" {
				post.Function, post.Chain = p.role(s.Role), p.seated(s.Role)
			}
			post.Chain = p.withDeputies(post.Chain, s.Contact)
			out = append(out, post)
		}
	}
	out, left = joined(out)
	return numbered(out), left
}

// tree is a post for each contact of the phone tree, and for those who are lost
// from it: to call them is better than not to.
func (p planner) tree() []planPost {
	var out []planPost
	add := func(c estate.Contact) {
		out = append(out, planPost{Function: c.Function, Chain: p.withDeputies(nil, c.ID)})
	}
	roots, lost := p.estate.PhoneTree()
	var walk func(b estate.Branch)
	walk = func(b estate.Branch) {
		add(b.Contact)
		for _, next := range b.Calls {
			walk(next)
		}
	}
	for _, b := range roots {
		walk(b)
	}
	for _, c := range lost {
		add(c)
	}
	return out
}

// seated are those who hold a role now, then the deputies that the estate names
// for them.
func (p planner) seated(r rulebook.Role) []planPerson {
	var chain []planPerson
	var contacts []string
	for _, deputy := range []bool{false, true} {
		for _, h := range p.holders {
			if h.Role != r || h.Deputy != deputy {
				continue
			}
			x := planPerson{Name: h.Name}
			c, known := p.contact(h.Name)
			var ways []estate.Way
			if w, ok := reach(h.Reach, p.country); ok {
				ways = append(ways, w)
			}
			if known {
				x.Contact, ways = c.ID, append(ways, c.Ways...)
				contacts = append(contacts, c.ID)
			}
			p.reached(&x, ways)
			chain = append(chain, x)
		}
	}
	for _, id := range contacts {
		if c, ok := p.estate.Contact(id); ok {
			chain = p.withDeputies(chain, c.Deputy)
		}
	}
	return chain
}

// contact is the one of that name. Of two nobody knows which: neither is called
// in the other's place.
func (p planner) contact(name string) (estate.Contact, bool) {
	var found []estate.Contact
	for _, c := range p.estate.Contacts {
		if c.Company == "" && alike(c.Name, name) {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return estate.Contact{}, false
	}
	return found[0], true
}

func alike(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// mobiles are how mobile numbers of Germany, Austria and Switzerland begin.
var mobiles = []string{"+4915", "+4916", "+4917", "+4365", "+4366", "+4367", "+4368", "+4369", "+4174", "+4175", "+4176", "+4177", "+4178", "+4179"}

// reach reads what somebody wrote down about how to reach a person.
func reach(text, country string) (estate.Way, bool) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "@") && !strings.ContainsAny(text, " ,;") {
		return estate.Way{Kind: estate.Mail, Value: text}, true
	}
	n, ok := way.Number(text, country)
	if !ok {
		return estate.Way{}, false
	}
	for _, mobile := range mobiles {
		if strings.HasPrefix(n, mobile) && !strings.HasPrefix(n, "+43662") { // Salzburg
			return estate.Way{Kind: estate.Mobile, Value: text}, true
		}
	}
	return estate.Way{Kind: estate.Landline, Value: text}, true
}

// withDeputies is the chain with a contact and the contact's deputies behind it.
func (p planner) withDeputies(chain []planPerson, id string) []planPerson {
	for len(chain) < maxChain {
		c, ok := p.estate.Contact(id)
		if !ok || slices.ContainsFunc(chain, func(x planPerson) bool { return x.Contact == id }) {
			break
		}
		x := planPerson{Contact: c.ID, Name: c.Name}
		p.reached(&x, c.Ways)
		chain = append(chain, x)
		id = c.Deputy
	}
	return chain
}

// reached fills in the ways of a person: for each in its order every way out
// that takes it, then those by voice.
func (p planner) reached(x *planPerson, ways []estate.Way) {
	for _, w := range ways {
		switch w.Kind {
		case estate.Mail, estate.Messenger, estate.Fax:
		case estate.Mobile, estate.Landline, estate.Extension, estate.Pager, estate.Radio, estate.Satellite, estate.InPerson:
			if v := (Phone{w.Kind, w.Value}); !slices.Contains(x.Phones, v) {
				x.Phones = append(x.Phones, v)
			}
		}
		for _, o := range p.outs {
			to, ok := o.address(w, p.country)
			v := Way{Out: o.Name, Kind: w.Kind, To: to}
			if ok && len(x.Ways) < maxWays && !slices.Contains(x.Ways, v) {
				x.Ways = append(x.Ways, v)
			}
		}
	}
}

// address is what the way out is given of a contact's way.
func (o Out) address(w estate.Way, country string) (string, bool) {
	v := strings.TrimSpace(w.Value)
	switch {
	case !slices.Contains(o.Takes, w.Kind) || v == "":
		return "", false
	case o.Number:
		return way.Number(v, country)
	case o.Mail:
		return v, strings.Count(v, "@") == 1 && !strings.ContainsAny(v, " ,;<>\r\n")
	}
	return v, true
}

// joined puts posts of the same first person together: nobody is called twice
// for two hats.
func joined(posts []planPost) (out []planPost, left int) {
	for _, p := range posts {
		if len(p.Chain) == 0 {
			continue
		}
		first := p.Chain[0]
		i := slices.IndexFunc(out, func(o planPost) bool {
			return first.Contact != "" && o.Chain[0].Contact == first.Contact || o.Chain[0].Name == first.Name && first.Contact == o.Chain[0].Contact
		})
		switch {
		case i < 0 && len(out) < maxPosts:
			out = append(out, p)
		case i < 0:
			left++
		default:
			if p.Function != "" && !strings.Contains(out[i].Function, p.Function) {
				out[i].Function = strings.TrimPrefix(out[i].Function+", "+p.Function, ", ")
			}
			out[i].Chain = together(out[i].Chain, p.Chain)
		}
	}
	return out, left
}

// together are the people of both chains in their order, each once.
func together(chain, more []planPerson) []planPerson {
	for _, x := range more {
		if !slices.ContainsFunc(chain, func(y planPerson) bool { return x.Contact == y.Contact && (x.Contact != "" || x.Name == y.Name) }) {
			chain = append(chain, x)
		}
	}
	return chain
}

// numbered gives everybody an ID and an answer code that nobody else has.
func numbered(posts []planPost) []planPost {
	for i := range posts {
		posts[i].ID = strconv.Itoa(i + 1)
		for k := range posts[i].Chain {
			posts[i].Chain[k].ID = posts[i].ID + "." + strconv.Itoa(k+1)
		}
	}
	return posts
}

// coded draws the answer codes: six digits that are not taken.
func coded(posts []planPost, taken map[string]bool) {
	for i := range posts {
		for k := range posts[i].Chain {
			for code := ""; code == "" || taken[code]; {
				n, _ := rand.Int(rand.Reader, big.NewInt(900_000)) // never fails: see crypto/rand
				code = strconv.FormatInt(n.Int64()+100_000, 10)
				if !taken[code] {
					posts[i].Chain[k].Code = code
					taken[code] = true
					break
				}
			}
		}
	}
}
