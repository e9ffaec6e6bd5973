package goapi

import (
	"cmp"
	"fmt"
	"go/constant"
	"go/types"
	"reflect"
	"regexp"
	"strings"
)

// lookup finds what a symbol of a package, such as Certificate.Status, stands for,
// and the tag if it is a field.
func lookup(p *types.Package, symbol string) (object types.Object, tag string) {
	first, rest, _ := strings.Cut(symbol, ".")
	object = p.Scope().Lookup(first)
	if object == nil || rest == "" {
		return object, ""
	}
	if s, ok := object.Type().Underlying().(*types.Struct); ok {
		for i := range s.NumFields() {
			if s.Field(i).Name() == rest {
				return s.Field(i), s.Tag(i)
			}
		}
	}
	object, _, _ = types.LookupFieldOrMethod(object.Type(), true, p, rest)
	return object, ""
}

// describe says what a symbol of a package is: of a field, a variable or a func its
// type, of a constant its value. Wire is what stands for it in JSON, empty if
// nothing does.
func (a *API) describe(path, symbol string) (what, wire string) {
	object, tag := lookup(a.packages[path], symbol)
	switch o := object.(type) {
	case *types.Const:
		value := o.Val()
		if value.Kind() == constant.String {
			return value.ExactString(), constant.StringVal(value)
		}
		return value.ExactString(), value.ExactString()
	case *types.Var:
		return a.name(o.Type()), called(tag)[0]
	case *types.Func:
		return a.name(o.Type()), ""
	case *types.TypeName:
		return "type", ""
	}
	return "", ""
}

// qualified is a name with the path of its package.
var qualified = regexp.MustCompile(`[\w./-]+/[\w./-]*\.\w+`)

// name writes a type as programs do.
func (a *API) name(t types.Type) string {
	return qualified.ReplaceAllStringFunc(types.TypeString(t, nil), func(full string) string {
		return cmp.Or(a.aliases[full], full[strings.LastIndexByte(full, '/')+1:])
	})
}

// retagged lists the fields of a package's structs whose tags differ: what they are
// called in JSON or YAML is seen by programs too, and apidiff does not look at it but
// in structs without a name. One that programs cannot name counts where it is embedded.
func retagged(old, new *API, path string) []Change {
	var changes []Change
	for name := range old.reached[path] {
		was, before := structOf(old, path, name)
		is, now := structOf(new, path, name)
		if !before || !now {
			continue
		}
		for i := range was.NumFields() {
			field := was.Field(i)
			for j := range is.NumFields() {
				if (field.Exported() || field.Embedded()) && is.Field(j).Name() == field.Name() && is.Tag(j) != was.Tag(i) {
					changes = append(changes, Change{
						Symbol: name + "." + field.Name(), Compatible: called(was.Tag(i)) == called(is.Tag(j)),
						Message: fmt.Sprintf("tag changed from %s to %s", orNone(was.Tag(i)), orNone(is.Tag(j))),
					})
				}
			}
		}
	}
	return changes
}

func structOf(a *API, path, name string) (*types.Struct, bool) {
	object, ok := a.packages[path].Scope().Lookup(name).(*types.TypeName)
	if !ok || object.IsAlias() { // of an alias where it stands
		return nil, false
	}
	s, ok := object.Type().Underlying().(*types.Struct)
	return s, ok
}

// called is what a tag calls a field in JSON and in YAML. What else it says, such
// as omitempty, breaks no program that reads it.
func called(tag string) (names [2]string) {
	for i, key := range []string{"json", "yaml"} {
		names[i], _, _ = strings.Cut(reflect.StructTag(tag).Get(key), ",")
	}
	return names
}

func orNone(tag string) string {
	if tag == "" {
		return "none"
	}
	return "`" + tag + "`"
}
