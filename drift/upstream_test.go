package drift

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var upstreamScope = Scope{Prefix: "/zones/{zone_id}/origin_tls_client_auth"}

// upstreamPairs lists what changed between the published documents of four
// dates: every finding, with its places and how many operations share each.
var upstreamPairs = []struct {
	old, new string
	want     []string
}{
	{"2022-11-11.slice.json", "2023-06-23.slice.json", []string{
		`breaking request-max-length-tightened at path parameter identifier ×4: 36 → 32`,
		`breaking response-alternative-removed at response 200 <any{result,result_info}> ×3: any → `,
		`breaking response-alternative-removed at response 4XX <object{success=true,errors,messages}> ×3: object → `,
		`breaking response-type-changed at response 4XX .result ×6: null → object`,
		`breaking response-type-changed at response 4XX .result ×3: array, nullable → array & array|null & null|object`,
		`breaking response-enum-contradicted at response 4XX .success ×3: false → contradiction of false & true`,
		`breaking security-removed at security ×12: http bearer → `,
		`additive request-read-only-removed at request body .config[].cert_id ×1: true → `,
		`additive response-nullable-removed at response 200 .result ×3, response 4XX .result ×3: object, nullable → object`,
		`additive response-nullable-removed at response 200 .result ×6: any, nullable → any`,
		`additive response-max-length-tightened at response 200 .result.cert_id ×1, response 200 .result[].cert_id ×2: 36 → 32`,
		`additive response-max-length-tightened at response 200 .result.id ×3, response 200 .result[].id ×3: 36 → 32`,
		`additive response-property-added at response 200 .result_info ×3:  → object`,
	}},
	{"2022-11-11.slice.json", "2024-02-12.slice.json", []string{
		`breaking request-max-length-tightened at path parameter identifier ×4: 36 → 32`,
		`breaking response-alternative-removed at response 200 <any{result,result_info}> ×3: any → `,
		`breaking response-alternative-removed at response 4XX <object{success=true,errors,messages}> ×3: object → `,
		`breaking response-type-changed at response 4XX .result ×6: null → object`,
		`breaking response-type-changed at response 4XX .result ×3: array, nullable → array & array|null & null|object`,
		`breaking response-enum-contradicted at response 4XX .success ×3: false → contradiction of false & true`,
		`breaking security-removed at security ×12: http bearer → `,
		`additive request-read-only-removed at request body .config[].cert_id ×1: true → `,
		`additive response-nullable-removed at response 200 .result ×3, response 4XX .result ×3: object, nullable → object`,
		`additive response-nullable-removed at response 200 .result ×6: any, nullable → any`,
		`additive response-max-length-tightened at response 200 .result.cert_id ×1, response 200 .result[].cert_id ×2: 36 → 32`,
		`additive response-max-length-tightened at response 200 .result.id ×3, response 200 .result[].id ×3: 36 → 32`,
		`additive response-property-added at response 200 .result_info ×3:  → object`,
		`editorial path-parameter-renamed at path parameter zone_identifier ×12: zone_identifier → zone_id`,
		`editorial path-parameter-renamed at path parameter identifier ×4: identifier → certificate_id`,
	}},
	{"2022-11-11.slice.json", "2024-07-31.openapi.json", []string{
		`breaking request-max-length-tightened at path parameter identifier ×4: 36 → 32`,
		`breaking response-alternative-removed at response 200 <any{result,result_info}> ×3: any → `,
		`breaking response-choice-removed at response 200 .result ×6: anyOf of array, object, string → `,
		`breaking response-property-optional at response 200 .result ×12: required → optional`,
		`breaking response-alternative-removed at response 4XX <object{success=true,errors,messages}> ×3: object → `,
		`breaking response-type-changed at response 4XX .result ×6: null → object`,
		`breaking response-type-changed at response 4XX .result ×3: array, nullable → array & array|null & null|object`,
		`breaking response-enum-contradicted at response 4XX .success ×3: false → contradiction of false & true`,
		`breaking security-removed at security ×12: http bearer → `,
		`additive request-read-only-removed at request body .config[].cert_id ×1: true → `,
		`additive response-nullable-removed at response 200 .result ×3, response 4XX .result ×3: object, nullable → object`,
		`additive response-nullable-removed at response 200 .result ×6: any, nullable → any`,
		`additive response-max-length-tightened at response 200 .result.cert_id ×1, response 200 .result[].cert_id ×2: 36 → 32`,
		`additive response-max-length-tightened at response 200 .result.id ×3, response 200 .result[].id ×3: 36 → 32`,
		`additive response-property-added at response 200 .result_info ×3:  → object`,
		`editorial path-parameter-renamed at path parameter zone_identifier ×12: zone_identifier → zone_id`,
		`editorial path-parameter-renamed at path parameter identifier ×4: identifier → certificate_id`,
		`editorial response-read-only-removed at response 200 .result.cert_id ×1, response 200 .result[].cert_id ×2: true → `,
		`editorial response-read-only-removed at response 200 .result.id ×3, response 200 .result[].id ×3: true → `,
	}},
	{"2023-06-23.slice.json", "2024-02-12.slice.json", []string{
		`editorial path-parameter-renamed at path parameter zone_identifier ×12: zone_identifier → zone_id`,
		`editorial path-parameter-renamed at path parameter identifier ×4: identifier → certificate_id`,
	}},
	{"2023-06-23.slice.json", "2024-07-31.openapi.json", []string{
		`breaking response-choice-removed at response 200 .result ×6, response 4XX .result ×3: anyOf of array, object, string → `,
		`breaking response-property-optional at response 200 .result ×12: required → optional`,
		`editorial path-parameter-renamed at path parameter zone_identifier ×12: zone_identifier → zone_id`,
		`editorial path-parameter-renamed at path parameter identifier ×4: identifier → certificate_id`,
		`editorial response-read-only-removed at response 200 .result.cert_id ×1, response 200 .result[].cert_id ×2, response 4XX .result.cert_id ×1: true → `,
		`editorial response-read-only-removed at response 200 .result.id ×3, response 200 .result[].id ×3, response 4XX .result.id ×3: true → `,
	}},
	{"2024-02-12.slice.json", "2024-07-31.openapi.json", []string{
		`breaking response-choice-removed at response 200 .result ×6, response 4XX .result ×3: anyOf of array, object, string → `,
		`breaking response-property-optional at response 200 .result ×12: required → optional`,
		`editorial response-read-only-removed at response 200 .result.cert_id ×1, response 200 .result[].cert_id ×2, response 4XX .result.cert_id ×1: true → `,
		`editorial response-read-only-removed at response 200 .result.id ×3, response 200 .result[].id ×3, response 4XX .result.id ×3: true → `,
	}},
}

func describe(f Finding) string {
	var places []string
	for _, w := range f.Where {
		places = append(places, fmt.Sprintf("%s ×%d", w.Place, len(w.Operations)))
	}
	return fmt.Sprintf("%s %s at %s: %s → %s", f.Class, f.Kind, strings.Join(places, ", "), f.Before, f.After)
}

func TestUpstreamPairs(t *testing.T) {
	t.Parallel()
	for _, pair := range upstreamPairs {
		old, new := mustRead(t, upstreamFile(t, pair.old)), mustRead(t, upstreamFile(t, pair.new))
		var got []string
		for _, f := range mustDiff(t, old, new, upstreamScope) {
			got = append(got, describe(f))
			for _, pointer := range append(slices.Clone(f.Old), f.New...) {
				if !strings.HasPrefix(pointer, "/") {
					t.Errorf("%s: pointer %q", f.ID, pointer)
				}
			}
		}
		for _, line := range pair.want {
			if !slices.Contains(got, line) {
				t.Errorf("%s to %s: not found: %s", pair.old, pair.new, line)
			}
		}
		for _, line := range got {
			if !slices.Contains(pair.want, line) {
				t.Errorf("%s to %s: found besides: %s", pair.old, pair.new, line)
			}
		}
	}
}

// Between these dates parameters of paths were renamed, and nothing else.
func TestUpstreamFingerprints(t *testing.T) {
	t.Parallel()
	fingerprint := func(name string) string {
		return mustFingerprint(t, mustRead(t, upstreamFile(t, name)), upstreamScope)
	}
	if fingerprint("2023-06-23.slice.json") != fingerprint("2024-02-12.slice.json") {
		t.Error("renamed parameters make another fingerprint")
	}
	if fingerprint("2024-07-31.slice.json") != fingerprint("2024-07-31.openapi.json") {
		t.Error("a slice has another fingerprint than the document it was taken from")
	}
	if fingerprint("2022-11-11.slice.json") == fingerprint("2023-06-23.slice.json") {
		t.Error("two meanings have one fingerprint")
	}
}
