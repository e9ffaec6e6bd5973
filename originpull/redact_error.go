package originpull

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/secret"
)

// redactError returns err if it is short and nothing that can be reached from it contains
// a secret. Otherwise it returns an error that wraps only those errors of the tree that
// are known to contain none, so that [errors.Is] still finds context.Canceled, for
// example. An error that holds anything but text, numbers and other errors, such as a
// request, is not wrapped, and neither are the errors around it.
func (x *exchange) redactError(err error) error {
	if err == nil {
		return nil
	}
	s := errorSearch{x: x, left: mostValues}
	parts, clean := s.cleanParts(err)
	text := fmt.Sprint(err) // fmt recovers if Error panics
	short := excerpt(text)
	switch {
	case x.shows(text[:min(len(text), mostText)]): // more than is shown
		return shownError{fmt.Sprintf("%s: an error of type %T contains a secret of the request", secret.Redacted, err), parts}
	case !clean || short != text:
		return shownError{short, parts}
	}
	return err
}

// shownError is an error whose text can be shown. It wraps those causes that can be shown
// too.
type shownError struct {
	text   string
	causes []error
}

func (e shownError) Error() string   { return e.text }
func (e shownError) Unwrap() []error { return e.causes }

// How far errors are searched. What was not searched is not wrapped either.
const (
	mostValues    = 256      // errors and their fields
	mostErrorText = 16 << 10 // bytes of one text
)

// errorSearch is one search of a tree of errors.
type errorSearch struct {
	x    *exchange
	left int // how many values may still be looked at
}

// cleanParts returns the largest parts of the tree that contain no secret, and reports
// whether that is the whole tree. An error with a method that panics is left out.
func (s *errorSearch) cleanParts(err error) (parts []error, clean bool) {
	if s.left--; s.left < 0 {
		return nil, false
	}
	defer func() {
		if recover() != nil { // by Unwrap
			parts, clean = nil, false
		}
	}()
	var wrapped []error
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		wrapped = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		wrapped = err.Unwrap()
	}
	clean = s.isClean(err)
	for _, one := range wrapped {
		if one == nil {
			continue
		}
		below, all := s.cleanParts(one)
		parts, clean = append(parts, below...), clean && all
	}
	if clean {
		return []error{err}, true
	}
	return parts, false
}

// isClean reports whether err alone contains no secret, however a program prints it.
func (s *errorSearch) isClean(err error) (clean bool) {
	defer func() { clean = recover() == nil && clean }()
	if !s.isCleanText(err.Error()) {
		return false
	}
	value := reflect.ValueOf(err)
	if isStandard(value.Type()) {
		return s.isCleanText(fmt.Sprintf("%+v\n%#v", err, err))
	}
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	return s.isCleanValue(value)
}

func (s *errorSearch) isCleanText(text string) bool {
	return len(text) <= mostErrorText && !s.x.shows(text)
}

var errorType = reflect.TypeFor[error]()

// isCleanValue reports whether a value holds only text, numbers and errors of these, and
// contains no secret. Anything else could be changed by another goroutine during the
// search, or print what it refers to.
func (s *errorSearch) isCleanValue(v reflect.Value) bool {
	if s.left--; s.left < 0 {
		return false
	}
	switch v.Kind() {
	case reflect.String:
		return s.isCleanText(v.String())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Len() <= mostErrorText && s.isCleanText(fmt.Sprintf("%s", v))
		}
		for i := range v.Len() {
			if !s.isCleanValue(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return true
		}
		for i := range v.NumField() {
			if !s.isCleanValue(v.Field(i)) {
				return false
			}
		}
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return true
		}
		return (v.Kind() == reflect.Interface || v.Type().Implements(errorType)) && s.isCleanValue(v.Elem())
	case reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return v.IsNil()
	}
	return true // numbers
}

// isStandard reports whether a type is from one of the standard library's packages that
// return errors. Their errors hold nothing from the network that they do not print.
func isStandard(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	first, _, _ := strings.Cut(t.PkgPath(), "/")
	return slices.Contains([]string{"bufio", "compress", "context", "crypto", "encoding", "errors", "fmt", "internal", "io", "mime", "net", "os", "strconv", "syscall", "time", "vendor"}, first)
}
