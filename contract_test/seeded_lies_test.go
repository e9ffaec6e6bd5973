package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// alter alters a response.
type alter = func(r *http.Request, resp *http.Response, body string) string

// each alters the certificates of a response: the n-th in it.
func each(change func(r *http.Request, n int, certificate map[string]any)) alter {
	return edited(func(r *http.Request, envelope map[string]any) {
		list, ok := envelope["result"].([]any)
		if !ok {
			list = []any{envelope["result"]}
		}
		for n, one := range list {
			if certificate, ok := one.(map[string]any); ok && certificate["serial_number"] != nil {
				change(r, n, certificate)
			}
		}
	})
}

// edited alters a response that is an object.
func edited(change func(r *http.Request, envelope map[string]any)) alter {
	return func(r *http.Request, _ *http.Response, body string) string {
		var envelope map[string]any
		if json.Unmarshal([]byte(body), &envelope) != nil {
			return body
		}
		change(r, envelope)
		text, _ := json.Marshal(envelope)
		return string(text)
	}
}

// isList reports whether a request is for the list.
func isListing(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/origin_tls_client_auth")
}

func isOne(r *http.Request) bool {
	return r.Method == http.MethodGet && certificatePath.MatchString(r.URL.Path)
}

var certificatePath = regexp.MustCompile(`/origin_tls_client_auth/[0-9a-f]{8}-[0-9a-f-]{27}$`)

// listed alters the entries of a list.
func entries(change func([]any) []any) alter {
	return edited(func(r *http.Request, envelope map[string]any) {
		if list, ok := envelope["result"].([]any); ok {
			envelope["result"] = change(list)
		}
	})
}

// constant is a lie that needs no memory.
func constant(a alter) func() alter { return func() alter { return a } }

// enabledAs has the zone say that it is enabled or not, from when begins on.
func enabledAs(enabled bool, begins func(r *http.Request) bool) func() alter {
	return func() alter {
		begun := false
		return func(r *http.Request, _ *http.Response, body string) string {
			settings := strings.HasSuffix(r.URL.Path, "/settings")
			if settings && begun && r.Method == http.MethodGet {
				body = regexp.MustCompile(`"enabled":(true|false)`).ReplaceAllString(body, fmt.Sprintf(`"enabled":%t`, enabled))
			}
			begun = (begun || begins(r)) && !(settings && r.Method == http.MethodPut && begun)
			return body
		}
	}
}

// fallsBack disables the zone after it was looked at n times.
func fallsBack(n int) func() alter {
	return func() alter {
		looks := 0
		return func(r *http.Request, _ *http.Response, body string) string {
			if !strings.HasSuffix(r.URL.Path, "/settings") {
				return body
			}
			if r.Method == http.MethodPut {
				looks = 0
			} else if looks++; looks > n {
				body = strings.ReplaceAll(body, `"enabled":true`, `"enabled":false`)
			}
			return body
		}
	}
}

// another responds to a GET with the first certificate that was uploaded, with its own id
// or with the one that was asked for.
func another(ownID bool) func() alter {
	return func() alter {
		var first map[string]any
		return edited(func(r *http.Request, envelope map[string]any) {
			result, _ := envelope["result"].(map[string]any)
			switch {
			case result == nil || result["serial_number"] == nil:
			case first == nil:
				first = map[string]any{}
				for name, value := range result {
					first[name] = value
				}
				pair, _ := newPair("another owner", false)
				leaf, _ := parseLeaf(string(pair.certificate))
				first["id"], first["certificate"], first["serial_number"] = "11111111-1111-4111-8111-111111111111", string(pair.certificate), leaf.SerialNumber.String()
				first["issuer"], first["expires_on"] = leaf.Issuer.String(), leaf.NotAfter.UTC().Format(time.RFC3339)
			case isOne(r):
				id := result["id"]
				for name, value := range first {
					result[name] = value
				}
				if !ownID {
					result["id"] = id
				}
			}
		})
	}
}

// lies are what a provider may say that is of the right form and not true.
func lies() []fault {
	deletes := func(r *http.Request) bool {
		return r.Method == http.MethodDelete && certificatePath.MatchString(r.URL.Path)
	}
	return []fault{
		{name: "a list repeats its entries", says: "listed twice", about: "list", make: constant(entries(func(list []any) []any { return append(list, list...) }))},
		{name: "a list repeats a certificate under another id", says: "listed twice, with two ids", about: "list", make: constant(entries(func(list []any) []any {
			twin := map[string]any{}
			for name, value := range list[0].(map[string]any) {
				twin[name] = value
			}
			twin["id"] = "11111111-1111-4111-8111-111111111111"
			return append(list, twin)
		}))},
		{name: "a list omits the last of several", says: "listed", about: "two active certificates", live: true, make: constant(edited(func(_ *http.Request, envelope map[string]any) {
			if list, ok := envelope["result"].([]any); ok && len(list) > 1 {
				envelope["result"] = list[:len(list)-1]
				delete(envelope, "result_info") // which would show it
			}
		}))},
		{name: "uploaded_on is the time of the request", says: "uploaded_on of a certificate is not what it was before", about: "get an active", live: true,
			make: constant(each(func(_ *http.Request, _ int, c map[string]any) {
				c["uploaded_on"] = time.Now().UTC().Format(time.RFC3339Nano)
			}))},
		{name: "uploaded_on is the second of the request", says: "uploaded_on of a certificate is not what it was before", about: "a certificate does not change",
			make: constant(each(func(_ *http.Request, _ int, c map[string]any) {
				c["uploaded_on"] = time.Now().UTC().Format(time.RFC3339)
			}))},
		{name: "uploaded_on is 1970", says: "uploaded_on is before the API existed", about: "upload", live: true,
			make: constant(each(func(_ *http.Request, _ int, c map[string]any) { c["uploaded_on"] = "1970-01-01T00:00:00Z" }))},
		{name: "uploaded_on is a day later", says: "uploaded_on is not the time of the upload", about: "upload",
			make: constant(each(func(_ *http.Request, _ int, c map[string]any) {
				c["uploaded_on"] = time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
			}))},
		{name: "uploaded_on after expires_on", says: "expires_on is not the certificate's", about: "upload",
			make: constant(each(func(_ *http.Request, _ int, c map[string]any) { c["expires_on"] = "1999-01-01T00:00:00Z" }))},
		{name: "no Cf-Ray on the enablement", says: "no Cf-Ray", about: "get the enablement", live: true, make: constant(header("Cf-Ray", ""))},
		{name: "one Cf-Ray for all", says: "the Cf-Ray of an earlier", about: "get an active", live: true, make: constant(header("Cf-Ray", "863bc951ce9d9abd-MIA"))},
		{name: "a Cf-Ray that is none", says: "Cf-Ray is not 16", about: "get the enablement", make: constant(header("Cf-Ray", "ray"))},
		{name: "99 on 7 pages", says: "result_info/count does not fit", about: "list", live: true, make: constant(edited(func(r *http.Request, envelope map[string]any) {
			if envelope["result_info"] != nil {
				envelope["result_info"] = map[string]any{"count": 99, "page": 7, "per_page": 20, "total_count": 99, "total_pages": 7}
			}
		}))},
		{name: "99 on 7 pages of an empty zone", says: "result_info/total_count does not fit", about: "list of an empty zone", make: constant(edited(func(r *http.Request, envelope map[string]any) {
			if isListing(r) {
				envelope["result_info"] = map[string]any{"count": 0, "page": 1, "per_page": 20, "total_count": 99, "total_pages": 7}
			}
		}))},
		{name: "a negative count", says: "result_info/count does not fit", about: "list", make: constant(swapPattern(`"count":\d+`, `"count":-1`))},
		{name: "a status twice", says: "/result/status is there twice", about: "get an active", live: true, make: constant(swap(`"status":"active"`, `"status":"active","status":"pending_deployment"`))},
		{name: "a status twice in a list", says: "/result/0/status is there twice", about: "list", make: constant(swap(`"status":"active"`, `"status":"active","status":"active"`))},
		{name: "a name twice in two cases", says: "/result/enabled is there twice", about: "get the enablement", make: constant(swap(`"enabled":`, `"Enabled":true,"enabled":`))},
		{name: "success twice", says: "/success is there twice", about: "get the enablement", make: constant(swap(`"success":true`, `"success":false,"success":true`))},
		{name: "a code twice", says: "/errors/0/code is there twice", about: "get what never was", make: constant(swapPattern(`"code":(\d+)`, `"code":$1,"code":$1`))},
		{name: "a deletion disables the zone", says: "the response says enabled false", about: "a deletion leaves the enablement", live: true, make: enabledAs(false, deletes)},
		{name: "an upload enables the zone", says: "the response says enabled true", about: "a deletion leaves the enablement", make: enabledAs(true, func(r *http.Request) bool { return r.Method == http.MethodPost })},
		{name: "the enablement falls back after two looks", says: "the response says enabled false", about: "enablement of an enabled zone", live: true, make: fallsBack(2)},
		{name: "the enablement is not kept", says: "the response says enabled false", about: "enablement of an enabled zone", live: true, make: fallsBack(0)},
		{name: "a change says the opposite", says: "the response says enabled false", about: "enable", live: true, make: constant(func(r *http.Request, _ *http.Response, body string) string {
			if r.Method == http.MethodPut {
				body = strings.ReplaceAll(body, `"enabled":true`, `"enabled":false`)
			}
			return body
		})},
		{name: "disabling has no effect", says: "the response says enabled true", about: "disable", live: true, make: func() alter {
			ever := false
			return func(r *http.Request, _ *http.Response, body string) string {
				if ever = ever || r.Method == http.MethodPut && strings.Contains(body, `"enabled":true`); ever && isSettings(r) && r.Method == http.MethodGet {
					body = strings.ReplaceAll(body, `"enabled":false`, `"enabled":true`)
				}
				return body
			}
		}},
		{name: "a success with an error", says: "without errors that are an empty list", about: "upload", live: true, make: constant(func(r *http.Request, resp *http.Response, body string) string {
			if r.Method == http.MethodPost && resp.StatusCode == 200 {
				body = strings.Replace(body, `"errors":[]`, `"errors":[{"code":1406,"message":"This certificate already exists for this zone."}]`, 1)
			}
			return body
		})},
		{name: "a success with an error among the messages", says: "with the code of an error among", about: "upload", live: true, make: constant(func(r *http.Request, resp *http.Response, body string) string {
			if r.Method == http.MethodPost && resp.StatusCode == 200 {
				body = strings.Replace(body, `"messages":[]`, `"messages":[{"code":1406,"message":"This certificate already exists for this zone."}]`, 1)
			}
			return body
		})},
		{name: "null for the messages of a success", says: "messages", about: "get the enablement", make: constant(swap(`"messages":[]`, `"messages":null`))},
		{name: "a get returns another certificate", says: "about another certificate than the request", about: "get an active", live: true, make: another(true)},
		{name: "a get returns another certificate with the id that was asked for", says: "certificate of a certificate is not what it was before", about: "get an active", live: true, make: another(false)},
		{name: "a list differs from a get", says: "signature", about: "list", make: constant(each(func(r *http.Request, _ int, c map[string]any) {
			if isListing(r) {
				c["signature"] = "SHA256-RSA"
			}
		}))},
		{name: "an upload returns another certificate", says: "another certificate than was uploaded", about: "upload", make: constant(each(func(r *http.Request, _ int, c map[string]any) {
			if r.Method == http.MethodPost {
				pair, _ := newPair("another owner", false)
				leaf, _ := parseLeaf(string(pair.certificate))
				c["certificate"], c["serial_number"], c["issuer"] = string(pair.certificate), leaf.SerialNumber.String(), leaf.Issuer.String()
			}
		}))},
		{name: "a deletion returns another id", says: "about another certificate than the request", about: "delete", live: true, make: constant(each(func(r *http.Request, _ int, c map[string]any) {
			if r.Method == http.MethodDelete {
				c["id"] = "11111111-1111-4111-8111-111111111111"
			}
		}))},
		{name: "an id that would change the path", says: "an id that cannot be part of a path", about: "upload", make: constant(each(func(r *http.Request, _ int, c map[string]any) { c["id"] = "../settings" }))},
		{name: "an id that is no UUID", says: "id is not a UUID", about: "upload", make: constant(each(func(r *http.Request, _ int, c map[string]any) { c["id"] = "certificate_1" }))},
		{name: "a deleted certificate is listed", says: "a deleted certificate is listed", about: "list", make: constant(each(func(r *http.Request, _ int, c map[string]any) {
			if isListing(r) {
				c["status"] = "deleted"
			}
		}))},
		{name: "a status goes back", says: "the status goes back to pending_deployment", about: "a certificate does not change", live: true, make: func() alter {
			active := 0
			return each(func(r *http.Request, _ int, c map[string]any) {
				if isOne(r) && c["status"] == "active" {
					if active++; active == 2 {
						c["status"] = "pending_deployment"
					}
				}
			})
		}},
		{name: "an empty status", says: "status of a certificate is empty", about: "get an active", live: true, make: constant(each(func(r *http.Request, _ int, c map[string]any) { c["status"] = "" }))},
		{name: "a certificate that is none", says: "certificate cannot be parsed", about: "upload", live: true, make: constant(each(func(r *http.Request, _ int, c map[string]any) { c["certificate"] = "stored" }))},
		{name: "unknown fields of an upload are refused", says: "want success", about: "an upload with unknown fields", make: func() alter {
			return func(r *http.Request, resp *http.Response, body string) string {
				if r.Method != http.MethodPost || resp.StatusCode != 200 {
					return body
				}
				copied, _ := r.GetBody()
				var fields map[string]any
				if json.NewDecoder(copied).Decode(&fields); len(fields) == 2 {
					return body
				}
				resp.StatusCode = 400
				return `{"success":false,"errors":[{"code":1400,"message":"unknown field"}],"messages":[]}`
			}
		}},
		{name: "no success", says: "success is missing", about: "get what never was", make: constant(swap(`"success":false,`, ""))},
		{name: "null for the issuer of a certificate", says: "issuer of a certificate is empty", about: "lists lag", make: constant(swapPattern(`"issuer":"[^"]*"`, `"issuer":null`))},
		{name: "no signature in a list", says: "signature of a certificate is empty", about: "two active certificates", make: constant(swapPattern(`"signature":"[^"]*",`, ""))},
		{name: "null for result_info", says: "result_info is not an object", about: "list", make: constant(swapPattern(`"result_info":\{[^}]*\}`, `"result_info":null`))},
		{name: "null for a code", says: "code that is not an integer", about: "get what never was", make: constant(swapPattern(`"code":\d+`, `"code":null`))},
		{name: "a code with a fraction", says: "code that is not an integer", about: "get what never was", make: constant(swapPattern(`"code":(\d+)`, `"code":$1.5`))},
		{name: "an upload without a certificate", says: "a success without a certificate", about: "an upload with unknown fields", make: constant(edited(func(r *http.Request, envelope map[string]any) {
			if r.Method == http.MethodPost {
				envelope["result"] = nil
			}
		}))},
		{name: "what never was is found", says: "a success is reported as a failure", about: "get what never was", live: true, make: constant(func(r *http.Request, resp *http.Response, body string) string {
			if resp.StatusCode == 404 {
				resp.StatusCode = 200
				return `{"success":true,"errors":[],"messages":[],"result":null}`
			}
			return body
		})},
		{name: "the zones share their settings", says: "in another zone", about: "zones are separate", make: func() alter {
			shared := ""
			return func(r *http.Request, _ *http.Response, body string) string {
				if !isSettings(r) {
					return body
				}
				if r.Method == http.MethodPut {
					shared = body
				} else if shared != "" {
					body = shared
				}
				return body
			}
		}},
	}
}

func isSettings(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/settings") }

// TestLieIsFoundSoon: a run on a zone that returns another certificate from every GET, or
// one that never becomes active, ends in minutes, though it cleans up after each case.
func TestLieIsFoundSoon(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lie   func() alter
		limit time.Duration
	}{
		"with its own id":                {another(true), 2 * time.Minute},
		"with the id that was asked for": {another(false), 2 * time.Minute},
		"with an unknown status":         {constant(swap(`"status":"active"`, `"status":"live"`)), 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: 200 * time.Millisecond, DeleteDelay: 200 * time.Millisecond})
				start := time.Now()
				r := Run(t.Context(), Target{
					Name: "a stub", Token: sim.Token(), ZoneID: sim.ZoneID(),
					Transport: fault{make: test.lie}.altering(sim.Transport()), Capabilities: []Capability{Stateful, OwnZone, Settings},
				})
				if took := time.Since(start); took > test.limit || r.Count(Failed) == 0 {
					t.Errorf("%d cases failed, after %s", r.Count(Failed), took)
				}
			})
		})
	}
}

// TestLiesOnLive: on a live zone too each lie is caught with its side, and soon.
func TestLiesOnLive(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the live cases once for each lie")
	}
	t.Parallel()
	for _, f := range slices.Concat(lies(), untrue()) {
		if !f.live {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.side = Provider
			synctest.Test(t, func(t *testing.T) {
				sim := originpulltest.NewServer(t, slow)
				l := liveOn(sim)
				l.Transport = f.altering(l.Transport)
				start := time.Now()
				r := RunLive(t.Context(), l)
				f.requireIn(t, r)
				if took := time.Since(start); took > 6*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}
