// Package originconfig writes configurations of web servers that accept only clients with a
// certificate of a CA.
package originconfig

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"text/template"
	"unicode"
)

// Kinds are the servers for which [Write] knows a configuration.
func Kinds() []string { return []string{"nginx", "apache", "haproxy", "go"} }

// Config is what a configuration depends on.
type Config struct {
	CA          string   // file of the CAs whose clients are accepted
	Cert, Key   string   // files of the origin's own certificate
	ServerNames []string // none for all
	Listen      string   // port, or host:port
	Backend     string   // host:port of the program to which requests are passed
}

//go:embed *.tmpl
var files embed.FS

// Write returns the configuration of a kind of server. An error says what is wrong with which
// part of the config; it does not look at the files.
func Write(kind string, c Config) (string, error) {
	for _, file := range []struct{ name, path string }{{"ca", c.CA}, {"cert", c.Cert}, {"key", c.Key}} {
		if err := checkPath(file.path); err != nil {
			return "", fmt.Errorf("--%s %q: %w", file.name, file.path, err)
		}
	}
	for _, name := range c.ServerNames {
		if !isName(name) {
			return "", fmt.Errorf("--server-name %q: want a host name in ASCII, such as www.example.com, without a port", name)
		}
	}
	listen, err := splitListen(c.Listen)
	if err != nil {
		return "", fmt.Errorf("--listen %q: %w", c.Listen, err)
	}
	if host, port, err := net.SplitHostPort(c.Backend); err != nil || !isPort(port) || !isName(host) && !isIP(host) {
		return "", fmt.Errorf("--backend %q: want host:port, such as 127.0.0.1:8080", c.Backend)
	}
	// HAProxy takes no file for the key: it looks for one beside that of the certificate.
	if kind == "haproxy" && c.Key != c.Cert && c.Key != c.Cert+".key" {
		return "", fmt.Errorf("--key %q: HAProxy reads the key from the file of --cert, or from that name with .key at its end: want %s.key", c.Key, c.Cert)
	}
	t, err := template.New("").Funcs(template.FuncMap{"quote": quote, "go": strconv.Quote, "join": strings.Join}).ParseFS(files, "*.tmpl")
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, kind+".tmpl", struct {
		Config
		address
	}{c, listen}); err != nil {
		return "", err
	}
	if kind != "go" {
		return b.String(), nil
	}
	source, err := format.Source(b.Bytes())
	return string(source), err
}

// address is where a server listens.
type address struct{ Host, Port string }

// String returns the address as nginx and Apache want it, a port alone for all addresses.
func (a address) String() string {
	if a.Host == "" {
		return a.Port
	}
	return net.JoinHostPort(a.Host, a.Port)
}

// Full returns host:port, with an empty host for all addresses.
func (a address) Full() string { return net.JoinHostPort(a.Host, a.Port) }

// VirtualHost returns the address for Apache's <VirtualHost>.
func (a address) VirtualHost() string {
	if a.Host == "" {
		return "*:" + a.Port
	}
	return a.String()
}

func splitListen(text string) (address, error) {
	a := address{Port: text}
	if strings.Contains(text, ":") {
		var err error
		if a.Host, a.Port, err = net.SplitHostPort(text); err != nil || a.Host != "" && !isIP(a.Host) {
			return a, errors.New("want a port, or an IP address and a port, such as 443 or 127.0.0.1:8443")
		}
	}
	if !isPort(a.Port) {
		return a, errors.New("want a port from 1 to 65535, or an IP address and a port, such as 127.0.0.1:8443")
	}
	return a, nil
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && strconv.FormatUint(n, 10) == text
}

func isIP(text string) bool {
	ip, err := netip.ParseAddr(text)
	return err == nil && ip.Zone() == ""
}

func isName(name string) bool {
	return len(name) <= 253 && strings.Trim(name, ".-") != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}

// checkPath refuses what a server would read as something else than a part of a name.
func checkPath(path string) error {
	switch {
	case !strings.HasPrefix(path, "/"):
		return errors.New("want an absolute path, since a server looks for others in a folder of its own")
	case strings.ContainsAny(path, "\"'`\\$#{};%<>|*?[]") || strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("want a path without quotes, line breaks and the characters ` \\ $ # { } ; % < > | * ? [ ], to which servers give a meaning")
	}
	return nil
}

// quote quotes a path that has a space.
func quote(path string) string {
	if strings.Contains(path, " ") {
		return `"` + path + `"`
	}
	return path
}
