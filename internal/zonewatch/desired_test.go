package zonewatch_test

import (
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/zonewatch"
)

const sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestParseDesired(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	digits := strings.Repeat("1234567890123456", 4)
	tests := map[string]struct {
		text string
		zone string
		want zonewatch.Want
		err  string
	}{
		"YAML":                {"example.com:\n  sha256: " + sum + "\n  enabled: true\n", "example.com", zonewatch.Want{SHA256: sum, Enabled: &yes}, ""},
		"JSON":                {`{"example.com": {"sha256": "` + strings.ToUpper(sum) + `", "enabled": false}}`, "example.com", zonewatch.Want{SHA256: sum, Enabled: &no}, ""},
		"as openssl prints":   {"Example.com: {sha256: " + strings.ToUpper(strings.Join(pairs(sum), ":")) + "}", "example.com", zonewatch.Want{SHA256: sum}, ""},
		"digits alone":        {"example.com: {sha256: " + digits + "}", "example.com", zonewatch.Want{SHA256: digits}, ""},
		"an id like a number": {"00000000000000000000000000000012: {enabled: true}\n", "00000000000000000000000000000012", zonewatch.Want{Enabled: &yes}, ""},
		"an id like a float":  {"1234567890123456789012345678e123: {enabled: true}\n", "1234567890123456789012345678e123", zonewatch.Want{Enabled: &yes}, ""},
		"nothing of a zone":   {"example.com: {}", "example.com", zonewatch.Want{}, ""},
		"nothing":             {"", "", zonewatch.Want{}, "it names no zone"},
		"a comment":           {"# later\n", "", zonewatch.Want{}, "it names no zone"},
		"a list":              {"- example.com\n", "", zonewatch.Want{}, "want for each zone its sha256 and enabled"},
		"another field":       {"example.com: {sha: " + sum + "}", "", zonewatch.Want{}, "field sha not found"},
		"a short sum":         {"example.com: {sha256: abcd}", "", zonewatch.Want{}, "sha256 of zone example.com: want 64 hexadecimal digits"},
		"not a sum":           {"example.com: {sha256: " + strings.Repeat("x", 64) + "}", "", zonewatch.Want{}, "want 64 hexadecimal digits"},
		"not a boolean":       {"example.com: {enabled: maybe}", "", zonewatch.Want{}, "into bool"},
		"not a zone":          {"localhost: {enabled: true}", "", zonewatch.Want{}, `"localhost" is not a zone`},
		"a zone twice":        {"example.com: {}\nexample.com: {}", "", zonewatch.Want{}, "already defined"},
		"twice, other case":   {"example.com: {}\nEXAMPLE.com: {}", "", zonewatch.Want{}, "zone example.com is there twice"},
		"two documents":       {"example.com: {}\n---\nexample.net: {}\n", "", zonewatch.Want{}, "want one document"},
	}
	for name, test := range tests {
		desired, err := zonewatch.ParseDesired([]byte(test.text))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: the error is %v, want %q", name, err, test.err)
			}
			continue
		}
		got, ok := desired[test.zone]
		if err != nil || !ok || got.SHA256 != test.want.SHA256 || zonewatch.YesNo(got.Enabled) != zonewatch.YesNo(test.want.Enabled) {
			t.Errorf("%s: have %+v, %v, want %+v", name, desired, err, test.want)
		}
	}
}

func pairs(s string) (parts []string) {
	for ; len(s) > 0; s = s[2:] {
		parts = append(parts, s[:2])
	}
	return parts
}

func FuzzParseDesired(f *testing.F) {
	f.Add([]byte("example.com: {sha256: " + sum + ", enabled: true}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		desired, err := zonewatch.ParseDesired(data)
		if err == nil && len(desired.Zones()) == 0 {
			t.Error("a desired state without a zone is accepted")
		}
	})
}
