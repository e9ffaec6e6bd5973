package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Args returns a check for the field Args of a command that takes one argument for each
// of the names, and as many as there are for a last name like "FILE...", at least one.
// Its errors name what is missing or too much, where cobra's count.
func Args(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return fmt.Errorf("%s is missing: want %q", strings.TrimSuffix(names[len(args)], "..."), cmd.UseLine())
		}
		repeated := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "...")
		if len(args) > len(names) && !repeated {
			return fmt.Errorf("unexpected argument %q: want %q", args[len(names)], cmd.UseLine())
		}
		return nil
	}
}
