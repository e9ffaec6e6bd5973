package operator

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// period is a duration that may be in days, such as 30d or 1d12h. It implements
// [pflag.Value].
type period time.Duration

// DurationVar adds a flag for a duration, which may be in days, such as 30d or 1d12h.
func DurationVar(flags *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	flags.Var((*period)(p), name, usage)
}

// ParseDuration parses a duration as [time.ParseDuration] does, and days of 24 hours before
// it: 30d, 1d12h. It is not negative.
func ParseDuration(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, errors.New("want a duration such as 90s, 12h or 30d")
	}
	d := time.Duration(n) * 24 * time.Hour
	if rest == "" && found {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || d+more < d {
		return 0, errors.New("want a duration such as 90s, 12h or 30d")
	}
	return d + more, nil
}

func (p *period) Set(s string) error {
	d, err := ParseDuration(s)
	*p = period(d)
	return err
}

func (p *period) String() string { return FormatDuration(time.Duration(*p)) }

// Type implements [pflag.Value]; package cli says what is wanted of its values.
func (*period) Type() string { return "period" }

// FormatDuration returns a duration as [ParseDuration] reads it, in days if it has whole
// ones.
func FormatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	days, rest := d/day, d%day
	text := ""
	if days > 0 {
		text = strconv.Itoa(int(days)) + "d"
	}
	if rest > 0 || days == 0 {
		short := rest.String()
		if strings.HasSuffix(short, "m0s") {
			short = strings.TrimSuffix(short, "0s")
		}
		if strings.HasSuffix(short, "h0m") {
			short = strings.TrimSuffix(short, "0m")
		}
		text += short
	}
	return text
}

// FormatTime returns a time in UTC and in a layout of package time, or a hyphen for the zero time.
func FormatTime(t time.Time, layout string) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(layout)
}
