package cli

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wanted says what the values of a type of flag look like.
var wanted = map[string]string{
	"bool":     "true or false",
	"duration": "a duration such as 500ms or 2m",
	"int":      "a whole number",
	"uint64":   "a whole number, 0 or more",
}

// flagError returns the error of a flag whose value cannot be read: it says what is
// wanted, where that of pflag is one of package strconv.
func flagError(_ *cobra.Command, err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	want := wanted[invalid.GetFlag().Value.Type()]
	switch {
	case want == "": // the value's own error says it
		return fmt.Errorf("--%s %q: %w", invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap())
	case errors.Is(err, strconv.ErrRange):
		want += ", and this one is too large"
	}
	return fmt.Errorf("--%s %q: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}
