package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/try"
	"github.com/originpull/originpull-go/internal/cli"
)

func tryCommand(s *settings) *cobra.Command {
	var follow []string
	var source string
	var apply bool
	cmd := &cobra.Command{
		Use:   "try DOC",
		Short: "Follow a document in a copy of this module, and report what that would mean",
		Args:  cli.Args("DOC"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			doc, err := drift.Read(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			progress := cli.NewProgress(cmd.ErrOrStderr())
			defer progress.End() // also where a step is interrupted
			progress.Begin(try.CopyStep)
			c, err := try.NewCopy(cmd.Context(), filepath.Dir(s.config))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.Remove()) }()
			r, err := c.Try(cmd.Context(), try.Input{
				Document: doc, Config: filepath.Base(s.config), Follow: follow, Today: time.Now(), Source: source,
				Begin: progress.Begin, End: func(s try.Step) { progress.Ended(s.Name, s.How()) },
			})
			if err != nil {
				return err
			}
			if err := r.Write(cmd.OutOrStdout(), s.output); err != nil {
				return err
			}
			if apply {
				if err := c.Keep(cmd.Context(), r); err != nil {
					return ended(err)
				}
				fmt.Fprintln(cmd.ErrOrStderr(), "\n"+kept(len(r.Files)))
			}
			return ended(r.Err())
		},
	}
	s.addPlainOutputFlag(cmd)
	cmd.Flags().StringArrayVar(&follow, "follow", nil, "follow also the finding with this `id`, though it is breaking (can be repeated; \"all\" follows each)")
	cmd.Flags().StringVar(&source, "source", "", "what the lock records as the source, instead of the name or the URL of DOC")
	cmd.Flags().BoolVar(&apply, "apply", false, "leave the result in the working tree, unless it is refused or something is to be decided")
	return cmd
}

// ended gives an error its exit status: what a trial found is not an error of the
// program, and the report has said it.
func ended(err error) error {
	switch {
	case err == try.ErrUnsafe:
		return errDrift
	case errors.Is(err, try.ErrUnsafe): // it says what else that means
		return &cli.Status{Code: cli.Failed, Err: err}
	}
	return err
}

// kept says what a trial that was applied has left.
func kept(files int) string {
	switch files {
	case 0:
		return "Nothing had to change in the working tree."
	case 1:
		return "One file is changed in the working tree, to be reviewed and committed."
	}
	return fmt.Sprintf("%d files are changed in the working tree, to be reviewed and committed.", files)
}
