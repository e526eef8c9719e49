package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number writes a value with the digits that mean something: 12,345 or 3.4.
func number(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1000:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func thousands(s string) string {
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func goalText(r Row) string {
	if r.Goal == nil {
		return ""
	}
	if r.Better == higher {
		return "≥ " + number(*r.Goal)
	}
	return "< " + number(*r.Goal)
}

func verdict(r Row) string {
	switch {
	case r.Failed != "":
		return "failed"
	case r.Goal == nil:
		return ""
	case r.met():
		return "met"
	}
	return "**missed**"
}

func columns(r Row) [6]string {
	c := [6]string{r.Name, "", r.Unit, goalText(r), "", verdict(r)}
	if r.Value != nil {
		c[1] = number(*r.Value)
	}
	if r.Peer != nil {
		c[4] = number(*r.Peer) + " " + r.PeerName
	}
	return c
}

// table lays the rows out as a Markdown table that can also be read as it is.
func table(rows []Row) string {
	cells := [][6]string{{"Measure", "Value", "Unit", "Goal", "Beside it", ""}}
	group := ""
	for _, r := range rows {
		if r.group != group {
			group = r.group
			cells = append(cells, [6]string{"**" + group + "**"})
		}
		cells = append(cells, columns(r))
	}
	var width [6]int
	for _, c := range cells {
		for i, s := range c {
			width[i] = max(width[i], utf8.RuneCountInString(s), 3)
		}
	}
	var b strings.Builder
	for n, c := range cells {
		for i, s := range c {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(s))
			if i == 1 || i == 3 {
				s = pad + s
			} else {
				s += pad
			}
			b.WriteString("| " + s + " ")
		}
		b.WriteString("|\n")
		if n == 0 {
			for i, w := range width {
				if i == 1 || i == 3 {
					b.WriteString("|" + strings.Repeat("-", w+1) + ":")
					continue
				}
				b.WriteString("|" + strings.Repeat("-", w+2))
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}

func writeJSON(path string, rows []Row) error {
	b, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("benchmarks: %w", err)
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("benchmarks: %w", err)
	}
	return nil
}

// The generated part of benchmarks.md stands between these lines.
const (
	beginMark = "<!-- begin: written by make bench -->"
	endMark   = "<!-- end: written by make bench -->"
)

// writeMarkdown replaces the generated part of the file, or begins the file.
func writeMarkdown(path string, m machine, rows []Row) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("benchmarks: %w", err)
	}
	text := string(old)
	if text == "" {
		text = "# Benchmarks\n\n" + beginMark + "\n" + endMark + "\n"
	}
	before, rest, ok := strings.Cut(text, beginMark)
	_, after, end := strings.Cut(rest, endMark)
	if !ok || !end {
		return fmt.Errorf("benchmarks: the lines %q and %q are missing", beginMark, endMark)
	}
	var b strings.Builder
	b.WriteString(before + beginMark + "\n\n" + m.sentence() + "\n\n" + table(rows) + "\n" + missedText(rows) + "\n" + endMark + after)
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("benchmarks: %w", err)
	}
	return nil
}

func missedText(rows []Row) string {
	missed := missedGoals(rows)
	if len(missed) == 0 {
		return "Every goal is met.\n"
	}
	var b strings.Builder
	b.WriteString("Not met:\n\n")
	for _, r := range missed {
		if r.Failed != "" {
			fmt.Fprintf(&b, "- %s: failed: %s\n", r.Name, r.Failed)
			continue
		}
		fmt.Fprintf(&b, "- %s: %s %s, goal %s\n", r.Name, number(*r.Value), r.Unit, goalText(r))
	}
	return b.String()
}
