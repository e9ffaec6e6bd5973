package originpull

import (
	"log/slog"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tooLong is what a Retry-After counts as that says more than can be counted.
const tooLong = math.MaxInt32 * time.Second

// retryAfter reads Retry-After, in seconds, a part of one counted whole, or as a
// date; 0 where there is none or it cannot be read.
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
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, time.Until(date)), tooLong)
	}
	return 0
}

// saysNotJSON reports whether an answer says itself that it is not JSON, such as a portal's
// page. A server that tells none, or plain text, as net/http guesses of JSON, may mean
// JSON.
func saysNotJSON(header http.Header) bool {
	value := header.Get("Content-Type")
	if value == "" || value == "application/json" {
		return false
	}
	kind, _, err := mime.ParseMediaType(value)
	return err != nil || kind != "application/json" && kind != "text/plain" && !strings.HasSuffix(kind, "+json")
}

// warnDeprecation warns once per client and operation of the end that the
// document or the headers Deprecation (RFC 9745) and Sunset (RFC 8594) announce.
func (c *Client) warnDeprecation(x *exchange) {
	op := x.op
	deprecation, sunset := x.header.Get("Deprecation"), x.header.Get("Sunset")
	if !op.Deprecated && deprecation == "" && sunset == "" {
		return
	}
	if _, told := c.warned.LoadOrStore(withoutIDs(op.ID), true); told {
		return
	}
	c.logger.LogAttrs(x.ctx, slog.LevelWarn, "operation is deprecated",
		slog.String("operation", op.ID),
		slog.Bool("by_document", op.Deprecated),
		slog.String("deprecation", x.shownHeader("Deprecation")),
		slog.String("sunset", x.shownHeader("Sunset")))
}

// withoutIDs takes the ids out of the name of an operation of [Client.Do], which is
// a method and a path, so that one operation has one name.
func withoutIDs(operation string) string {
	if !strings.Contains(operation, "/") {
		return operation
	}
	elems := strings.Split(operation, "/")
	for i, elem := range elems {
		if isID(elem) {
			elems[i] = "{id}"
		}
	}
	return strings.Join(elems, "/")
}

// isID tells ids from words: numbers, what is written as a UUID or as so many
// hexadecimal digits, and names of hosts.
func isID(elem string) bool {
	const hexDigits = 16
	digits := strings.Trim(elem, "0123456789") == ""
	hex := len(elem) >= hexDigits && strings.Trim(elem, "0123456789abcdefABCDEF-") == ""
	return elem != "" && (digits || hex || strings.Contains(elem, "."))
}
