package testpki

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
)

// TestMarksFindKeys shows a key in each way that a mistake could, and requires
// that the marks find it.
func TestMarksFindKeys(t *testing.T) {
	t.Parallel()
	pair := Leaf("marked", nil)
	scalar, err := pair.Key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pair.KeyPEM())
	shown := map[string]string{
		"PEM block":        string(pair.KeyPEM()),
		"base64 of DER":    base64.StdEncoding.EncodeToString(block.Bytes),
		"base64 of scalar": base64.StdEncoding.EncodeToString(scalar),
		"base64, offset 1": base64.StdEncoding.EncodeToString(append([]byte("x"), scalar...)),
		"base64, offset 2": base64.StdEncoding.EncodeToString(append([]byte("xy"), scalar...)),
		"hexadecimal":      hex.EncodeToString(scalar),
		"%X":               fmt.Sprintf("%X", scalar),
		"%v":               fmt.Sprintf("%v", scalar),
		"%#v":              fmt.Sprintf("%#v", scalar),
		//lint:ignore SA1019 a careless %v would show this field
		"number": fmt.Sprint(pair.Key.D),
		"token":  Token(),
	}
	numbers := make([]int, len(scalar))
	for i, b := range scalar {
		numbers[i] = int(b)
	}
	list, _ := json.Marshal(numbers)
	shown["JSON numbers"] = string(list)
	for how, text := range shown {
		if !holdsMark(text) {
			t.Errorf("a key shown as %s would not be found: %s", how, text[:min(len(text), 60)])
		}
	}
	if text := string(pair.CertPEM()); holdsMark(text) {
		t.Errorf("the certificate alone is taken for a key: %s", text)
	}
}

func holdsMark(text string) bool {
	// The lines of PEM break the base64 anywhere.
	joined := strings.ReplaceAll(text, "\n", "")
	for _, mark := range Marks() {
		if strings.Contains(text, mark) || strings.Contains(joined, mark) {
			return true
		}
	}
	return false
}
