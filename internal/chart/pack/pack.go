// Package pack turns values into short byte strings and back. It is made for
// derived data that is rebuilt when a type changes: fields have no names on
// disk, so bytes of another layout must never be decoded; [Codec.Layout] tells
// layouts apart. Zero fields, repeated strings and near times cost a byte or
// less.
//
// It refuses interfaces and unexported fields when a codec is made, and
// damaged bytes when they are decoded.
package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// ErrDamaged says that bytes are not what Encode wrote for this type.
var ErrDamaged = errors.New("pack: damaged bytes")

// Codec encodes values of one type. It is safe for use by many goroutines.
type Codec[T any] struct {
	plan   *plan
	layout uint64
	zone   *time.Location
	words  sync.Pool // of maps that an encoder needs
}

// New makes the codec of T; decoded times are in zone (UTC if nil). It panics
// on a type it cannot hold, which a first test shows.
func New[T any](zone *time.Location) *Codec[T] {
	if zone == nil {
		zone = time.UTC
	}
	b := builder{known: map[reflect.Type]*plan{}}
	t := reflect.TypeFor[T]()
	c := &Codec[T]{plan: b.of(t), zone: zone}
	h := fnv.New64a()
	describe(h, t, map[reflect.Type]bool{})
	c.layout = h.Sum64()
	return c
}

// Layout is a number that changes when T or a type inside it changes.
func (c *Codec[T]) Layout() uint64 { return c.layout }

// Encode appends v to dst.
func (c *Codec[T]) Encode(dst []byte, v *T) []byte {
	words, ok := c.words.Get().(map[string]uint64)
	if !ok {
		words = make(map[string]uint64, 64)
	}
	e := encoder{b: dst, words: words}
	c.plan.enc(&e, reflect.ValueOf(v).Elem())
	clear(words)
	c.words.Put(words)
	return e.b
}

// Decode reads into v, which must be zero. All bytes must be used up.
func (c *Codec[T]) Decode(b []byte, v *T) error {
	d := decoder{b: b, zone: c.zone}
	c.plan.dec(&d, reflect.ValueOf(v).Elem())
	if d.bad || len(d.b) != 0 {
		return ErrDamaged
	}
	return nil
}

type plan struct {
	enc  func(*encoder, reflect.Value)
	dec  func(*decoder, reflect.Value)
	zero func(reflect.Value) bool
}

type builder struct{ known map[reflect.Type]*plan }

func (b *builder) of(t reflect.Type) *plan {
	if p, ok := b.known[t]; ok {
		return p
	}
	p := &plan{zero: reflect.Value.IsZero}
	b.known[t] = p
	if t == reflect.TypeFor[time.Time]() {
		p.enc, p.dec = (*encoder).time, (*decoder).time
		p.zero = func(v reflect.Value) bool { return timeIn(v).IsZero() }
		return p
	}
	switch t.Kind() {
	case reflect.String:
		p.zero = func(v reflect.Value) bool { return v.String() == "" }
		p.enc = func(e *encoder, v reflect.Value) { e.word(v.String()) }
		p.dec = func(d *decoder, v reflect.Value) { v.SetString(d.word()) }
	case reflect.Bool:
		p.enc = func(e *encoder, v reflect.Value) {
			n := byte(0)
			if v.Bool() {
				n = 1
			}
			e.b = append(e.b, n)
		}
		p.dec = func(d *decoder, v reflect.Value) { v.SetBool(d.uvarint() != 0) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.enc = func(e *encoder, v reflect.Value) { e.b = binary.AppendVarint(e.b, v.Int()) }
		p.dec = func(d *decoder, v reflect.Value) { v.SetInt(d.varint()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.enc = func(e *encoder, v reflect.Value) { e.b = binary.AppendUvarint(e.b, v.Uint()) }
		p.dec = func(d *decoder, v reflect.Value) { v.SetUint(d.uvarint()) }
	case reflect.Float64:
		p.enc = func(e *encoder, v reflect.Value) {
			e.b = binary.BigEndian.AppendUint64(e.b, math.Float64bits(v.Float()))
		}
		p.dec = func(d *decoder, v reflect.Value) { v.SetFloat(d.float()) }
	case reflect.Pointer:
		b.pointer(p, t)
	case reflect.Slice:
		b.slice(p, t)
	case reflect.Map:
		b.mapping(p, t)
	case reflect.Struct:
		b.structure(p, t)
	default:
		panic("pack: cannot hold " + t.String())
	}
	return p
}

func (b *builder) pointer(p *plan, t reflect.Type) {
	in := b.of(t.Elem())
	p.enc = func(e *encoder, v reflect.Value) {
		if v.IsNil() {
			e.b = append(e.b, 0)
			return
		}
		e.b = append(e.b, 1)
		in.enc(e, v.Elem())
	}
	p.dec = func(d *decoder, v reflect.Value) {
		if d.uvarint() == 0 {
			return
		}
		v.Set(reflect.New(t.Elem()))
		in.dec(d, v.Elem())
	}
}

func (b *builder) slice(p *plan, t reflect.Type) {
	in := b.of(t.Elem())
	p.zero = func(v reflect.Value) bool { return v.Len() == 0 }
	p.enc = func(e *encoder, v reflect.Value) {
		n := v.Len()
		e.b = binary.AppendUvarint(e.b, uint64(n))
		for i := range n {
			in.enc(e, v.Index(i))
		}
	}
	p.dec = func(d *decoder, v reflect.Value) {
		n := d.uvarint()
		if n > uint64(len(d.b)) { // every element takes at least one byte
			d.fail()
			return
		}
		v.Set(reflect.MakeSlice(t, int(n), int(n)))
		for i := range int(n) {
			if d.bad {
				return
			}
			in.dec(d, v.Index(i))
		}
	}
}

// mapping holds maps with keys of a string type, sorted.
func (b *builder) mapping(p *plan, t reflect.Type) {
	if t.Key().Kind() != reflect.String {
		panic("pack: cannot hold " + t.String())
	}
	in := b.of(t.Elem())
	p.zero = func(v reflect.Value) bool { return v.Len() == 0 }
	p.enc = func(e *encoder, v reflect.Value) {
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		e.b = binary.AppendUvarint(e.b, uint64(len(keys)))
		for _, k := range keys {
			e.word(k.String())
			in.enc(e, v.MapIndex(k))
		}
	}
	p.dec = func(d *decoder, v reflect.Value) {
		n := d.uvarint()
		if n > uint64(len(d.b)) {
			d.fail()
			return
		}
		v.Set(reflect.MakeMapWithSize(t, int(n)))
		for range n {
			if d.bad {
				return
			}
			k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			k.SetString(d.word())
			in.dec(d, e)
			v.SetMapIndex(k, e)
		}
	}
}

func (b *builder) structure(p *plan, t reflect.Type) {
	n := t.NumField()
	if n > 64 {
		panic("pack: more than 64 fields in " + t.String())
	}
	fields := make([]*plan, n)
	for i := range n {
		if !t.Field(i).IsExported() {
			panic("pack: unexported field in " + t.String())
		}
		fields[i] = b.of(t.Field(i).Type)
	}
	p.zero = func(v reflect.Value) bool {
		for i, f := range fields {
			if !f.zero(v.Field(i)) {
				return false
			}
		}
		return true
	}
	p.enc = func(e *encoder, v reflect.Value) {
		var have uint64
		for i, f := range fields {
			if !f.zero(v.Field(i)) {
				have |= 1 << i
			}
		}
		e.b = binary.AppendUvarint(e.b, have)
		for i, f := range fields {
			if have&(1<<i) != 0 {
				f.enc(e, v.Field(i))
			}
		}
	}
	p.dec = func(d *decoder, v reflect.Value) {
		have := d.uvarint()
		if n < 64 && have>>n != 0 {
			d.fail()
			return
		}
		for i, f := range fields {
			if have&(1<<i) != 0 {
				f.dec(d, v.Field(i))
			}
		}
	}
}

type encoder struct {
	b     []byte
	words map[string]uint64
	last  int64 // seconds of the time before
}

// word writes a string, or a number for one that was written before.
func (e *encoder) word(s string) {
	if len(s) >= 2 {
		if i, ok := e.words[s]; ok {
			e.b = binary.AppendUvarint(e.b, i<<1|1)
			return
		}
		e.words[s] = uint64(len(e.words))
	}
	e.b = binary.AppendUvarint(e.b, uint64(len(s))<<1)
	e.b = append(e.b, s...)
}

// timeIn reads a time where it stands: an interface would hold a copy of its own.
func timeIn(v reflect.Value) *time.Time {
	if v.CanAddr() {
		return v.Addr().Interface().(*time.Time)
	}
	t := v.Interface().(time.Time) // an element of a map
	return &t
}

// time writes the seconds since the time before; parts of a second only where
// there are some.
func (e *encoder) time(v reflect.Value) {
	t := timeIn(v)
	if t.IsZero() {
		e.b = append(e.b, 2) // only inside a slice: fields leave it out
		return
	}
	sec, nano := t.Unix(), t.Nanosecond()
	step := sec - e.last
	e.last = sec
	head := uint64(step<<1^step>>63) << 2
	if nano != 0 {
		head |= 1
	}
	e.b = binary.AppendUvarint(e.b, head)
	if nano != 0 {
		e.b = binary.AppendUvarint(e.b, uint64(nano))
	}
}

type decoder struct {
	b     []byte
	words []string
	last  int64
	zone  *time.Location
	bad   bool
}

func (d *decoder) fail() { d.bad, d.b = true, nil }

func (d *decoder) uvarint() uint64 {
	n, w := binary.Uvarint(d.b)
	if w <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *decoder) varint() int64 {
	n, w := binary.Varint(d.b)
	if w <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *decoder) float() float64 {
	if len(d.b) < 8 {
		d.fail()
		return 0
	}
	f := math.Float64frombits(binary.BigEndian.Uint64(d.b))
	d.b = d.b[8:]
	return f
}

func (d *decoder) word() string {
	n := d.uvarint()
	if n&1 == 1 {
		if i := n >> 1; i < uint64(len(d.words)) {
			return d.words[i]
		}
		d.fail()
		return ""
	}
	n >>= 1
	if n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	if len(s) >= 2 {
		d.words = append(d.words, s)
	}
	return s
}

func (d *decoder) time(v reflect.Value) {
	head := d.uvarint()
	if d.bad || head&2 != 0 {
		return
	}
	step := head >> 2
	d.last += int64(step>>1) ^ -int64(step&1)
	var nano int64
	if head&1 != 0 {
		nano = int64(d.uvarint())
	}
	*timeIn(v) = time.Unix(d.last, nano).In(d.zone)
}

// describe writes the shape of t: kinds, field names and order.
func describe(w interface{ Write([]byte) (int, error) }, t reflect.Type, seen map[reflect.Type]bool) {
	_, _ = fmt.Fprintf(w, "%s %s;", t.Kind(), t.String()) // a hash never fails
	if seen[t] || t == reflect.TypeFor[time.Time]() {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		describe(w, t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			_, _ = fmt.Fprintf(w, "%s:", t.Field(i).Name)
			describe(w, t.Field(i).Type, seen)
		}
	default:
	}
}
