package originpull

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// FuzzPath fills a path's parameters with anything, as a document of the future
// may ask for, and requires that each stays within its own element.
func FuzzPath(f *testing.F) {
	for _, elem := range []string{"", ".", "..", "a", "a/b", "%2e%2e", "%", "?x", "#x", "{zone_id}", "}", "ä", "\xff", "a b", "\x00", "a;b", `a\b`} {
		f.Add(elem, "example.com")
		f.Add("example.com", elem)
	}
	base, err := url.Parse(DefaultBaseURL)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, zone, host string) {
		u, err := expand(base, "/zones/{zone_id}/hostnames/{hostname}/x", []string{zone, host})
		if err != nil {
			if !errors.Is(err, ErrInvalidInput) || len(zone) > 2 && len(host) > 2 {
				t.Errorf("%q and %q are refused: %v", zone, host, err)
			}
			return
		}
		sent, err := url.ParseRequestURI(u.RequestURI())
		if err != nil {
			t.Fatalf("%q and %q make the request line %q: %v", zone, host, u.RequestURI(), err)
		}
		elems := strings.Split(strings.TrimPrefix(sent.EscapedPath(), base.Path), "/")
		if len(elems) != 6 || elems[1] != "zones" || elems[3] != "hostnames" || elems[5] != "x" || sent.RawQuery != "" {
			t.Fatalf("%q and %q lead to %s", zone, host, u)
		}
		for i, want := range map[int]string{2: zone, 4: host} {
			if got, err := url.PathUnescape(elems[i]); got != want || err != nil || got == ".." || got == "." {
				t.Errorf("%q arrives as %q: %v", want, got, err)
			}
		}
	})
}

// TestPathWithWrongParameters refuses what a template could get wrong.
func TestPathWithWrongParameters(t *testing.T) {
	t.Parallel()
	base := &url.URL{Scheme: "https", Host: "example.com"}
	for _, tt := range []struct {
		pattern string
		elems   []string
	}{
		{"/zones", []string{"a"}},
		{"/zones/{zone_id", []string{"a"}},
		{"/zones/{zone_id}/{id}", []string{"a"}},
	} {
		if u, err := expand(base, tt.pattern, tt.elems); !errors.Is(err, ErrInvalidInput) {
			t.Errorf("%s with %q makes %v: %v", tt.pattern, tt.elems, u, err)
		}
	}
}
