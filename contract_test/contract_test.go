package contract

import (
	"strings"
	"testing"
	"testing/synctest"
)

func TestExamples(t *testing.T) {
	t.Parallel()
	target, err := DocumentExamples()
	if err != nil {
		t.Fatal(err)
	}
	r := Run(t.Context(), target)
	reportSubtests(t, r)
	logReport(t, r)
}

func TestSimulator(t *testing.T) {
	t.Parallel()
	var r Report
	synctest.Test(t, func(t *testing.T) { r = Run(t.Context(), InProcess()) })
	reportSubtests(t, r)
	logReport(t, r)
}

func logReport(t *testing.T, r Report) {
	t.Helper()
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
}
