package astm

import "strings"

// records joins records as they are sent.
func records(lines ...string) []byte { return []byte(strings.Join(lines, "\r") + "\r") }

// chemistry is an upload in the layout of a clinical chemistry line: the
// specimen number in O-3, rack and position in O-4, a flagged repeat.
func chemistry() []byte {
	return records(
		`H|\^&|||c503^1|||||host|RSUPL^BATCH|P|1|20261121081503`,
		`P|1||||||19510403|F||||||75^Y`,
		`O|1|4711001|0042^50012^3^^S1^SC|^^^717^1\^^^989^1\^^^991^1|R||20261121074500||||N||||1|||||||20261121081501|||F`,
		`R|1|^^^717^1|5.9|mmol/l|3.9^6.1|N||F||op1^SYSTEM||20261121081001|c503`,
		`C|1|I|0|I`,
		`R|2|^^^989^1|139|mmol/l|136^145|N||F||op1^SYSTEM||20261121081017|c503`,
		`R|3|^^^991^1|6.1|mmol/l|3.4^4.5|HH||F||op1^SYSTEM||20261121081017|c503`,
		`C|1|I|27^Hämolyse|I`,
		`L|1|N`,
	)
}
