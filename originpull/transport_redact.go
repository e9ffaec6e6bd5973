package originpull

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strconv"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/secret"
)

// A response can contain secrets: a proxy can send back the request, or a part of it, and
// encode it. So a body that is not a response of the API is never quoted, and no other
// text is shown if it contains [secret.Run] consecutive characters of a credential or a
// key.

// redactErrors redacts errors that contain a secret of the request. An error of the
// transport can quote what the server sent, such as a header line.
func redactErrors(next handler) handler {
	return func(x *exchange) error {
		return x.redactError(next(x))
	}
}

// shows reports whether text contains a secret of the request.
func (x *exchange) shows(text string) bool {
	return secret.Shows(text, x.credentials, x.earlier, x.requestSecrets())
}

// requestSecrets returns the secrets of this request besides the client's credentials:
// private keys in the body, and headers that the caller added, which can be credentials
// too, such as those of Cloudflare Access. It is computed when first needed.
func (x *exchange) requestSecrets() *secret.Index {
	if x.secrets != nil {
		return x.secrets
	}
	x.secrets = new(secret.Index)
	for name, values := range x.added {
		for _, value := range values {
			addHeader(x.secrets, name, value)
		}
	}
	if x.plain.GetBody != nil {
		var body any
		if reader, err := x.plain.GetBody(); err == nil && json.NewDecoder(reader).Decode(&body) == nil {
			x.sendsKey = addSecrets(x.secrets, body)
		}
	}
	return x.secrets
}

// addHeader adds the value of a header. If the header's name does not suggest a
// credential, only the whole value counts: its words could be words of the API.
func addHeader(index *secret.Index, name, value string) {
	const shortest = 16 // of a value that is not an ordinary word
	name = strings.ToLower(name)
	for _, word := range []string{"secret", "token", "key", "auth", "cookie", "credential", "passw", "session", "sign", "assert", "jwt"} {
		if strings.Contains(name, word) {
			index.Add(value)
			return
		}
	}
	if len(value) >= shortest {
		index.AddPhrase(value)
	}
}

// addSecrets adds every text in the JSON of a body that is a private key, in PEM or
// encoded, or could be one: long, without spaces, and not an id or a host name. It
// reports whether there are any.
func addSecrets(index *secret.Index, body any) (found bool) {
	switch body := body.(type) {
	case map[string]any:
		for name, member := range body {
			found = addSecrets(index, name) || found
			found = addSecrets(index, member) || found
		}
	case []any:
		for _, element := range body {
			found = addSecrets(index, element) || found
		}
	case string:
		return addSecret(index, body)
	}
	return found
}

func addSecret(index *secret.Index, text string) (found bool) {
	const shortest = 24
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			found = true
			index.Add(base64.StdEncoding.EncodeToString(block.Bytes))
			index.AddBinary(block.Bytes)
		}
	}
	switch {
	case found:
		return true
	case strings.Contains(text, "PRIVATE KEY-----"): // malformed, and sent all the same
		for part := range strings.SplitSeq(text, "-----") {
			if !strings.Contains(part, "PRIVATE KEY") {
				index.Add(strings.Join(strings.Fields(strings.ReplaceAll(part, `\n`, " ")), ""))
			}
		}
		return true
	case len(text) < shortest || isID(text) || strings.ContainsAny(text, " \n"):
		return false
	}
	index.Add(text)
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		index.AddBinary(decoded)
		if strings.Contains(string(decoded), "PRIVATE KEY-----") {
			addSecret(index, string(decoded))
		}
	}
	return true
}

// redact returns the first n bytes of text, or [secret.Redacted] if they contain a secret.
func (x *exchange) redact(text string, n int) string {
	const margin = 256 // so that no secret begins in the last bytes
	if x.shows(text[:min(len(text), n+margin)]) {
		return secret.Redacted
	}
	return shorten(text, n)
}

// shownHeader returns a header of the response as it can be shown.
func (x *exchange) shownHeader(name string) string {
	return excerpt(x.redact(x.header.Get(name), mostText))
}

// rayID returns the Cf-Ray of the response, 16 hexadecimal digits and a data centre;
// empty if the header is malformed.
func (x *exchange) rayID() string {
	ray := x.header.Get("Cf-Ray")
	if len(ray) > 32 || strings.Trim(ray, lettersAndDigits+"-") != "" {
		return ""
	}
	digits, place, _ := strings.Cut(ray, "-")
	usual := len(digits) == 16 && len(place) == 3 && strings.Trim(digits, "0123456789abcdef") == ""
	if usual && len(x.added) == 0 && x.earlier == nil {
		// So few digits cannot be a part of a key's PEM: the body need not be searched.
		if secret.Shows(ray, x.credentials) {
			return secret.Redacted
		}
		return ray
	}
	return x.redact(ray, len(ray))
}

// retryAfter returns the Retry-After of the response; 0 if it could be digits of a secret.
func (x *exchange) retryAfter() time.Duration {
	if value := x.header.Get("Retry-After"); len(value) >= secret.Run && x.shows(shorten(value, mostText)) {
		return 0
	}
	return retryAfter(x.header)
}

// How much of a response is shown. The API itself sends a line or two.
const (
	mostText     = 1 << 10  // bytes of one text
	mostTexts    = 16 << 10 // bytes of all together
	mostMessages = 100      // messages, and as many behind each
)

// notShown replaces a text that is not shown although no secret was found in it.
const notShown = "[not shown, use WithResponse]"

// redactMessages redacts the API's messages. It leaves out those that say nothing, since
// they could not be read. In the response to a request that contains a
// key, only messages with known codes are shown: a message with an unknown code could be
// about the key, and contain it in a form that no search finds.
func (x *exchange) redactMessages(messages []Message) []Message {
	x.requestSecrets() // sets sendsKey
	var all []string
	left := mostTexts
	show := func(code Code, text *string) {
		switch {
		case *text == "":
			return
		case x.sendsKey && !isKnown(code), left <= 0:
			*text = notShown
			return
		}
		*text = x.redact(*text, mostText)
		all, left = append(all, *text), left-len(*text)
	}
	kept := messages[:0]
	for _, m := range messages {
		if m.Code != 0 || m.Message != "" || m.ErrorChain != nil {
			kept = append(kept, m)
		}
	}
	messages = kept[:min(len(kept), mostMessages)]
	eachMessage(messages, show, func(code *Code) {
		// A number can be a part of a secret too.
		if digits := strconv.Itoa(int(*code)); len(digits) >= secret.Run && x.shows(digits) {
			*code = 0
		}
	})
	if len(all) > 1 && x.shows(strings.Join(all, " ")) { // a part of a secret in each
		eachMessage(messages, func(_ Code, text *string) {
			if *text != "" {
				*text = secret.Redacted
			}
		}, func(*Code) {})
	}
	return messages
}

// eachMessage calls code with each code, and text with each text and its code, in the
// order in which an [Error] prints them.
func eachMessage(messages []Message, text func(Code, *string), code func(*Code)) {
	for i := range messages {
		m := &messages[i]
		code(&m.Code)
		text(m.Code, &m.Message)
		text(m.Code, &m.Source.Pointer)
		m.ErrorChain = m.ErrorChain[:min(len(m.ErrorChain), mostMessages)]
		for j := range m.ErrorChain {
			c := &m.ErrorChain[j]
			code(&c.Code)
			text(c.Code, &c.Message)
		}
		text(m.Code, &m.DocumentationURL)
	}
}

// excerpt returns the first 200 characters of s on one line.
func excerpt(s string) string {
	const most = 200
	s = printable.Line(shorten(s, 4*most))
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
