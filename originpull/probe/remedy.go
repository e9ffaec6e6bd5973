package probe

import "strings"

// server is a kind of origin, and the lines of its configuration that enforce, and that
// redirect plain HTTP.
type server struct{ product, lines, redirect string }

var servers = []server{
	{"nginx", "nginx, in the server block:\n" +
		"\tssl_client_certificate /etc/ssl/origin-pull-ca.pem;\n" +
		"\tssl_verify_client on;",
		"nginx, in the server block that listens on the port:\n" +
			"\treturn 301 https://$host$request_uri;"},
	{"Apache", "Apache, in the <VirtualHost>, not in a <Location>:\n" +
		"\tSSLCACertificateFile /etc/ssl/origin-pull-ca.pem\n" +
		"\tSSLVerifyClient require",
		"Apache, in the <VirtualHost> of the port:\n" +
			"\tRedirect permanent / https://www.example.com/"},
	{"HAProxy", "HAProxy, on the bind line, without crt-ignore-err and ca-ignore-err:\n" +
		"\tbind :443 ssl crt /etc/ssl/origin.pem ca-file /etc/ssl/origin-pull-ca.pem verify required",
		"HAProxy, in the frontend of the port:\n" +
			"\thttp-request redirect scheme https code 301"},
	{"Go", "Go, in the tls.Config, with a pool of the CA:\n" +
		"\tClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool",
		"Go: without http.ListenAndServe the port is closed"},
}

// Remedy returns what to do for the verdict Enforced, in lines, and with the lines of
// configuration for nginx, Apache, HAProxy and Go, or for the one of these that the origin
// says it is. It is empty if there is nothing to do: for Enforced and NotOffered.
func (r Result) Remedy() string {
	var first string
	lines := func(s server) string { return s.lines }
	switch r.Verdict {
	case Off, Optional:
		first = "Require a client certificate of your CA:"
		if r.TLS == PlainHTTP {
			first = "Close the port, or redirect all of it to https:"
			lines = func(s server) string { return s.redirect }
		}
	case Any:
		first = "Verify the client certificate against your CA:"
	case Refused:
		first = "Let the origin trust the CA of your certificate, or the certificate itself if it is self-signed:"
	case Unknown:
		if r.TLS == PlainHTTP {
			return "See the reason. Then check again, from an address that the origin admits."
		}
		return "See the reason. Then check again, from an address that the origin admits, and with your certificate and its key."
	default:
		return ""
	}
	var all []string
	for _, s := range servers {
		if r.says(s.product) {
			return first + "\n" + lines(s)
		}
		all = append(all, lines(s))
	}
	return first + "\n" + strings.Join(all, "\n")
}

// says reports whether the origin says that it is a product.
func (r Result) says(product string) bool {
	for _, o := range r.Observations {
		name, _, _ := strings.Cut(o.Server, "/")
		if strings.EqualFold(name, product) {
			return true
		}
	}
	return false
}
