package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
)

// kind is a kind of change as findings and the configuration name it.
type kind struct {
	Kind    string      `json:"kind"`
	Class   drift.Class `json:"class"`
	Meaning string      `json:"meaning"` // what has changed in the newer document
}

func kindsCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kinds",
		Short: "List the kinds of change and their classes",
		Args:  cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.output == "json" {
				return printable.WriteJSON(cmd.OutOrStdout(), kinds())
			}
			return writeKinds(cmd.OutOrStdout(), kinds())
		},
	}
	s.addPlainOutputFlag(cmd)
	return cmd
}

// kinds returns all kinds. One that has a class for each direction is there twice.
func kinds() []kind {
	var all []kind
	for _, k := range drift.Kinds() {
		if k.Any != "" {
			all = append(all, kind{k.Name, k.Any, k.Meaning})
			continue
		}
		all = append(all, kind{"request-" + k.Name, k.Request, k.Meaning}, kind{"response-" + k.Name, k.Response, k.Meaning})
	}
	return all
}

func writeKinds(w io.Writer, all []kind) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tCLASS\tWHAT HAS CHANGED")
	for _, k := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\n", k.Kind, k.Class, k.Meaning)
	}
	return table.Flush()
}
