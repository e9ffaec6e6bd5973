package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// hub is the repository on GitHub.
type hub struct {
	repo string // owner/name
	gh   func(ctx context.Context, stdin []byte, args ...string) ([]byte, error)
}

// thread is a pull request or an issue.
type thread struct {
	Number int
	State  string // open or closed
	Title  string
	Body   string
	User   struct{ Login string }
	Labels []struct{ Name string }

	Head struct { // of a pull request
		SHA  string
		Repo struct {
			FullName string `json:"full_name"`
		}
	}
	MergedAt string `json:"merged_at"` // of a pull request, empty if it is not merged
}

// bot is who the token of a workflow acts as.
const bot = "github-actions[bot]"

var (
	errNotFound = errors.New("not found")
	// errSetting says which setting of the repository is missing.
	errSetting = errors.New(`the workflow may not open pull requests: turn on "Allow GitHub Actions to create and approve pull requests" in the repository's Settings, Actions, General, Workflow permissions (docs/upstream.md)`)
)

// call sends a request to the API, with a body unless it is nil, and decodes the response
// unless into is nil.
func (h hub) call(ctx context.Context, method, path string, body, into any) error {
	args := []string{"api", "--method", method, "repos/" + h.repo + "/" + path}
	var stdin []byte
	if body != nil {
		var err error
		if stdin, err = json.Marshal(body); err != nil {
			return err
		}
		args = append(args, "--input", "-")
	}
	output, err := h.gh(ctx, stdin, args...)
	switch {
	case err == nil && into == nil:
		return nil
	case err == nil:
		err = json.Unmarshal(output, into)
	case strings.Contains(err.Error(), "(HTTP 404)"):
		err = fmt.Errorf("%w: %w", errNotFound, err)
	case strings.Contains(err.Error(), "not permitted to create or approve pull requests"):
		err = fmt.Errorf("%w: %w", errSetting, err)
	}
	if err != nil {
		return fmt.Errorf("gh api %s %s: %w", method, path, err)
	}
	return nil
}

// pullRequests returns the pull requests of our branch, the newest first. A fork of the
// same owner can have a branch of that name: only those of the repository itself count.
func (h hub) pullRequests(ctx context.Context) ([]thread, error) {
	owner, _, _ := strings.Cut(h.repo, "/")
	query := url.Values{"state": {"all"}, "head": {owner + ":" + branch}, "sort": {"created"}, "direction": {"desc"}, "per_page": {"100"}}
	var found []thread
	err := h.call(ctx, "GET", "pulls?"+query.Encode(), nil, &found)
	return slices.DeleteFunc(found, func(p thread) bool { return !strings.EqualFold(p.Head.Repo.FullName, h.repo) }), err
}

// issues returns our issues in a state, the newest first. Anyone can open an issue that
// looks like ours: only the bot's own count.
func (h hub) issues(ctx context.Context, state string) ([]thread, error) {
	query := url.Values{"state": {state}, "creator": {bot}, "sort": {"created"}, "direction": {"desc"}, "per_page": {"100"}}
	var found []struct {
		thread
		PullRequest any `json:"pull_request"` // which GitHub lists as issues, too
	}
	if err := h.call(ctx, "GET", "issues?"+query.Encode(), nil, &found); err != nil {
		return nil, err
	}
	var ours []thread
	for _, f := range found {
		if f.User.Login == bot && f.PullRequest == nil && keyOf(f.Body) != "" {
			ours = append(ours, f.thread)
		}
	}
	return ours, nil
}

func (h hub) comment(ctx context.Context, number int, text string) error {
	return h.call(ctx, "POST", fmt.Sprintf("issues/%d/comments", number), map[string]string{"body": text}, nil)
}

// labels are the labels for the step of a version, and their colors.
var labels = map[string]string{"semver-major": "b60205", "semver-minor": "0e8a16", "semver-patch": "1d76db", "semver-none": "cccccc"}

// label gives a pull request one of the labels, and takes the others from it. It reports
// whether it had to.
func (h hub) label(ctx context.Context, t thread, want string) (changed bool, err error) {
	has := false
	for _, l := range t.Labels {
		if has = has || l.Name == want; l.Name == want || labels[l.Name] == "" {
			continue
		}
		changed = true
		if err := h.call(ctx, "DELETE", fmt.Sprintf("issues/%d/labels/%s", t.Number, l.Name), nil, nil); err != nil {
			return changed, err
		}
	}
	if has {
		return changed, nil
	}
	err = h.call(ctx, "GET", "labels/"+want, nil, nil)
	if errors.Is(err, errNotFound) {
		err = h.call(ctx, "POST", "labels", map[string]string{"name": want, "color": labels[want], "description": "the version that releases this"}, nil)
	}
	if err != nil {
		return true, err
	}
	return true, h.call(ctx, "POST", fmt.Sprintf("issues/%d/labels", t.Number), map[string][]string{"labels": {want}}, nil)
}

// startCI starts CI on a commit of our branch, unless it was started before: the push and
// the pull request of a workflow start none. It reports whether it had to.
func (h hub) startCI(ctx context.Context, sha string) (started bool, err error) {
	const workflow = "actions/workflows/ci.yaml/"
	query := url.Values{"branch": {branch}, "event": {"workflow_dispatch"}, "head_sha": {sha}, "per_page": {"1"}}
	var runs struct {
		Total int `json:"total_count"`
	}
	if err := h.call(ctx, "GET", workflow+"runs?"+query.Encode(), nil, &runs); err != nil || runs.Total > 0 {
		return false, err
	}
	return true, h.call(ctx, "POST", workflow+"dispatches", map[string]string{"ref": branch}, nil)
}
