package testpki

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
)

// mark is what every private key and token of this package begins with. No other
// text of the project holds it.
const mark = "MARKED0SECRET0OF0TESTS"

// Marks returns the forms in which a marked secret could show, by their names:
// as text, in base64 at each of its three offsets, in hexadecimal, as a list of
// bytes and as a decimal number.
func Marks() map[string]string {
	marks := map[string]string{
		"text":               mark,
		"hexadecimal":        hex.EncodeToString([]byte(mark)),
		"HEXADECIMAL":        strings.ToUpper(hex.EncodeToString([]byte(mark))),
		"bytes":              strings.Trim(fmt.Sprint([]byte(mark)), "[]"),
		"bytes, Go syntax":   strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(mark)), "[]byte{"), "}"),
		"bytes, JSON":        strings.ReplaceAll(strings.Trim(fmt.Sprint([]byte(mark)), "[]"), " ", ","),
		"decimal":            decimalMark(),
		"private key, block": "PRIVATE KEY-----",
	}
	for offset := range 3 {
		marks[fmt.Sprintf("base64, offset %d", offset)] = base64Mark(offset)
	}
	return marks
}

// base64Mark returns the part of the mark's base64 that does not depend on what
// stands around it, when it begins offset bytes into a group of three.
func base64Mark(offset int) string {
	padded := append(make([]byte, offset), mark...)
	whole := len(padded) / 3 * 4
	return base64.StdEncoding.EncodeToString(padded)[(offset*8+5)/6 : whole]
}

// decimalMark returns the leading digits that all scalars with the mark share.
func decimalMark() string {
	rest := uint(32-len(mark)) * 8
	low := new(big.Int).Lsh(new(big.Int).SetBytes([]byte(mark)), rest)
	high := new(big.Int).Add(low, new(big.Int).Lsh(big.NewInt(1), rest))
	a, b := low.String(), high.String()
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}
