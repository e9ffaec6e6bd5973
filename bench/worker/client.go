// Package worker makes a program of each peer: one that measures its calls on
// demand, or, built with the tag plain, one that makes a single call, as small as a
// program with this client can be.
package worker

import (
	"context"
	"net/http"
)

// Client is a peer's six operations. What they return stands in the response, and
// shows that it was decoded.
type Client interface {
	List(ctx context.Context) (certificates int, err error)
	Get(ctx context.Context, id string) (gotID string, err error)
	Upload(ctx context.Context) (id string, err error)
	Delete(ctx context.Context, id string) (gotID string, err error)
	Settings(ctx context.Context) (enabled bool, err error)
	Enable(ctx context.Context) (enabled bool, err error)
}

// Config is what a peer makes its client of.
type Config struct {
	BaseURL   string // with the path /client/v4
	Token     string
	ZoneID    string
	Transport http.RoundTripper

	Certificate, Key string // PEM, what Upload sends; may be empty where it is not called
}

// New makes a peer's client.
type New func(Config) (Client, error)
