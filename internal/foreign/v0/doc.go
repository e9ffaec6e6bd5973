// Package v0 holds the simulator to account by cloudflare-go v0, which was
// written against the live API: its calls for all six operations, its error
// types and its retries.
package v0
