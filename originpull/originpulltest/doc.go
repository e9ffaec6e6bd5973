// Package originpulltest simulates Cloudflare's zone-level Authenticated Origin
// Pulls: the API with the gateway in front of it, and the edge that pulls from
// an origin.
package originpulltest
