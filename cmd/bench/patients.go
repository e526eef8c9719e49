package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// largeBase measures the search, the start and the memory of a hub that knows a
// large number of patients. The hub runs in a fresh process of its own.
func largeBase(ctx context.Context, b *bench) error {
	dir, err := b.baseFolder()
	if err != nil {
		return err
	}
	if err := b.build(ctx, dir); err != nil {
		return err
	}
	var starts []float64
	var last startReport
	for n := range sized(b, 3, 1) {
		dropCaches(dir)
		searches := 0
		if n == 0 {
			searches = sized(b, 1000, 50)
		}
		var r startReport
		begun := time.Now()
		err := child(ctx, &r, "start", "-dir", dir, "-patients", fmt.Sprint(b.patients), "-searches", fmt.Sprint(searches),
			"-began", fmt.Sprint(begun.UnixNano()), "-profile", b.profile)
		if err != nil {
			return err
		}
		starts = append(starts, r.First.Seconds())
		if n == 0 {
			last = r
		}
	}
	size := number(float64(b.patients)) + " patients"
	b.add("Start to first chart, "+size+" on disk", median(starts), "s", lower, goal(2))
	all := sample{}
	for _, k := range queryKinds() {
		s := last.Searches[k.name]
		all = append(all, s...)
		b.add("Search by "+k.name+" p99, "+size, s.p99(), "ms", lower, goal(20))
	}
	b.note("processor time of a search: p50 %.2f ms, p99 %.2f ms", last.Worked.p50(), last.Worked.p99())
	b.add("Search p50, all kinds, "+size, all.p50(), "ms", lower)
	b.add("Search p99, all kinds, "+size, all.p99(), "ms", lower, goal(20))
	b.add("Searches that found the person meant (not counting typing errors)", 100*last.Found, "%", higher, goal(100))
	b.add("Searches with a typing error that found the person meant", 100*last.FoundTypos, "%", higher)
	b.add("Resident memory after 1,000 searches and 200 charts", float64(last.Resident)/1e6, "MB", lower, goal(400))
	b.add("Largest resident memory of that process", float64(last.Peak)/1e6, "MB", lower)
	if b.cache == "" {
		return os.RemoveAll(dir)
	}
	return nil
}

// baseFolder is where the base is or will be.
func (b *bench) baseFolder() (string, error) {
	if b.cache == "" {
		return b.folder("patients")
	}
	dir := filepath.Join(b.cache, fmt.Sprintf("patients-%d", b.patients))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cache: %w", err)
	}
	return dir, nil
}

// base is what is known of a base that is complete.
type base struct {
	Program string // the program that built it: another one may store otherwise
	builtReport
}

// builtReport is what the process that built the charts says.
type builtReport struct {
	Messages int
	Took     time.Duration // of the fold
	Peak     uint64        // bytes resident at most
}

const baseFile = "bench-base.json"

// build makes the base: one message for each patient into the journal, then the
// charts, in a process of its own. A base that this very program completed is
// used as it is; of any other the journal is kept and the charts are built anew.
func (b *bench) build(ctx context.Context, dir string) error {
	program, err := ownHash()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, baseFile)
	var had base
	if raw, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(raw, &had); err != nil {
			return fmt.Errorf("base: %w", err)
		}
	}
	reused := had.Program == program
	switch {
	case reused:
		b.note("the base of an earlier run is used")
	case had.Messages == b.patients:
		b.note("the journal of an earlier run is used")
	default:
		if err := b.store(ctx, dir); err != nil {
			return err
		}
	}
	if !reused {
		if err := os.RemoveAll(filepath.Join(dir, "chart")); err != nil {
			return fmt.Errorf("base: %w", err)
		}
		had = base{Program: program}
		if err := child(ctx, &had.builtReport, "build", "-dir", dir); err != nil {
			return err
		}
		raw, err := json.Marshal(had)
		if err != nil {
			return fmt.Errorf("base: %w", err)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			return fmt.Errorf("base: %w", err)
		}
	}
	size, when := number(float64(had.Messages)), ""
	if reused {
		when = " (when the kept base was built)"
	}
	b.add("Charts of "+size+" new patients built"+when, float64(had.Messages)/had.Took.Seconds(), "messages/s", higher)
	b.add("Largest resident memory while they were built"+when, float64(had.Peak)/1e6, "MB", lower)
	return nil
}

// ownHash tells this program from one of other sources.
func ownHash() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("own program: %w", err)
	}
	f, err := os.Open(self)
	if err != nil {
		return "", fmt.Errorf("own program: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("own program: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// store fills the journal of a fresh folder.
func (b *bench) store(ctx context.Context, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("base: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("base: %w", err)
	}
	hub, err := openHub(ctx, dir)
	if err != nil {
		return err
	}
	begun := time.Now()
	f := &filler{ctx: ctx, j: hub.Journal}
	var beds []string
	for _, w := range hub.Config.Wards {
		for _, r := range w.Beds {
			for _, bed := range r.Beds {
				beds = append(beds, w.Code+"^"+r.Room+"^"+bed+"^KSL")
			}
		}
	}
	for n := range b.patients {
		if err == nil {
			err = f.put("kis-adt", begun, personOf(n).message(beds, begun))
		}
	}
	if err == nil {
		err = f.flush()
	}
	b.note("%d messages stored in %s", f.total, time.Since(begun).Round(time.Second))
	if err == nil {
		err = prepare(ctx, hub)
	}
	return errors.Join(err, hub.Close())
}

// buildChild builds all charts of a folder, and lets what else is folded from
// the journal catch up, as in a hub that was there when the messages came.
func buildChild(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("build", flag.ContinueOnError)
	dir := fs.String("dir", "", "data folder")
	if err := fs.Parse(args); err != nil {
		return err
	}
	hub, err := openHub(ctx, *dir)
	if err != nil {
		return err
	}
	begun := time.Now()
	err = foldAll(ctx, hub)
	r := builtReport{Messages: countMessages(ctx, hub), Took: time.Since(begun)}
	r.Peak = memoryOf("VmHWM")
	if err := errors.Join(err, hub.Close()); err != nil {
		return err
	}
	return errors.Join(settle(ctx, *dir), json.NewEncoder(out).Encode(r))
}

// settle serves the folder until every fold has reached the journal's head.
func settle(ctx context.Context, dir string) error {
	r, err := serve(ctx, dir)
	if err != nil {
		return err
	}
	head := r.hub.Journal.Head()
	err = errors.Join(r.hub.Chart.Wait(ctx, head), r.hub.Staff.Wait(ctx, head), r.hub.Board.Wait(ctx, head),
		r.hub.Harm.Wait(ctx, head), r.hub.Tray.Wait(ctx, head), r.hub.Back.Wait(ctx, head))
	return errors.Join(err, r.close())
}

// countMessages is how many messages the charts have seen.
func countMessages(ctx context.Context, hub *app.Hub) (n int) {
	v, err := hub.Chart.View(ctx)
	if err != nil {
		return 0
	}
	defer v.Close()
	h, err := v.House(ctx)
	if err != nil {
		return 0
	}
	for _, f := range h.Feeds {
		n += int(f.Count)
	}
	return n
}

// dropCaches makes the next start read from the disk where the system allows
// it.
func dropCaches(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			forget(path)
		}
		return nil
	})
}

// startReport is what the started process says.
type startReport struct {
	Open     time.Duration // until journal and charts were open
	First    time.Duration // until the first chart page was there
	Searches map[string]sample
	Worked   sample // processor time of each search

	Found, FoundTypos float64 // shares
	Resident, Peak    uint64  // bytes
}

// startChild starts a hub as "serve" does and reads it through its pages.
func startChild(ctx context.Context, args []string, out io.Writer) (err error) {
	fs := flag.NewFlagSet("start", flag.ContinueOnError)
	dir := fs.String("dir", "", "data folder")
	patients := fs.Int("patients", 0, "patients in it")
	searches := fs.Int("searches", 0, "searches of all kinds together; 0: only the start")
	profile := fs.String("profile", "", "folder for a CPU profile")
	began := fs.Int64("began", 0, "when this process was asked for, in Unix nanoseconds")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *profile != "" && *searches > 0 {
		stop, err := startProfile(filepath.Join(*profile, "search.cpu"))
		if err != nil {
			return err
		}
		defer stop()
	}
	begun := time.Unix(0, *began)
	r, err := serve(ctx, *dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	report := startReport{Open: time.Since(begun), Searches: map[string]sample{}}
	who, err := signIn(ctx, r.url, "arzt")
	if err != nil {
		return err
	}
	keys, err := firstPages(ctx, r, who)
	if err != nil {
		return err
	}
	report.First = time.Since(begun)
	if *searches > 0 {
		if err := report.search(ctx, r, *patients, *searches); err != nil {
			return err
		}
		for n := range 200 {
			if _, err := who.get(ctx, "/patient/"+string(keys[n%len(keys)])); err != nil {
				return err
			}
		}
	}
	report.Resident, report.Peak = memoryOf("VmRSS"), memoryOf("VmHWM")
	return json.NewEncoder(out).Encode(report)
}

// firstPages opens the house, a ward and a patient.
func firstPages(ctx context.Context, r *running, who *reader) ([]clinical.PatientKey, error) {
	if _, err := who.get(ctx, "/"); err != nil {
		return nil, err
	}
	ward := ""
	for _, w := range r.hub.Config.Wards {
		if len(w.Beds) > 0 {
			ward = w.Code
			break
		}
	}
	if _, err := who.get(ctx, "/ward/"+ward); err != nil {
		return nil, err
	}
	keys, err := patientsOf(ctx, r, ward)
	if err != nil {
		return nil, err
	}
	_, err = who.get(ctx, "/patient/"+string(keys[0]))
	return keys, err
}

func patientsOf(ctx context.Context, r *running, ward string) (keys []clinical.PatientKey, err error) {
	v, err := r.hub.Chart.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	w, err := v.Ward(ctx, ward)
	if err != nil {
		return nil, err
	}
	for _, row := range w.Rows {
		if !row.Free {
			keys = append(keys, row.Key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("ward %s is empty", ward)
	}
	return keys, nil
}

// search runs the query mix, one search after the other as people type them.
func (rep *startReport) search(ctx context.Context, r *running, patients, searches int) error {
	kinds := queryKinds()
	hits, asked, typoHits, typos := 0, 0, 0, 0
	for n := range searches {
		k := kinds[n%len(kinds)]
		p := personOf(int(throw(n, 99) % uint64(patients)))
		if k.needsCase {
			p = personOf(p.n &^ 1)
		}
		before := processorTime()
		took, found, err := one(ctx, r, k.text(p, n), p)
		if err != nil {
			return err
		}
		rep.Worked = append(rep.Worked, processorTime()-before)
		rep.Searches[k.name] = append(rep.Searches[k.name], took)
		switch {
		case k.typo:
			typos++
			typoHits += found
		case k.exact:
			asked++
			hits += found
		}
	}
	rep.Found, rep.FoundTypos = float64(hits)/float64(max(asked, 1)), float64(typoHits)/float64(max(typos, 1))
	return nil
}

// one times a search with its view; found is 1 if the person meant is among
// the hits.
func one(ctx context.Context, r *running, text string, p person) (took time.Duration, found int, err error) {
	begun := time.Now()
	v, err := r.hub.Chart.View(ctx)
	if err != nil {
		return 0, 0, err
	}
	hits, _, err := v.Search(ctx, chart.Query{Text: text})
	took = time.Since(begun)
	for _, h := range hits {
		for _, id := range h.IDs {
			if id.Value == p.number() {
				found = 1
			}
		}
	}
	return took, found, errors.Join(err, v.Close())
}
