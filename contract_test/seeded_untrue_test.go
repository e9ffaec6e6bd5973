package contract

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/originpull/originpull-go/gen/api"
)

// untrue are more of what a provider may say: statuses that cannot be, and a form that
// only some decoders pass over.
func untrue() []fault {
	status := func(when func(*http.Request, map[string]any) bool, status string) func() alter {
		return constant(each(func(r *http.Request, _ int, c map[string]any) {
			if when(r, c) {
				c["status"] = status
			}
		}))
	}
	remark := func(remark string) func() alter {
		return constant(func(_ *http.Request, resp *http.Response, body string) string {
			if resp.StatusCode == 200 {
				body = strings.Replace(body, `"messages":[]`, `"messages":[`+remark+`]`, 1)
			}
			return body
		})
	}
	isUpload := func(r *http.Request, _ map[string]any) bool { return r.Method == http.MethodPost }
	return []fault{
		{name: "an upload disables the zone", says: "the response says enabled false", about: "a deletion leaves the enablement",
			make: enabledAs(false, func() func(*http.Request) bool {
				uploads := 0
				return func(r *http.Request) bool {
					if r.Method == http.MethodPost {
						uploads++
					}
					return uploads == 3 // to the enabled zone
				}
			}())},
		{name: "an upload is active and then pending", says: "the status goes back to pending_deployment", about: "lists lag", live: true, make: status(isUpload, "active")},
		{name: "an upload is being deleted", says: "no request has deleted it", about: "upload", live: true, make: status(isUpload, "pending_deletion")},
		{name: "a certificate is deleted by itself", says: "no request has deleted it", about: "a certificate does not change", make: func() alter {
			active := 0
			return each(func(r *http.Request, _ int, c map[string]any) {
				if c["status"] == "active" {
					if active++; active > 2 {
						c["status"] = "pending_deletion"
					}
				}
			})
		}},
		{name: "an upload deletes the certificate before it", says: "no request has deleted it", about: "two active", make: func() alter {
			var ids []any
			return each(func(r *http.Request, _ int, c map[string]any) {
				if r.Method == http.MethodPost {
					ids = append(ids, c["id"])
				}
				if len(ids) == 2 && c["id"] == ids[0] {
					c["status"] = "deleted"
				}
			})
		}},
		{name: "a list says that a certificate is being deleted", says: "no request has deleted it", about: "two active",
			make: status(func(r *http.Request, _ map[string]any) bool { return isListing(r) }, "pending_deletion")},
		{name: "no tombstone but a 404", says: "get: HTTP 404", about: "the tombstone", make: constant(func(r *http.Request, resp *http.Response, body string) string {
			if isOne(r) && strings.Contains(body, `"status":"deleted"`) {
				resp.StatusCode = 404
				return `{"success":false,"errors":[{"code":1551,"message":"certificate not found"}],"messages":[]}`
			}
			return body
		})},
		{name: "the key comes back in a list", says: "a field for the private key", about: "two active", make: constant(each(func(r *http.Request, _ int, c map[string]any) {
			if isListing(r) {
				c["private_key"] = ""
			}
		}))},
		{name: "a success says that it was denied", says: "the code of an error among", about: "get the enablement", make: remark(`{"code":10000,"message":"Authentication error"}`)},
		{name: "a success with an error in a chain", says: "the code of an error among", about: "get the enablement", make: remark(`{"message":"a remark","error_chain":[{"code":1406,"message":"exists"}]}`)},
		{name: "a field in upper case", says: "status of a certificate is empty or missing", about: "get an active", make: constant(swap(`"status":`, `"Status":`))},
		{name: "the enablement in upper case", says: "a success without the enablement", about: "get the enablement", make: constant(swap(`"enabled":`, `"Enabled":`))},
		{name: "a name twice, once with a long s", says: "/result/ſtatus is there twice", about: "get an active", make: constant(swap(`"status":"active"`, `"status":"active","ſtatus":"deleted"`))},
		{name: "a byte order mark", says: "byte order mark", about: "get the enablement", make: constant(func(_ *http.Request, _ *http.Response, body string) string {
			return "\ufeff" + body
		})},
	}
}

// TestFailureCodes requires the codes that no success has to be those of the document.
func TestFailureCodes(t *testing.T) {
	t.Parallel()
	docs, err := curatedDocuments("https://api.cloudflare.com/client/v4")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[api.ErrorCode]bool{}
	var collect func(*openapi3.SchemaRef)
	collect = func(schema *openapi3.SchemaRef) {
		values, _ := schema.Value.Extensions["x-extensible-enum"].([]any)
		for _, code := range values {
			listed[api.ErrorCode(code.(float64))] = true
		}
		for _, inner := range schema.Value.AnyOf {
			collect(inner)
		}
	}
	collect(docs.open.Components.Schemas["ErrorCode"])
	known := slices.Sorted(slices.Values(failureCodes))
	if want := slices.Sorted(maps.Keys(listed)); !slices.Equal(known, want) {
		t.Errorf("a success may have a message with any code but %v; the document names %v", known, want)
	}
}
