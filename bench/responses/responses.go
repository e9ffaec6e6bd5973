// Package responses prepares what the API would respond with, the same in every process,
// and gives it over a socket or in memory. All certificates differ, as those of a
// zone do: a decoder that keeps strings it has seen would look better than it is
// with one certificate over and over.
package responses

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"strconv"
	"sync/atomic"
	"time"
)

// The zone of the responses.
const (
	ZoneID   = "023e105f4ecef8ad9ca31a8372d0c353"
	BasePath = "/client/v4"
	PerList  = 50 // certificates in a list
	lists    = 16
)

const collection = BasePath + "/zones/" + ZoneID + "/origin_tls_client_auth"

// Zone responds for a zone. It is an [http.Handler] and an [http.RoundTripper].
type Zone struct {
	IDs []string // of its certificates

	certificates map[string][]byte // responses by the certificate's id
	lists        [][]byte          // responses, given in turn
	settings     []byte
	turn         atomic.Uint64
	header       http.Header
}

// New prepares a zone.
func New() *Zone {
	random := rand.New(rand.NewChaCha8([32]byte{}))
	z := &Zone{
		certificates: map[string][]byte{},
		settings:     envelope(map[string]bool{"enabled": true}),
		header: http.Header{
			"Content-Type": {"application/json"},
			"Cf-Ray":       {"8f2c6a3b9e1d4c70-FRA"},
			// Read on every response, but without the end of its window, and so no limit yet:
			// a client that keeps to the limit would otherwise do so, and nothing but its
			// patience be measured.
			"Ratelimit":        {`"default";r=1199`},
			"Ratelimit-Policy": {`"default";q=1200;w=300`},
		},
	}
	for range lists {
		list := make([]certificate, PerList)
		for i := range list {
			list[i] = newCertificate(random)
			z.IDs = append(z.IDs, list[i].ID)
			z.certificates[list[i].ID] = envelope(list[i])
		}
		z.lists = append(z.lists, envelope(list))
	}
	return z
}

type certificate struct {
	ID           string    `json:"id"`
	Status       string    `json:"status"`
	Certificate  string    `json:"certificate"`
	Issuer       string    `json:"issuer"`
	Signature    string    `json:"signature"`
	SerialNumber string    `json:"serial_number"`
	ExpiresOn    time.Time `json:"expires_on"`
	UploadedOn   time.Time `json:"uploaded_on"`
}

// newCertificate makes one of the size of an ECDSA or of an RSA certificate, half
// of each. What is inside the PEM no client looks at.
func newCertificate(random *rand.Rand) certificate {
	der := make([]byte, []int{400, 800}[random.IntN(2)]+random.IntN(250))
	for i := range der {
		der[i] = byte(random.Uint32())
	}
	uploaded := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(random.Int64N(int64(300 * 24 * time.Hour)))).Truncate(time.Microsecond)
	return certificate{
		ID:           fmt.Sprintf("%08x-%04x-4%03x-9%03x-%012x", random.Uint32(), random.IntN(1<<16), random.IntN(1<<12), random.IntN(1<<12), random.Int64N(1<<48)),
		Status:       []string{"active", "pending_deployment", "initializing", "pending_deletion"}[random.IntN(4)],
		Certificate:  string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		Issuer:       "CN=issuing authority " + base64.RawURLEncoding.EncodeToString(der[:9]) + ",O=example",
		Signature:    []string{"SHA256-RSA", "ECDSA-SHA256"}[random.IntN(2)],
		SerialNumber: strconv.FormatUint(random.Uint64(), 10) + strconv.FormatUint(random.Uint64(), 10),
		ExpiresOn:    uploaded.Truncate(24*time.Hour).AddDate(1, 0, 0),
		UploadedOn:   uploaded,
	}
}

func envelope(result any) []byte {
	body, err := json.Marshal(map[string]any{"success": true, "errors": []string{}, "messages": []string{}, "result": result})
	if err != nil {
		panic(err) // made here, of strings and times
	}
	return body
}

// bodyFor returns the body for a request, nil if there is no such resource.
func (z *Zone) bodyFor(method, target string) []byte {
	switch turn := z.turn.Add(1); {
	case target == collection && method == http.MethodPost:
		return z.certificates[z.IDs[turn%uint64(len(z.IDs))]]
	case target == collection:
		return z.lists[turn%lists]
	case target == collection+"/settings":
		return z.settings
	}
	return z.certificates[path.Base(target)]
}

// ServeHTTP responds over a socket.
func (z *Zone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	body := z.bodyFor(r.Method, r.URL.Path)
	if body == nil {
		http.NotFound(w, r)
		return
	}
	for name, values := range z.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// RoundTrip responds in memory.
func (z *Zone) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, err := io.Copy(io.Discard, r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	body := z.bodyFor(r.Method, r.URL.Path)
	if body == nil {
		return nil, fmt.Errorf("nothing is prepared for %s %s", r.Method, r.URL)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: z.header, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}
