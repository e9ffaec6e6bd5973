//go:build !unix

// Package prism runs Stoplight Prism, a mock server and validating proxy that others
// wrote, from an OpenAPI document, on the loopback interface.
package prism

import (
	"context"
	"errors"
)

// ErrMissing means that Prism is not available.
var ErrMissing = errors.New("the mock server Prism is not available")

// Start fails: ending Prism needs process groups.
func Start(context.Context, []byte) (url string, stop func(), err error) { return "", nil, ErrMissing }

// StartProxy fails as Start does.
func StartProxy(context.Context, []byte, string) (url string, stop func(), err error) {
	return "", nil, ErrMissing
}
