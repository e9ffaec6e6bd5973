package operator

import (
	"bufio"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
)

// Confirm asks on standard error whether to do something, and returns an error unless the
// user says yes. Without a terminal no one can be asked: the error then wants --yes.
// reason says
// why to ask, and begins with a small letter.
func Confirm(cmd *cobra.Command, reason string) error {
	in := cmd.InOrStdin()
	if !IsTerminal(in) {
		return &cli.Problem{
			What: "nothing was changed", Why: errors.New(reason), Code: cli.Error,
			Next: "give --yes to do it anyway: without a terminal no one can be asked",
		}
	}
	printable.Fprintf(cmd.ErrOrStderr(), "Careful: %s. Do it anyway? [y/N] ", reason)
	line := make(chan string, 1)
	go func() { // an interrupt must not wait for the user
		text, _ := bufio.NewReader(in).ReadString('\n')
		line <- text
	}()
	select {
	case <-cmd.Context().Done():
		return Failure("nothing was changed", cmd.Context().Err())
	case text := <-line:
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "y", "yes":
			return nil
		}
	}
	return &cli.Problem{What: "nothing was changed", Why: errors.New("it was not confirmed"), Next: "run the command again and type y, or give --yes", Code: cli.Failed}
}
