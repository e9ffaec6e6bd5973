package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/trial"
)

func tryCommand(s *settings) *cobra.Command {
	var follow []string
	var apply bool
	cmd := &cobra.Command{
		Use:   "try DOC",
		Short: "Follow a document in a copy of this module, and tell what that would mean",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			doc, err := drift.Read(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			c, err := trial.NewCopy(cmd.Context(), filepath.Dir(s.config))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.Remove()) }()
			r, err := c.Try(cmd.Context(), trial.Question{Document: doc, Config: filepath.Base(s.config), Follow: follow, Today: time.Now()})
			if err != nil {
				return err
			}
			if err := r.Write(cmd.OutOrStdout(), s.output); err != nil {
				return err
			}
			if apply {
				if err := c.Keep(cmd.Context(), r); err != nil {
					return err
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "\nThe files are changed in the working tree, to be reviewed and committed: %d\n", len(r.Files))
			}
			return r.Err()
		},
	}
	s.addPlainOutputFlag(cmd)
	cmd.Flags().StringArrayVar(&follow, "follow", nil, "follow also the finding with this `id`, though it is breaking or a new operation (can be repeated; all for each)")
	cmd.Flags().BoolVar(&apply, "apply", false, "leave the result in the working tree, unless it is refused or something is to be decided")
	return cmd
}
