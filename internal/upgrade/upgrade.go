// Package upgrade finds out what the newest versions of the modules that generate code
// from the document would change. It works in a copy and changes nothing else.
package upgrade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/originpull/originpull-go/internal/goapi"
)

// modules generate code from the document, validate it, or are what the code needs.
var modules = []string{
	"github.com/oapi-codegen/oapi-codegen/v2",
	"github.com/oapi-codegen/runtime",
	"github.com/getkin/kin-openapi",
	"github.com/speakeasy-api/openapi",
	"github.com/theory/jsonpath",
}

// tests are the packages whose tests the new versions have to pass: the generated code,
// what is built on it, and what else uses the modules.
var tests = []string{"./gen/...", "./originpull/...", "./internal/overlay", "./spec", "./contract_test"}

// ErrUnreachable means that no module's versions can be listed.
var ErrUnreachable = errors.New("the registry of modules cannot be reached")

// Report says what the newest versions change.
type Report struct {
	Modules []Module
	// Together is what all usable versions change together; nil if none is usable.
	Together *Result
}

// Module is a module and its newest version that can be downloaded.
type Module struct {
	Path, Version string   // as go.mod has it
	Unlisted      string   // why its versions are unknown
	Refused       []string // newer versions that cannot be downloaded, the newest first
	Reason        string   // of the first refusal
	Newest        string   // "" if there is no newer version that can be downloaded
	Alone         string   // why the newest does not work alone, "" if it does
	Good          bool     // the newest works, alone or with the other newest versions
}

// Result is what versions change.
type Result struct {
	Versions []string       // as path@version
	Failure  string         // what fails with them, "" if nothing does
	Diff     string         // of the generated code
	API      []goapi.Change // of the public packages
}

// most is how many newer versions of a module are tried, the newest first.
const most = 5

// Check tries the newest versions in a copy of the module in a folder, each alone and
// then all together.
func Check(ctx context.Context, dir string) (Report, error) { return check(ctx, dir, modules) }

// check runs the commands with env added to their environment.
func check(ctx context.Context, dir string, paths []string, env ...string) (Report, error) {
	t, err := copyTree(ctx, dir, env)
	if err != nil {
		return Report{}, fmt.Errorf("copy %s: %w", dir, err)
	}
	defer t.Remove()
	var r Report
	for _, path := range paths {
		r.Modules = append(r.Modules, t.try(ctx, path))
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	if !slices.ContainsFunc(r.Modules, func(m Module) bool { return m.Unlisted == "" }) {
		return Report{}, fmt.Errorf("%w: %s", ErrUnreachable, r.Modules[0].Unlisted)
	}
	good := t.good(ctx, r.Modules)
	if len(good) > 0 {
		if r.Together, err = t.together(ctx, good); err != nil {
			return Report{}, err
		}
	}
	return r, ctx.Err()
}

// try finds the newest version of a module that can be downloaded, and whether it
// works alone.
func (t tree) try(ctx context.Context, path string) Module {
	m := Module{Path: path}
	newer, err := t.newer(ctx, &m)
	if err != nil {
		m.Unlisted = err.Error()
		return m
	}
	for _, version := range newer[:min(len(newer), most)] {
		if err := t.get(ctx, path+"@"+version); err != nil {
			if m.Refused = append(m.Refused, version); m.Reason == "" {
				m.Reason, _, _ = strings.Cut(err.Error(), "\n")
			}
			continue
		}
		m.Newest, m.Good = version, true
		if err := t.build(ctx); err != nil {
			m.Alone, m.Good = err.Error(), false
		}
		return m
	}
	return m
}

// good returns the versions that work together. One that does not work alone can need
// another, as generated code needs the runtime of its generator.
func (t tree) good(ctx context.Context, modules []Module) []string {
	var good []string
	for _, m := range modules {
		if m.Good {
			good = append(good, m.Path+"@"+m.Newest)
		}
	}
	for i := range modules {
		m := &modules[i]
		if m.Newest == "" || m.Good || len(good) == 0 {
			continue
		}
		with := append(slices.Clone(good), m.Path+"@"+m.Newest)
		if t.get(ctx, with...) == nil && t.build(ctx) == nil {
			m.Good, good = true, with
		}
	}
	return good
}

// newer lists the releases of a module that are newer than the one in go.mod, the
// newest first.
func (t tree) newer(ctx context.Context, m *Module) ([]string, error) {
	if err := t.reset(ctx); err != nil {
		return nil, err
	}
	text, err := t.run(ctx, "go", "list", "-m", "-versions", "-json", m.Path)
	if err != nil {
		return nil, err
	}
	var listed struct {
		Version  string
		Versions []string
	}
	if err := json.Unmarshal([]byte(text), &listed); err != nil {
		return nil, err
	}
	m.Version = listed.Version
	newer := slices.DeleteFunc(listed.Versions, func(v string) bool {
		return semver.Prerelease(v) != "" || semver.Compare(v, m.Version) <= 0
	})
	slices.SortFunc(newer, func(a, b string) int { return semver.Compare(b, a) })
	return newer, nil
}

// together returns what versions change together.
func (t tree) together(ctx context.Context, versions []string) (*Result, error) {
	r := &Result{Versions: versions}
	if err := t.reset(ctx); err != nil {
		return nil, err
	}
	before, err := goapi.Load(ctx, t.Dir, t.env...)
	if err != nil {
		return nil, err
	}
	if err := t.get(ctx, versions...); err != nil {
		r.Failure = err.Error()
		return r, nil
	}
	if err := t.build(ctx); err != nil {
		r.Failure = err.Error()
	}
	if r.Diff, err = t.diff(ctx); err != nil || r.Failure != "" {
		return r, err
	}
	after, err := goapi.Load(ctx, t.Dir, t.env...)
	if err != nil {
		r.Failure = err.Error()
		return r, nil
	}
	r.API = goapi.Compare(before, after)
	if _, err := t.run(ctx, "go", append([]string{"test", "-short"}, tests...)...); err != nil {
		r.Failure = err.Error()
	}
	return r, nil
}
