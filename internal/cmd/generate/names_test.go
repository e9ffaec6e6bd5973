package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/originpull/originpull-go/gen/api"
)

// constant is one member of an open set: its name and value in the document,
// and the Go constant that came of them.
type constant struct {
	name, value string
	constant    any
}

// codes spells out which name stands for which code: a slip in the overlay would
// give programs that use the name another one.
var codes = []constant{
	{"CodeThrottled", "971", api.CodeThrottled},
	{"CodeCertificateIDRequired", "1404", api.CodeCertificateIDRequired},
	{"CodeCertificateExists", "1406", api.CodeCertificateExists},
	{"CodeCertificateUnparsable", "1408", api.CodeCertificateUnparsable},
	{"CodeNotLeaf", "1412", api.CodeNotLeaf},
	{"CodePendingDeletion", "1414", api.CodePendingDeletion},
	{"CodeCertificateIDInvalid", "1415", api.CodeCertificateIDInvalid},
	{"CodeCertificateInUse", "1433", api.CodeCertificateInUse},
	{"CodePendingDeployment", "1434", api.CodePendingDeployment},
	{"CodeNotFound", "1551", api.CodeNotFound},
	{"CodeCertificateNotFound", "1552", api.CodeCertificateNotFound},
	{"CodeAssociationNotFound", "1553", api.CodeAssociationNotFound},
	{"CodeInvalidHeaders", "6003", api.CodeInvalidHeaders},
	{"CodeMalformedEmail", "6102", api.CodeMalformedEmail},
	{"CodeMalformedKey", "6103", api.CodeMalformedKey},
	{"CodeMalformedToken", "6111", api.CodeMalformedToken},
	{"CodeNoRoute", "7000", api.CodeNoRoute},
	{"CodeMalformedID", "7003", api.CodeMalformedID},
	{"CodeUnknownKey", "9103", api.CodeUnknownKey},
	{"CodeNoCredentials", "9106", api.CodeNoCredentials},
	{"CodeNoAccess", "9109", api.CodeNoAccess},
	{"CodeDenied", "10000", api.CodeDenied},
	{"CodeCannotAuthenticate", "10001", api.CodeCannotAuthenticate},
	{"CodeMethodNotAllowed", "10405", api.CodeMethodNotAllowed},
	{"CodeRateLimited", "10429", api.CodeRateLimited},
	{"CodeTooManyFailures", "10502", api.CodeTooManyFailures},
}

var statuses = []constant{
	{"StatusInitializing", "initializing", api.StatusInitializing},
	{"StatusPendingDeployment", "pending_deployment", api.StatusPendingDeployment},
	{"StatusActive", "active", api.StatusActive},
	{"StatusPendingDeletion", "pending_deletion", api.StatusPendingDeletion},
	{"StatusDeleted", "deleted", api.StatusDeleted},
	{"StatusDeploymentTimedOut", "deployment_timed_out", api.StatusDeploymentTimedOut},
	{"StatusDeletionTimedOut", "deletion_timed_out", api.StatusDeletionTimedOut},
}

// TestNamesOfConstants requires of every value of an open set a constant, and of
// those above the one they always had: programs use it. Values that are new need
// no entry here.
func TestNamesOfConstants(t *testing.T) {
	t.Parallel()
	curated, effective := load(t, specFile), load(t, outputFile)
	for schema, known := range map[string][]constant{"ErrorCode": codes, "CertificateStatus": statuses} {
		set := texts(curated.Components.Schemas[schema].Value.Extensions["x-extensible-enum"])
		made := effective.Components.Schemas[schema].Value
		values, names := texts(made.Enum), texts(made.Extensions["x-enum-varnames"])
		if !slices.Equal(set, values) || len(names) != len(values) {
			t.Fatalf("%s: the document's open set %v became the constants %v with the names %v", schema, set, values, names)
		}
		for _, want := range known {
			if at := slices.Index(names, want.name); at < 0 || values[at] != want.value {
				t.Errorf("%s: the value %s is not called %s any more", schema, want.value, want.name)
			}
			if got := fmt.Sprint(want.constant); got != want.value {
				t.Errorf("api.%s is %s, want %s", want.name, got, want.value)
			}
		}
	}
}

func load(t *testing.T, file string) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(readRoot(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// texts returns the members of a list of the document as they are printed.
func texts(list any) []string {
	values, _ := list.([]any)
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return texts
}
