// Package contract describes the behaviour of the API as cases and runs them
// against a provider. A provider is whatever serves the API: the examples of the
// document (spec/openapi.yaml), the simulator (package originpulltest), a mock server
// made from a document, the live API, or a stub of yours.
//
//	report := contract.Run(ctx, contract.Target{
//		Name: "my stub", BaseURL: stub.URL, Token: "any", ZoneID: zoneID,
//		Capabilities: []contract.Capability{contract.Stateful, contract.OwnZone},
//	})
//	report.WriteText(os.Stdout)
//
// In a test, [Test] does the same with a subtest for each case. [Replay] checks a
// recording of requests and responses in the same way. The folder is called
// contract_test, so give the import its name:
//
//	import contract "github.com/originpull/originpull-go/contract_test"
//
// # SDK, document, provider
//
// Every exchange is checked from three sides: the SDK, which sends the request and
// reads the response; the document, which says what each of them may send; and the provider,
// which responds. When one of them disagrees with the other two, a [Violation]
// names it as the [Side] at fault:
//
//   - the SDK, when it sends a request that neither the document nor the case
//     allows, or misreads a response that both allow;
//   - the document, when it forbids a response that agrees with the case and that
//     the SDK reads correctly;
//   - the provider, when it contradicts the case, or sends a response that neither
//     the document nor the SDK understands.
//
// A response may contain more than the document names: a field, a status, an error
// code, a header. That is [Drift] and no violation. It fails a run only if
// Target.Strict is set.
package contract
