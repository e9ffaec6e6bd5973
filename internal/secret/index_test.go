package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/secret"
)

func TestShows(t *testing.T) {
	t.Parallel()
	var token, email, binary, short secret.Index
	token.Add("q7Rz+K2w/Xb9_LmN4-Tp8")
	short.Add("t")
	short.Add("anytoken"[:7])
	email.AddPhrase("ops@client.example")
	der := []byte("\x30\x41\x02\xff\x00\x13\x07\x9a\xbc\xde\xf0")
	binary.AddBinary(der)
	escaped := func(format, text string) (all string) {
		for i := range len(text) {
			all += fmt.Sprintf(format, text[i])
		}
		return all
	}
	for _, test := range []struct {
		name  string
		text  string
		of    *secret.Index
		shows bool
	}{
		{"nothing", "", &token, false},
		{"a message", "This certificate already exists for this zone.", &token, false},
		{"whole", "token q7Rz+K2w/Xb9_LmN4-Tp8 is invalid", &token, true},
		{"8 characters", "[z+K2w/Xb]", &token, true},
		{"7 characters", "[z+K2w/X]", &token, false},
		{"8 letters and digits, others left out", "7RzK2wXb", &token, true},
		{"on lines", "z+\n K2\r\n\tw/\n Xb", &token, true},
		{"percent-escaped", url.QueryEscape("z+K2w/Xb"), &token, true},
		{"percent-escaped twice", escaped("%%25%02x", "z+K2w/Xb"), &token, true},
		{"JSON", escaped(`\u%04X`, "z+K2w/Xb"), &token, true},
		{"HTML", "z&#43;K2w&#x2f;Xb", &token, true},
		{"HTML, escaped again", "z&amp;#43;K2w&amp;#x2f;Xb", &token, true},
		{"base64", base64.StdEncoding.EncodeToString([]byte("z+K2w/Xb")), &token, true},
		{"base64, further in", "id:" + base64.RawURLEncoding.EncodeToString([]byte("Bearer z+K2w/Xb9_Lm")), &token, true},
		{"base64 of hexadecimal", base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString([]byte("z+K2w/Xb")))), &token, true},
		{"hexadecimal", "deadbee" + hex.EncodeToString([]byte("z+K2w/Xb")), &token, true},
		{"hexadecimal with spaces", fmt.Sprintf("% X", "z+K2w/Xb"), &token, true},
		{"bytes", fmt.Sprint([]byte("z+K2w/Xb")), &token, true},
		{"a short one", "Too many connections: anytoken t", &short, false},
		{"email", "user OPS@client.example is unknown", &email, true},
		{"email, escaped", "ops%40client.example", &email, true},
		{"part of an email", "no route to client.example", &email, false},
		{"a longer email", "devops@client.example", &email, false},
		{"binary as it is", string(der[1:9]), &binary, true},
		{"binary in base64", base64.StdEncoding.EncodeToString(append([]byte("x"), der...)), &binary, true},
		{"binary in hexadecimal", hex.EncodeToString(der[2:]), &binary, true},
		{"text of the binary", "0A", &binary, false},
		{"no index", "q7Rz+K2w/Xb9_LmN4-Tp8", nil, false},
		{"an empty index", "q7Rz+K2w/Xb9_LmN4-Tp8", new(secret.Index), false},
	} {
		if got := secret.Shows(test.text, test.of); got != test.shows {
			t.Errorf("%s: Shows(%q) = %t, want %t", test.name, test.text, got, test.shows)
		}
		if got := secret.Shows(test.text, &email, nil, test.of); got != test.shows && test.of != &email {
			t.Errorf("%s: beside another index Shows(%q) = %t, want %t", test.name, test.text, got, test.shows)
		}
	}
}

// FuzzShows requires that no text is too odd, and that a piece is found whatever
// stands around it.
func FuzzShows(f *testing.F) {
	const piece = "z+K2w/Xb9"
	f.Add("%4", `\u00`)
	f.Add("&#", "&#x4")
	f.Fuzz(func(t *testing.T, before, after string) {
		var index secret.Index
		index.Add("q7Rz+K2w/Xb9_LmN4-Tp8")
		if !secret.Shows(before+piece+after, &index) {
			t.Errorf("it is not found in %q", before+piece+after)
		}
	})
}

func BenchmarkShows(b *testing.B) {
	var index secret.Index
	index.Add("q7Rz+K2w/Xb9_LmN4-Tp8")
	for _, text := range []string{"863bc951ce9d9abd-MIA", "This certificate already exists for this zone.", strings.Repeat("certificate ", 85)} {
		b.Run(fmt.Sprint(len(text)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if secret.Shows(text, &index) {
					b.Fatal("found")
				}
			}
		})
	}
}
