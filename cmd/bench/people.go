package main

import (
	"fmt"
	"strings"
	"time"
)

// person is one patient of the large base. Everything follows from the number,
// so that a query can be made up without keeping a million people in memory.
type person struct {
	n             int
	family, given string
	sex           string
	born          time.Time
	caseNo        string // "" for those without a stay
	present       bool
}

func (p person) number() string { return fmt.Sprintf("%08d", 20_000_000+p.n) }

// throw is SplitMix64 over the person's number and a purpose.
func throw(n int, purpose uint64) uint64 {
	z := uint64(n)*0x9e3779b97f4a7c15 + purpose*0xd1342543de82ef95 + 0x2545f4914f6cdd1d
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// skewed picks an index of size entries, the first ones more often: names are
// not spread evenly.
func skewed(t uint64, size int) int {
	u := float64(t>>11) / (1 << 53)
	return int(u * u * float64(size))
}

const presentPatients = 1000

// personOf returns patient n: the first thousand are in house, every second of
// the others has a past stay.
func personOf(n int) person {
	p := person{n: n, sex: "F"}
	given := women()
	if throw(n, 1)%2 == 0 {
		p.sex, given = "M", men()
	}
	p.given = given[skewed(throw(n, 2), len(given))]
	if throw(n, 3)%5 == 0 {
		p.given += " " + given[skewed(throw(n, 4), len(given))]
	}
	p.family = familyName(n)
	p.born = time.Date(1928, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(throw(n, 5)%35_000))
	p.present = n < presentPatients
	if p.present || n%2 == 0 {
		p.caseNo = fmt.Sprintf("%07d", 6_000_000+n)
	}
	return p
}

// familyName is a frequent name or one made of two parts, sometimes two names
// joined, sometimes with "von".
func familyName(n int) string {
	one := func(purpose uint64) string {
		if throw(n, purpose)%100 < 45 {
			all := frequent()
			return all[skewed(throw(n, purpose+1), len(all))]
		}
		a, z := nameBeginnings(), nameEndings()
		return a[throw(n, purpose+2)%uint64(len(a))] + z[throw(n, purpose+3)%uint64(len(z))]
	}
	name := one(10)
	switch throw(n, 6) % 100 {
	case 0, 1, 2:
		name += "-" + one(20)
	case 3:
		name = "von " + name
	}
	return name
}

// message is what the KIS says of the patient: an admission, the discharge of a
// past stay, or the person alone. Times are local.
func (p person) message(beds []string, now time.Time) []byte {
	stamp := now.Add(-time.Duration(throw(p.n, 7)%(14*24*3600)) * time.Second)
	if !p.present {
		stamp = now.Add(-time.Duration(20+throw(p.n, 8)%3000) * 24 * time.Hour)
	}
	const layout = "20060102150405"
	at := stamp.Format(layout)
	event := "A28"
	var stay string
	switch {
	case p.present:
		event = "A01"
		stay = fmt.Sprintf("PV1|1|I|%s||||A1001^Dietrich^Bernd|||0100|||||||A1001^Dietrich^Bernd||%s^^^KIS^VN|||||||||||||||||||||||||%s\r",
			beds[p.n%len(beds)], p.caseNo, at)
	case p.caseNo != "":
		event = "A03"
		left := stamp.Add(time.Duration(1+throw(p.n, 9)%12) * 24 * time.Hour).Format(layout)
		stay = fmt.Sprintf("PV1|1|I|%s||||A1001^Dietrich^Bernd|||0100|||||||A1001^Dietrich^Bernd||%s^^^KIS^VN|||||||||||||||||01||||||||%s|%s\r",
			beds[p.n%len(beds)], p.caseNo, at, left)
	}
	return fmt.Appendf(nil, "MSH|^~\\&|KIS|KSL|NOTBETRIEB|KSL|%s||ADT^%s|G%08d|P|2.5|||||DEU|UNICODE UTF-8\rEVN|%s|%s||||%s\r"+
		"PID|1||%s^^^KIS^PI||%s^%s^^^^^L||%s|%s|||Hauptstraße %d^^Neuhöfen^^38991^DE^H\r%s",
		at, event, p.n, event, at, at, p.number(), p.family, p.given, p.born.Format("20060102"), p.sex, 1+p.n%180, stay)
}

func frequent() []string {
	return strings.Fields(`Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer
Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause
Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß
Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster
Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas
Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Pfeiffer
Yılmaz Kaya Demir Öztürk Nowak Kowalski Nguyen Petrović Ivanov Haddad`)
}

func nameBeginnings() []string {
	return strings.Fields(`Acker Ahl Alt Bach Berg Birk Blum Brand Breit Brunn Buch Burg Dorn Eber Eich Elster Engel Erl
Falken Feld Fels Finken Forst Frei Gold Gott Grün Hagen Hart Hasel Heid Hell Herz Hirsch Hoch Holz Horn Kalt Kirch Klee
Kron Kühl Lauter Licht Linden Loh Mohr Moos Nagel Neu Nieder Ober Oster Rauch Reb Reh Rein Riet Ritter Rosen Rot Sand
Schön Schwan Seil Silber Sonn Stahl Stein Stern Tann Thal Trauben Ulm Unter Vogel Wald Wasser Weiden Weiß Wester Wiesen
Wild Winter Wolf Zeller Ziegel`)
}

func nameEndings() []string {
	return strings.Fields(`mann meier bauer hofer berger müller schmidt hagen feld bach stein burger städter brink kamp
hardt thaler wald hausen dorf brecht rich ner ing lein köster stedt horst rath böck gruber huber felder bächer`)
}

func women() []string {
	return strings.Fields(`Ursula Maria Anna Elisabeth Monika Renate Helga Karin Ingrid Petra Sabine Brigitte Susanne
Christa Andrea Gisela Claudia Birgit Erika Heike Gabriele Martina Angelika Ute Gerda Barbara Stefanie Christine Kerstin
Julia Katharina Anja Silke Nicole Sandra Melanie Sarah Lea Laura Lena Hannah Emma Mia Sophie Marie Emilia Lina Käthe
Frieda Änne Jördis Ayşe Fatma Elif Zeynep Olena Svetlana Agnieszka`)
}

func men() []string {
	return strings.Fields(`Peter Hans Wolfgang Klaus Manfred Werner Thomas Michael Jürgen Günter Horst Helmut Gerhard
Andreas Stefan Dieter Heinz Walter Bernd Karl Josef Frank Uwe Rainer Christian Martin Matthias Alexander Daniel Markus
Jan Tobias Florian Sebastian Felix Lukas Leon Paul Ben Jonas Finn Noah Elias Emil Jörg Götz Björn Sören Ömer Mehmet
Mustafa Ali Andrzej Dmitri Vladimir`)
}
