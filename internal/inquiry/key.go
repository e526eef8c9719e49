// Package inquiry keeps sealed investigations: what named people write together
// about an incident from within, that nobody else can read, neither who has the
// disk nor who has the keys of the hub, and whose existence nobody else sees.
//
// Every page of an investigation is a record of kind sealed in the journal,
// encrypted under the case's own key. That key is written down only wrapped for
// each pair of the named people: a lock. A pair's two private keys come from
// their passphrases and are nowhere else. Locks and pages have a few sizes and
// look like noise without the key; every hub writes such noise now and then.
package inquiry

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Cost is the work to turn a passphrase into a key (argon2id, RFC 9106).
type Cost struct {
	Memory uint32 // KiB
	Time   uint32 // passes
	Lanes  uint8
}

// DefaultCost takes 128 MiB and most of a second of a small machine: a
// passphrase is typed twice a day, not at a bed.
func DefaultCost() Cost { return Cost{Memory: 128 << 10, Time: 3, Lanes: 2} }

const (
	minPhrase  = 14 // characters
	maxPhrase  = 512
	maxMembers = 8 // slots of a lock
	pairs      = maxMembers * (maxMembers - 1) / 2

	hpkeOver   = 48 // HPKE with X25519 and AES-256-GCM: 32 of the encapsulated key and a tag of 16
	singleSize = hpkeOver + len(caseID{})
	pairSize   = 2*hpkeOver + seal.KeySize
	lockSize   = maxMembers*singleSize + pairs*pairSize // 4,096
)

// info binds what is wrapped to this use of the keys.
const info = "notbetrieb inquiry 1"

// caseID names an investigation inside of locks.
type caseID [16]byte

// secret is somebody's private key while it is in use.
type secret struct {
	private hpke.PrivateKey
	public  []byte
}

// newSecret derives the key pair of a person from a passphrase. The same person
// with the same passphrase on the same hub has the same pair.
func newSecret(phrase, person string, salt seal.Key, c Cost) (secret, error) {
	key := salt.Derive("inquiry person " + person)
	ikm := argon2.IDKey([]byte(prepared(phrase)), key[:], c.Time, c.Memory, c.Lanes, seal.KeySize)
	private, err := hpke.DHKEM(ecdh.X25519()).DeriveKeyPair(ikm)
	if err != nil {
		return secret{}, fmt.Errorf("inquiry key: %w", err)
	}
	return secret{private, private.PublicKey().Bytes()}, nil
}

// prepared makes one passphrase of what different keyboards send for it; the
// groups of a printed key may be typed without their dashes.
func prepared(phrase string) string {
	s := norm.NFKC.String(strings.TrimSpace(phrase))
	if g := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s)); len(g) == printedLen && strings.Trim(g, letters) == "" {
		return g
	}
	return s
}

// letters are those of a printed key: base32 (RFC 4648), without 0, 1, 8 and 9.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

const printedLen = 28 // 140 bits

// PrintedKey draws a key for a sheet of paper, in groups of four.
func PrintedKey() string {
	var b [printedLen]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	s := base32.NewEncoding(letters).WithPadding(base32.NoPadding).EncodeToString(b[:])[:printedLen]
	var groups []string
	for i := 0; i < len(s); i += 4 {
		groups = append(groups, s[i:i+4])
	}
	return strings.Join(groups, "-")
}

// checkPhrase says why a passphrase cannot be taken, nil if it can.
func checkPhrase(phrase, again, person string) error {
	refuse := func(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }
	p := prepared(phrase)
	low := strings.ToLower(p)
	distinct := map[rune]bool{}
	for _, r := range low {
		distinct[r] = true
	}
	switch {
	case phrase != again:
		return refuse("Die beiden Eingaben sind nicht gleich.", "The two entries are not the same.")
	case utf8.RuneCountInString(p) < minPhrase:
		return refuse("Der Satz ist zu kurz: mindestens 14 Zeichen, am besten vier oder mehr Wörter, die nicht zusammengehören.", "The phrase is too short: at least 14 characters, best four or more words that do not belong together.")
	case len(p) > maxPhrase:
		return refuse("Der Satz ist zu lang.", "The phrase is too long.")
	case len(distinct) < 7 || person != "" && strings.ReplaceAll(low, person, "") == "":
		return refuse("Der Satz ist zu leicht zu erraten.", "The phrase is too easy to guess.")
	}
	return nil
}

func wrap(public, plain []byte) ([]byte, error) {
	pk, err := hpke.DHKEM(ecdh.X25519()).NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("inquiry lock: %w", err)
	}
	return hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info), plain)
}

func (s secret) unwrap(sealed []byte) ([]byte, bool) {
	b, err := hpke.Open(s.private, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(info), sealed)
	return b, err == nil
}

// newLock writes the case key down for each pair of the members, and for each
// one the case's name, so that one who comes first is told to wait. What is left
// is filled with the same for nobody: a lock does not tell how many there are.
func newLock(id caseID, key seal.Key, members []Member) ([]byte, error) {
	if len(members) < 2 || len(members) > maxMembers {
		return nil, errors.New("inquiry lock: two to eight members")
	}
	var publics [][]byte
	for _, m := range members {
		publics = append(publics, m.Public)
	}
	for len(publics) < maxMembers {
		k, err := hpke.DHKEM(ecdh.X25519()).GenerateKey()
		if err != nil {
			return nil, fmt.Errorf("inquiry lock: %w", err)
		}
		publics = append(publics, k.PublicKey().Bytes())
	}
	order := shuffled(maxMembers)
	out := make([]byte, 0, lockSize)
	for _, i := range order {
		b, err := wrap(publics[i], id[:])
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	var slots [][]byte
	for a := range maxMembers {
		for b := range a {
			inner, err := wrap(publics[a], key[:])
			if err != nil {
				return nil, err
			}
			outer, err := wrap(publics[b], inner)
			if err != nil {
				return nil, err
			}
			slots = append(slots, outer)
		}
	}
	for _, i := range shuffled(len(slots)) {
		out = append(out, slots[i]...)
	}
	return out, nil
}

// shuffled returns 0 … n-1 in random order.
func shuffled(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	for i := n - 1; i > 0; i-- {
		var b [8]byte
		_, _ = rand.Read(b[:])
		j := int(binary.BigEndian.Uint64(b[:]) % uint64(i+1))
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// names returns the case that a lock has the member's slot for.
func (s secret) names(lock []byte) (caseID, bool) {
	if len(lock) != lockSize {
		return caseID{}, false
	}
	for i := range maxMembers {
		if b, ok := s.unwrap(lock[i*singleSize : (i+1)*singleSize]); ok && len(b) == len(caseID{}) {
			return caseID(b), true
		}
	}
	return caseID{}, false
}

// open returns the case key from a lock that both have slots in.
func open(lock []byte, a, b secret) (seal.Key, bool) {
	for i := range pairs {
		at := maxMembers*singleSize + i*pairSize
		slot := lock[at : at+pairSize]
		for _, try := range [2][2]secret{{a, b}, {b, a}} {
			inner, ok := try[0].unwrap(slot)
			if !ok {
				continue
			}
			if key, ok := try[1].unwrap(inner); ok && len(key) == seal.KeySize {
				return seal.Key(key), true
			}
		}
	}
	return seal.Key{}, false
}

// pageKey is the key of one page. A report gives away the keys of its pages and
// with them nothing else.
func pageKey(k seal.Key, id journal.ID) seal.Key { return k.Derive("page " + id.String()) }

// maxPage is the largest page in bytes as stored.
const maxPage = 2 << 20

// sealPage encrypts a page, filled up to one of a few sizes.
func sealPage(k seal.Key, id journal.ID, p page) ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("inquiry page: %w", err)
	}
	size := lockSize
	for size < len(plain)+4+seal.Overhead {
		size *= 2
	}
	if size > maxPage {
		return nil, fault.New(fault.Invalid, lang.Text{DE: "Der Text ist zu lang.", EN: "The text is too long."})
	}
	b := make([]byte, size-seal.Overhead)
	binary.BigEndian.PutUint32(b, uint32(len(plain)))
	copy(b[4:], plain)
	return seal.NewBox(pageKey(k, id)).Seal(nil, b, id[:]), nil
}

// openPage decrypts a page; false if it is none of this key.
func openPage(k seal.Key, id journal.ID, sealed []byte) (page, bool) {
	return openWith(pageKey(k, id), id, sealed)
}

func openWith(k seal.Key, id journal.ID, sealed []byte) (page, bool) {
	b, err := seal.NewBox(k).Open(nil, sealed, id[:])
	if err != nil || len(b) < 4 {
		return page{}, false
	}
	n := binary.BigEndian.Uint32(b)
	var p page
	if uint64(n) > uint64(len(b)-4) || json.Unmarshal(b[4:4+n], &p) != nil {
		return page{}, false
	}
	return p, true
}

// idFor makes the record's ID of a form's key: the same form sent twice is one
// page, and the ID says nothing.
func idFor(k seal.Key, form string) journal.ID {
	h := k.Derive("form " + form)
	sum := sha256.Sum256(h[:])
	return journal.ID(sum[:16])
}
