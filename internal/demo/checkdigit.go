package demo

import "strconv"

// kvnr returns the health insurance number (unveränderlicher Teil der
// Krankenversichertennummer, § 290 SGB V) of a letter and eight digits: letter
// as two digits, weights 1 and 2 in turn, digit sums, mod 10.
func kvnr(letter byte, digits int) string {
	n := int(letter-'A') + 1
	body := [10]int{n / 10, n % 10}
	s := pad(digits, 8)
	for i := range 8 {
		body[i+2] = int(s[i] - '0')
	}
	sum := 0
	for i, d := range body {
		sum += digitSum(d * (1 + i%2))
	}
	return string(letter) + s + strconv.Itoa(sum%10)
}

// ik returns the Institutionskennzeichen of eight digits: digits 3 to 8 with
// weights 2 and 1 in turn, digit sums, mod 10.
func ik(digits int) string {
	s := pad(digits, 8)
	sum := 0
	for i := 2; i < 8; i++ {
		sum += digitSum(int(s[i]-'0') * (2 - i%2))
	}
	return s + strconv.Itoa(sum%10)
}

// pzn returns the Pharmazentralnummer that begins at or after seven digits: sum
// of i times digit i, mod 11; numbers with the rest 10 are not given out.
func pzn(digits int) string {
	for ; ; digits++ {
		s := pad(digits, 7)
		sum := 0
		for i := range 7 {
			sum += (i + 1) * int(s[i]-'0')
		}
		if sum%11 < 10 {
			return s + strconv.Itoa(sum%11)
		}
	}
}

func digitSum(n int) int { return n/10 + n%10 }

// pad returns n with leading zeros.
func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}
