package spec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	openapilinter "github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/validation"
)

// lint runs the linter's recommended rules and returns what is above a hint.
func lint(t *testing.T, text string) (found faults) {
	t.Helper()
	document, invalid, err := openapi.Unmarshal(t.Context(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	config := linter.NewConfig()
	config.Extends = []string{"recommended"}
	rules, err := openapilinter.NewLinter(config)
	if err != nil {
		t.Fatal(err)
	}
	out, err := rules.Lint(t.Context(), linter.NewDocumentInfo(document, "openapi.yaml"), invalid, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range out.Results {
		var finding *validation.Error
		if errors.As(result, &finding) && finding.Severity == validation.SeverityHint {
			continue
		}
		found = append(found, result.Error())
	}
	return found
}

func TestLint(t *testing.T) {
	t.Parallel()
	requireNone(t, lint(t, read(t)))
	requireNone(t, lint(t, readGenerated(t)))
}

// TestLintFindsFaults spoils the document, so that a linter that finds nothing
// is known to have looked.
func TestLintFindsFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, new, rule string }{
		"unused schema":        {"  schemas:\n", "  schemas:\n    Lonely: {type: string}\n", "semantic-unused-component"},
		"undeclared parameter": {"      - $ref: '#/components/parameters/CertificateID'\n", "", "semantic-path-params"},
		"id used twice":        {"operationId: GetSettings", "operationId: SetSettings", "operationId"},
		"plain HTTP":           {"https://api.cloudflare.com", "http://api.cloudflare.com", "owasp-security-hosts-https-oas3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t)
			if !strings.Contains(text, test.old) {
				t.Fatalf("openapi.yaml does not hold %q any more: fix the test", test.old)
			}
			requireFault(t, lint(t, strings.Replace(text, test.old, test.new, 1)), test.rule)
		})
	}
}
