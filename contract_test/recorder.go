package contract

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// Recorder is a transport that takes down what goes through it about a zone's
// Authenticated Origin Pulls, with everything
// private replaced, the same by the same: ids, certificates and what names them,
// keys, credentials, addresses, Cf-Ray. What it does not know it replaces.
type Recorder struct {
	next http.RoundTripper
	base string // path of the base URL

	mu       sync.Mutex
	title    string
	recorded []Recorded
	stands   map[string]string  // stand-ins by what they stand for
	counts   map[string]int     // of stand-ins by their kind
	leaves   map[string]standIn // by DER
}

// standIn is a certificate in place of another.
type standIn struct{ pem, issuer, signature, serial, expires string }

// NewRecorder records what goes to next; basePath is the path of the base URL,
// such as /client/v4.
func NewRecorder(next http.RoundTripper, basePath string) *Recorder {
	return &Recorder{next: next, base: basePath, stands: map[string]string{}, counts: map[string]int{}, leaves: map[string]standIn{}}
}

// RoundTrip implements [http.RoundTripper].
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	asked, err := readRequest(request)
	if err != nil {
		return nil, err
	}
	resp, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, _ := readAnswer(resp) // what was cut is no JSON and is told so
	if !strings.Contains(request.URL.Path, "/origin_tls_client_auth") {
		return resp, nil // about something else
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	one := Recorded{
		Case: r.title, Method: request.Method,
		Path:        r.text(strings.TrimPrefix(request.URL.EscapedPath(), r.base)),
		Credentials: r.credentials(request), Status: resp.StatusCode, Header: r.header(resp.Header),
	}
	one.Request, _ = r.json(asked.Body)
	if one.Answer, err = r.json(body); err != nil && len(body) > 0 {
		one.Text = "<a body that is not JSON>"
	}
	r.recorded = append(r.recorded, one)
	return resp, nil
}

// Begin names the case that what follows belongs to.
func (r *Recorder) Begin(title string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.title = title
}

// Recording returns what was recorded.
func (r *Recorder) Recording(client, answering string) Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Recording{Format: recordingFormat, Client: client, Answering: answering, Exchanges: slices.Clone(r.recorded)}
}

// stand returns the stand-in for a private value.
func (r *Recorder) stand(kind, value, form string) string {
	if s, ok := r.stands[kind+value]; ok {
		return s
	}
	r.counts[kind]++
	s := fmt.Sprintf(form, r.counts[kind])
	r.stands[kind+value] = s
	return s
}

var (
	uuids   = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
	hexIDs  = regexp.MustCompile(`\b[0-9a-fA-F]{32}\b`)
	emails  = regexp.MustCompile(`[^\s@"<>]+@[^\s@"<>]+`)
	secrets = regexp.MustCompile(`[0-9A-Za-z_.~+/=-]{24,}`)
	addrs   = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`)
)

// text replaces in a text what is an id, an email or IP address, or long enough to
// be a secret. The paths of the API keep their form.
func (r *Recorder) text(s string) string {
	s = uuids.ReplaceAllStringFunc(s, func(id string) string {
		return r.stand("uuid", strings.ToLower(id), "00000000-0000-4000-8000-%012d")
	})
	s = hexIDs.ReplaceAllStringFunc(s, func(id string) string { return r.stand("hex", strings.ToLower(id), "%032d") })
	s = emails.ReplaceAllStringFunc(s, func(mail string) string { return r.stand("mail", mail, "person%d@example.com") })
	s = addrs.ReplaceAllStringFunc(s, func(address string) string { return r.stand("address", address, "192.0.2.%d") })
	return secrets.ReplaceAllStringFunc(s, func(text string) string {
		if strings.HasPrefix(text, "00000000") || strings.Contains(text, "/origin_tls_client_auth") || strings.HasPrefix(text, "origin_tls_client_auth") {
			return text
		}
		return r.stand("secret", text, "secret-%d")
	})
}

// credentials names who asked.
func (r *Recorder) credentials(request *http.Request) string {
	h := request.Header
	token, bearer := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	switch {
	case bearer && strings.Trim(token, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._~+/=-") != "":
		return "malformed token"
	case bearer:
		return r.stand("token", token, "token %d")
	case h.Get("X-Auth-Key") != "":
		return r.stand("key", h.Get("X-Auth-Email")+h.Get("X-Auth-Key"), "key %d")
	}
	return "none"
}

// header keeps the names of all headers, and the values of those that tell
// nothing.
func (r *Recorder) header(h http.Header) map[string]string {
	kept := map[string]string{}
	for name := range h {
		value := h.Get(name)
		switch name {
		case "Content-Length", "Date":
			continue
		case "Content-Type", "Ratelimit", "Ratelimit-Policy", "Retry-After", "Deprecation", "Sunset", "Server":
		case "Cf-Ray":
			value = r.stand("ray", value, "%016d-XXX")
		default:
			value = "replaced"
		}
		kept[name] = value
	}
	return kept
}

// json replaces in a JSON text. It fails if it is none.
func (r *Recorder) json(text []byte) (json.RawMessage, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(r.value("", value))
}

// value replaces in a value, which stands under a name.
func (r *Recorder) value(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		leaf, has := r.leaf(value["certificate"])
		for key, field := range value {
			value[key] = r.value(key, field)
		}
		if has {
			leaf.fill(value)
		}
		return value
	case []any:
		for i := range value {
			value[i] = r.value(name, value[i])
		}
		return value
	case string:
		return r.string(name, value)
	}
	return value
}

// string replaces a string by what stands under its name. Where the name is not
// known, nothing of the string is kept.
func (r *Recorder) string(name, s string) string {
	switch name {
	case "id", "message", "pointer":
		return r.text(s)
	case "status", "uploaded_on", "documentation_url":
		return s
	case "private_key":
		return r.stand("private key", s, "<private key %d>")
	case "certificate":
		return r.stand("no certificate", s, "<no certificate %d>") // fill puts one in
	}
	return r.stand("text", s, "<text %d>")
}

// leaf makes the stand-in of a certificate.
func (r *Recorder) leaf(text any) (standIn, bool) {
	s, _ := text.(string)
	block, _ := pem.Decode([]byte(s))
	if block == nil {
		return standIn{}, false
	}
	if leaf, ok := r.leaves[string(block.Bytes)]; ok {
		return leaf, true
	}
	original, err := originpull.ParseCertificate(s)
	if err != nil {
		return standIn{}, false
	}
	pair, err := newPair(fmt.Sprintf("originpull recording %d", len(r.leaves)+1), original.IsCA)
	if err != nil {
		return standIn{}, false
	}
	certificate, err := originpull.ParseCertificate(string(pair.certificate))
	if err != nil {
		return standIn{}, false
	}
	leaf := standIn{
		string(pair.certificate), certificate.Issuer.String(), certificate.SignatureAlgorithm.String(),
		certificate.SerialNumber.String(), certificate.NotAfter.UTC().Format(time.RFC3339),
	}
	r.leaves[string(block.Bytes)] = leaf
	return leaf, true
}

// fill puts the stand-in into the fields that are there.
func (l standIn) fill(fields map[string]any) {
	for name, text := range map[string]string{
		"certificate": l.pem, "issuer": l.issuer, "signature": l.signature, "serial_number": l.serial, "expires_on": l.expires,
	} {
		if _, has := fields[name].(string); has {
			fields[name] = text
		}
	}
}
