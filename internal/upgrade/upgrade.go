// Package upgrade looks what the newest versions of the modules that make code from
// the document would change. It works in a copy: nothing else is touched.
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

// modules make code from the document, validate it, or are what the code needs.
var modules = []string{
	"github.com/oapi-codegen/oapi-codegen/v2",
	"github.com/oapi-codegen/runtime",
	"github.com/getkin/kin-openapi",
	"github.com/speakeasy-api/openapi",
}

// tests are the packages whose tests the new versions have to pass: what is
// generated and what stands on it, and what the modules are used for.
var tests = []string{"./gen/...", "./originpull/...", "./internal/overlay", "./spec", "./contract_test"}

// ErrUnreachable says that no module's versions can be listed.
var ErrUnreachable = errors.New("the registry of modules cannot be reached")

// Report is what the newest versions came to.
type Report struct {
	Modules []Module
	// Together is what all versions change that are good; nil where none is.
	Together *Result
}

// Module is a module and the newest version of it that can be had.
type Module struct {
	Path, Version string   // as go.mod has it
	Unlisted      string   // why its versions are not known
	Refused       []string // newer versions that cannot be had, the newest first
	Reason        string   // of the first refusal
	Newest        string   // empty where nothing newer can be had
	Alone         string   // why the newest is not good by itself, empty where it is
	Good          bool     // the newest is good, by itself or with the others that are
}

// Result is what versions change.
type Result struct {
	Versions []string       // as path@version
	Trouble  string         // what does not hold with them
	Diff     string         // of the generated code
	API      []goapi.Change // of the public packages
}

// most is how many newer versions of a module are tried, the newest first.
const most = 5

// Check tries the newest versions in a copy of the module in a folder, each by
// itself and then all together.
func Check(ctx context.Context, dir string) (Report, error) { return check(ctx, dir, modules) }

func check(ctx context.Context, dir string, paths []string) (Report, error) {
	t, err := copyTree(ctx, dir)
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

// try looks for the newest version of a module that can be had, and whether it is
// good by itself.
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

// good returns the versions that are good together. One that is not good by itself
// can need another that is, as generated code needs the runtime of its generator.
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

// together says what versions change when all of them are taken.
func (t tree) together(ctx context.Context, versions []string) (*Result, error) {
	r := &Result{Versions: versions}
	if err := t.reset(ctx); err != nil {
		return nil, err
	}
	before, err := goapi.Load(ctx, t.Dir)
	if err != nil {
		return nil, err
	}
	if err := t.get(ctx, versions...); err != nil {
		r.Trouble = err.Error()
		return r, nil
	}
	if err := t.build(ctx); err != nil {
		r.Trouble = err.Error()
	}
	if r.Diff, err = t.diff(ctx); err != nil || r.Trouble != "" {
		return r, err
	}
	after, err := goapi.Load(ctx, t.Dir)
	if err != nil {
		r.Trouble = err.Error()
		return r, nil
	}
	r.API = goapi.Compare(before, after)
	if _, err := t.run(ctx, "go", append([]string{"test", "-short"}, tests...)...); err != nil {
		r.Trouble = err.Error()
	}
	return r, nil
}
