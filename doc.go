// Package originpullgo is the front page of module
// github.com/originpull/originpull-go, an SDK for Cloudflare's zone-level
// Authenticated Origin Pulls. It holds no code.
//
// Programs import package originpull, in the folder of that name.
package originpullgo
