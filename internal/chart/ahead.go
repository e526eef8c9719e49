package chart

import "sync"

// encoding turns changed documents into bytes on another core while the writer
// stores those before them. It only reads the documents; nobody changes them
// until it has stopped.
type encoding struct {
	chapters chan packed
	mu       sync.Mutex
	heads    map[*headDoc]packed
	quit     chan struct{}
	ended    chan struct{}
}

// packed is a document as bytes, and its size before compression.
type packed struct {
	b     []byte
	plain int
}

// fewDocs is up to how many documents are not worth a goroutine.
const fewDocs = 8

// encodeAhead starts with the chapters, in the order of d.dirtyParts, and goes
// on with the heads.
func (s *dbShelf) encodeAhead(d *desk) *encoding {
	heads := d.dirtyHeads // the list may grow while it is stored: those are encoded there
	parts := make([]*openDoc, len(d.dirtyParts))
	for i, k := range d.dirtyParts {
		parts[i] = d.parts[k]
	}
	e := &encoding{
		chapters: make(chan packed, max(len(parts), 1)), heads: map[*headDoc]packed{},
		quit: make(chan struct{}), ended: make(chan struct{}),
	}
	run := func() {
		defer close(e.ended)
		for _, c := range parts {
			if e.over() {
				return
			}
			b, plain := encodeSized(s.codecs, s.codecs.chapter, &c.chapter)
			e.chapters <- packed{b, plain}
		}
		if len(parts)+len(heads) <= fewDocs {
			return
		}
		for _, h := range heads {
			if e.over() {
				return
			}
			b, plain := encodeSized(s.codecs, s.codecs.head, &h.head)
			e.mu.Lock()
			e.heads[h] = packed{b, plain}
			e.mu.Unlock()
		}
	}
	if len(parts)+len(heads) <= fewDocs {
		run()
	} else {
		go run()
	}
	return e
}

func (e *encoding) over() bool {
	select {
	case <-e.quit:
		return true
	default:
		return false
	}
}

// chapter returns the next chapter.
func (e *encoding) chapter() ([]byte, int) {
	p := <-e.chapters
	return p.b, p.plain
}

// head returns the bytes of h if they are ready.
func (e *encoding) head(h *headDoc) ([]byte, int, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.heads[h]
	delete(e.heads, h)
	return p.b, p.plain, ok
}

// stop waits until nothing reads the documents any more.
func (e *encoding) stop() {
	close(e.quit)
	<-e.ended
}
