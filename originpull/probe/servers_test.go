package probe_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/probe"
)

// mode is how a server treats client certificates, as lines of its configuration. The
// texts OURS, WRONG and DIR stand for the file of our CA, of another, and the folder.
type mode struct {
	name  string
	lines string
	want  []probe.Verdict // of TLS 1.2 and 1.3, or of both
}

func verdicts(v ...probe.Verdict) []probe.Verdict { return v }

var nginxModes = []mode{
	{"on", "ssl_verify_client on; ssl_client_certificate OURS;", verdicts(probe.Enforced)},
	{"on, error page 403", "ssl_verify_client on; ssl_client_certificate OURS; error_page 495 496 =403 /no; location = /no { internal; return 403; }", verdicts(probe.Enforced)},
	{"on, error page 302", "ssl_verify_client on; ssl_client_certificate OURS; error_page 495 496 =302 https://example.com/;", verdicts(probe.Unknown)},
	{"on, closes (444)", "ssl_verify_client on; ssl_client_certificate OURS; error_page 495 496 /no; location = /no { internal; return 444; }", verdicts(probe.Enforced)},
	{"on, other addresses only", "ssl_verify_client on; ssl_client_certificate OURS; deny all;", verdicts(probe.Unknown)},
	{"on, wrong CA", "ssl_verify_client on; ssl_client_certificate WRONG;", verdicts(probe.Refused)},
	{"on, TLS 1.2 only", "ssl_protocols TLSv1.2; ssl_verify_client on; ssl_client_certificate OURS;", verdicts(probe.Enforced, probe.NotOffered)},
	{"optional", "ssl_verify_client optional; ssl_client_certificate OURS;", verdicts(probe.Optional)},
	{"optional, wrong CA", "ssl_verify_client optional; ssl_client_certificate WRONG;", verdicts(probe.Refused)},
	{"optional, 403 in the location", "ssl_verify_client optional; ssl_client_certificate OURS; if ($ssl_client_verify != SUCCESS) { return 403; }", verdicts(probe.Enforced)},
	{"optional_no_ca", "ssl_verify_client optional_no_ca; ssl_client_certificate OURS;", verdicts(probe.Optional)},
	{"off", "ssl_verify_client off;", verdicts(probe.Off)},
	{"off, other addresses only", "ssl_verify_client off; deny all;", verdicts(probe.Unknown)},
}

var apacheModes = []mode{
	{"require", "SSLVerifyClient require\nSSLCACertificateFile OURS", verdicts(probe.Enforced)},
	{"require, wrong CA", "SSLVerifyClient require\nSSLCACertificateFile WRONG", verdicts(probe.Refused)},
	{"require, TLS 1.3 only", "SSLProtocol TLSv1.3\nSSLVerifyClient require\nSSLCACertificateFile OURS", verdicts(probe.NotOffered, probe.Enforced)},
	{"optional", "SSLVerifyClient optional\nSSLCACertificateFile OURS", verdicts(probe.Optional)},
	{"optional_no_ca", "SSLVerifyClient optional_no_ca\nSSLCACertificateFile OURS", verdicts(probe.Optional)},
	{"none", "SSLVerifyClient none", verdicts(probe.Off)},
	{"require in a <Location>", "SSLVerifyClient none\nSSLCACertificateFile OURS\n<Location />\nSSLVerifyClient require\n</Location>", verdicts(probe.Unknown)},
	{"require in a <Location>, wrong CA", "SSLVerifyClient none\nSSLCACertificateFile WRONG\n<Location />\nSSLVerifyClient require\n</Location>", verdicts(probe.Unknown)},
}

var haproxyModes = []mode{
	{"required", "verify required ca-file OURS", verdicts(probe.Enforced)},
	{"required, wrong CA", "verify required ca-file WRONG", verdicts(probe.Refused)},
	{"required, TLS 1.3 only", "ssl-min-ver TLSv1.3 verify required ca-file OURS", verdicts(probe.NotOffered, probe.Enforced)},
	{"required, crt-ignore-err all", "verify required ca-file OURS crt-ignore-err all", verdicts(probe.Any)},
	{"optional", "verify optional ca-file OURS", verdicts(probe.Optional)},
	{"optional, crt-ignore-err all", "verify optional ca-file OURS crt-ignore-err all", verdicts(probe.Optional)},
	{"none", "verify none", verdicts(probe.Off)},
}

func nginxConfig(dir string, addresses []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "daemon off; master_process off; pid %s/pid; error_log stderr crit; events {}\nhttp { access_log off;\n", dir)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&b, "%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	for i, address := range addresses {
		protocols := "ssl_protocols TLSv1.2 TLSv1.3;"
		if strings.Contains(nginxModes[i].lines, "ssl_protocols") {
			protocols = ""
		}
		fmt.Fprintf(&b, "server { listen %s ssl; root %s; ssl_certificate %[2]s/origin.pem; ssl_certificate_key %[2]s/origin.pem; %s %s }\n",
			address, dir, protocols, nginxModes[i].lines)
	}
	return b.String() + "}\n"
}

func apacheConfig(dir string, addresses []string) string {
	var b strings.Builder
	for _, module := range []string{"mpm_event", "authz_core", "ssl"} {
		fmt.Fprintf(&b, "LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", module)
	}
	if os.Geteuid() == 0 {
		b.WriteString("User www-data\nGroup www-data\n")
	}
	fmt.Fprintf(&b, "PidFile %s/pid\nDefaultRuntimeDir %[1]s\nMutex file:%[1]s\nErrorLog /dev/stderr\nLogLevel crit\nServerName localhost\n", dir)
	b.WriteString("StartServers 1\nServerLimit 1\nMinSpareThreads 1\nMaxSpareThreads 8\nThreadsPerChild 8\nMaxRequestWorkers 8\nDocumentRoot /usr\n")
	for i, address := range addresses {
		fmt.Fprintf(&b, "Listen %s\n<VirtualHost %[1]s>\nSSLEngine on\nSSLCertificateFile %s/origin.pem\nSSLCertificateKeyFile %[2]s/origin.pem\n%s\n</VirtualHost>\n",
			address, dir, apacheModes[i].lines)
	}
	return b.String()
}

func haproxyConfig(dir string, addresses []string) string {
	var b strings.Builder
	b.WriteString("global\nnbthread 1\ndefaults\nmode http\ntimeout client 10s\ntimeout connect 1s\ntimeout server 1s\n")
	for i, address := range addresses {
		fmt.Fprintf(&b, "frontend f%d\nbind %s ssl crt %s/origin.pem %s\nhttp-request return status 404\n", i, address, dir, haproxyModes[i].lines)
	}
	return b.String()
}

// TestServers probes the servers of Debian. A server that is not installed is skipped.
func TestServers(t *testing.T) {
	t.Parallel()
	for _, server := range []struct {
		name    string
		program string
		modes   []mode
		config  func(dir string, addresses []string) string
		start   func(file string) []string
	}{
		{"nginx", "nginx", nginxModes, nginxConfig, func(file string) []string { return []string{"-p", filepath.Dir(file), "-e", "stderr", "-c", file} }},
		{"Apache", "apache2", apacheModes, apacheConfig, func(file string) []string { return []string{"-DFOREGROUND", "-f", file} }},
		{"HAProxy", "haproxy", haproxyModes, haproxyConfig, func(file string) []string { return []string{"-db", "-f", file} }},
	} {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(server.program)
			if err != nil {
				t.Skipf("NOT TESTED: %s is not installed, so the verdicts on its %d modes are not tried: %v", server.name, len(server.modes), err)
			}
			id, dir := newIdentity(), t.TempDir()
			files := map[string][]byte{
				"origin.pem": append(id.origin.CertPEM(), id.origin.KeyPEM()...),
				"ours.pem":   id.ca.CertPEM(),
				"wrong.pem":  testpki.CA("another CA").CertPEM(),
			}
			for name, content := range files {
				if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			addresses := start(t, program, len(server.modes), func(addresses []string) []string {
				text := strings.NewReplacer("OURS", dir+"/ours.pem", "WRONG", dir+"/wrong.pem").Replace(server.config(dir, addresses))
				file := filepath.Join(dir, "configuration")
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return server.start(file)
			})
			rows := newTable(t)
			for i, m := range server.modes {
				results := check(t, addresses[i], id.certificates(), func(p *probe.Target) { p.RootCAs = id.origin.Pool() })
				rows.add(t, server.name+" "+m.name, results, m.want...)
				for _, r := range results {
					if strings.Contains(m.name, "<Location>") && !strings.Contains(r.Reason, "<Location>") {
						t.Errorf("the reason of %v does not say that Apache asks too late", r)
					}
				}
			}
		})
	}
}

// start starts a server on free ports and waits until each accepts connections. Another
// program may take a port in between; then it tries again.
func start(t *testing.T, program string, ports int, arguments func(addresses []string) []string) []string {
	t.Helper()
	var output bytes.Buffer
	for range 3 {
		addresses := freeAddresses(t, ports)
		output.Reset()
		cmd := exec.Command(program, arguments(addresses)...)
		cmd.Stdout, cmd.Stderr = &output, &output
		cmd.WaitDelay = time.Second
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { cmd.Wait(); close(ended) }()
		stop := func() { end(cmd); <-ended }
		if ready(addresses, ended) {
			t.Cleanup(stop)
			return addresses
		}
		stop()
	}
	t.Fatalf("%s does not start:\n%s", program, output.String())
	return nil
}

func freeAddresses(t *testing.T, n int) []string {
	t.Helper()
	var addresses []string
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// ready reports whether all addresses accept connections before the program ends.
func ready(addresses []string, ended <-chan struct{}) bool {
	for range 500 {
		open := 0
		for _, address := range addresses {
			connection, err := net.Dial("tcp", address)
			if err != nil {
				break
			}
			connection.Close()
			open++
		}
		if open == len(addresses) {
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return false
}

// end ends a program and what it has started, which SIGTERM makes all three do.
func end(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
}
