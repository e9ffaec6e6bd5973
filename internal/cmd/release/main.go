// Release checks that the changelog and the version of the module agree, and prints what
// the changelog says of a version.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/semver"

	"github.com/originpull/originpull-go/internal/changelog"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/modcopy"
	"github.com/originpull/originpull-go/originpull"
)

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	root := &cobra.Command{Use: "release", Short: "Check a release of the module, and print its notes"}
	root.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "Check that the version, the changelog and a tag agree",
		Long: `Check fails unless originpull.Version is the newest version of CHANGELOG.md, or a
later one if the changelog has unreleased changes. If HEAD is tagged with a version,
it is that version, and the changelog has its section. Run it in the root of the
module.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := os.ReadFile(changelog.File)
			if err != nil {
				return err
			}
			tags, err := modcopy.Git(cmd.Context(), ".", "tag", "--list", "v*", "--points-at", "HEAD")
			if err != nil {
				return err
			}
			if err := agree(string(text), originpull.Version, strings.Fields(tags)); err != nil {
				return &cli.Status{Code: cli.Failed, Err: err}
			}
			return nil
		},
	}, &cobra.Command{
		Use:   "notes [VERSION]",
		Short: "Print what the changelog says of a version, by default of the newest",
		Long: `Notes prints the section of CHANGELOG.md about a version, such as v0.1.0. Without
one it prints the newest section, which may be of what is not released yet. Run it
in the root of the module.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := os.ReadFile(changelog.File)
			if err != nil {
				return err
			}
			notes, err := notes(string(text), strings.Join(args, ""))
			if err != nil {
				return &cli.Status{Code: cli.Failed, Err: err}
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), notes)
			return err
		},
	})
	return root
}

// agree returns what does not agree of the changelog, the version of the module, and the
// tags of the commit.
func agree(text, version string, tags []string) error {
	if semver.Canonical("v"+version) != "v"+version {
		return fmt.Errorf("originpull.Version is %q: want a version such as 1.2.3", version)
	}
	sections := changelog.Versions(text)
	if len(sections) == 0 {
		return fmt.Errorf("%s has no section of a version", changelog.File)
	}
	newest := sections[0]
	for _, tag := range tags {
		switch {
		case !semver.IsValid(tag) || semver.Canonical(tag) != tag:
			return fmt.Errorf("the tag %s is no version: want v1.2.3", tag)
		case tag != "v"+version:
			return fmt.Errorf("the tag is %s, and originpull.Version is %s: they have to be the same", tag, version)
		case newest.Number != version:
			return fmt.Errorf("the tag is %s, and the newest section of %s is %q: want \"%s - YYYY-MM-DD\"", tag, changelog.File, newest.Title, version)
		}
	}
	if newest.Number != "" {
		switch {
		case newest.Number != version:
			return fmt.Errorf("the newest version of %s is %s, and originpull.Version is %s: they have to be the same", changelog.File, newest.Number, version)
		case newest.Date == "":
			return fmt.Errorf("%s: the section %q has no date: want \"%s - YYYY-MM-DD\"", changelog.File, newest.Title, version)
		}
		return nil
	}
	// The version is raised when the changes are released: what make sync adds to the changelog
	// meets that of the last one.
	if len(sections) > 1 && semver.Compare("v"+version, "v"+sections[1].Number) < 0 {
		return fmt.Errorf("%s has unreleased changes after %s, and originpull.Version is %s: want %[2]s, or the next version", changelog.File, sections[1].Number, version)
	}
	return nil
}

// notes returns the section of a version, without its heading, or the newest one.
func notes(text, version string) (string, error) {
	for _, section := range changelog.Versions(text) {
		if version != "" && (section.Number == "" || "v"+section.Number != "v"+strings.TrimPrefix(version, "v")) {
			continue
		}
		if section.Text == "" {
			return "", fmt.Errorf("%s says nothing of %s", changelog.File, section.Title)
		}
		return section.Text + "\n", nil
	}
	if version == "" {
		return "", errors.New(changelog.File + " has no section")
	}
	return "", fmt.Errorf("%s has no section of %s", changelog.File, version)
}
