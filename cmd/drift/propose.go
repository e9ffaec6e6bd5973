package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift/propose"
	"github.com/originpull/originpull-go/internal/cli"
)

func proposeCommand(s *settings) *cobra.Command {
	var follow []string
	cmd := &cobra.Command{
		Use:   "propose DOC",
		Short: "Print what a document says and ours does not, as an overlay on ours",
		Args:  cli.Args("DOC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, docs, err := s.open(cmd, args...)
			if err != nil {
				return err
			}
			p, err := propose.Propose(cmd.Context(), docs[0], c, time.Now(), follow)
			if err != nil {
				return err
			}
			if err := p.Write(cmd.OutOrStdout(), s.output); err != nil {
				return err
			}
			if len(p.Undecided) > 0 {
				return errDrift
			}
			return nil
		},
	}
	s.addPlainOutputFlag(cmd)
	cmd.Flags().StringArrayVar(&follow, "follow", nil, "propose also the finding with this `id`, though it is breaking (can be repeated; \"all\" follows each)")
	return cmd
}
