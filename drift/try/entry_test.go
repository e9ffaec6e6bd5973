package try

import (
	"testing"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/internal/changelog"
)

// TestEntry requires that an entry lists each change once, by the name that
// programs know, and leaves out none that breaks them.
func TestEntry(t *testing.T) {
	t.Parallel()
	finding := func(class drift.Class, meaning, place, after string) *propose.Proposal {
		where := []drift.Where{{Place: place, Operations: []string{"GET /things"}}}
		return &propose.Proposal{Adopted: []propose.Adopted{{Finding: drift.Finding{Class: class, Meaning: meaning, Where: where, After: after}}}}
	}
	field := Change{Symbol: "lib.Thing.Region", Message: "added", Compatible: true, What: "string", Wire: "region"}
	value := Change{Symbol: "lib.Expired", Message: "added", Compatible: true, What: `"expired"`, Wire: "expired"}
	retyped := Change{Symbol: "lib.Thing.Region", Message: "changed from string to *string", What: "*string", Wire: "region"}
	tests := map[string]struct {
		result Result
		want   changelog.Entry
	}{
		"a field": {
			Result{API: []Change{field}, Proposal: finding(drift.Additive, "there is a property that was not there", "response 200 .result[].region", "string")},
			changelog.Entry{"Added": {"`lib.Thing.Region` (`string`)."}},
		},
		"a value": {
			Result{API: []Change{value}, Proposal: finding(drift.Additive, "a set has one more value", "response 200 .result.status", `"expired"`)},
			changelog.Entry{"Added": {"`lib.Expired` (`\"expired\"`)."}},
		},
		"a break that the Go API has too": {
			Result{API: []Change{retyped}, Proposal: finding(drift.Breaking, "a value can be null", "response 200 .result.region", "nullable")},
			changelog.Entry{"Breaking": {"`lib.Thing.Region`: changed from string to *string."}},
		},
		"a break behind what is new in Go": {
			Result{API: []Change{field}, Proposal: finding(drift.Breaking, "a property is required", "request .region", "string")},
			changelog.Entry{
				"Added":    {"`lib.Thing.Region` (`string`)."},
				"Breaking": {"A property is required: `string`, in `request .region` of `GET /things`."},
			},
		},
		"two fields of one name": {
			Result{API: []Change{retyped}, Proposal: &propose.Proposal{Adopted: append(
				finding(drift.Breaking, "a value can be null", "response 200 .result.region", "nullable").Adopted,
				finding(drift.Breaking, "a text must be shorter", "request .region", "64").Adopted...)}},
			changelog.Entry{"Breaking": {
				"`lib.Thing.Region`: changed from string to *string.", "A text must be shorter: `64`, in `request .region` of `GET /things`.",
			}},
		},
		"what Go does not show": {
			Result{API: []Change{field}, Proposal: finding(drift.Additive, "a text can be longer", "request .`name`", "64")},
			changelog.Entry{"Added": {"`lib.Thing.Region` (`string`).", "A text can be longer: `64`, in `request .'name'` of `GET /things`."}},
		},
		"code that does not compile": {
			Result{unlisted: true, change: Breaking, Proposal: finding(drift.Breaking, "a value can be null", "response 200 .result", "nullable")},
			changelog.Entry{"Breaking": {"A value can be null: `nullable`, in `response 200 .result` of `GET /things`.", unlisted}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.result.entry()
			if got.String() != test.want.String() {
				t.Errorf("the entry is\n%s\nwant\n%s", got, test.want)
			}
			for _, c := range test.result.API {
				if !c.Compatible && !changelog.Names(got.String(), c.Symbol) {
					t.Errorf("make api-diff would not find %s in\n%s", c.Symbol, got)
				}
			}
		})
	}
}
