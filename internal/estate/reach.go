package estate

// MaxCalled is how many people of the phone tree are called at once. Check names
// a tree that has more.
const MaxCalled = 2000

// Branch is one contact in the phone tree with those whom this contact calls.
type Branch struct {
	Contact Contact
	Deputy  Contact // who is called instead; zero: nobody
	Calls   []Branch
}

// PhoneTree returns the phone tree from its roots, and the contacts that name a
// caller but hang on no root: their caller is missing, or they call one another
// in a circle.
func (e *Estate) PhoneTree() (roots []Branch, lost []Contact) {
	calls := map[string][]Contact{}
	for _, p := range e.Contacts {
		if p.CalledBy != "" && !p.Root {
			calls[p.CalledBy] = append(calls[p.CalledBy], p)
		}
	}
	done := map[string]bool{}
	var grow func(p Contact, depth int) Branch
	grow = func(p Contact, depth int) Branch {
		done[p.ID] = true
		b := Branch{Contact: p}
		b.Deputy, _ = e.Contact(p.Deputy)
		for _, next := range calls[p.ID] {
			if !done[next.ID] && depth < maxRows {
				b.Calls = append(b.Calls, grow(next, depth+1))
			}
		}
		return b
	}
	for _, p := range e.Contacts {
		if p.Root && !done[p.ID] {
			roots = append(roots, grow(p, 0))
		}
	}
	for _, p := range e.Contacts {
		if p.CalledBy != "" && !done[p.ID] {
			lost = append(lost, p)
		}
	}
	return roots, lost
}
