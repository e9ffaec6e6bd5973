package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/originpull"
)

// exampleZone is the zone of the document's examples.
const exampleZone = "023e105f4ecef8ad9ca31a8372d0c353"

// DocumentExamples returns the examples of the document as a provider: it responds to
// every request with the example that the case names. So each example is checked
// against the claim of its case.
func DocumentExamples() (Target, error) {
	t := Target{
		Name: "the document's examples", BaseURL: originpull.DefaultBaseURL,
		Token: "example", ZoneID: exampleZone, Capabilities: []Capability{Examples, HTMLErrors, Anonymous},
	}
	docs, err := t.documents()
	if err != nil {
		return t, err
	}
	t.Transport = exampleTransport(docs.open)
	return t, nil
}

func exampleTransport(doc *document) http.RoundTripper {
	mock := httpmock.NewMockTransport()
	parameter := regexp.MustCompile(`\{[a-z_]+\}`)
	for path, item := range doc.Paths.Map() {
		pattern := regexp.MustCompile("^" + regexp.QuoteMeta(originpull.DefaultBaseURL) + parameter.ReplaceAllString(path, "[^/]+") + "$")
		for method, operation := range item.Operations() {
			if strings.Count(path, "{") == 1 { // only the zone: it comes before a pattern
				mock.RegisterResponder(method, originpull.DefaultBaseURL+parameter.ReplaceAllString(path, exampleZone), exampleResponder(operation))
				continue
			}
			mock.RegisterRegexpResponder(method, pattern, exampleResponder(operation))
		}
	}
	return mock
}

// preference is the form of the Prefer header.
var preference = regexp.MustCompile(`^code=(\d+), example=(\w+)$`)

// exampleResponder responds with the example that the Prefer header names.
func exampleResponder(operation *openapi3.Operation) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		wanted := preference.FindStringSubmatch(r.Header.Get("Prefer"))
		if wanted == nil {
			wanted = []string{"", "200", ""} // another request of the SDK, such as after a refused deletion
		}
		status, _ := strconv.Atoi(wanted[1])
		response := operation.Responses.Status(status)
		if response == nil {
			return nil, fmt.Errorf("the document has no %d for %s", status, operation.OperationID)
		}
		for _, media := range slices.Sorted(maps.Keys(response.Value.Content)) {
			examples := response.Value.Content[media].Examples
			for _, name := range slices.Sorted(maps.Keys(examples)) {
				if name == wanted[2] || wanted[2] == "" {
					return exampleResponse(r, status, media, examples[name].Value)
				}
			}
		}
		return httpmock.NewStringResponse(http.StatusInternalServerError, "the document has no example "+wanted[2]), nil // as Prism does
	}
}

func exampleResponse(r *http.Request, status int, media string, example *openapi3.Example) (*http.Response, error) {
	body, ok := example.Value.(string)
	if !ok {
		encoded, err := json.Marshal(example.Value)
		if err != nil {
			return nil, err
		}
		body = string(encoded)
	}
	if given, ok := example.Extensions["x-status"].(float64); ok {
		status = int(given) // the one that was captured
	}
	resp := httpmock.NewStringResponse(status, body)
	resp.Request = r
	resp.Header.Set("Content-Type", media)
	return resp, nil
}
