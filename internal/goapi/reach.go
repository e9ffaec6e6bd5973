package goapi

import (
	"go/types"
	"strings"
)

// reach finds the types of packages that are not public to which the public ones
// lead, and what these call them.
func (a *API) reach() {
	w := walk{api: a, seen: map[types.Type]bool{}}
	for _, name := range public {
		p := a.packages[a.module+"/"+name]
		if p == nil {
			continue
		}
		for _, name := range p.Scope().Names() {
			object := p.Scope().Lookup(name)
			if !object.Exported() {
				continue
			}
			if alias, ok := object.(*types.TypeName); ok && alias.IsAlias() {
				a.call(alias)
			}
			w.walk(object.Type())
		}
	}
}

// call notes the name by which programs know a type of another package.
func (a *API) call(alias *types.TypeName) {
	named, ok := types.Unalias(alias.Type()).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return
	}
	key := named.Obj().Pkg().Path() + "." + named.Obj().Name()
	if a.aliases[key] == "" {
		a.aliases[key] = alias.Pkg().Name() + "." + alias.Name()
	}
}

// walk goes through all that a program can get at from a type.
type walk struct {
	api  *API
	seen map[types.Type]bool
}

func (w walk) walk(t types.Type) {
	t = types.Unalias(t)
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		w.named(t)
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() {
				w.walk(field.Type())
			}
		}
	case *types.Signature:
		w.tuple(t.Params())
		w.tuple(t.Results())
	case *types.Interface:
		for method := range t.Methods() {
			w.walk(method.Type())
		}
	case *types.Map:
		w.walk(t.Key())
		w.walk(t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		w.walk(t.Elem())
	}
}

// ownInternal is in the path of packages whose types drift hands out for others of
// this module alone.
const ownInternal = "/drift/internal/"

func (w walk) named(t *types.Named) {
	pkg := t.Obj().Pkg()
	if pkg == nil || w.api.packages[pkg.Path()] == nil || strings.Contains(pkg.Path(), ownInternal) {
		return // of another module, or not for programs
	}
	if w.api.reached[pkg.Path()] == nil {
		w.api.reached[pkg.Path()] = map[string]bool{}
	}
	w.api.reached[pkg.Path()][t.Obj().Name()] = true
	for argument := range t.TypeArgs().Types() {
		w.walk(argument)
	}
	w.walk(t.Underlying())
	for method := range t.Methods() {
		if method.Exported() {
			w.walk(method.Type())
		}
	}
}

func (w walk) tuple(t *types.Tuple) {
	for v := range t.Variables() {
		w.walk(v.Type())
	}
}
