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
