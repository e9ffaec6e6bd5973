package network

import "testing"

func TestUnreachable(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]bool{
		"go: downloading example.com/m v1.0.0\ngo: example.com/m@v1.0.0: Get \"https://proxy\": dial tcp: lookup proxy: no such host\n": true,
		"go: example.com/m@v1.0.0: git ls-remote: ssh: connect to host git.example.com port 22: connection refused\n":                   true,
		"m.go:3:8: example.com/m@v1.0.0: module lookup disabled by GOPROXY=off\n":                                                       true,
		"npm error code EAI_AGAIN\nnpm error request failed\n":                                                                          true,
		"npm ERR! code ENOTFOUND":             true,
		"npm error code ERR_SOCKET_TIMEOUT\n": true,
		"npm error code E404":                 false,
		"    m_test.go:7: dial tcp 127.0.0.1:1: connect: connection refused\n": false,
		"Error: getaddrinfo ENOTFOUND\n":                                       false,
		"m.go:3:8: undefined: missing\n":                                       false,
		"":                                                                     false,
	} {
		if got := Unreachable([]byte(output)); got != want {
			t.Errorf("%q: have %t, want %t", output, got, want)
		}
	}
}
