package watch

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/probe"
)

// Self is what a hub watches of itself.
type Self struct {
	Folders  []string                            // whose disks must have room
	Free     func(folder string) (uint64, error) // bytes left
	MinFree  uint64                              // less than that is an alarm; 0 switches it off
	Certs    []string                            // files of own certificates (PEM)
	WarnDays int                                 // before their end; 30

	Workplaces []Workplace      // the computers that people read on
	Clock      func() time.Time // of this machine, that silent workplaces are judged by; time.Now
}

const (
	selfEvery = time.Minute
	certEvery = time.Hour
	jump      = 10 * time.Second // a wall clock that moves otherwise than time
	drift     = 30 * time.Second // a wall clock that is off from those of the systems
	peers     = 3                // so many systems must agree
	maxPeers  = 64
)

// self watches the machine the hub runs on. Its times are those of the machine,
// not of the clock that is written down: a demonstration's clock is faster.
type self struct {
	o      Options
	places *workplaces

	mu      sync.Mutex
	offsets []time.Duration // of the newest answers that told their time
	last    time.Time       // of the newest look, with its monotonic part
	disk    time.Time
	certs   time.Time
	jumped  time.Time
}

func newSelf(o Options) *self {
	if o.Self.WarnDays <= 0 {
		o.Self.WarnDays = 30
	}
	return &self{o: o, last: time.Now(), places: newWorkplaces(o.Self.Workplaces, o.Self.Clock)}
}

// heard takes the clock of a system that told it.
func (s *self) heard(r probe.Result) {
	if r.PeerTime.IsZero() || r.Took > 5*time.Second {
		return
	}
	off := time.Until(r.PeerTime.Add(500 * time.Millisecond)).Round(time.Second) // it told whole seconds
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offsets = append(s.offsets, off); len(s.offsets) > maxPeers {
		s.offsets = s.offsets[len(s.offsets)-maxPeers:]
	}
}

// look looks at clock, disks, certificates and workplaces, each as often as it is
// worth it.
func (s *self) look() {
	s.places.look(s.o.Raise, s.o.Clear)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.clock(now.Round(0).Sub(s.last.Round(0)), now.Sub(s.last))
	s.last = now
	if now.Sub(s.disk) >= selfEvery || s.disk.IsZero() {
		s.disk = now
		s.room()
	}
	if now.Sub(s.certs) >= certEvery || s.certs.IsZero() {
		s.certs = now
		s.ends(now)
	}
}

// clock tells a jump and a drift of the wall clock, which went on by wall while
// passed went by.
func (s *self) clock(wall, passed time.Duration) {
	if off := wall - passed; off > jump || off < -jump {
		s.jumped = time.Now()
		s.offsets = nil
		by, way := lang.Lasting(off.Abs()), lang.Text{DE: "vorgesprungen", EN: "forward"}
		if off < 0 {
			way = lang.Text{DE: "zurückgesprungen", EN: "back"}
		}
		s.o.Raise("watch/clock-jump", lang.Text{
			DE: "Die Uhr dieses Rechners ist um " + by.DE + " " + way.DE + ". Zeiten von Einträgen um diesen Augenblick prüfen.",
			EN: "The clock of this machine has jumped " + way.EN + " by " + by.EN + ". Check the times of entries around this moment.",
		})
	}
	if !s.jumped.IsZero() && time.Since(s.jumped) > 24*time.Hour {
		s.jumped = time.Time{}
		s.o.Clear("watch/clock-jump")
	}
	if len(s.offsets) < peers {
		return
	}
	sorted := slices.Sorted(slices.Values(s.offsets))
	off := sorted[len(sorted)/2]
	if off > -drift && off < drift {
		s.o.Clear("watch/clock-drift")
		return
	}
	way, ways := "nach", "behind"
	if off < 0 {
		way, ways = "vor", "ahead of"
	}
	by := off.Abs().String()
	s.o.Raise("watch/clock-drift", lang.Text{
		DE: "Die Uhr dieses Rechners geht gegenüber den Systemen des Hauses um " + by + " " + way + ".",
		EN: "The clock of this machine is " + by + " " + ways + " those of the hospital's systems.",
	})
}

// room tells disks that get full.
func (s *self) room() {
	if s.o.Self.Free == nil || s.o.Self.MinFree == 0 {
		return
	}
	for _, dir := range s.o.Self.Folders {
		key := "watch/disk/" + filepath.Base(dir)
		free, err := s.o.Self.Free(dir)
		switch {
		case err != nil:
			s.o.Raise(key, lang.Text{DE: "Der Ordner " + dir + " ist nicht zu erreichen.", EN: "The folder " + dir + " cannot be reached."})
		case free < s.o.Self.MinFree:
			left := fmt.Sprintf("%.1f GB", float64(free)/1e9)
			s.o.Raise(key, lang.Text{
				DE: "Auf der Platte von " + dir + " sind nur noch " + left + " frei.", EN: "Only " + left + " are left on the disk of " + dir + ".",
			})
		default:
			s.o.Clear(key)
		}
	}
}

// ends tells own certificates that end soon.
func (s *self) ends(now time.Time) {
	for _, file := range s.o.Self.Certs {
		key := "watch/certificate/" + filepath.Base(file)
		end, err := certEnd(file)
		switch left := end.Sub(now); {
		case err != nil:
			s.o.Clear(key) // who uses the file says that it is missing
		case left < 0:
			s.o.Raise(key, lang.Text{DE: "Das Zertifikat " + file + " ist abgelaufen.", EN: "The certificate " + file + " has expired."})
		case left < time.Duration(s.o.Self.WarnDays)*24*time.Hour:
			n := fmt.Sprint(int(left.Hours() / 24))
			s.o.Raise(key, lang.Text{
				DE: "Das Zertifikat " + file + " läuft in " + n + " Tagen ab.", EN: "The certificate " + file + " ends in " + n + " days.",
			})
		default:
			s.o.Clear(key)
		}
	}
}

// certEnd is the end of the first certificate of a file to end.
func certEnd(file string) (time.Time, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return time.Time{}, fmt.Errorf("certificate: %w", err)
	}
	var end time.Time
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, fmt.Errorf("certificate: %w", err)
		}
		if end.IsZero() || c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	if end.IsZero() {
		return end, fmt.Errorf("certificate: none in %s", filepath.Base(file))
	}
	return end, nil
}

// SecretsIn returns how passwords are read: from files of a folder, each named
// as in the estate.
func SecretsIn(dir string) func(name string) (string, error) {
	return func(name string) (string, error) {
		if dir == "" || name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
			return "", fmt.Errorf("secret: no such name")
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || len(b) > 4096 {
			return "", fmt.Errorf("secret: cannot be read")
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
}
