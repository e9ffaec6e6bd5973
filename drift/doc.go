// Package drift compares OpenAPI documents and reports what a change means for
// programs that use the API. It looks only at the wire: at what requests and responses
// can contain.
//
// A [Document] is read from JSON or YAML, OpenAPI 3.0, 3.1 or 3.2. The paths under a
// prefix, with everything they refer to, become a canonical graph that holds only
// meaning: no component names, no order, no prose, no allOf. Two documents with the
// same meaning have the same [Fingerprint]. [Diff] walks two such graphs side by
// side and lists each change once, as a [Finding] with a class: breaking, additive
// or editorial.
//
//	old, err := drift.Read(ctx, "old.json")
//	new, err := drift.Read(ctx, "new.json")
//	findings, err := drift.Diff(ctx, old, new, drift.Scope{Prefix: "/books"})
//
// “Ours” is the document in the repository of the program, and “theirs”, or upstream, is
// that of the provider of the API. [Check] compares theirs with ours as a [Config] says:
// it applies corrections, which are overlays for what theirs gets wrong, and lists the
// findings that the [Lock] accepts apart from the others. The commands, files and limits
// are described in docs/drift.md.
//
// Package drift/propose writes the findings as an overlay on our document, and says
// what a person has to decide. Package drift/try applies that in a copy of a module.
//
// # How documents are compared
//
// A schema is the set of all constraints that apply to one value: its own, those of
// references and allOf, and those of oneOf or anyOf if only one branch is possible.
// The sets are the nodes of the graph, so recursive schemas are cycles. Partition
// refinement finds the nodes that mean the same, and the fingerprint is a hash of
// the smallest graph.
//
// The package knows no particular API. What it cannot judge it reports as an
// error, never as an absence of findings.
package drift
