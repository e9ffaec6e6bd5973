package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// Failure returns the error of something that was not done, in three lines: what, why
// with the Cf-Ray, and what to do next. Its exit status is [cli.Denied] if the API denied
// it, [cli.Error] if the input was refused before a request was made, else [cli.Failed].
// Of a list of reasons, a line each, only what is above it is shown. An error that says all
// that already is returned as it is.
func Failure(what string, err error) error {
	var told *cli.Problem
	var status *cli.Status
	if err == nil || errors.As(err, &told) || errors.As(err, &status) {
		return err
	}
	problem := &cli.Problem{What: what, Why: err, Next: next(err), Code: cli.Failed}
	switch {
	case errors.Is(err, originpull.ErrDenied):
		problem.Code = cli.Denied
	case errors.Is(err, originpull.ErrInvalidInput):
		problem.Code = cli.Error
	}
	var apiErr *originpull.Error
	head, _, list := strings.Cut(err.Error(), ":\n\t")
	switch {
	case list:
		problem.Why = because{head, err}
	case errors.Is(err, context.Canceled):
		problem.Why = because{"it was interrupted", err}
	case errors.As(err, &apiErr):
		problem.Why = because{strings.Replace(err.Error(), apiErr.Error(), reason(apiErr), 1), err}
	}
	return problem
}

// because is an error with another text.
type because struct {
	text string
	err  error
}

func (b because) Error() string { return b.text }

func (b because) Unwrap() error { return b.err }

// reason returns why the API failed, without the advice of [originpull.Error].
func reason(e *originpull.Error) string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	for _, m := range e.Errors {
		text := m.Message
		if m.Code != 0 {
			text = fmt.Sprintf("%d %s", m.Code, m.Message)
		}
		for _, c := range m.ErrorChain {
			text += fmt.Sprintf(" (%d %s)", c.Code, c.Message)
		}
		parts = append(parts, text)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	text := strings.Join(parts, ": ")
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (after %d attempts)", e.Attempts)
	}
	if e.RayID != "" {
		text += fmt.Sprintf(" (Cf-Ray %s)", e.RayID)
	}
	return text
}

// next returns what to do about an error.
func next(err error) string {
	var apiErr *originpull.Error
	isAPI := errors.As(err, &apiErr)
	var status *originpull.StatusError
	switch {
	case errors.Is(err, context.Canceled):
		return "what was done is not undone: look with originpull certificates list, or run the command again"
	case errors.Is(err, context.DeadlineExceeded):
		return "look again later with originpull certificates list, or give it more time"
	case errors.As(err, &status):
		return "see the certificate with originpull certificates show, delete it, and upload it again if it should be there"
	case errors.Is(err, originpull.ErrDenied):
		return deniedNext(apiErr)
	case errors.Is(err, originpull.ErrRateLimited) && isAPI && apiErr.RetryAfter > 0:
		return fmt.Sprintf("run the command again in %s", apiErr.RetryAfter)
	case errors.Is(err, originpull.ErrRateLimited):
		return "run the command again in five minutes"
	case isAPI && apiErr.Status == 0:
		return "check the network, and the URL of the API (--base-url, CLOUDFLARE_BASE_URL)"
	}
	for _, known := range remedies {
		if errors.Is(err, known.err) {
			return known.next
		}
	}
	return "see each request with --debug; Cloudflare's support asks for the Cf-Ray"
}

var remedies = []struct {
	err  error
	next string
}{
	{rotate.ErrSuperseded, "if the newer certificate should stay, nothing; else run the command again with --supersede and its SHA-256, or all"},
	{rotate.ErrDeployment, "delete that certificate (originpull certificates delete) and run the command again"},
	{rotate.ErrUndecided, "delete the certificate that could not be read (originpull certificates delete), and run the command again"},
	{rotate.ErrNotProven, "correct the origin, or what --exec found, and run the command again: nothing is deleted before that"},
	{rotate.ErrNoProgress, "run the command again later: it goes on where this run has ended"},
	{originpull.ErrExpired, "give a certificate that is valid for longer"},
	{originpull.ErrOutcomeUnknown, "run the command again: a zone never has a certificate twice"},
	{originpull.ErrAlreadyExists, "see which one it is: originpull certificates list; while it is being deleted, wait a minute and run the command again"},
	{originpull.ErrAlreadyDeleted, "nothing: it is deleted, or will be in a moment"},
	{originpull.ErrPendingDeployment, "run the command again once the certificate is active: originpull certificates list"},
	{originpull.ErrConflict, "run the command again once the other client has finished"},
	{originpull.ErrNotFound, "check the id: originpull certificates list"},
	{originpull.ErrNotLeaf, "give a leaf certificate, made with basicConstraints=critical,CA:FALSE"},
	{originpull.ErrMalformedResponse, "check the proxy in between, if any, and the URL of the API (--base-url); see each request with --debug"},
	{originpull.ErrInvalidInput, "correct it and run the command again: nothing was sent"},
}

func deniedNext(e *originpull.Error) string {
	if e == nil || e.Permission == "" {
		return "check the token and its permissions: the API does not say which is wrong"
	}
	return fmt.Sprintf("check the token, and that it has the permission %q for this zone: the API does not say which is wrong", e.Permission)
}
