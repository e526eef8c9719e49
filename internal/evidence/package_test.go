package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/seal"
)

// exported is a package of a case with files, a hand-over and a gap, between
// records of other cases.
func exported(t *testing.T) (*room, []byte) {
	t.Helper()
	r := newRoom(t)
	ctx := t.Context()
	log := bytes.Repeat([]byte("Nov 19 02:01 sshd[411]: Accepted password\n"), 10_000)
	disk := r.secure(aDisk(), r.bring(Content, "auth.log", log), r.bring(Photo, "Schrank 4.PNG", picture(t, 16)))
	if _, err := r.Secure(ctx, who("it"), "c2", "Andere Lage", aDisk(), nil); err != nil {
		t.Fatal(err)
	}
	phone := aDisk()
	phone.Kind, phone.Title, phone.Hashes = "phone", "Diensttelefon des Administrators", nil
	second := r.secure(phone, r.bring(Content, "protokoll.txt", []byte("Anruf 01:58")))
	r.pass(time.Hour)
	if err := r.HandOver(ctx, who("it"), disk.ID, handed(disk, police())); err != nil {
		t.Fatal(err)
	}
	if err := r.Gap(ctx, who("it"), second.ID, 1, r.clock().Add(-30*time.Minute), r.clock(), Party{Name: "R. Vogel"}, "lag im offenen Büro"); err != nil {
		t.Fatal(err)
	}
	return r, r.export(Order{For: "LKA Niedersachsen", Why: "Vorgang 2026/4711"})
}

func (r *room) export(o Order) []byte {
	r.t.Helper()
	ordered, err := r.OrderExport(r.t.Context(), who("krisenstab"), "c1", o)
	if err != nil {
		r.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ordered.Write(r.t.Context(), r.j, &b, nil); err != nil {
		r.t.Fatal(err)
	}
	return b.Bytes()
}

func verify(t *testing.T, b []byte, v note.Verifier) (*Manifest, []string) {
	t.Helper()
	m, broken, err := VerifyPackage(t.Context(), bytes.NewReader(b), int64(len(b)), v)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, x := range broken {
		codes = append(codes, x.Code+" "+x.Of)
	}
	return m, codes
}

func TestAPackageIsCheckedOfflineWithThePinnedKey(t *testing.T) {
	t.Parallel()
	r, b := exported(t)
	m, broken := verify(t, b, r.v)
	if len(broken) != 0 || m.Records != 5 || len(m.Items) != 2 || m.Items[1].Gaps != 1 || m.For != "LKA Niedersachsen" {
		t.Fatalf("untouched: %v, %+v", broken, m)
	}
	if x := r.Case("c1").Exports[0]; !x.Done.Done() || x.Digest == "" || x.By.Person != "krisenstab" {
		t.Errorf("the export is not on record: %+v", x)
	}
	var names []string
	for _, p := range m.Parts {
		names = append(names, p.Path)
	}
	if names[0] != howtoPart || !strings.HasSuffix(names[2], ".png") {
		t.Errorf("parts: %v", names)
	}
	_, public, err := seal.NewSigningKey("klinikum-nordheide")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := seal.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	if _, broken := verify(t, b, stranger); !slices.Contains(broken, "note "+notePart) || !slices.Contains(broken, "checkpoint "+checkpointPart) {
		t.Errorf("with another key: %v", broken)
	}
	part := r.export(Order{For: "BSI", Why: "Lagebild", Items: []string{r.Case("c1").Items[1].ID}})
	m, broken = verify(t, part, r.v)
	if len(broken) != 0 || m.Items[0].Files[0].Path != "" || m.Items[1].Files[0].Path == "" || m.Records != 7 {
		t.Errorf("with the files of one item: %v %+v", broken, m)
	}
}

// Whoever clicks twice gets one package, and not two of which one hash is on
// record.
func TestAPackageThatWasGivenOutIsOrderedAnew(t *testing.T) {
	t.Parallel()
	r, _ := exported(t)
	order := func() (*Ordered, error) {
		return r.OrderExport(t.Context(), who("krisenstab", "x1"), "c1", Order{For: "BSI", Why: "Lagebild"})
	}
	if _, err := order(); err != nil {
		t.Fatal(err)
	}
	again, err := order() // the first transfer broke off
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Write(t.Context(), r.j, io.Discard, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := order(); fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Say(err).DE, "schon") {
		t.Errorf("given out, and sent again: %v", err)
	}
	if n := len(r.Case("c1").Exports); n != 2 {
		t.Errorf("%d packages on record", n)
	}
}

func TestAnOrderIsCheckedAndADamagedFileEndsThePackage(t *testing.T) {
	t.Parallel()
	r, _ := exported(t)
	for name, o := range map[string]Order{"nobody": {Why: "Vorgang"}, "no ground": {For: "BSI"}, "a foreign item": {For: "BSI", Why: "Vorgang", Items: []string{r.Case("c2").Items[0].ID}}} {
		if _, err := r.OrderExport(t.Context(), who("a"), "c1", o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.OrderExport(t.Context(), who("a"), "c9", Order{For: "BSI", Why: "Vorgang"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no evidence: %v", err)
	}
	r.spoil(r.Case("c1").Items[0].Files[0].Hash, 2000)
	ordered, err := r.OrderExport(t.Context(), who("a"), "c1", Order{For: "BSI", Why: "Vorgang"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := ordered.Write(t.Context(), r.j, &b, nil); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("a damaged file goes out: %v", err)
	}
	if _, broken := verify(t, b.Bytes(), r.v); !slices.Contains(broken, "format ") {
		t.Errorf("a package that broke off: %v", broken)
	}
	if x := r.Case("c1").Exports; x[len(x)-1].Digest != "" {
		t.Error("a package that broke off is on record as whole")
	}
}

// repack writes a package anew after change had its hands on the parts.
func repack(t *testing.T, b []byte, change func(parts []tampered) []tampered) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []tampered
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, tampered{f.Name, body, f.Modified.UTC()})
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range change(parts) {
		x, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store, Modified: p.at})
		if err == nil {
			_, err = x.Write(p.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type tampered struct {
	name string
	body []byte
	at   time.Time
}

func part(parts []tampered, name string) *tampered {
	i := slices.IndexFunc(parts, func(p tampered) bool { return strings.HasPrefix(p.name, name) })
	return &parts[i]
}

// rows changes the lines of a part.
func rows(parts []tampered, name string, change func([][]byte) [][]byte) {
	p := part(parts, name)
	p.body = bytes.Join(change(bytes.SplitAfter(p.body, []byte("\n"))), nil)
}

// resigned makes the manifest fit what a thief changed and signs it with a key
// of the same name that is not the house's.
func resigned(t *testing.T, parts []tampered) []tampered {
	t.Helper()
	var m Manifest
	if err := json.Unmarshal(part(parts, manifestPart).body, &m); err != nil {
		t.Fatal(err)
	}
	m.Parts, m.Records = nil, 0
	for _, p := range parts {
		if p.name != manifestPart && p.name != notePart {
			m.Parts = append(m.Parts, Part{p.name, int64(len(p.body)), hashOf(p.body)})
		}
		if p.name == recordsPart {
			m.Records = bytes.Count(p.body, []byte("\n"))
		}
	}
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	part(parts, manifestPart).body = append(body, '\n')
	secret, _, err := seal.NewSigningKey("klinikum-nordheide")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	part(parts, notePart).body, err = note.Sign(&note.Note{Text: noteText(m, hashOf(part(parts, manifestPart).body))}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

func hashOf(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

func TestEveryChangeOfAPackageIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	r, whole := exported(t)
	log := "files/" + r.Case("c1").Items[0].Files[0].Hash
	call := "files/" + r.Case("c1").Items[1].Files[0].Hash
	flip := func(name string) func([]tampered) []tampered {
		return func(p []tampered) []tampered {
			b := part(p, name).body
			b[len(b)/2] ^= 1
			return p
		}
	}
	records := func(change func([][]byte) [][]byte) func([]tampered) []tampered {
		return func(p []tampered) []tampered { rows(p, recordsPart, change); return p }
	}
	for name, c := range map[string]struct {
		change func([]tampered) []tampered
		want   string // a finding that begins so
	}{
		"packed anew, the same":        {func(p []tampered) []tampered { return p }, ""},
		"other times in the wrapping":  {func(p []tampered) []tampered { p[0].at = p[0].at.Add(time.Hour); return p }, "wrapping"},
		"a bit of a file":              {flip(log), "part " + log},
		"a bit of the how-to":          {flip(howtoPart), "part " + howtoPart},
		"a bit of the records":         {flip(recordsPart), "part " + recordsPart},
		"a bit of the checkpoint":      {flip(checkpointPart), "checkpoint"},
		"a bit of the manifest's note": {flip(notePart), "note"},
		"a word of the manifest": {func(p []tampered) []tampered {
			m := part(p, manifestPart)
			m.body = bytes.Replace(m.body, []byte("KHK Brandt"), []byte("KHK Brendt"), 1)
			return p
		}, "manifest"},
		"a file is left out":      {func(p []tampered) []tampered { return without(p, log) }, "part " + log},
		"the records left out":    {func(p []tampered) []tampered { return without(p, recordsPart) }, "part " + recordsPart},
		"the manifest left out":   {func(p []tampered) []tampered { return without(p, manifestPart) }, "manifest"},
		"the signature left out":  {func(p []tampered) []tampered { return without(p, notePart) }, "note"},
		"two parts change places": {func(p []tampered) []tampered { p[1], p[2] = p[2], p[1]; return p }, "part " + "files/"},
		"two files are exchanged": {func(p []tampered) []tampered {
			a, b := part(p, log), part(p, call)
			a.body, b.body = b.body, a.body
			return p
		}, "part " + log},
		"a file is cut":         {func(p []tampered) []tampered { x := part(p, log); x.body = x.body[:100]; return p }, "file 0001"},
		"a part more":           {func(p []tampered) []tampered { return append(p, tampered{"files/neu", []byte("x"), p[0].at}) }, "part files/neu"},
		"a part twice":          {func(p []tampered) []tampered { return append(p, *part(p, log)) }, "part " + log},
		"a record left out":     {records(func(l [][]byte) [][]byte { return slices.Delete(l, 1, 2) }), "chain"},
		"the last record cut":   {records(func(l [][]byte) [][]byte { return l[:len(l)-2] }), "chain"},
		"records change places": {records(func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l }), "chain"},
		"a record twice":        {records(func(l [][]byte) [][]byte { return slices.Insert(l, 1, l[0]) }), "chain"},
		"a record of other time": {records(func(l [][]byte) [][]byte {
			l[0] = bytes.Replace(l[0], []byte(`"time":"2026-11-19T02`), []byte(`"time":"2026-11-19T03`), 1)
			return l
		}), "record 1"},
	} {
		_, broken := verify(t, repack(t, whole, c.change), r.v)
		if found := slices.ContainsFunc(broken, func(b string) bool { return strings.HasPrefix(b, c.want) }); c.want == "" && len(broken) > 0 || c.want != "" && !found {
			t.Errorf("%s: found %v, want %q", name, broken, c.want)
		}
		// A thief who makes the manifest fit has no key of the house.
		if c.want == "" || strings.Contains(name, "manifest") || strings.Contains(name, "signature") {
			continue
		}
		_, broken = verify(t, repack(t, whole, func(p []tampered) []tampered { return resigned(t, c.change(p)) }), r.v)
		if !slices.ContainsFunc(broken, func(b string) bool { return strings.HasPrefix(b, "note") }) {
			t.Errorf("%s, signed by another: found %v", name, broken)
		}
	}
}

func without(parts []tampered, name string) []tampered {
	return slices.DeleteFunc(parts, func(p tampered) bool { return strings.HasPrefix(p.name, name) })
}

// A house that itself signs what does not follow from its records is found out
// by the proofs.
func TestTheSignatureAloneProvesNothing(t *testing.T) {
	t.Parallel()
	r, whole := exported(t)
	sign := func(parts []tampered) []tampered {
		parts = resigned(t, parts)
		var m Manifest
		if err := json.Unmarshal(part(parts, manifestPart).body, &m); err != nil {
			t.Fatal(err)
		}
		var err error
		part(parts, notePart).body, err = note.Sign(&note.Note{Text: noteText(m, hashOf(part(parts, manifestPart).body))}, r.o.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return parts
	}
	log := "files/" + r.Case("c1").Items[0].Files[0].Hash
	for name, c := range map[string]struct {
		change func([]tampered) []tampered
		want   string
	}{
		"nothing changed": {func(p []tampered) []tampered { return p }, ""},
		"another file under the name": {func(p []tampered) []tampered {
			part(p, log).body = []byte("Nov 19 nichts gewesen")
			return p
		}, "file 0001"},
		"a record was written anew": {func(p []tampered) []tampered {
			rows(p, recordsPart, func(l [][]byte) [][]byte {
				var x proved
				if err := json.Unmarshal(l[2], &x); err != nil {
					t.Fatal(err)
				}
				x.Body = bytes.Replace(x.Body, []byte("KHK Brandt"), []byte("KHK Brendt"), 1)
				l[2], _ = json.Marshal(x)
				l[2] = append(l[2], '\n')
				return l
			})
			return p
		}, "record 3"},
		"the gap is left out": {func(p []tampered) []tampered {
			rows(p, recordsPart, func(l [][]byte) [][]byte { return slices.Delete(l, 3, 4) })
			return p
		}, "chain"},
		"the manifest says another holder": {func(p []tampered) []tampered {
			m := part(p, manifestPart)
			m.body = bytes.Replace(m.body, []byte("KHK Brandt"), []byte("KHK Brendt"), 1)
			return p
		}, "items 1"},
	} {
		_, broken := verify(t, repack(t, whole, func(p []tampered) []tampered { return sign(c.change(p)) }), r.v)
		if found := slices.ContainsFunc(broken, func(b string) bool { return strings.HasPrefix(b, c.want) }); c.want == "" && len(broken) > 0 || c.want != "" && !found {
			t.Errorf("%s: found %v, want %q", name, broken, c.want)
		}
	}
}

// No byte of a package can be another one: each is flipped in turn, every one of
// the wrapping and some of each file.
func TestNoByteOfAPackageCanBeChanged(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.secure(aDisk(), r.bring(Content, "a.log", []byte("Nov 19 02:01 sshd")))
	whole := r.export(Order{For: "BSI", Why: "Vorgang 1"})
	step := 1 + len(whole)/1500
	for at := 0; at < len(whole); at += step {
		b := bytes.Clone(whole)
		b[at] ^= 4
		if m, broken, err := VerifyPackage(t.Context(), bytes.NewReader(b), int64(len(b)), r.v); err != nil || len(broken) == 0 && m != nil {
			t.Fatalf("byte %d of %d was changed and nothing found (%v)", at, len(whole), err)
		}
	}
	for name, b := range map[string][]byte{"cut": whole[:len(whole)-1], "longer": append(bytes.Clone(whole), 0), "in front": append([]byte("x"), whole...), "empty": nil, "half": whole[:len(whole)/2]} {
		if _, broken := verify(t, b, r.v); len(broken) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := VerifyPackage(ctx, bytes.NewReader(whole), int64(len(whole)), r.v); err == nil {
		t.Error("a check that was given up says nothing")
	}
}

func FuzzAPackageOfAnybody(f *testing.F) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{manifestPart, recordsPart, notePart} {
		x, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			f.Fatal(err)
		}
		_, _ = x.Write([]byte(`{"format":"notbetrieb evidence 1","items":[{"ref":"1"}],"parts":[{"path":"records.jsonl"}]}` + "\n"))
	}
	_ = w.Close()
	f.Add(b.Bytes())
	_, public, err := seal.NewSigningKey("x")
	if err != nil {
		f.Fatal(err)
	}
	v, err := seal.NewVerifier(public)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, broken, err := VerifyPackage(t.Context(), bytes.NewReader(b), int64(len(b)), v); err == nil && len(broken) == 0 {
			t.Error("a package without a signature is found right")
		}
	})
}

func FuzzAnAct(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"secured","case":"c","by":{"person":"a","at":"2026-11-19T02:00:00Z"},"thing":{"kind":"disk","title":"x","found":"y","at":"2026-11-19T02:00:00Z","taken":{"name":"z"},"place":"p"}}`))
	f.Add([]byte(`{"v":1,"t":"handed-over","case":"c","item":"i","by":{"person":"a","at":"2026-11-19T02:00:00Z"},"from":{"name":"z"},"to":{"name":"w"},"turn":1,"at":"2026-11-19T02:00:00Z","text":"t","signed":"paper"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decodeEvent(b); err == nil && !e.whole() {
			t.Error("an act that lacks something")
		}
	})
}
