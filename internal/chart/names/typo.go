package names

import "strings"

// Distance is the number of typing errors between two folded words: a letter
// too many, too few, another one, or two neighbours swapped (optimal string
// alignment).
func Distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64 // no name
	}
	var rows [3][65]int
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

// maxTypo is the length in bytes up to which a word is looked at for errors.
const maxTypo = 24

// Neighbours returns the keys by which words with one typing error or the same
// sound find each other: the word, the word with each single letter left out,
// and its Kölner Phonetik after "#". Two words at distance one share a key.
func Neighbours(word string) []string {
	if len(word) < 3 || len(word) > maxTypo {
		return nil
	}
	out := make([]string, 0, len(word)+2)
	out = append(out, word)
	for i := range len(word) {
		if i > 0 && word[i] == word[i-1] {
			continue // leaves the same rest
		}
		out = append(out, word[:i]+word[i+1:])
	}
	if p := Phonetic(word); len(p) >= 2 {
		out = append(out, "#"+p)
	}
	return out
}

// Similar reports whether found may be meant by typed: one typing error, or
// two in words of six letters and more that sound the same.
func Similar(typed, found string) bool {
	d := Distance(typed, found)
	return d <= 1 || d <= 2 && min(len(typed), len(found)) >= 5 && Phonetic(typed) == Phonetic(found)
}

// Phonetic is the Kölner Phonetik of a folded word: digits for sounds as they
// are spoken in German (Postel 1969).
func Phonetic(word string) string {
	w := strings.ReplaceAll(word, " ", "")
	var b strings.Builder
	last := byte(' ')
	for i := range len(w) {
		var before, after byte
		if i > 0 {
			before = w[i-1]
		}
		if i+1 < len(w) {
			after = w[i+1]
		}
		for _, c := range []byte(sound(before, w[i], after, i == 0)) {
			if c != last && (c != '0' || b.Len() == 0) {
				b.WriteByte(c)
			}
			last = c
		}
	}
	return b.String()
}

// sound returns the digits of one letter between its neighbours.
func sound(before, c, after byte, first bool) string {
	one := func(set string, c byte) bool { return c != 0 && strings.IndexByte(set, c) >= 0 }
	switch c {
	case 'a', 'e', 'i', 'j', 'o', 'u', 'y':
		return "0"
	case 'b':
		return "1"
	case 'p':
		if after == 'h' {
			return "3"
		}
		return "1"
	case 'd', 't':
		if one("csz", after) {
			return "8"
		}
		return "2"
	case 'f', 'v', 'w':
		return "3"
	case 'g', 'k', 'q':
		return "4"
	case 'c':
		if first && one("ahkloqrux", after) || !first && one("ahkoqux", after) && !one("sz", before) {
			return "4"
		}
		return "8"
	case 'x':
		if one("ckq", before) {
			return "8"
		}
		return "48"
	case 'l':
		return "5"
	case 'm', 'n':
		return "6"
	case 'r':
		return "7"
	case 's', 'z':
		return "8"
	}
	return "" // h, digits
}
