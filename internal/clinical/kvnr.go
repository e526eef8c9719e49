package clinical

import "strings"

// KVNR brings the number of a health insurance card (the ten unchangeable
// characters of the Krankenversichertennummer) into its one spelling and
// reports whether its check digit is right. "" means that the text is none:
// it is not one letter and nine digits. Blanks do not count; of the long form
// only the first ten characters do.
func KVNR(text string) (number string, right bool) {
	s := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if len(s) == 20 || len(s) == 30 { // with the fund's number, and the insured's behind it
		s = s[:10]
	}
	if len(s) != 10 || s[0] < 'A' || s[0] > 'Z' || strings.Trim(s[1:], "0123456789") != "" {
		return "", false
	}
	letter := int(s[0]-'A') + 1
	digits := []int{letter / 10, letter % 10}
	for _, c := range s[1:9] {
		digits = append(digits, int(c-'0'))
	}
	sum := 0
	for i, d := range digits { // weights 1, 2, 1, 2, …; of each product the digits
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return s, sum%10 == int(s[9]-'0')
}
