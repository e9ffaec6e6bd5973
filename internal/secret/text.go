// Package secret holds text that must not be printed, such as private keys and tokens,
// and finds it in other text.
package secret

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a [Text] prints.
const Redacted = "[redacted]"

// Text is a string that prints as [Redacted] under every fmt verb, in JSON and in
// slog. Only [Text.Reveal] returns the string.
//
// A func captures the string, because fmt and slog call no methods of a value in an
// unexported field. They print the field itself, and of a func they print only the
// address. The zero value is the empty text.
type Text struct {
	reveal func() string
}

// New returns a Text that holds s.
func New(s string) Text {
	return Text{reveal: func() string { return s }}
}

// Reveal returns the string. Call it only to send the string or to check it.
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

// MarshalJSON returns [Redacted] as a JSON string. Code that has to send the string must
// encode it explicitly.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(Redacted) }

// UnmarshalJSON decodes a JSON string. An error does not show the input.
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("secret text: want a JSON string")
	}
	*t = New(s)
	return nil
}
