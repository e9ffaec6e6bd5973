package testorigin

import (
	"fmt"
	"os"
	"strings"

	"github.com/originpull/originpull-go/originpull/probe"
)

// Servers are all servers.
func Servers() []Server { return []Server{Nginx(), Apache(), HAProxy()} }

func verdicts(v ...probe.Verdict) []probe.Verdict { return v }

// Nginx returns nginx.
func Nginx() Server {
	return Server{Name: "nginx", program: "nginx", config: nginxConfig, arguments: func(dir, file string) []string {
		return []string{"-p", dir, "-e", "stderr", "-g", "daemon off; master_process off; pid " + dir + "/pid;", "-c", file}
	}, Modes: []Mode{
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
	}}
}

// Apache returns Apache httpd.
func Apache() Server {
	return Server{Name: "Apache", program: "apache2", config: apacheConfig, arguments: func(dir, file string) []string {
		return []string{"-DFOREGROUND", "-f", file, "-c", "PidFile " + dir + "/pid", "-c", "DefaultRuntimeDir " + dir, "-c", "Mutex file:" + dir}
	}, Modes: []Mode{
		{"require", "SSLVerifyClient require\nSSLCACertificateFile OURS", verdicts(probe.Enforced)},
		{"require, wrong CA", "SSLVerifyClient require\nSSLCACertificateFile WRONG", verdicts(probe.Refused)},
		{"require, TLS 1.3 only", "SSLProtocol TLSv1.3\nSSLVerifyClient require\nSSLCACertificateFile OURS", verdicts(probe.NotOffered, probe.Enforced)},
		{"optional", "SSLVerifyClient optional\nSSLCACertificateFile OURS", verdicts(probe.Optional)},
		{"optional_no_ca", "SSLVerifyClient optional_no_ca\nSSLCACertificateFile OURS", verdicts(probe.Optional)},
		{"none", "SSLVerifyClient none", verdicts(probe.Off)},
		{"require in a <Location>", "SSLVerifyClient none\nSSLCACertificateFile OURS\n<Location />\nSSLVerifyClient require\n</Location>", verdicts(probe.Unknown)},
		{"require in a <Location>, wrong CA", "SSLVerifyClient none\nSSLCACertificateFile WRONG\n<Location />\nSSLVerifyClient require\n</Location>", verdicts(probe.Unknown)},
	}}
}

// HAProxy returns HAProxy.
func HAProxy() Server {
	return Server{Name: "HAProxy", program: "haproxy", config: haproxyConfig, arguments: func(_, file string) []string {
		return []string{"-db", "-f", file}
	}, Modes: []Mode{
		{"required", "verify required ca-file OURS", verdicts(probe.Enforced)},
		{"required, wrong CA", "verify required ca-file WRONG", verdicts(probe.Refused)},
		{"required, TLS 1.3 only", "ssl-min-ver TLSv1.3 verify required ca-file OURS", verdicts(probe.NotOffered, probe.Enforced)},
		{"required, crt-ignore-err all", "verify required ca-file OURS crt-ignore-err all", verdicts(probe.Any)},
		{"optional", "verify optional ca-file OURS", verdicts(probe.Optional)},
		{"optional, crt-ignore-err all", "verify optional ca-file OURS crt-ignore-err all", verdicts(probe.Optional)},
		{"none", "verify none", verdicts(probe.Off)},
	}}
}

// in puts the files of dir into the lines of a mode.
func (m Mode) in(dir string) string {
	return strings.NewReplacer("OURS", dir+"/ours.pem", "WRONG", dir+"/wrong.pem").Replace(m.Lines)
}

func nginxConfig(dir string, addresses []string, modes []Mode) string {
	var b strings.Builder
	fmt.Fprintf(&b, "error_log stderr crit; events {}\nhttp { access_log off;\n%s", NginxFolders(dir))
	for i, address := range addresses {
		protocols := "ssl_protocols TLSv1.2 TLSv1.3;"
		if strings.Contains(modes[i].Lines, "ssl_protocols") {
			protocols = ""
		}
		fmt.Fprintf(&b, "server { listen %s ssl; root %s; ssl_certificate %[2]s/origin.pem; ssl_certificate_key %[2]s/origin.pem; %s %s }\n",
			address, dir, protocols, modes[i].in(dir))
	}
	return b.String() + "}\n"
}

func apacheConfig(dir string, addresses []string, modes []Mode) string {
	var b strings.Builder
	for _, module := range []string{"mpm_event", "authz_core", "ssl"} {
		fmt.Fprintf(&b, "LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", module)
	}
	if os.Geteuid() == 0 {
		b.WriteString("User www-data\nGroup www-data\n")
	}
	b.WriteString("ErrorLog /dev/stderr\nLogLevel crit\nServerName localhost\n")
	b.WriteString("StartServers 1\nServerLimit 1\nMinSpareThreads 1\nMaxSpareThreads 8\nThreadsPerChild 8\nMaxRequestWorkers 8\nDocumentRoot /usr\n")
	for i, address := range addresses {
		fmt.Fprintf(&b, "Listen %s\n<VirtualHost %[1]s>\nSSLEngine on\nSSLCertificateFile %s/origin.pem\nSSLCertificateKeyFile %[2]s/origin.pem\n%s\n</VirtualHost>\n",
			address, dir, modes[i].in(dir))
	}
	return b.String()
}

func haproxyConfig(dir string, addresses []string, modes []Mode) string {
	var b strings.Builder
	b.WriteString("global\nnbthread 1\ndefaults\nmode http\ntimeout client 10s\ntimeout connect 1s\ntimeout server 1s\n")
	for i, address := range addresses {
		fmt.Fprintf(&b, "frontend f%d\nbind %s ssl crt %s/origin.pem %s\nhttp-request return status 404\n", i, address, dir, modes[i].in(dir))
	}
	return b.String()
}
