package originpull

import (
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// tooLong is the value of a Retry-After that is too large to be represented.
const tooLong = math.MaxInt32 * time.Second

// retryAfter parses Retry-After: seconds, rounded up, or a date, which is compared with
// the response's own Date, since the clock here may be wrong. It returns 0 if the header
// is missing or malformed.
func retryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	whole, part, fraction := strings.Cut(value, ".")
	if strings.Trim(whole+part, "0123456789") == "" && whole != "" {
		seconds, err := strconv.ParseUint(whole, 10, 31)
		if err != nil {
			return tooLong
		}
		if fraction && strings.Trim(part, "0") != "" {
			seconds++
		}
		return min(time.Duration(seconds)*time.Second, tooLong)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, date.Sub(now)), tooLong)
}

// saysNotJSON reports whether the Content-Type says that the body is not JSON, such as
// the page of a captive portal. No Content-Type may still be JSON, and so may plain
// text, which net/http detects for JSON. Only the type itself counts: a proxy may spoil
// the parameters, or send the header twice in one line.
func saysNotJSON(header http.Header) bool {
	kind := header.Get("Content-Type")
	if kind == "" || kind == "application/json" {
		return false
	}
	kind = strings.ToLower(strings.TrimSpace(kind))
	if end := strings.IndexAny(kind, ";, \t"); end >= 0 {
		kind = kind[:end]
	}
	switch kind {
	case "application/json", "text/json", "application/x-json", "text/x-json", "text/plain":
		return false
	}
	return !strings.Contains(kind, "/") || !strings.HasSuffix(kind, "+json")
}

// warned holds what was logged once, such as the operations whose deprecation was.
type warned struct {
	mu    sync.Mutex
	names map[string]bool
}

// first reports whether name was not there yet, and adds it. The names of
// [Client.Do] can be without end: when there are too many, it forgets all, and some are
// logged again.
func (w *warned) first(name string) bool {
	const most, longest = 256, 128
	name = shorten(name, longest)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.names[name] {
		return false
	}
	if w.names == nil || len(w.names) >= most {
		w.names = map[string]bool{}
	}
	w.names[name] = true
	return true
}

// warnDeprecation logs, once per client and operation, that the document or the headers
// Deprecation (RFC 9745) and Sunset (RFC 8594) announce the end of the operation.
func (c *Client) warnDeprecation(x *exchange) {
	op := x.op
	deprecation, sunset := x.header.Get("Deprecation"), x.header.Get("Sunset")
	if !op.Deprecated && deprecation == "" && sunset == "" {
		return
	}
	if !c.warned.first(op.ID) {
		return
	}
	c.logger.LogAttrs(x.ctx, slog.LevelWarn, "operation is deprecated",
		slog.String("operation", op.ID),
		slog.Bool("by_document", op.Deprecated),
		slog.String("deprecation", x.shownHeader("Deprecation")),
		slog.String("sunset", x.shownHeader("Sunset")))
}

// withoutIDs replaces the ids in a path of [Client.Do], so that an operation has the same
// name for every object: in errors, in the log and for hooks.
func withoutIDs(path string) string { return replaceElems(path, isID, "{id}") }

// replaceElems replaces those elements of a path, or of a JSON pointer, for which is
// returns true.
func replaceElems(path string, is func(string) bool, by string) string {
	elems := strings.Split(path, "/")
	for i, elem := range elems {
		if is(elem) {
			elems[i] = by
		}
	}
	return strings.Join(elems, "/")
}

// isID reports whether an element of a path is an id and not a word: a number, a UUID,
// 16 or more hexadecimal digits, or a host name.
func isID(elem string) bool {
	const hexDigits = 16
	hex := len(elem) >= hexDigits && strings.Trim(elem, "0123456789abcdefABCDEF-") == ""
	return isNumber(elem) || hex || strings.Contains(elem, ".")
}

func isNumber(elem string) bool { return elem != "" && strings.Trim(elem, "0123456789") == "" }
