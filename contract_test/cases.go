package contract

import "slices"

// Where the claims come from.
const (
	reference  = "API reference, Zone-Level Authenticated Origin Pulls"
	howTo      = "Cloudflare documentation, Authenticated Origin Pull, 2026-04"
	schemas    = "cloudflare/api-schemas openapi.json, 2024-07-31"
	liveTests  = "alchemy-run/distilled and alchemy, Cloudflare error matchers and live tests, 2026"
	terraform  = "cloudflare/terraform-provider-cloudflare"
	liveLog    = "IBM-Cloud/terraform-provider-ibm PR 3895, 2022"
	captures   = "captures published by others, 2021–2026"
	rateLimits = "Cloudflare documentation, API rate limits, 2026-04"
	assumed    = "assumed: no one has published it"
	ourSDK     = "package originpull"
)

// Cases returns all cases in the order in which they are run: first what reads,
// then what changes, then what is refused and what fails.
func Cases() []Case {
	return slices.Concat(
		readingCases(),
		uploadCases(),
		deletionCases(),
		settingsCases(),
		behaviourCases(),
		lifecycleCases(),
		credentialCases(),
		refusalCases(),
		failureCases(),
		inputCases(),
	)
}
