package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/originpull/originpull-go/internal/secret"
	"github.com/originpull/originpull-go/internal/testpki"
)

// holder is a struct of a user's; fmt and slog call no method on its unexported
// fields.
type holder struct {
	Text    secret.Text
	Pointer *secret.Text
	text    secret.Text
	pointer *secret.Text
	list    []secret.Text
	named   map[string]secret.Text
}

// TestTextDoesNotShow prints a text in each way that a program may.
func TestTextDoesNotShow(t *testing.T) {
	t.Parallel()
	text := secret.New(testpki.Token())
	for name, value := range map[string]any{
		"value": text, "pointer": &text, "list": []secret.Text{text},
		"struct": holder{text, &text, text, &text, []secret.Text{text}, map[string]secret.Text{"a": text}},
	} {
		var shown strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%8.3f"} {
			fmt.Fprintf(&shown, verb+"\n", value)
		}
		body, err := json.Marshal(value)
		fmt.Fprintf(&shown, "%s %v\n", body, err)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("here", "value", value)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("here", "value", value)
		for form, mark := range testpki.Marks() {
			if strings.Contains(shown.String(), mark) {
				t.Errorf("a %s shows the text as %s", name, form)
			}
		}
		if !strings.Contains(shown.String(), secret.Redacted) {
			t.Errorf("a %s does not show that something is hidden:\n%s", name, shown.String())
		}
	}
}

// TestTextIsRevealed gives the text away where it is asked for, and there alone.
func TestTextIsRevealed(t *testing.T) {
	t.Parallel()
	token := testpki.Token()
	if text := secret.New(token); text.Reveal() != token || text.IsZero() {
		t.Error("a text does not reveal what it was made of")
	}
	if text := (secret.Text{}); text.Reveal() != "" || !text.IsZero() || !secret.New("").IsZero() {
		t.Error("the zero text is not the empty one")
	}
	if got := fmt.Sprint(secret.Text{}); got != secret.Redacted {
		t.Errorf("the zero text shows as %q: whether there is one shows too", got)
	}
}

// TestTextFromJSON reads a JSON string, and says nothing of what is none.
func TestTextFromJSON(t *testing.T) {
	t.Parallel()
	token := testpki.Token()
	var got struct{ Key secret.Text }
	if err := json.Unmarshal([]byte(`{"Key":"`+token+`"}`), &got); err != nil || got.Key.Reveal() != token {
		t.Errorf("a JSON string is not read: %v", err)
	}
	for _, input := range []string{`{"Key":["` + token + `"]}`, `{"Key":{"` + token + `":1}}`, `{"Key":7}`} {
		err := json.Unmarshal([]byte(input), &got)
		if err == nil || strings.Contains(err.Error(), token) {
			t.Error("what is not a JSON string is read, or shows in the error")
		}
	}
}
