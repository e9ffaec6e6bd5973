package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/demo"
)

// TestWriteStep: color only where it is wanted, and escape sequences from elsewhere
// nowhere.
func TestWriteStep(t *testing.T) {
	t.Parallel()
	passed := demo.Step{Number: 2, Name: "upload", Detail: "active \x1b[31m", Duration: 1234 * time.Microsecond}
	failed := passed
	failed.Err = errors.New("refused")
	for name, test := range map[string]struct {
		step    demo.Step
		colored bool
		want    string
	}{
		"passed":           {passed, false, "\n 2. upload  [ok, 1.2ms]\n    active \\x1b[31m\n"},
		"failed":           {failed, false, "\n 2. upload  [FAILED, 1.2ms]\n    refused\n"},
		"passed, in green": {passed, true, "\n 2. upload  \x1b[32m[ok, 1.2ms]\x1b[0m\n    active \\x1b[31m\n"},
		"failed, in red":   {failed, true, "\n 2. upload  \x1b[31m[FAILED, 1.2ms]\x1b[0m\n    refused\n"},
	} {
		var out strings.Builder
		if err := writeStep(&out, test.step, test.colored); err != nil || out.String() != test.want {
			t.Errorf("%s: the demo prints %q, %v; want %q", name, out.String(), err, test.want)
		}
	}
}
