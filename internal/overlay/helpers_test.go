package overlay_test

import (
	"errors"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// document is what the overlays of the tests are applied to.
const document = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
tags: [sale, return]
paths:
  /orders:
    get: {operationId: ListOrders, tags: [sale]}
    post: {operationId: MakeOrder, tags: [sale]}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: string}
        state: {type: string, x-set: [open, paid]}
`

// head begins a valid overlay; actions follow.
const head = `overlay: 1.1.0
info: {title: Test, version: 1.0.0}
actions:
`

// action returns an overlay of one action, with lines as its keys.
func action(lines ...string) string {
	return head + "  - " + strings.Join(lines, "\n    ") + "\n"
}

func parseDocument(t *testing.T) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(document), &doc); err != nil {
		t.Fatal(err)
	}
	return &doc
}

// value decodes what stands in doc below the keys of path.
func value(t *testing.T, doc *yaml.Node, path ...string) any {
	t.Helper()
	var v any
	if err := doc.Decode(&v); err != nil {
		t.Fatalf("the document cannot be decoded any more: %v", err)
	}
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("nothing has the key %q in %v", key, v)
		}
		v = m[key]
	}
	return v
}

// requireError fails unless err's text holds all of wants.
func requireError(t *testing.T, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error: the author of the overlay would not notice")
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

func requireReason(t *testing.T, err error, want overlay.Reason) {
	t.Helper()
	var failed *overlay.ActionError
	if !errors.As(err, &failed) {
		t.Fatalf("want an *overlay.ActionError, got %T: %v", err, err)
	}
	if failed.Reason != want {
		t.Errorf("reason %q, want %q: %v", failed.Reason, want, err)
	}
}
