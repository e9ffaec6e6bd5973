package originpull_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/secret"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull"
)

// holder is a struct of a user's that keeps one of ours.
type holder[T any] struct {
	Value   T
	Pointer *T
	Any     any
	value   T
	pointer *T
	any     any
}

func hold[T any](value *T) any {
	return holder[T]{*value, value, value, *value, value, *value}
}

// shownAs returns value as it shows in each way that a program may print it.
func shownAs(value any) map[string]string {
	shown := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown[verb] = fmt.Sprintf(verb, value)
	}
	text, err := json.Marshal(value)
	shown["JSON"] = fmt.Sprintf("%s %v", text, err)
	var log strings.Builder
	for _, handler := range logHandlers(&log) {
		slog.New(handler).Info("here", "value", value)
	}
	shown["slog"] = log.String()
	return shown
}

func logHandlers(w io.Writer) []slog.Handler {
	all := &slog.HandlerOptions{Level: slog.LevelDebug}
	return []slog.Handler{slog.NewTextHandler(w, all), slog.NewJSONHandler(w, all)}
}

// clientsWithSecrets returns options for a client of each kind of credentials.
func clientsWithSecrets() map[string]originpull.Option {
	return map[string]originpull.Option{
		"token":         originpull.WithToken(testpki.Token()),
		"email and key": originpull.WithAPIKey(testpki.Token()+"@example.com", testpki.Token()),
	}
}

// TestSecretsDoNotPrint prints what holds secrets, alone and within a struct of a
// user's.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	pair := newPair(t)
	text := secret.New(testpki.Token())
	upload := api.CertificateUpload{PrivateKey: text}
	values := map[string]any{
		"key pair": pair, "key pair, pointer": &pair, "key pair, held": hold(&pair),
		"text": text, "text, pointer": &text, "text, held": hold(&text),
		"upload": upload, "upload, held": hold(&upload),
	}
	for kind, option := range clientsWithSecrets() {
		client := newClient(t, http.DefaultTransport, option)
		zone := newZone(t, http.DefaultTransport, option)
		values["client with "+kind] = client
		values["client with "+kind+", held"] = hold(client)
		values["zone with "+kind] = zone
		values["zone with "+kind+", held"] = hold(zone)
		values["certificates with "+kind+", held"] = hold(&zone.Certificates)
		values["settings with "+kind+", held"] = hold(&zone.Settings)
		values["option with "+kind+", held"] = hold(&option)
	}
	for name, value := range values {
		for how, shown := range shownAs(value) {
			wantNoMarks(t, name+" under "+how, shown)
		}
	}
}

// echoes are proxies that response with what they were sent.
var echoes = map[string]func(sent string) response{
	"as text": func(sent string) response { return response{status: 502, body: sent} },
	"as HTML": func(sent string) response {
		return response{status: 403, body: "<pre>" + html.EscapeString(sent) + "</pre>"}
	},
	"as PHP":      func(sent string) response { return response{status: 500, body: strings.ReplaceAll(sent, "/", `\/`)} },
	"in a reason": func(sent string) response { return response{status: 400, body: reason(sent)} },
	"in a field": func(sent string) response {
		return response{status: 200, body: `{"success":true,"result":{"id":"x","expires_on":` + quoted(sent) + `}}`}
	},
	"in a name": func(sent string) response {
		return response{status: 400, body: `{"success":true,` + quoted(sent) + `:1,` + quoted(sent) + `:2}`}
	},
	"in another type": func(sent string) response {
		return response{status: 400, body: `{"success":false,"errors":[{"code":` + quoted(sent) + `}]}`}
	},
	"in headers": func(sent string) response {
		line := strings.Join(strings.Fields(sent), " ")
		return response{status: 429, body: reason("")}.with("Cf-Ray", line).with("Retry-After", line).with("Deprecation", line).with("Sunset", line)
	},
}

func quoted(s string) string { return string(must(json.Marshal(s))) }

// reason is a failure that says s wherever the API can say something.
func reason(s string) string {
	message := originpull.Message{Message: s, DocumentationURL: s, Source: api.MessageSource{Pointer: s}, ErrorChain: []api.ChainedError{chained(1, s)}}
	return string(must(json.Marshal(map[string]any{
		"success": false, "errors": []originpull.Message{message}, "messages": []originpull.Message{message},
	})))
}

// TestSecretsDoNotComeBack lets a proxy echo the request, and looks for its
// secrets in the error and in the log at debug level.
func TestSecretsDoNotComeBack(t *testing.T) {
	t.Parallel()
	for kind, option := range clientsWithSecrets() {
		for how, echo := range echoes {
			for _, op := range operations(t) {
				t.Run(strings.Join([]string{kind, how, op.id}, "/"), func(t *testing.T) {
					t.Parallel()
					var log strings.Builder
					mock := httpmock.NewMockTransport()
					mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) { return echo(sent(t, r)).respond(r) })
					for _, handler := range logHandlers(&log) {
						_, err := op.call(t.Context(), newZone(t, mock, option, originpull.WithLogger(slog.New(handler))))
						e := apiError(t, err)
						for what, value := range map[string]any{"error": err, "fields": *e, "cause": e.Err, "wrapped": errors.Join(err, err)} {
							for verb, shown := range shownAs(value) {
								wantNoMarks(t, "the "+what+" under "+verb, shown)
								wantNoKey(t, "the "+what+" under "+verb, shown, op)
							}
						}
						want := secret.Redacted
						if op.id == "UploadCertificate" {
							want = "[not shown" // the code is unknown
						}
						if how == "in a reason" && !strings.Contains(err.Error(), want) {
							t.Errorf("the error does not show that something was taken out: %v", err)
						}
					}
					wantNoMarks(t, "the log", log.String())
					if !strings.Contains(log.String(), op.id) {
						t.Errorf("the log at debug level does not name %s:\n%s", op.id, log.String())
					}
				})
			}
		}
	}
}

// stretches are what of a key's base64 no proxy escapes.
var stretches = regexp.MustCompile(`[0-9A-Za-z]{8,}`)

// wantNoKey requires that text shows no stretch of the key that op sends.
func wantNoKey(t *testing.T, what, text string, op operation) {
	t.Helper()
	upload, _ := op.sends.(map[string]any)
	key, _ := upload["private_key"].(string)
	for _, piece := range stretches.FindAllString(key, -1) {
		if strings.Contains(text, piece) {
			t.Errorf("%s shows %d characters of the private key", what, len(piece))
		}
	}
}

// sent returns the headers and the body of a request as text, and again the body
// decoded.
func sent(t *testing.T, r *http.Request) string {
	var text strings.Builder
	if err := r.Header.Write(&text); err != nil {
		t.Error(err)
	}
	if r.Body == nil {
		return text.String()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Error(err)
	}
	// The secret first: an excerpt shows the beginning.
	return fmt.Sprintf("%v\n%s\n%s", members["private_key"], text.String(), body)
}

// TestSecretsAreNotInRefusals looks for what was refused in the refusal.
func TestSecretsAreNotInRefusals(t *testing.T) {
	t.Parallel()
	token := testpki.Token()
	_, spaced := originpull.New(originpull.WithToken(token + "\n"))
	_, email := originpull.New(originpull.WithAPIKey(token+" ", token))
	_, key := originpull.New(originpull.WithAPIKey("a@example.com", "Bearer "+token))
	_, credentials := originpull.New(originpull.WithToken(token), originpull.WithBaseURL("https://user:"+token+"@example.com"))
	_, noScheme := originpull.New(originpull.WithToken(token), originpull.WithBaseURL("user:"+token+"@example.com"))
	_, unparsable := originpull.New(originpull.WithToken(token), originpull.WithBaseURL("https://user:"+token+"@example.com:port"))
	_, query := originpull.New(originpull.WithToken(token), originpull.WithBaseURL("https://example.com/?token="+token))
	_, plain := originpull.New(originpull.WithToken(token), originpull.WithBaseURL("http://example.com/"+token))
	header := newZone(t, http.DefaultTransport).Settings.Enable(context.Background(), originpull.WithHeader("X-Secret", token+"\n"))
	for name, err := range map[string]error{
		"token": spaced, "email": email, "key": key, "URL with credentials": credentials, "URL without scheme": noScheme,
		"URL with a bad port": unparsable, "URL with a query": query, "URL in plain": plain, "header": header,
	} {
		if !errors.Is(err, originpull.ErrInvalidInput) {
			t.Errorf("%s: it is not refused: %v", name, err)
			continue
		}
		wantNoMarks(t, "the refusal of "+name, err.Error())
	}
}
