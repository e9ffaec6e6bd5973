package originpulltest

import (
	"net/http/httptest"
	"testing"

	"github.com/originpull/originpull-go/gen/api"
)

// An operation that the document has and the simulator does not implement gets the
// response of an unknown path.
func TestNotImplemented(t *testing.T) {
	t.Parallel()
	sim := New(Options{})
	defer sim.Close()
	const collection = "/zones/{zone_id}/origin_tls_client_auth"
	for _, op := range []*api.Operation{
		{ID: "RenewCertificates", Method: "POST", Path: collection + "/renewals"},
		{ID: "ReplaceCertificates", Method: "PUT", Path: collection},
	} {
		if implements(op) {
			t.Fatalf("%s is implemented", op.ID)
		}
		sim.routes = append([]route{newRoute(op, false)}, sim.routes...)
	}
	for _, test := range []struct {
		method, path string
		want         api.ErrorCode // 0 for a request that is routed
	}{
		{"POST", "/renewals", api.CodeNoRoute},
		{"GET", "/renewals", api.CodeNoRoute},
		{"PUT", "", api.CodeNoRoute},
		{"PATCH", "", api.CodeMethodNotAllowed},
		{"GET", "", 0},
	} {
		m := sim.find(httptest.NewRequest(test.method, "/zones/"+firstZone+"/origin_tls_client_auth"+test.path, nil))
		var got api.ErrorCode
		if m.refused != nil {
			got = m.refused.body.Errors[0].Code
		}
		if got != test.want || (m.route != nil) != (got == 0) {
			t.Errorf("%s %s: code %d, route %v; want code %d", test.method, test.path, got, m.route, test.want)
		}
	}
}
