package contract

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/originpull"
)

// Recorder is a transport that records the exchanges of a zone's Authenticated
// Origin Pulls and replaces everything private: ids, certificates and their fields,
// keys, credentials, addresses, Cf-Ray. Equal values get equal replacements. Values
// of unknown fields are replaced too.
type Recorder struct {
	next     http.RoundTripper
	base     string // path of the base URL
	provider string
	texts    map[string]bool // messages that may be kept
	words    map[string]bool // pieces of paths that may be kept

	mu       sync.Mutex
	title    string
	recorded []Recorded
	stands   map[string]string  // stand-ins by what they stand for
	counts   map[string]int     // of stand-ins by their kind
	leaves   map[string]standIn // by DER
}

// standIn is a certificate that replaces another.
type standIn struct{ pem, issuer, signature, serial, expires string }

// NewRecorder returns a recorder that sends requests through next. [RunLive] sets
// next itself, so it may be nil there. BaseURL is where the API is served; empty
// means Cloudflare's.
func NewRecorder(next http.RoundTripper, baseURL string) (*Recorder, error) {
	base, err := url.Parse(cmp.Or(baseURL, originpull.DefaultBaseURL))
	if err != nil {
		return nil, fmt.Errorf("base URL: %w", err)
	}
	r := &Recorder{
		next: next, base: strings.TrimRight(base.EscapedPath(), "/"), provider: base.Host, texts: map[string]bool{},
		words:  map[string]bool{"hostnames": true, "certificates": true}, // of operations that the document leaves out
		stands: map[string]string{}, counts: map[string]int{}, leaves: map[string]standIn{},
	}
	if base.String() == originpull.DefaultBaseURL {
		r.provider = "live"
	}
	for _, op := range api.Operations {
		for piece := range strings.SplitSeq(op.Path, "/") {
			r.words[piece] = true // a parameter in braces is not a piece of a request
		}
	}
	return r, r.learnTexts()
}

// learnTexts collects the messages of the document's examples: they are public. Any
// other message may hold private data.
func (r *Recorder) learnTexts() error {
	docs, err := curatedDocuments(originpull.DefaultBaseURL)
	if err != nil {
		return err
	}
	for _, item := range docs.open.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, content := range response.Value.Content {
					for _, example := range content.Examples {
						r.learnText(example.Value.Value)
					}
				}
			}
		}
	}
	return nil
}

func (r *Recorder) learnText(value any) {
	switch value := value.(type) {
	case map[string]any:
		if text, ok := value["message"].(string); ok {
			r.texts[text] = true
		}
		for _, field := range value {
			r.learnText(field)
		}
	case []any:
		for _, field := range value {
			r.learnText(field)
		}
	}
}

// RoundTrip implements [http.RoundTripper].
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	sent, err := readRequest(request)
	if err != nil {
		return nil, err
	}
	resp, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, _ := readResponse(resp) // a truncated body is not JSON, and is recorded as such
	if !strings.Contains(request.URL.Path, "/origin_tls_client_auth") {
		return resp, nil // about something else
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	one := Recorded{
		Case: r.title, Method: request.Method,
		Path:        r.path(strings.TrimPrefix(request.URL.EscapedPath(), r.base)),
		Credentials: r.credentials(request), Status: resp.StatusCode, Header: r.header(resp.Header),
	}
	one.Request, _ = r.json(sent.Body)
	if one.Response, err = r.json(body); err != nil && len(body) > 0 {
		one.Text = "<a body that is not JSON>"
	}
	r.recorded = append(r.recorded, one)
	return resp, nil
}

// Begin names the case that the next exchanges belong to.
func (r *Recorder) Begin(title string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.title = title
}

// Recording returns what was recorded. Client is the name of the client that sent
// the requests.
func (r *Recorder) Recording(client string) Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Recording{Format: recordingFormat, Client: client, Provider: r.provider, Exchanges: slices.Clone(r.recorded)}
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
	hexID = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	word  = regexp.MustCompile(`^[a-z_]{1,40}$`)
)

// id replaces an id by one of the same form.
func (r *Recorder) id(s string) string {
	switch {
	case uuid.MatchString(s):
		return r.stand("uuid", strings.ToLower(s), "00000000-0000-4000-8000-%012d")
	case hexID.MatchString(s):
		return r.stand("hex", strings.ToLower(s), "%032d")
	}
	return r.stand("id", s, "id-%d")
}

// path replaces all of a path that is not the API's.
func (r *Recorder) path(s string) string {
	parts := strings.Split(s, "/")
	for i, part := range parts {
		if !r.words[part] {
			parts[i] = r.id(part)
		}
	}
	return strings.Join(parts, "/")
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

// header keeps the names of all headers, and the values of those that hold nothing
// private.
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

// json replaces what is private in a JSON text. It fails if the text is not JSON.
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

// value replaces what is private in the value of the field called name.
func (r *Recorder) value(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		leaf, has := r.leaf(value["certificate"])
		for _, key := range slices.Sorted(maps.Keys(value)) { // so that stand-ins are numbered alike each time
			value[key] = r.value(key, value[key])
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
	case json.Number:
		return number(name, value)
	}
	return value
}

// number keeps a number if its name shows that it is not private.
func number(name string, n json.Number) json.Number {
	switch name {
	case "code", "page", "per_page", "count", "total_count", "total_pages":
		return n
	}
	return "0"
}

// string replaces a string by what stands under its name. It is kept only where
// that, or the string itself, shows that there is nothing private in it.
func (r *Recorder) string(name, s string) string {
	switch {
	case name == "id":
		return r.id(s)
	case name == "private_key":
		return r.stand("private key", s, "<private key %d>")
	case name == "certificate":
		return r.stand("no certificate", s, "<no certificate %d>") // fill puts one in
	case name == "message" && !r.texts[s]:
		return r.stand("message", s, "<message %d>")
	case name == "message",
		name == "status" && word.MatchString(s),
		name == "pointer" && word.MatchString(strings.TrimPrefix(s, "/")),
		name == "uploaded_on" && isTime(s):
		return s
	}
	return r.stand("text", s, "<text %d>")
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
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
	original, err := originpull.ParseCertificate([]byte(s))
	if err != nil {
		return standIn{}, false
	}
	pair, err := publicPair(fmt.Sprintf("originpull recording %d", len(r.leaves)+1), original.IsCA)
	if err != nil {
		return standIn{}, false
	}
	certificate, err := originpull.ParseCertificate(pair.certificate)
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

// publicPair makes the same pair for the same name, so that a recording that is made
// again does not differ. The key is not a secret and is used for nothing else.
func publicPair(name string, ca bool) (pair, error) {
	seed := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		return pair{}, err
	}
	return selfSigned(name, ca, key, new(big.Int).SetBytes(seed[:15]))
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
