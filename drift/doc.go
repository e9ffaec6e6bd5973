// Package drift reports what an OpenAPI document says on the wire, and what
// changed between two of them for the people who use the API.
//
// A [Document] is read from JSON or YAML, OpenAPI 3.0 or 3.1. The paths under a
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
// [Check] compares a document with our own, after corrections, and leaves out the
// findings that were accepted before.
//
// Package drift/propose writes the findings as an overlay on our document, and says
// what a person has to decide; drift/try applies that in a copy of a module.
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
