package document

import (
	"testing"
)

func TestDecimals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1": "1", "1.0": "1", "10e-1": "1", "-0": "0", "0.00": "0", "100": "100", "1e2": "100", "-2.50": "-2.5", "0.001": "0.001",
		"1e400": "1e400", "123456789012345678901234567890": "12345678901234567890123456789e1", "1e-9": "1e-9",
	} {
		d, err := ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%s becomes %s (%v), want %s", text, d, err, want)
		}
		if again, err := ParseDecimal(d.String()); err != nil || again != d {
			t.Errorf("%s is read back as %v (%v)", d, again, err)
		}
	}
	order := []string{"-1e400", "-2", "-1.5", "0", "1e-9", "0.5", "1", "9", "10", "1e21", "1e400"}
	for i, x := range order {
		for j, y := range order {
			a, _ := ParseDecimal(x)
			b, _ := ParseDecimal(y)
			if got := a.Compare(b); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%s against %s: %d", x, y, got)
			}
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit            string
		least, exclusive bool
		want             string
	}{
		{"5", false, false, "5"}, {"5", false, true, "4"}, {"5.5", false, true, "5"}, {"-5.5", false, false, "-6"}, {"0", false, true, "-1"},
		{"5", true, false, "5"}, {"5", true, true, "6"}, {"5.5", true, false, "6"}, {"-5.5", true, true, "-5"}, {"0", true, true, "1"},
		{"1e400", true, true, "1e400"}, {"1e-400", true, false, "1e-400"}, {"9223372036854775807", true, true, "9223372036854775808"},
	} {
		limit, err := ParseDecimal(c.limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := limit.Within(c.least, c.exclusive).String(); got != c.want {
			t.Errorf("of whole numbers, the limit %s (least %v, exclusive %v) allows %s, want %s", c.limit, c.least, c.exclusive, got, c.want)
		}
	}
}
