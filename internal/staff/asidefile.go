package staff

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

const (
	// asideRetry is how long a file that could not be written is left alone: a
	// broken disk answers slowly, and somebody waits for a page.
	asideRetry = 5 * time.Second
	// maxAside is the longest frame in bytes; a body is at most maxEvent.
	maxAside = 2 * maxEvent
)

var errAside = errors.New("staff: file of what was aside is damaged")

// asideFile keeps records on another disk than the journal's: frames of a length
// in four bytes, big endian, and a sealed record, each fsynced before it counts.
// A frame authenticates only at its own place.
type asideFile struct {
	path   string
	box    *seal.Box
	f      *os.File
	size   int64 // bytes of whole frames
	frames uint64
	failed time.Time
}

func newAsideFile(path string, key seal.Key) *asideFile {
	if path == "" {
		return nil
	}
	return &asideFile{path: path, box: seal.NewBox(key.Derive("staff aside 1"))}
}

// asideRecord is what a frame holds.
type asideRecord struct {
	ID      journal.ID   `json:"id"`
	Time    time.Time    `json:"time"`
	Site    string       `json:"site,omitempty"`
	Kind    journal.Kind `json:"kind"`
	Patient string       `json:"patient,omitempty"`
	Ward    string       `json:"ward,omitempty"`
	Body    []byte       `json:"body"`
}

func (r asideRecord) record() journal.Record {
	return journal.Record{ID: r.ID, Time: r.Time, Site: r.Site, Source: "staff", Kind: r.Kind, Patient: r.Patient, Ward: r.Ward, Body: r.Body}
}

func place(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte("aside"), n) }

// add writes records and returns how many of them are on the disk.
func (a *asideFile) add(recs []journal.Record) (int, error) {
	if time.Since(a.failed) < asideRetry {
		return 0, nil
	}
	var b []byte
	for i, r := range recs {
		plain, err := json.Marshal(asideRecord{r.ID, r.Time, r.Site, r.Kind, r.Patient, r.Ward, r.Body})
		if err != nil {
			return 0, fmt.Errorf("aside: %w", err)
		}
		b = binary.BigEndian.AppendUint32(b, uint32(len(plain)+seal.Overhead))
		b = a.box.Seal(b, plain, place(a.frames+uint64(i)))
	}
	err := a.opened()
	if err == nil {
		_, err = a.f.WriteAt(b, a.size)
	}
	if err == nil {
		err = a.f.Sync()
	}
	if err != nil {
		a.failed = time.Now()
		if a.f != nil {
			_ = a.f.Close() // what was torn is cut off when it is opened again
			a.f = nil
		}
		return 0, fmt.Errorf("aside: %w", err)
	}
	a.size, a.frames, a.failed = a.size+int64(len(b)), a.frames+uint64(len(recs)), time.Time{}
	return len(recs), nil
}

// opened opens the file and cuts off what is no whole frame. The folder is not
// made: where it is missing, its disk is.
func (a *asideFile) opened() error {
	if a.f != nil {
		return nil
	}
	f, err := os.OpenFile(a.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(a.size), syncFolder(filepath.Dir(a.path))); err != nil {
		return errors.Join(err, f.Close())
	}
	a.f = f
	return nil
}

// load reads what the file holds. A last frame that was torn was never counted
// and is no error; other damage is, the file is then put beside, and what could
// be read is returned all the same.
func (a *asideFile) load() (recs []journal.Record, err error) {
	b, err := os.ReadFile(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("aside: %w", err)
	}
	bad := 0
	for rest := b; len(rest) >= 4; a.frames++ {
		n := int64(binary.BigEndian.Uint32(rest))
		if n > maxAside || n > int64(len(rest)-4) {
			if n > maxAside {
				bad++
			}
			break
		}
		var r asideRecord
		plain, err := a.box.Open(nil, rest[4:4+n], place(a.frames))
		if err == nil {
			err = json.Unmarshal(plain, &r)
		}
		if err != nil {
			bad++
		} else {
			recs = append(recs, r.record())
		}
		a.size, rest = a.size+4+n, rest[4+n:]
	}
	if bad == 0 {
		return recs, nil
	}
	return recs, errors.Join(errAside, os.WriteFile(a.path+".damaged", bytes.Clone(b), 0o600))
}

// clear removes the file: everything in it is in the journal.
func (a *asideFile) clear() error {
	a.size, a.frames = 0, 0
	if a.f != nil {
		_ = a.f.Close()
		a.f = nil
	}
	if err := os.Remove(a.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("aside: %w", err)
	}
	return nil
}

// syncFolder makes the name of a new file durable.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // it knows no such call
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
