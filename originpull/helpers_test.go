package originpull_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/jarcoal/httpmock"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// The zone and certificate of the document's examples.
const (
	zoneID        = "023e105f4ecef8ad9ca31a8372d0c353"
	certificateID = "0b5a2f54-7c1e-4f6a-9f0e-6c2d1a7b8e90"

	collectionURL  = originpull.DefaultBaseURL + "/zones/" + zoneID + "/origin_tls_client_auth"
	certificateURL = collectionURL + "/" + certificateID
	settingsURL    = collectionURL + "/settings"

	ray = "863bc951ce9d9abd-MIA"
)

// sentinels are the errors that callers branch on once a response has come.
var sentinels = []error{
	originpull.ErrInvalidInput, originpull.ErrNotFound, originpull.ErrAlreadyExists, originpull.ErrNotLeaf,
	originpull.ErrPendingDeployment, originpull.ErrAlreadyDeleted, originpull.ErrConflict,
	originpull.ErrRateLimited, originpull.ErrDenied, originpull.ErrMalformedResponse,
}

// wantErrors requires that a caller who branches on err finds the wanted errors
// and no other.
func wantErrors(t *testing.T, err error, want ...error) {
	t.Helper()
	for _, sentinel := range sentinels {
		if got := errors.Is(err, sentinel); got != slices.Contains(want, sentinel) {
			t.Errorf("errors.Is(err, %q) = %t, want %t: %v", sentinel, got, !got, err)
		}
	}
}

// apiError requires that err is an *Error.
func apiError(t *testing.T, err error) *originpull.Error {
	t.Helper()
	var e *originpull.Error
	if !errors.As(err, &e) {
		t.Fatalf("a caller finds no *Error in %T: %v", err, err)
	}
	return e
}

// wantRefusal requires ErrInvalidInput, of the reasons the wanted one alone, and
// a message that says it.
func wantRefusal(t *testing.T, err, reason error, says string) {
	t.Helper()
	if !errors.Is(err, originpull.ErrInvalidInput) {
		t.Fatalf("the pair is not refused as invalid input: %v", err)
	}
	for _, other := range []error{
		originpull.ErrNotLeaf, originpull.ErrKeyMismatch, originpull.ErrEncryptedKey, originpull.ErrExpired, originpull.ErrNotYetValid, originpull.ErrWeak,
	} {
		if errors.Is(err, other) != (other == reason) {
			t.Errorf("errors.Is(err, %q) = %t: %v", other, other != reason, err)
		}
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("the user reads %q, want %q in it", err, says)
	}
	wantNoMarks(t, "the refusal", err.Error())
}

func codes(codes ...originpull.Code) []originpull.Code { return codes }

func messages(codes []originpull.Code) []originpull.Message {
	var all []originpull.Message
	for _, code := range codes {
		all = append(all, originpull.Message{Code: code, Message: "what the API said"})
	}
	return all
}

func chained(code originpull.Code, message string) api.ChainedError {
	return api.ChainedError{Code: code, Message: message}
}

// response is what a server in a test says.
type response struct {
	status int
	header http.Header
	body   string
	length int64 // announced, if it is not the body's own
	cut    bool  // the connection ends before the announced length
}

// about returns the response as the API would give it to a request: what the document's
// examples say of their certificate is said of that of the request.
func (a response) about(r *http.Request) response {
	if r == nil {
		return a
	}
	if elems := strings.Split(r.URL.Path, "/"); elems[len(elems)-2] == "origin_tls_client_auth" && elems[len(elems)-1] != "settings" {
		a.body = strings.ReplaceAll(a.body, certificateID, elems[len(elems)-1])
	}
	if r.Method == http.MethodPost && r.GetBody != nil {
		var sent api.CertificateUpload
		json.NewDecoder(must(r.GetBody())).Decode(&sent) // if it is not one, nothing is replaced
		leaf, _ := pem.Decode([]byte(sent.Certificate))
		if leaf != nil {
			a.body = strings.ReplaceAll(a.body, inJSON(exampleLeaf()), inJSON(string(pem.EncodeToMemory(leaf))))
		}
	}
	return a
}

// exampleLeaf returns the certificate of the document's examples, in PEM.
var exampleLeaf = sync.OnceValue(func() string {
	var envelope api.CertificateEnvelope
	if err := json.Unmarshal([]byte(must(examples())["ActiveCertificate"].body), &envelope); err != nil {
		panic(err)
	}
	return envelope.Result.Certificate
})

func inJSON(text string) string { return string(must(json.Marshal(text))) }

// respond is a responder of httpmock.
func (a response) respond(r *http.Request) (*http.Response, error) {
	a = a.about(r)
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Cf-Ray") == "" {
		header.Set("Cf-Ray", ray)
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF)) // as net/http reports it
	}
	length := a.length
	if length == 0 {
		length = int64(len(a.body))
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(body), ContentLength: length}, nil
}

// success is a response with a result.
func success(t testing.TB, result any) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"success": true, "errors": []any{}, "messages": []any{}, "result": result})
	if err != nil {
		t.Fatal(err)
	}
	return response{status: 200, body: string(body)}
}

// in is a response with the certificate in a status.
func in(t *testing.T, status originpull.Status) response {
	t.Helper()
	return success(t, originpull.Certificate{ID: certificateID, Status: status})
}

// with returns the response with another header.
func (a response) with(name, value string) response {
	if a.header = a.header.Clone(); a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set(name, value)
	return a
}

// examples returns the responses that the document shows, by their names.
var examples = sync.OnceValues(func() (map[string]response, error) {
	text, err := os.ReadFile("../spec/openapi.yaml")
	if err != nil {
		return nil, err
	}
	var document struct {
		Components struct {
			Examples map[string]struct {
				Status int `yaml:"x-status"`
				Value  any
			}
		}
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	responses := map[string]response{}
	for name, example := range document.Components.Examples {
		if page, ok := example.Value.(string); ok {
			responses[name] = response{status: example.Status, body: page}
			continue
		}
		body, err := json.Marshal(example.Value)
		if err != nil {
			return nil, err
		}
		responses[name] = response{status: example.Status, body: string(body)}
	}
	return responses, nil
})

// example returns a response of the document.
func example(t testing.TB, name string) response {
	t.Helper()
	responses, err := examples()
	if err != nil {
		t.Fatal(err)
	}
	a, ok := responses[name]
	if !ok {
		t.Fatalf("the document has no example %s", name)
	}
	return a
}

// failureWith is a response of the service with one error.
func failureWith(status int, code originpull.Code) response {
	body, err := json.Marshal(map[string]any{"success": false, "errors": messages(codes(code)), "messages": []any{}})
	if err != nil {
		panic(err)
	}
	return response{status: status, body: string(body)}
}

// newClient returns a client with a token that sends by transport.
func newClient(t testing.TB, transport http.RoundTripper, options ...originpull.Option) *originpull.Client {
	t.Helper()
	client, err := originpull.New(append([]originpull.Option{
		originpull.WithToken(testpki.Token()), originpull.WithTransport(transport),
		originpull.WithCallOptions(originpull.WithoutRetry()), // what is tested here is one request; retry_test.go has the rest
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// newZone returns the zone of the examples on a client of newClient.
func newZone(t testing.TB, transport http.RoundTripper, options ...originpull.Option) *originpull.Zone {
	t.Helper()
	zone, err := newClient(t, transport, options...).Zone(zoneID)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// roundTrip is a transport of a user's.
type roundTrip func(*http.Request) (*http.Response, error)

func (rt roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return rt(r) }

// readFunc is a body of a response.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// keep returns a transport that gives every request the same response, and keeps the
// request.
func keep(a response, kept **http.Request) *httpmock.MockTransport {
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		*kept = r
		return a.respond(r)
	})
	return mock
}

// always returns a transport that gives every request the same response.
func always(a response) *httpmock.MockTransport {
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(a.respond)
	return mock
}

// newPair returns a new key pair that the API would take.
func newPair(t testing.TB) originpull.KeyPair {
	t.Helper()
	leaf := testpki.Leaf("client.example", nil)
	pair, err := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// uploaded returns the certificates and the key that an upload of pair sends.
func uploaded(t testing.TB, pair originpull.KeyPair) (cert, key string) {
	t.Helper()
	var sent struct {
		Certificate string `json:"certificate"`
		Key         string `json:"private_key"`
	}
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", collectionURL, func(r *http.Request) (*http.Response, error) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			return nil, err
		}
		return example(t, "PendingCertificate").respond(r)
	})
	if _, err := newZone(t, mock).Certificates.Upload(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	return sent.Certificate, sent.Key
}

var marks = sync.OnceValue(testpki.Marks)

// wantNoMarks requires that text holds no secret of testpki in any form.
func wantNoMarks(t testing.TB, what, text string) {
	t.Helper()
	joined := strings.ReplaceAll(strings.ReplaceAll(text, "\n", ""), `\n`, "") // PEM breaks lines anywhere
	for form, mark := range marks() {
		for _, in := range []string{text, joined} {
			if strings.Contains(in, mark) {
				t.Errorf("%s shows a secret as %s", what, form)
				return
			}
		}
	}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // what a test makes itself can be made
	}
	return value
}

// selfSigned returns the PEM of a leaf of a key that testpki does not make.
func selfSigned(public, private any) []byte {
	template := testpki.Leaf("client.example", nil).Certificate
	template.SignatureAlgorithm, template.PublicKey = x509.UnknownSignatureAlgorithm, nil
	return block("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, template, template, public, private)))
}

// sec1 returns a key as `openssl ecparam -genkey` writes it, the parameters of
// the curve before it.
func sec1(key *ecdsa.PrivateKey) []byte {
	p256 := must(asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}))
	return append(block("EC PARAMETERS", p256), block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(key)))...)
}

// version1 returns the PEM of p's certificate as X.509 v1: without the version
// and the extensions.
func version1(p testpki.Pair) []byte {
	var fields []asn1.RawValue
	must(asn1.Unmarshal(p.Certificate.RawTBSCertificate, &fields))
	tbs := must(asn1.Marshal(fields[1 : len(fields)-1]))
	sum := sha256.Sum256(tbs)
	signature := must(ecdsa.SignASN1(rand.Reader, p.Key, sum[:]))
	return block("CERTIFICATE", must(asn1.Marshal(struct {
		TBS, Algorithm asn1.RawValue
		Signature      asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, fields[2], asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})))
}

// encryptedByHeader returns a key as `openssl ec -aes256` writes it.
func encryptedByHeader() []byte {
	return pem.EncodeToMemory(&pem.Block{
		Type: "EC PRIVATE KEY", Bytes: []byte("ciphertext"),
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00112233445566778899AABBCCDDEEFF"},
	})
}
