package drift

import (
	"slices"
	"strings"
	"unicode"
)

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// printable keeps what a document says from acting on a terminal or a log.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	const most = 500
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
