package handback

import "slices"

// Dies makes the process of a book die where f says so: from there on it writes
// nothing any more. It must be called before Run.
func (b *Book) Dies(f func(at string) bool) { b.dies = func(at point) bool { return f(string(at)) } }

// Dead reports whether it died.
func (b *Book) Dead() bool { return b.dead.Load() }

// Kill ends it wherever it is.
func (b *Book) Kill() { b.dead.Store(true) }

// Knows reports whether the book has it that the target took a part of a version.
func Knows(it Item, part, key string) bool {
	return it.Key == key && slices.Contains(it.s.Done, part) || it.s.Had[part] == key
}

// LookMost lets it look at so few items for one page or one act.
func (b *Book) LookMost(n int) { b.most = n }
