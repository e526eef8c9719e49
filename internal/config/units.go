package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes, written as "32MiB".
type Size int64

const day = 24 * time.Hour

var (
	errDuration = errors.New("config: no duration")
	errSize     = errors.New("config: no size")
)

// String returns the size with the largest unit that leaves a whole number.
func (s Size) String() string {
	for _, u := range sizeUnits() {
		if s != 0 && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

type sizeUnit struct {
	name  string
	bytes Size
}

func sizeUnits() []sizeUnit {
	return []sizeUnit{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}
}

// parseSize reads "32MiB", "512KiB", "1GiB" or "100B".
func parseSize(s string) (Size, error) {
	for _, u := range sizeUnits() {
		n, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseUint(strings.TrimSpace(n), 10, 62)
		if err != nil || v > math.MaxInt64/uint64(u.bytes) {
			return 0, errSize
		}
		return Size(v) * u.bytes, nil
	}
	return 0, errSize
}

// parseDuration reads "90s", "15m", "2h", "3d" and sums of them ("1d12h").
func parseDuration(s string) (time.Duration, error) {
	days, rest, ok := strings.Cut(s, "d")
	if !ok {
		days, rest = "", s
	}
	var d time.Duration
	if ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, errDuration
		}
		d = time.Duration(n) * day
		if rest == "" {
			return d, nil
		}
	}
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") || rest == "0" {
		return 0, errDuration
	}
	r, err := time.ParseDuration(rest)
	if err != nil || r > math.MaxInt64-d {
		return 0, errDuration
	}
	return d + r, nil
}

// formatDuration is the reverse of parseDuration, without parts that are zero.
func formatDuration(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		name string
		d    time.Duration
	}{{"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"ns", 1}} {
		if n := d / u.d; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d %= u.d
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
