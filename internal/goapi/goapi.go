// Package goapi compares the Go API that two folders with this module give to
// the programs that import it.
//
// Covered are the public packages, and of the module's other packages the types
// that these hand out: a field of a generated struct counts as soon as an alias,
// a field or a function of a public package leads to it.
package goapi

import (
	"cmp"
	"context"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"
)

// public are the packages that semantic versioning covers, in the order in which
// a type that several of them name is called.
var public = []string{"originpull", "originpull/originpulltest", "originpull/origin", "originpull/probe", "originpull/rotate", "contract_test", "drift"}

// Change is one difference of the API.
type Change struct {
	Symbol     string `json:"symbol"`  // such as originpull.Certificate.Status
	Message    string `json:"message"` // such as "removed"
	Compatible bool   `json:"compatible"`
	What       string `json:"what,omitempty"` // what it is now, else what it was: a type, a value
	Wire       string `json:"wire,omitempty"` // its name or value in JSON
}

func (c Change) String() string { return c.Symbol + ": " + c.Message }

// API is what a version of the module gives to programs.
type API struct {
	module   string
	packages map[string]*types.Package  // all of the module that the public ones need, by path
	reached  map[string]map[string]bool // types by package and name to which the public ones lead
	aliases  map[string]string          // what programs call a type, by package and name
}

// Load reads the API of the module in a folder. Its packages have to compile. The go
// command runs in the environment of this process with env added.
func Load(ctx context.Context, dir string, env ...string) (*API, error) {
	var patterns []string
	for _, name := range public {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			patterns = append(patterns, "./"+name)
		}
	}
	if len(patterns) == 0 {
		return nil, fmt.Errorf("%s holds none of the packages %s", dir, strings.Join(public, ", "))
	}
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Env: slices.Concat(os.Environ(), env, []string{"GOWORK=off"}),
		// Types come from what the compiler exports: checking the source of all
		// dependencies again would take far longer.
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedExportFile | packages.NeedImports | packages.NeedDeps | packages.NeedModule,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	a := &API{packages: map[string]*types.Package{}, reached: map[string]map[string]bool{}, aliases: map[string]string{}}
	var failed []string
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, err := range p.Errors {
			failed = append(failed, faults(err, dir)...)
		}
		if p.Module != nil && p.Module.Main {
			a.module = p.Module.Path
			a.packages[p.PkgPath] = p.Types
		}
	})
	if len(failed) > 0 {
		slices.Sort(failed)
		return nil, fmt.Errorf("the public packages do not compile:\n%s", strings.Join(slices.Compact(failed), "\n"))
	}
	a.reach()
	return a, nil
}

// faults are the lines of an error, which repeats what the compiler prints for a
// whole package, with the names of files as they are seen from dir.
func faults(err packages.Error, dir string) []string {
	text := err.Msg
	if err.Pos != "" && err.Pos != "-" {
		text = err.Pos + ": " + text
	}
	if absolute, err := filepath.Abs(dir); err == nil {
		text = strings.ReplaceAll(text, absolute+string(filepath.Separator), "")
	}
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" || strings.HasPrefix(line, "# ") })
}

// Compare lists what differs, breaking changes first.
func Compare(old, new *API) []Change {
	var changes []Change
	for _, path := range slices.Sorted(maps.Keys(old.packages)) {
		switch {
		case !old.isPublic(path) && old.reached[path] == nil:
		case new.packages[path] != nil:
			changes = append(changes, compare(old, new, path)...)
		case old.isPublic(path):
			changes = append(changes, Change{Symbol: old.packages[path].Name(), Message: "package removed"})
		}
	}
	for path, p := range new.packages {
		if new.isPublic(path) && old.packages[path] == nil {
			changes = append(changes, Change{Symbol: p.Name(), Message: "package added", Compatible: true})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.order(), b.order()) })
	return changes
}

// order puts breaking changes first, then symbols by their names.
func (c Change) order() string { return fmt.Sprint(c.Compatible, " ", c) }

func (a *API) isPublic(path string) bool {
	name, ok := strings.CutPrefix(path, a.module+"/")
	return ok && slices.Contains(public, name)
}

// receiver makes a method's symbol of its receiver in brackets.
var receiver = strings.NewReplacer("(*", "", ")", "")

// compare compares one package. apidiff takes types of another package for equal
// that have the same name, so what is in them is found where they stand; of a
// package that is not public only what the public ones lead to counts.
func compare(old, new *API, path string) []Change {
	found := retagged(old, new, path)
	for _, change := range apidiff.Changes(old.packages[path], new.packages[path]).Changes {
		symbol, message, _ := strings.Cut(change.Message, ": ")
		found = append(found, Change{Symbol: receiver.Replace(symbol), Message: message, Compatible: change.Compatible})
	}
	var changes []Change
	for _, change := range found {
		first, rest, _ := strings.Cut(change.Symbol, ".")
		name := old.packages[path].Name() + "." + first
		if !old.isPublic(path) {
			if !old.reached[path][first] {
				continue
			}
			name = cmp.Or(old.aliases[path+"."+first], name)
		}
		if rest != "" {
			name += "." + rest
		}
		change.What, change.Wire = new.describe(path, change.Symbol)
		if change.What == "" {
			change.What, change.Wire = old.describe(path, change.Symbol)
		}
		change.Symbol = name
		changes = append(changes, change)
	}
	return changes
}
