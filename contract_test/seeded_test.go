package contract

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/originpull/originpull-go/spec"
)

// fault puts one of the three in the wrong: the simulator by responses that are
// altered below the checker, the SDK by requests and responses that are altered above
// it, the document by its text.
type fault struct {
	name     string
	side     Side
	says     string // what the message must hold
	about    string // the cases that are run: those about an operation, or whose name begins so; "" for all
	response func(*http.Request, *http.Response, string) string
	request  func(*http.Request, string) string
	text     [2]string // of the document: old and new
	on       func() (Target, error)
	make     func() alter // makes response for each environment, since it remembers
	live     bool         // a live run catches it too
}

// swap alters responses by text.
func swap(old, new string) func(*http.Request, *http.Response, string) string {
	return func(_ *http.Request, _ *http.Response, body string) string { return strings.ReplaceAll(body, old, new) }
}

// swapPattern does so by a pattern.
func swapPattern(pattern, new string) func(*http.Request, *http.Response, string) string {
	re := regexp.MustCompile(pattern)
	return func(_ *http.Request, _ *http.Response, body string) string { return re.ReplaceAllString(body, new) }
}

// changed alters the result of what changes the enablement.
func changed(result string) func(*http.Request, *http.Response, string) string {
	re := regexp.MustCompile(`"result":\{"enabled":(true|false)\}`)
	return func(r *http.Request, _ *http.Response, body string) string {
		if r.Method != http.MethodPut {
			return body
		}
		return re.ReplaceAllString(body, `"result":`+result)
	}
}

// header alters a header of responses.
func header(name, value string) func(*http.Request, *http.Response, string) string {
	return func(_ *http.Request, resp *http.Response, body string) string {
		if resp.Header.Get(name) == "" {
			return body
		}
		resp.Header.Del(name)
		if value != "" {
			resp.Header.Set(name, value)
		}
		return body
	}
}

// status alters the status of responses.
func status(old, new int) func(*http.Request, *http.Response, string) string {
	return func(_ *http.Request, resp *http.Response, body string) string {
		if resp.StatusCode == old {
			resp.StatusCode, resp.Status = new, strconv.Itoa(new)+" "+http.StatusText(new)
		}
		return body
	}
}

// askBody alters the body of requests by text.
func requestBody(old, new string) func(*http.Request, string) string {
	return func(_ *http.Request, body string) string { return strings.ReplaceAll(body, old, new) }
}

// askPath alters the path of requests by a pattern.
func requestPath(pattern, new string) func(*http.Request, string) string {
	re := regexp.MustCompile(pattern)
	return func(r *http.Request, body string) string {
		r.URL.Path = re.ReplaceAllString(r.URL.Path, new)
		r.URL.RawPath = ""
		return body
	}
}

func without(name string) func(*http.Request, string) string {
	return func(r *http.Request, body string) string { r.Header.Del(name); return body }
}

// swallow shows the SDK a failure as a success.
func swallow(_ *http.Request, resp *http.Response, body string) string {
	if resp.StatusCode/100 == 4 {
		resp.StatusCode = 200
		return `{"success":true,"errors":[],"messages":[],"result":null}`
	}
	return body
}

func faultsOfTheSimulator() []fault {
	return []fault{
		{name: "a field is renamed", says: "status", about: "GetCertificate", response: swap(`"status":`, `"state":`)},
		{name: "a field is missing", says: "issuer", about: "get an active", response: swapPattern(`"issuer":"[^"]*",`, "")},
		{name: "a field is of another type", says: "enabled", about: "GetSettings", response: swapPattern(`"enabled":(true|false)`, `"enabled":"$1"`)},
		{name: "an upload responds with 201", says: "a success under HTTP 201", about: "upload", response: status(200, 201)},
		{name: "a duplicate gets 422", says: "want HTTP 400, have HTTP 422", about: "upload what is there", response: status(400, 422)},
		{name: "a conflict gets 423", says: "want HTTP 409", about: "delete during", response: status(409, 423)},
		{name: "null for an empty list of errors", says: "errors", about: "GetSettings", response: swap(`"errors":[]`, `"errors":null`)},
		{name: "an empty list for null", says: "want result null", about: "list of an empty zone", response: swap(`"result":null`, `"result":[]`)},
		{name: "no result", says: "result", about: "list of an empty zone", response: swap(`,"result":null`, "")},
		{name: "a wrong code", says: "1407", about: "upload what is there", response: swap("1406", "1407")},
		{name: "a code as text", says: "code", about: "upload what is there", response: swap(`"code":1406`, `"code":"1406"`)},
		{name: "an id too long", says: "id", about: "upload", response: swap(`"id":"`, `"id":"certificate-`)},
		{name: "no Cf-Ray", says: "no Cf-Ray", about: "responses carry Cf-Ray and the rate limit", response: header("Cf-Ray", "")},
		{name: "no Retry-After", says: "no Retry-After", about: "GetSettings: too many requests", response: header("Retry-After", "")},
		{name: "JSON declared as text", says: "application/json", about: "GetSettings", response: func(r *http.Request, resp *http.Response, body string) string {
			if !strings.HasPrefix(body, "{") {
				return body
			}
			return header("Content-Type", "text/plain")(r, resp, body)
		}},
		{name: "success under a failing status", says: "success does not go with", about: "get what never was", response: swap(`"success":false`, `"success":true`)},
		{name: "failure under 200", says: "success does not go with", about: "get the enablement", response: swap(`"success":true`, `"success":false`)},
		{name: "a failure without an error", says: "without an error", about: "get what never was", response: swapPattern(`"errors":\[[^\]]*\]`, `"errors":[]`)},
		{name: "the key comes back", says: "private key", about: "the key is write-only", response: swap(`"status":`, `"private_key":"","status":`)},
		{name: "no final newline", says: "final newline", about: "upload", response: swap(`-----END CERTIFICATE-----\n`, `-----END CERTIFICATE-----`)},
		{name: "a date of another form", says: "date-time", about: "get an active", response: swapPattern(`"expires_on":"[^"]*"`, `"expires_on":"24 November"`)},
		{name: "another issuer", says: "issuer", about: "get an active", response: swapPattern(`"issuer":"[^"]*"`, `"issuer":"CN=GlobalSign"`)},
		{name: "a serial number in hexadecimal", says: "serial_number", about: "get an active", response: swapPattern(`"serial_number":"[^"]*"`, `"serial_number":"0f"`)},
		{name: "an upload is active at once and lists no more", says: "not listed", about: "list", response: func(r *http.Request, _ *http.Response, body string) string {
			if r.Method == "GET" && strings.HasSuffix(r.URL.Path, "origin_tls_client_auth") {
				return `{"success":true,"errors":[],"messages":[],"result":null}`
			}
			return body
		}},
		{name: "no tombstone", says: "to be deleted", about: "the tombstone", response: swap(`"deleted"`, `"pending_deletion"`)},
		{name: "enabled by default", says: "want enabled false", about: "enablement of a new zone", response: swap(`"enabled":false`, `"enabled":true`)},
		{name: "a bad token gets 401", says: "want HTTP 403", about: "GetSettings: a bad token", response: status(403, 401)},
		{name: "a change of the settings returns a list", says: "/result", about: "SetSettings", response: changed("[]")},
		{name: "a change of the settings returns null", says: "/result", about: "SetSettings", response: changed("null")},
		{name: "a change of the settings returns text", says: "/result", about: "SetSettings", response: changed(`{"enabled":"true"}`)},
		{name: "null for the list of messages", says: "a failure with messages that are not a list", response: swap(`"messages":[]`, `"messages":null`)},
		{name: "a message that is a number", says: "a message of an error that is not a string", response: swapPattern(`"message":"[^"]*"`, `"message":7`)},
		{name: "a remark that is text", says: "not an object", about: "get the enablement", response: swap(`"messages":[]`, `"messages":["slow"]`)},
		{name: "a source that is text", says: "source", about: "get what never was", response: swap(`"message":`, `"source":"id","message":`)},
		{name: "a serial number that is a number", says: "serial_number", about: "get an active", response: swapPattern(`"serial_number":"\d+"`, `"serial_number":12`)},
		{name: "a page in place of the response", says: "text/html", about: "get the enablement", response: func(_ *http.Request, resp *http.Response, _ string) string {
			resp.Header.Set("Content-Type", "text/html")
			return "<html></html>"
		}},
	}
}

func faultsOfTheSDK() []fault {
	id := `/[0-9a-f-]{36}$`
	return []fault{
		{name: "a field of the request is renamed", says: "private_key", about: "upload", request: requestBody(`"private_key"`, `"key"`)},
		{name: "a body that says nothing", says: "no enabled of type bool", about: "SetSettings", request: requestBody(`"enabled"`, `"on"`)},
		{name: "another operation", says: "called for GetSettings it sent ListCertificates", about: "get the enablement", request: requestPath(`/settings$`, "")},
		{name: "an unescaped path", says: "no operation", about: "get an active", request: requestPath(id, "/../settings")},
		{name: "a doubled slash", says: "no operation", about: "get an active", request: requestPath(id, "//x")},
		{name: "another zone", says: "no operation on the zone", about: "get the enablement", request: requestPath(`/zones/[0-9a-f]*`, "/zones/0123456789abcdef0123456789abcdef")},
		{name: "no credentials", says: "credentials", about: "get the enablement", request: without("Authorization")},
		{name: "no content type", says: "not declared", about: "upload", request: without("Content-Type")},
		{name: "a swallowed error", says: "reports a failure", about: "delete what never was", response: swallow},
		{name: "a field is read by another name", says: "/result/issuer", about: "get an active", response: swap(`"issuer":`, `"issued":`)},
		{name: "a list is read in part", says: "another number", about: "list", response: swapPattern(`"result":\[.*\]`, `"result":[]`)},
		{name: "codes are lost", says: "codes", about: "get what never was", response: swapPattern(`"code":\d+,`, "")},
		{name: "the status is lost", says: "says HTTP 500, the response was 404", about: "get what never was", response: status(404, 500)},
		{name: "Cf-Ray is lost", says: "another Cf-Ray", about: "get what never was", response: header("Cf-Ray", "")},
		{name: "the enablement is inverted", says: "a success is reported as a failure", about: "enable", request: requestBody(`"enabled":true`, `"enabled":false`)},
		{name: "a good response is refused", says: "a success is reported as a failure", about: "get the enablement", response: swap(`"result"`, `"results"`)},
		{name: "a page is taken for the API's word", says: "not reported as such", about: "GetSettings: a page", response: func(_ *http.Request, resp *http.Response, _ string) string {
			resp.Header.Set("Content-Type", "application/json")
			return `{"success":false,"errors":[{"message":"Bad Gateway"}]}`
		}},
	}
}

func faultsOfTheDocument() []fault {
	edit := func(name, says, about, old, new string) fault {
		return fault{name: name, says: says, about: about, text: [2]string{old, new}}
	}
	examples := func(f fault) fault { f.on = DocumentExamples; return f }
	return []fault{
		edit("an id too short", "maximum string length is 32", "get an active", "          minLength: 1\n          maxLength: 36", "          minLength: 1\n          maxLength: 32"),
		edit("a list that cannot be null", "/result", "list of an empty zone", "          type: array\n          nullable: true", "          type: array"),
		edit("a field of the request by another name", "request /key", "upload", "required: [certificate, private_key]", "required: [certificate, key]"),
		edit("a result on failures", "result", "get what never was", "      required: [success, errors]\n", "      required: [success, errors, result]\n"),
		edit("a failure that is not named", "status is not supported", "GetSettings: the service", "        5XX:\n", "        '503':\n"),
		edit("a set that is shut", "/result/status", "get a certificate that is", "      x-extensible-enum:\n        - initializing", "      enum: [active]\n      x-extensible-enum:\n        - initializing"),
		edit("codes as text", "code", "get what never was", "      type: integer\n      format: int32\n      example: 1406", "      type: string\n      example: '1406'"),
		edit("codes from 2000", "code", "get what never was", "      format: int32\n      example: 1406", "      format: int32\n      minimum: 2000\n      example: 2406"),
		edit("another method", "no operation", "SetSettings", "    put:\n", "    patch:\n"),
		edit("another path", "in the document it is GetCertificate", "get the enablement", "/origin_tls_client_auth/settings:", "/origin_tls_client_auth/setting:"),
		edit("no token", "credentials", "get the enablement", "  - token: []\n", ""),
		edit("a date without a time", "/result/expires_on", "get an active", "          format: date-time\n          example: '2036", "          format: date\n          example: '2036"),
		edit("a field that is never there", "enabled_on", "get the enablement", "      required: [enabled]\n", "      required: [enabled, enabled_on]\n"),
		examples(edit("an example with another code", "1409", "upload what is there", "          - code: 1406\n            message: This", "          - code: 1409\n            message: This")),
		examples(edit("an example of another type", "/result/enabled", "GetSettings", "result: {enabled: false}", "result: {enabled: 'no'}")),
		examples(edit("an example with another certificate", "issuer", "get an active", "issuer: CN=originpull example", "issuer: CN=another")),
		examples(edit("an example under another status", "want HTTP 409", "upload during", "x-status: 409", "x-status: 400")),
	}
}

// TestSeededFaults makes each of the three wrong in many ways. Every one must be
// caught, and the message must name the right side.
func TestSeededFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the suite once for each fault")
	}
	t.Parallel()
	for side, faults := range map[Side][]fault{
		Provider: slices.Concat(faultsOfTheSimulator(), lies(), untrue()), SDK: faultsOfTheSDK(), Document: faultsOfTheDocument(),
	} {
		for _, f := range faults {
			f.side = side
			t.Run(string(side)+": "+f.name, func(t *testing.T) {
				t.Parallel()
				f.requireCaught(t)
			})
		}
	}
}

func (f fault) requireCaught(t *testing.T) {
	target := f.target(t)
	var r Report
	synctest.Test(t, func(t *testing.T) { r = Run(t.Context(), target) })
	f.requireIn(t, r)
}

// requireIn requires a run to name the fault, and no other side than its own.
func (f fault) requireIn(t *testing.T, r Report) {
	t.Helper()
	if r.Error != "" || len(r.Results) == 0 {
		t.Fatalf("%d cases, error %q", len(r.Results), r.Error)
	}
	caught := false
	var found []string
	for _, result := range r.Results {
		for _, violation := range result.Violations {
			caught = caught || strings.Contains(violation.What, f.says)
			found = append(found, result.Case+": "+violation.String())
			if violation.Side != f.side {
				t.Errorf("another side is named: %s: %s", result.Case, violation)
			}
		}
	}
	if !caught {
		t.Errorf("want: %s is at fault: … %s; have\n%s", f.side, f.says, strings.Join(found, "\n"))
	}
}

func (f fault) target(t *testing.T) Target {
	target := InProcess()
	if f.on != nil {
		target = Target{
			Name: "examples", BaseURL: "https://api.cloudflare.com/client/v4", Token: "example", ZoneID: exampleZone, Capabilities: []Capability{Examples, HTMLErrors, Anonymous},
		}
	}
	target.Only = func(c Case) bool { return c.Operation == f.about || strings.HasPrefix(c.Name, f.about) }
	if f.text[0] != "" {
		text := string(spec.OpenAPI)
		if !strings.Contains(text, f.text[0]) {
			t.Fatalf("the document does not hold %q any more", f.text[0])
		}
		target.document = []byte(strings.ReplaceAll(text, f.text[0], f.text[1]))
		if f.on != nil {
			doc, err := readDocument(target.document, target.BaseURL)
			if err != nil {
				t.Fatal(err)
			}
			target.Transport = exampleTransport(doc)
		}
		return target
	}
	if f.side == SDK {
		target.between = f.altering
		return target
	}
	open := target.open
	target.open = func() environment {
		w := open()
		w.transport = f.altering(w.transport)
		return w
	}
	return target
}

// altering alters what goes through it.
func (f fault) altering(next http.RoundTripper) http.RoundTripper {
	if f.make != nil {
		f.response = f.make()
	}
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if f.request != nil {
			r = r.Clone(r.Context())
			var body []byte
			if r.Body != nil {
				body, _ = io.ReadAll(r.Body)
			}
			body = []byte(f.request(r, string(body)))
			if r.Body != nil {
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			}
		}
		resp, err := next.RoundTrip(r)
		if err != nil || f.response == nil {
			return resp, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		resp.Header = resp.Header.Clone()
		altered := f.response(r, resp, string(body))
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(altered)), int64(len(altered))
		resp.Header.Set("Content-Length", strconv.Itoa(len(altered)))
		return resp, nil
	})
}

// TestSeededFaultsAreMany holds the faults to being enough.
func TestSeededFaultsAreMany(t *testing.T) {
	t.Parallel()
	all := slices.Concat(faultsOfTheSimulator(), faultsOfTheSDK(), faultsOfTheDocument())
	if len(all) < 30 {
		t.Errorf("%d faults are seeded, want 30", len(all))
	}
}
