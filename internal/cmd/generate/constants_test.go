package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// Where the document explains a code and a status, and lists them.
const (
	explainedCode   = "          - 1433: a hostname"
	listedCode      = "        - 1433\n"
	explainedStatus = "          - `active`: deployed"
	listedStatus    = "        - active\n"
)

// withNewValues returns the sources with a code and a status that no one has
// named, in the middle of their sets.
func withNewValues(t *testing.T) fstest.MapFS {
	t.Helper()
	fsys := sources(t)
	replace(t, fsys, specFile, explainedCode, "          - 987654, 987655: the zone has too many\n"+explainedCode)
	replace(t, fsys, specFile, listedCode, "        - 987654\n        - 987655 # as the other\n"+listedCode)
	replace(t, fsys, specFile, explainedStatus, "          - `tls_key_revoked`: not to be used any more\n"+explainedStatus)
	replace(t, fsys, specFile, listedStatus, "        - tls_key_revoked\n        - 2024-01-01\n        - 3d_hold\n        - x_2nd\n        - ttl4ip_2ip_ui_ts3a\n"+listedStatus)
	return fsys
}

// TestNewValues takes values that the document gains the whole way to constants
// of both packages, with nothing else changed.
func TestNewValues(t *testing.T) {
	t.Parallel()
	document, err := effective(withNewValues(t))
	if err != nil {
		t.Fatal(err)
	}
	code, err := values(document)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(file, document, 0o644); err != nil {
		t.Fatal(err)
	}
	api := generateAPI(t, file)
	for _, use := range regexp.MustCompile(`= api\.(\w+)`).FindAllStringSubmatch(string(code), -1) {
		if !strings.Contains(oneSpace(api), "\n"+use[1]+" ") {
			t.Errorf("%s uses api.%s, which oapi-codegen names differently", valuesFile, use[1])
		}
	}
	for name, made := range map[string]struct {
		code []byte
		want []string
	}{
		"gen/api": {api, []string{
			`StatusTLSKeyRevoked CertificateStatus = "tls_key_revoked"`,
			`StatusActive CertificateStatus = "active"`,
			`Status20240101 CertificateStatus = "2024-01-01"`, `Status3DHold CertificateStatus = "3d_hold"`, `StatusX2Nd CertificateStatus = "x_2nd"`,
			"Code987654 ErrorCode = 987654", "Code987655 ErrorCode = 987655", "CodeCertificateInUse ErrorCode = 1433", "CodePendingDeployment ErrorCode = 1434",
		}},
		valuesFile: {code, []string{
			"StatusTLSKeyRevoked = api.StatusTLSKeyRevoked // not to be used any more\n",
			"Status3DHold = api.Status3DHold\n", "StatusX2Nd = api.StatusX2Nd\n",
			"Code987654 = api.Code987654 // 987654: the zone has too many\n",
			"Code987655 = api.Code987655 // 987655: the zone has too many\n",
			"CodeCertificateInUse = api.CodeCertificateInUse // 1433: a hostname uses the certificate\n",
		}},
	} {
		text := oneSpace(made.code)
		for _, want := range made.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s has no line %q:\n%s", name, want, made.code)
			}
		}
	}
}

// oneSpace undoes the alignment of gofmt.
func oneSpace(code []byte) string {
	var lines strings.Builder
	for line := range strings.Lines(string(code)) {
		lines.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return lines.String()
}

// TestConstantsRefuses spoils the open sets, or what the overlays say of them, in
// each way that would give no constant, or a wrong one.
func TestConstantsRefuses(t *testing.T) {
	t.Parallel()
	const codes, statuses = overlayDir + "/010-error-codes.yaml", overlayDir + "/020-statuses.yaml"
	tests := map[string]struct{ file, old, new, want string }{
		"a value without letters":       {specFile, listedStatus, listedStatus + "        - '--'\n", `CertificateStatus: the value "--" would be called "Status", not an exported name`},
		"a value that stands twice":     {specFile, listedCode, listedCode + listedCode, `the value "1433" would be called CodeCertificateInUse, as the value "1433" is`},
		"two values of one name":        {specFile, listedStatus, listedStatus + "        - Active\n", `CertificateStatus: the value "Active" would be called StatusActive, as the value "active" is`},
		"a name that a schema has":      {specFile, listedStatus, listedStatus + "        - schema\n", `CertificateStatus: the value "schema" would be called StatusSchema, as a schema is`},
		"a value that is not a scalar":  {specFile, listedStatus, listedStatus + "        - [a]\n", "CertificateStatus: the value […] is !!seq, and not !!str"},
		"null in a set of texts":        {specFile, listedStatus, listedStatus + "        - null\n", `CertificateStatus: the value null is !!null, and not !!str as in a set of type string`},
		"a number in a set of texts":    {specFile, listedStatus, listedStatus + "        - 5\n", "CertificateStatus: the value 5 is !!int, and not !!str"},
		"a text in a set of numbers":    {specFile, listedCode, listedCode + "        - '5'\n", "ErrorCode: the value 5 is !!str, and not !!int"},
		"a set of no type":              {specFile, "      type: string\n      maxLength: 64\n      example: active\n", "", `CertificateStatus: x-go-constants names values of type string or integer, not ""`},
		"a name for no value":           {specFile, listedCode, "", "ErrorCode: x-go-constants names 1433, which is not in the set"},
		"no open set":                   {specFile, "      x-extensible-enum:\n        - init", "      x-set:\n        - init", "CertificateStatus: x-go-constants names constants, but there is no x-extensible-enum"},
		"a name that is none of Go":     {codes, "'1433': CertificateInUse", "'1433': in-use", `ErrorCode: the value "1433" would be called "Codein-use"`},
		"a prefix that is not exported": {statuses, "prefix: Status", "prefix: status", `"statusInitializing", not an exported name`},
		"no prefix":                     {statuses, "        prefix: Status\n", "", "CertificateStatus: x-go-constants needs a prefix and a comment"},
		"no comment":                    {statuses, "        comment: The statuses of a certificate.\n", "", "CertificateStatus: x-go-constants needs a prefix and a comment"},
		"a misspelt key":                {statuses, "prefix: Status", "prefix: Status\n        name: {active: On}", "CertificateStatus: x-go-constants: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := sources(t)
			replace(t, fsys, specFile, "    CertificateUpload:\n", "    StatusSchema: {type: string}\n    CertificateUpload:\n")
			replace(t, fsys, test.file, test.old, test.new)
			_, err := effective(fsys)
			if err == nil {
				t.Fatal("no error: a constant would be missing or wrong")
			}
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), specFile) {
				t.Errorf("the error does not say %s and %q: %v", specFile, test.want, err)
			}
		})
	}
}

func TestCamelCase(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"active":               "Active",
		"deployment_timed_out": "DeploymentTimedOut",
		"timed-out.twice over": "TimedOutTwiceOver",
		"deploymentFailed":     "DeploymentFailed",
		"FAILED":               "Failed",
		"id_of_CA_or_Url":      "IDOfCAOrURL",
		"2fa":                  "2fa",
		"971":                  "971",
		"über":                 "Über",
		"":                     "",
		"--":                   "",
	} {
		if got := camelCase(value); got != want {
			t.Errorf("the value %q is called %q, want %q", value, got, want)
		}
	}
}

func TestValuesAreCommitted(t *testing.T) {
	t.Parallel()
	got, err := values(readRoot(t, outputFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, readRoot(t, valuesFile)) {
		t.Errorf("%s is not what %s makes: run go generate ./...", valuesFile, outputFile)
	}
}

// TestMeaningsStayComments gives a value a meaning that would be code if it left
// its comment.
func TestMeaningsStayComments(t *testing.T) {
	t.Parallel()
	const hostile = "*/ func init() {} /*\\t//go:embed x"
	fsys := sources(t)
	replace(t, fsys, specFile, explainedStatus, "          - `active`: "+hostile+" deployed")
	document, err := effective(fsys)
	if err != nil {
		t.Fatal(err)
	}
	code, err := values(document)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(oneSpace(code), "StatusActive = api.StatusActive // "+hostile) {
		t.Errorf("the meaning is not in its comment:\n%s", code)
	}
}
