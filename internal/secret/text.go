// Package secret holds text that must not show: private keys and tokens.
package secret

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a [Text] shows instead of itself.
const Redacted = "[redacted]"

// Text is a string that shows as [Redacted] under every fmt verb, in JSON and
// in slog. Only [Text.Reveal] gives it away.
//
// The string is held behind a func because fmt and slog call no method on a
// value in an unexported field: they print what such a field holds, and of a
// func that is an address. The zero value is the empty text.
type Text struct {
	reveal func() string
}

// New returns a Text that holds s.
func New(s string) Text {
	return Text{reveal: func() string { return s }}
}

// Reveal returns the text itself. Call it only where the text goes on the wire
// or is checked.
func (t Text) Reveal() string {
	if t.reveal == nil {
		return ""
	}
	return t.reveal()
}

// IsZero reports whether the text is empty.
func (t Text) IsZero() bool { return t.Reveal() == "" }

// String returns [Redacted].
func (t Text) String() string { return Redacted }

// Format writes [Redacted] under every verb.
func (t Text) Format(f fmt.State, _ rune) { io.WriteString(f, Redacted) }

// LogValue returns [Redacted].
func (t Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalJSON returns [Redacted] as a JSON string, so a body that must carry
// the text is encoded by whoever sends it, not by chance.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(Redacted) }

// UnmarshalJSON takes a JSON string. An error does not show the input.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("secret text: want a JSON string")
	}
	*t = New(s)
	return nil
}
