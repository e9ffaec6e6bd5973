package document

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is an exact number ±0.digits × 10^exp, so that 1, 1.0 and 10e-1 are
// one value and no limit in a document is rounded.
type Decimal struct {
	negative bool
	digits   string // without zeros at either end; "" is zero
	exp      int
}

// maxExponent keeps the arithmetic on exponents away from overflow.
const maxExponent = 1 << 20

// ParseDecimal reads a JSON number.
func ParseDecimal(s string) (Decimal, error) {
	var d Decimal
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	mantissa, d.negative = strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "+"), ".")
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > maxExponent || e < -maxExponent {
			return Decimal{}, fmt.Errorf("number %.40s is out of range", s)
		}
		d.exp = e
	}
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return Decimal{}, fmt.Errorf("%.40q is not a number", s)
	}
	d.exp += len(whole)
	digits := strings.TrimLeft(whole+fraction, "0")
	d.exp -= len(whole+fraction) - len(digits)
	d.digits = strings.TrimRight(digits, "0")
	if d.digits == "" {
		return Decimal{}, nil
	}
	return d, nil
}

// String spells the number one way: plain where that is short, else with an
// exponent.
func (d Decimal) String() string {
	sign := ""
	if d.negative {
		sign = "-"
	}
	n := len(d.digits)
	switch {
	case n == 0:
		return "0"
	case d.exp >= n && d.exp <= 21:
		return sign + d.digits + strings.Repeat("0", d.exp-n)
	case d.exp > 0 && d.exp < n:
		return sign + d.digits[:d.exp] + "." + d.digits[d.exp:]
	case d.exp <= 0 && d.exp > -6:
		return sign + "0." + strings.Repeat("0", -d.exp) + d.digits
	}
	return sign + d.digits + "e" + strconv.Itoa(d.exp-n)
}

// Sign returns -1, 0 or 1, as the number is below, at or above zero.
func (d Decimal) Sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// IsInteger reports whether the number is a whole one.
func (d Decimal) IsInteger() bool { return d.exp >= len(d.digits) }

// Within returns the last whole number that a limit allows: one from below, if it is the
// least, or from above. One that is out of range is returned as it is.
func (d Decimal) Within(least, exclusive bool) Decimal {
	const most = 40 // digits
	if d.exp > most || d.exp < -most || len(d.digits) > most {
		return d
	}
	value, ok := new(big.Rat).SetString(d.String())
	if !ok { // String makes numbers
		return d
	}
	if least { // the greatest below the negative
		value.Neg(value)
	}
	whole := new(big.Int).Div(value.Num(), value.Denom())
	if exclusive && value.IsInt() {
		whole.Sub(whole, big.NewInt(1))
	}
	if least {
		whole.Neg(whole)
	}
	out, _ := ParseDecimal(whole.String()) // made of digits
	return out
}

// Compare returns -1, 0 or 1, as d is below, equal to or above o.
func (d Decimal) Compare(o Decimal) int {
	if c := cmp.Compare(d.Sign(), o.Sign()); c != 0 || d.Sign() == 0 {
		return c
	}
	c := cmp.Compare(d.exp, o.exp)
	if c == 0 {
		c = strings.Compare(d.digits, o.digits)
	}
	if d.negative {
		return -c
	}
	return c
}
