package originpull_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// operation is an operation of the document, as a caller of the SDK asks for it.
type operation struct {
	id, method, url, permission string
	sends                       any // the request's body, nil for none
	call                        func(context.Context, *originpull.Zone) (any, error)
	responses                   map[string]any     // the document's examples of success, and what the caller gets
	needs                       map[string]accepts // what may stand at those JSON pointers where not all may; a caller cannot continue with another value
}

// accepts reports whether a value, in JSON, may stand where the document's example has
// another one; "-" stands for none.
type accepts func(value string) bool

func anything(string) bool       { return true }
func nothingElse(string) bool    { return false }
func noText(value string) bool   { return !anyText(value) }
func anyText(value string) bool  { return len(value) > 2 && value[0] == '"' }
func anyEmpty(value string) bool { return value == "null" || value == "[]" || value == "-" }

const (
	read  = "SSL and Certificates Read"
	write = "SSL and Certificates Write"
)

// operations returns all operations.
func operations(t testing.TB) []operation {
	leaf := testpki.Leaf("client.example", nil)
	pair, err := originpull.ParseKeyPair(leaf.CertPEM(), leaf.KeyPEM())
	if err != nil {
		t.Fatal(err)
	}
	pending, active, deleting := shown(t, "PendingCertificate"), shown(t, "ActiveCertificate"), shown(t, "DeletingCertificate")
	uploaded := pending
	uploaded.Certificate = string(leaf.CertPEM())
	return []operation{
		{
			id: "ListCertificates", method: "GET", url: collectionURL, permission: read,
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return z.Certificates.List(ctx) },
			responses: map[string]any{"CertificateList": []originpull.Certificate{active}, "NoCertificates": []originpull.Certificate(nil)},
			needs:     map[string]accepts{"/result": anyEmpty, "/result/0": nothingElse, "/result/0/id": anyText, "/result/0/status": anyText},
		},
		{
			id: "UploadCertificate", method: "POST", url: collectionURL, permission: write,
			sends:     map[string]any{"certificate": string(leaf.CertPEM()), "private_key": string(leaf.KeyPEM())},
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return z.Certificates.Upload(ctx, pair) },
			responses: map[string]any{"PendingCertificate": uploaded},
			needs:     map[string]accepts{"/result": nothingElse, "/result/id": anyText, "/result/status": anyText},
		},
		{
			id: "GetCertificate", method: "GET", url: certificateURL, permission: read,
			call: func(ctx context.Context, z *originpull.Zone) (any, error) {
				return z.Certificates.Get(ctx, certificateID)
			},
			responses: map[string]any{"ActiveCertificate": active, "PendingCertificate": pending},
			needs:     map[string]accepts{"/result": nothingElse, "/result/id": nothingElse, "/result/status": anyText},
		},
		{
			id: "DeleteCertificate", method: "DELETE", url: certificateURL, permission: write,
			call: func(ctx context.Context, z *originpull.Zone) (any, error) {
				return z.Certificates.Delete(ctx, certificateID)
			},
			responses: map[string]any{"DeletingCertificate": deleting, "NothingToShow": originpull.Certificate{ID: certificateID}},
			needs:     map[string]accepts{"/result": anything, "/result/id": noText}, // a text is the id of another certificate
		},
		{
			id: "GetSettings", method: "GET", url: settingsURL, permission: read,
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return z.Settings.Get(ctx) },
			responses: map[string]any{"Enabled": originpull.Settings{Enabled: true}, "Disabled": originpull.Settings{Enabled: false}},
			needs:     map[string]accepts{"/result": nothingElse, "/result/enabled": nothingElse},
		},
		{
			id: "SetSettings", method: "PUT", url: settingsURL, permission: write, sends: map[string]any{"enabled": true},
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return nil, z.Settings.Enable(ctx) },
			responses: map[string]any{"Enabled": nil},
			needs:     map[string]accepts{"/result": nothingElse, "/result/enabled": nothingElse},
		},
		{
			id: "SetSettings", method: "PUT", url: settingsURL, permission: write, sends: map[string]any{"enabled": false},
			call:      func(ctx context.Context, z *originpull.Zone) (any, error) { return nil, z.Settings.Disable(ctx) },
			responses: map[string]any{"Disabled": nil},
			needs:     map[string]accepts{"/result": nothingElse, "/result/enabled": nothingElse},
		},
	}
}

// shown returns the certificate that an example of the document shows. Only its
// status and its PEM are read from there.
func shown(t testing.TB, name string) originpull.Certificate {
	t.Helper()
	var response struct {
		Result struct{ Status, Certificate string }
	}
	if err := json.Unmarshal([]byte(example(t, name).body), &response); err != nil {
		t.Fatal(err)
	}
	return originpull.Certificate{
		ID: certificateID, Status: originpull.Status(response.Result.Status), Certificate: response.Result.Certificate,
		Issuer: "CN=originpull example,O=originpull", Signature: "ECDSA-SHA256",
		SerialNumber: "309049678731657100329303091550694184",
		ExpiresOn:    time.Date(2036, time.November, 1, 0, 0, 0, 0, time.UTC),
		UploadedOn:   time.Date(2026, time.November, 24, 18, 11, 23, 374_110_000, time.UTC),
	}
}

// TestOperations sends each operation, and requires the request that the document
// describes and the result of each response that the document shows.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, op := range operations(t) {
		for name, want := range op.responses {
			t.Run(op.id+"/"+name, func(t *testing.T) {
				t.Parallel()
				token, mock := testpki.Token(), httpmock.NewMockTransport()
				mock.RegisterResponder(op.method, op.url, func(r *http.Request) (*http.Response, error) {
					checkRequest(t, r, op, "Bearer "+token)
					return example(t, name).respond(r)
				})
				got, err := op.call(t.Context(), newZone(t, mock, originpull.WithToken(token)))
				if err != nil {
					t.Fatalf("%s fails: %v", op.id, err)
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("the caller gets\n%+v\nwant\n%+v", got, want)
				}
				if calls := mock.GetTotalCallCount(); calls != 1 {
					t.Errorf("%d requests were sent, want one", calls)
				}
			})
		}
	}
}

// TestEveryOperationIsTested: without an entry in operations the requests of a new
// operation would be tested by nothing.
func TestEveryOperationIsTested(t *testing.T) {
	t.Parallel()
	tested := operations(t)
	for _, op := range api.Operations {
		if !slices.ContainsFunc(tested, func(o operation) bool { return o.id == op.ID }) {
			t.Errorf("no test calls %s: give operations an entry for its method", op.ID)
		}
	}
}

func checkRequest(t *testing.T, r *http.Request, op operation, authorization string) {
	want := http.Header{
		"Authorization": {authorization},
		"Accept":        {"application/json"},
		"User-Agent":    {"originpull-go/" + originpull.Version},
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			t.Errorf("the request's body cannot be read: %v", err)
		}
	}
	if op.sends != nil {
		want["Content-Type"] = []string{"application/json"}
		var got any
		if err := json.Unmarshal(body, &got); err != nil || !reflect.DeepEqual(got, op.sends) {
			t.Errorf("the request's body is not the one that the document wants (%d bytes, %v)", len(body), err)
		}
	} else if len(body) > 0 {
		t.Errorf("the request has a body of %d bytes, want none", len(body))
	}
	if r.ContentLength != int64(len(body)) {
		t.Errorf("the request announces %d bytes and has %d", r.ContentLength, len(body))
	}
	if !reflect.DeepEqual(r.Header, want) {
		t.Errorf("the request's headers are not the wanted: %d names, want %d", len(r.Header), len(want))
	}
	if r.Host != "api.cloudflare.com" {
		t.Errorf("the request names host %q", r.Host)
	}
}
