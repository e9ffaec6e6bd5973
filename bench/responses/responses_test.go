package responses_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/originpull/originpull-go/bench/responses"
)

const collection = responses.BasePath + "/zones/" + responses.ZoneID + "/origin_tls_client_auth"

// TestSameResponses asks two zones, as two processes do, one in memory and one over
// HTTP.
func TestSameResponses(t *testing.T) {
	t.Parallel()
	inMemory, overHTTP := responses.New(), responses.New()
	seen := map[string]bool{}
	for _, id := range inMemory.IDs[:100] {
		request := httptest.NewRequest(http.MethodGet, collection+"/"+id, nil)
		response, err := inMemory.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		recorder := httptest.NewRecorder()
		overHTTP.ServeHTTP(recorder, request)
		if !bytes.Equal(body, recorder.Body.Bytes()) {
			t.Fatalf("%s: the responses in memory and over HTTP differ", id)
		}
		if seen[string(body)] || !bytes.Contains(body, []byte(id)) {
			t.Fatalf("%s: the response is another certificate's", id)
		}
		seen[string(body)] = true
	}
}

func TestNothingPrepared(t *testing.T) {
	t.Parallel()
	zone := responses.New()
	request := httptest.NewRequest(http.MethodGet, collection+"/unknown", nil)
	if response, err := zone.RoundTrip(request); err == nil {
		t.Errorf("an unknown certificate gets %s in memory", response.Status)
	}
	recorder := httptest.NewRecorder()
	zone.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusNotFound {
		t.Errorf("an unknown certificate gets %d over HTTP, want 404", recorder.Code)
	}
}
