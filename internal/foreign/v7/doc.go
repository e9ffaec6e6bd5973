// Package v7 holds the simulator to account by cloudflare-go v7, which
// Cloudflare generates from its own document: its calls for all six operations,
// its error type and its retries.
package v7
