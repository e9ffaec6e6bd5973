// Package contract holds the promises of the API as cases, and runs them
// against whatever answers: the document's examples, the simulator, a mock that
// others made from a document, a recording, the live API, or a stub of yours.
//
//	report := contract.Run(ctx, contract.Target{
//		Name: "my stub", BaseURL: stub.URL, Token: "any", ZoneID: zoneID,
//		Can: []contract.Ability{contract.Memory},
//	})
//	report.WriteText(os.Stdout)
//
// In a test, [Test] does the same with a subtest for each case. The folder is
// called contract_test, so give the import its name:
//
//	import contract "github.com/originpull/originpull-go/contract_test"
//
// # Three that must agree
//
// Every exchange is looked at from three sides: the SDK that asks and reads, the
// document that says what may be sent, and the counterpart that answers. When
// they disagree, two outvote the third, and a [Finding] names the [Side] that is
// out of step:
//
//   - the SDK, when it sends what neither of the others takes, or reads an answer
//     that both stand by otherwise than it is;
//   - the document, when it forbids what is answered, and the promise is kept and
//     the SDK reads it well;
//   - the counterpart, when it breaks the promise, or answers what neither of the
//     others understands.
//
// What an answer holds beyond the document, a field, a status value, a code or a
// header, breaks nothing: it is [Drift], and fails a run only where asked for.
package contract
