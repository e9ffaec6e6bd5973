package originpull

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// decode decodes a response. If it is not of the documented form, decode reads each
// field by itself, so that one that no one needs does not make the rest unreadable.
// unreadable are the JSON pointers of the fields that could not be read, which are zero in
// out. They contain only names of fields of out and indexes, never a name from the
// response. A body that is not a JSON object is an error.
func decode(body []byte, out any) (unreadable []string, err error) {
	if err = unmarshal(body, out); err == nil {
		return nil, nil
	}
	var object json.RawMessage
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) || json.Unmarshal(body, &object) != nil || object[0] != '{' {
		return nil, err
	}
	return decodeFields(object, out), nil
}

// decodeFields decodes a valid JSON object field by field.
func decodeFields(body []byte, out any) (unreadable []string) {
	l := new(lenient)
	v := reflect.ValueOf(out).Elem()
	v.SetZero() // the first decoder may have filled some of it
	l.readObject(body, v, "")
	return l.unreadable
}

// decode decodes the response into out, and reports what could not be read: to
// [WithResponse], and once per client to the log.
func (c *caller) decode(body []byte, out any) error {
	unreadable, err := decode(body, out)
	if c.response == nil && len(unreadable) > 0 {
		c.response = new(Response)
	}
	if c.response != nil {
		c.response.Unreadable = unreadable
	}
	for _, pointer := range unreadable {
		pattern := withoutIndexes(pointer) // there are only as many as the types have fields
		if c.client.odd.first(pattern) {
			c.client.logger.LogAttrs(c.ctx, slog.LevelWarn, "a field of a response cannot be read and is left empty",
				slog.String("operation", c.op.ID), slog.String("field", pattern))
		}
	}
	return err
}

// unreadable returns the fields of the response that could not be read.
func (c *caller) unreadable() []string {
	if c.response == nil {
		return nil
	}
	return c.response.Unreadable
}

// withoutIndexes replaces the indexes in a JSON pointer by a star.
func withoutIndexes(pointer string) string {
	return replaceElems(pointer, isNumber, "*")
}

// mostUnreadable is how many pointers are kept. Those of the envelope's own fields are
// always kept.
const mostUnreadable = 1000

// mostElements is the longest list or object that is read element by element: that takes
// much more time and memory than the first decoder. A zone has a handful of certificates.
const mostElements = 10_000

// lenient reads a value of JSON into a variable, field by field. It follows the types, so
// that a new field needs no code here. The JSON is valid.
type lenient struct{ unreadable []string }

// read reads raw into v. It reports whether it could, maybe without some of the fields in
// it. at is the JSON pointer of v.
func (l *lenient) read(raw []byte, v reflect.Value, at string) bool {
	pointer := v.Addr().Interface()
	_, whole := pointer.(json.Unmarshaler)
	elementwise := v.Kind() == reflect.Slice && !whole && raw[0] == '[' // the first decoder may have failed at any of many
	if !elementwise && unmarshal(raw, pointer) == nil {
		return true
	}
	v.SetZero()
	// There a wrong guess does no harm, and the code of an error may depend on it.
	inMessages := strings.HasPrefix(at, "/errors") || strings.HasPrefix(at, "/messages")
	switch kind := v.Kind(); {
	case kind == reflect.Pointer:
		target := reflect.New(v.Type().Elem())
		if !l.read(raw, target.Elem(), at) {
			return false
		}
		v.Set(target)
		return true
	case kind == reflect.Struct && raw[0] == '{' && !whole:
		l.readObject(raw, v, at)
		return true
	case kind == reflect.Slice && !whole && (raw[0] == '[' || raw[0] == '{' && inMessages):
		elems := [][]byte{raw} // a message that is not in a list
		if raw[0] == '[' {
			elems = split(raw)
		}
		if len(elems) > mostElements {
			break
		}
		v.Set(reflect.MakeSlice(v.Type(), len(elems), len(elems)))
		for i, elem := range elems {
			l.read(elem, v.Index(i), at+"/"+strconv.Itoa(i))
		}
		return true
	case raw[0] == '[' && inMessages: // a value in a list of its own
		if elems := split(raw); len(elems) == 1 && elems[0][0] != '[' {
			return l.read(elems[0], v, at+"/0")
		}
	default:
		if readAsOther(raw, pointer, v, at) {
			return true
		}
	}
	l.note(at)
	return false
}

func (l *lenient) note(at string) {
	if len(l.unreadable) < mostUnreadable || strings.Count(at, "/") == 1 {
		l.unreadable = append(l.unreadable, at)
	}
}

// readObject reads the members of an object into the fields of v. If a name comes twice
// with different values, none of them counts.
func (l *lenient) readObject(raw []byte, v reflect.Value, at string) {
	parts, t := split(raw), v.Type()
	if len(parts) > 2*mostElements {
		l.note(at)
		return
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		where := at + "/" + name
		if member, ambiguous := find(parts, name); ambiguous {
			l.note(where)
		} else if member != nil {
			l.read(member, v.Field(i), where)
		}
	}
}

// find returns the value of a name among the parts of an object.
func find(parts [][]byte, name string) (member []byte, ambiguous bool) {
	for i := 0; i+1 < len(parts); i += 2 {
		if isNamed(parts[i], name) {
			ambiguous = ambiguous || member != nil && !bytes.Equal(member, parts[i+1])
			member = parts[i+1]
		}
	}
	return member, ambiguous
}

// isNamed reports whether a name of a member is that of a field.
func isNamed(quoted []byte, field string) bool {
	name := string(quoted[1 : len(quoted)-1])
	if field == "" || strings.Contains(name, `\\`) && json.Unmarshal(quoted, &name) != nil {
		return false
	}
	return name == field || foldsNames && strings.ToLower(strings.ToUpper(name)) == field
}

// split returns the elements of a list, or in turn the names and the values of an object;
// only some more than are read, if there are more.
func split(raw []byte) (parts [][]byte) {
	depth, quoted, start := 0, false, 1
	for i := 0; i < len(raw) && len(parts) <= 2*mostElements; i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
			continue
		case c == '"':
			quoted = !quoted
			continue
		case quoted:
			continue
		case c == '{' || c == '[':
			depth++
			continue
		case c == '}' || c == ']':
			depth--
		}
		if depth == 0 || depth == 1 && (raw[i] == ',' || raw[i] == ':') {
			if part := bytes.TrimSpace(raw[start:i]); len(part) > 0 {
				parts = append(parts, part)
			}
			start = i + 1
		}
	}
	return parts
}

// readAsOther reads a text or a number in another form than the documented one, if there
// is no doubt what it means. An id, a status and a bool are read as they are documented,
// or not at all: calls depend on them.
func readAsOther(raw []byte, pointer any, v reflect.Value, at string) bool {
	text, quoted := string(raw), raw[0] == '"'
	if quoted && json.Unmarshal(raw, &text) != nil {
		return false
	}
	text = strings.TrimSpace(text)
	switch pointer := pointer.(type) {
	case *time.Time:
		return quoted && parseTime(text, pointer)
	case *string:
		if strings.Trim(text, "-0123456789") != "" || quoted || strings.HasSuffix(at, "/id") {
			return false
		}
		*pointer = text
		return true
	case *json.RawMessage:
		*pointer = bytes.Clone(raw)
		return true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "-+.eE0123456789") != "" {
		return false // strconv takes more than JSON, such as NaN
	}
	switch n := int64(f); { // of 1406.0 too
	case v.CanFloat():
		v.SetFloat(f)
	case v.CanInt() && float64(n) == f && !v.OverflowInt(n):
		v.SetInt(n)
	default:
		return false
	}
	return true
}

// parseTime parses a time in a form that is not RFC 3339 but names its offset. Sibling
// endpoints send the first.
func parseTime(text string, t *time.Time) bool {
	for _, layout := range []string{
		"2006-01-02 15:04:05 -0700 MST", // Go's Time.String
		"2006-01-02 15:04:05 -0700",
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02T15:04:05Z0700",
		"2006-01-02 15:04:05 UTC",
	} {
		if parsed, err := time.Parse(layout, text); err == nil {
			*t = parsed.UTC()
			return true
		}
	}
	return false
}
