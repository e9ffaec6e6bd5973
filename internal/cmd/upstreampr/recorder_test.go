package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recorder stands in for gh: it keeps what GitHub would, and lists what changes it.
type recorder struct {
	t      *testing.T
	remote string // the repository's folder
	writes []string
	fail   func(call string) bool // whether a call fails before it takes effect
	fails  string                 // what gh prints then

	threads  []*thread
	pulls    map[int]bool // of the threads
	comments map[int][]string
	labels   map[string]bool
	ci       []string // commits for which it was started
}

func newRecorder(t *testing.T, remote string) *recorder {
	return &recorder{t: t, remote: remote, pulls: map[int]bool{}, comments: map[int][]string{}, labels: map[string]bool{}}
}

// gh is called as [hub.gh] is.
func (r *recorder) gh(_ context.Context, stdin []byte, args ...string) ([]byte, error) {
	if len(args) < 4 || args[0] != "api" || args[1] != "--method" || (stdin != nil) != slices.Equal(args[4:], []string{"--input", "-"}) {
		r.t.Fatalf("gh %q is not known", args)
	}
	path, ok := strings.CutPrefix(args[3], "repos/owner/name/")
	if !ok {
		r.t.Fatalf("gh %q is not about the repository", args)
	}
	call := args[2] + " " + path
	if r.fail != nil && r.fail(call) {
		return []byte("{}"), errors.New("exit status 1: " + r.fails)
	}
	if args[2] != "GET" {
		r.writes = append(r.writes, call)
	}
	var body map[string]any
	if stdin != nil {
		if err := json.Unmarshal(stdin, &body); err != nil {
			r.t.Fatal(err)
		}
	}
	got, err := r.respond(call, body)
	output, _ := json.Marshal(got)
	return output, err
}

var routes = regexp.MustCompile(`^([A-Z]+) (pulls|issues|labels|actions/workflows/ci.yaml)(?:/([^/?]+))?(?:/(comments|labels)(?:/(\S+))?)?(?:\?(.*))?$`)

func (r *recorder) respond(call string, body map[string]any) (any, error) {
	route := routes.FindStringSubmatch(call)
	if route == nil {
		r.t.Fatalf("gh api %s is not known", call)
	}
	query, err := url.ParseQuery(route[6])
	if err != nil {
		r.t.Fatal(err)
	}
	t := r.thread(route[3])
	text := func(key string) string { value, _ := body[key].(string); return value }
	switch method, kind := route[1], route[2]; {
	case kind == "labels" && method == "GET" && !r.labels[route[3]]:
		return nil, errors.New("exit status 1: gh: Not Found (HTTP 404)")
	case kind == "labels" && method == "GET":
		return nil, nil
	case kind == "labels":
		r.labels[text("name")] = true
		return nil, nil
	case route[3] == "runs":
		return map[string]int{"total_count": strings.Count(strings.Join(r.ci, " "), query.Get("head_sha"))}, nil
	case route[3] == "dispatches":
		r.ci = append(r.ci, r.branch(text("ref")))
		return nil, nil
	case route[4] == "comments":
		r.comments[t.Number] = append(r.comments[t.Number], text("body"))
		return nil, nil
	case route[4] == "labels" && method == "DELETE":
		t.Labels = slices.DeleteFunc(t.Labels, func(l struct{ Name string }) bool { return l.Name == route[5] })
		return nil, nil
	case route[4] == "labels":
		for _, name := range body["labels"].([]any) {
			t.Labels = append(t.Labels, struct{ Name string }{name.(string)})
		}
		return nil, nil
	case method == "GET":
		return r.list(kind == "pulls", query), nil
	case method == "POST":
		t = &thread{Number: len(r.threads) + 1, State: "open"}
		t.User.Login = bot
		r.threads = append(r.threads, t)
		r.pulls[t.Number] = kind == "pulls"
		if kind == "pulls" && (text("head") != branch || text("base") != "main" || r.branch(branch) == "") {
			r.t.Fatalf("a pull request of %q to %q", text("head"), text("base"))
		}
	}
	for key, field := range map[string]*string{"title": &t.Title, "body": &t.Body, "state": &t.State} {
		if value := text(key); value != "" {
			*field = value
		}
	}
	if len(t.Title) > 256 || len(t.Body) > 65_536 {
		r.t.Fatalf("GitHub takes no title of %d bytes, and no body of %d", len(t.Title), len(t.Body))
	}
	return r.shown(t), nil
}

// shown is a thread as GitHub responds with it, with null for what it does not have.
func (r *recorder) shown(t *thread) map[string]any {
	shown := map[string]any{
		"number": t.Number, "state": t.State, "title": t.Title, "body": t.Body, "user": map[string]string{"login": t.User.Login},
		"labels": []any{}, "merged_at": nil,
		"head": map[string]any{"sha": t.Head.SHA, "repo": map[string]string{"full_name": cmp.Or(t.Head.Repo.FullName, "owner/name")}},
	}
	for _, l := range t.Labels {
		shown["labels"] = append(shown["labels"].([]any), map[string]string{"name": l.Name})
	}
	if t.MergedAt != "" {
		shown["merged_at"] = t.MergedAt
	}
	if r.pulls[t.Number] {
		shown["pull_request"] = map[string]string{}
	}
	return shown
}

// list lists threads, the newest first. Pull requests are issues too.
func (r *recorder) list(pulls bool, query url.Values) []any {
	found := []any{}
	for _, t := range slices.Backward(r.threads) {
		if state := query.Get("state"); pulls && !r.pulls[t.Number] || state != "all" && state != t.State {
			continue
		}
		if t.State == "open" {
			t.Head.SHA = r.branch(branch)
		}
		found = append(found, r.shown(t))
	}
	return found
}

func (r *recorder) thread(number string) *thread {
	for _, t := range r.threads {
		if fmt.Sprint(t.Number) == number {
			return t
		}
	}
	return nil
}

// branch is the commit of a branch of the remote, "" if there is none.
func (r *recorder) branch(name string) string {
	return strings.TrimSpace(git(r.t, r.remote, "for-each-ref", "--format=%(objectname)", "refs/heads/"+name))
}
