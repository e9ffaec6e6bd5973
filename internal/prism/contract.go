package prism

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"gopkg.in/yaml.v3"

	contract "github.com/originpull/originpull-go/contract_test"
	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/originpull/originpulltest"
	"github.com/originpull/originpull-go/spec"
)

// OurContract runs the contract against Prism serving our document, which responds
// with the examples of the document.
func OurContract(ctx context.Context) (contract.Report, error) {
	return run(ctx, "Prism, from our document", spec.OpenAPI, contract.Examples, nil)
}

// ProxyContract runs it against the simulator, with Prism between the two: a response
// that Prism finds our document to forbid fails the case.
func ProxyContract(ctx context.Context) (contract.Report, error) {
	simulator := originpulltest.New(originpulltest.Options{AnyToken: true, AnyZone: true, RateLimit: -1})
	defer simulator.Close()
	if err := simulator.Listen("127.0.0.1:0"); err != nil {
		return contract.Report{}, err
	}
	url, stop, err := StartProxy(ctx, spec.OpenAPI, simulator.URL())
	if err != nil {
		return contract.Report{}, err
	}
	defer stop()
	return contract.Run(ctx, contract.Target{
		Name: "the simulator, behind Prism as a validating proxy", BaseURL: url, Token: "prism", ZoneID: zone, Transport: violations{http.DefaultTransport},
		Capabilities: []contract.Capability{contract.Stateful, contract.OwnZone, contract.Settings, contract.Pending}, ExtraHeaders: extraHeaders, RetryFailed: true,
	}), nil
}

// violations is a transport that fails on a response which Prism says the document
// forbids. Requests are not its concern: some cases send what is forbidden.
type violations struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (v violations) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := v.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text := resp.Header.Get("Sl-Violations")
	if text == "" {
		return resp, nil
	}
	var found []struct {
		Location []any  `json:"location"` // begins with request or response
		Message  string `json:"message"`
	}
	err = json.Unmarshal([]byte(text), &found)
	for _, violation := range found {
		if len(violation.Location) == 0 || violation.Location[0] != "request" {
			err = errors.Join(err, errors.New(violation.Message))
		}
	}
	if err != nil {
		resp.Body.Close()
		return nil, fmt.Errorf("the document forbids the response, says Prism: %w", err)
	}
	return resp, nil
}

// UpstreamContract runs it against Prism serving the part of the document at source
// that is in scope, corrected. It has no examples, so Prism generates the content of
// its responses. The configuration is drift.yaml in the working directory.
func UpstreamContract(ctx context.Context, source string) (contract.Report, error) {
	text, err := corrected(ctx, source)
	if err != nil {
		return contract.Report{}, err
	}
	return run(ctx, "Prism, from upstream's document, corrected", text, contract.Synthetic, []string{
		// Upstream's document wants a body on DELETE, and Prism refuses what has none;
		// the service takes it.
		"delete", "delete what never was", "DeleteCertificate: a bad token",
	})
}

const zone = "023e105f4ecef8ad9ca31a8372d0c353"

// extraHeaders are Prism's own.
var extraHeaders = []string{
	"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Origin",
	"Access-Control-Expose-Headers", "Sl-Violations",
}

func run(ctx context.Context, name string, document []byte, capability contract.Capability, known []string) (contract.Report, error) {
	url, stop, err := Start(ctx, document)
	if err != nil {
		return contract.Report{}, err
	}
	defer stop()
	return contract.Run(ctx, contract.Target{
		Name: name, BaseURL: url, Token: "prism", ZoneID: zone,
		Capabilities: []contract.Capability{capability}, ExtraHeaders: extraHeaders, KnownFailures: known, RetryFailed: true,
	}), nil
}

// corrected is the slice of a document with our corrections applied.
func corrected(ctx context.Context, source string) ([]byte, error) {
	config, err := drift.LoadConfig("drift.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := drift.Read(ctx, source)
	if err != nil {
		return nil, err
	}
	corrected, findings, err := drift.Corrected(ctx, doc, config)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, fmt.Errorf("%s: %s", source, findings[0].Change())
	}
	return yaml.Marshal(corrected)
}
