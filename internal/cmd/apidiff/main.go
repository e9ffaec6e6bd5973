// Apidiff compares the Go API of the public packages with that of a revision.
package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/semver"

	"github.com/originpull/originpull-go/internal/changelog"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/goapi"
	"github.com/originpull/originpull-go/internal/modcopy"
)

// errUnnamed means that the changelog does not name a breaking change.
var errUnnamed = errors.New("breaking changes without an entry")

func main() { cli.Main(newRoot()) }

func newRoot() *cobra.Command {
	root := &cobra.Command{Use: "apidiff", Short: "Compare the Go API with that of a revision"}
	root.AddCommand(&cobra.Command{
		Use:   "since [REVISION]",
		Short: "List what has changed since a revision, by default the last version",
		Long: `Since lists what has changed in the Go API of the public packages since a
revision, by default the last version, and fails on a breaking change that
CHANGELOG.md does not name. Run it in the root of the module.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := compare(cmd.Context(), strings.Join(args, ""), cmd.OutOrStdout())
			if errors.Is(err, errUnnamed) {
				return &cli.Status{Code: cli.Failed, Err: err}
			}
			return err
		},
	})
	return root
}

// compare lists the changes since base, which is the last version if it is empty.
func compare(ctx context.Context, base string, stdout io.Writer) error {
	if base == "" {
		last, err := lastVersion(ctx)
		if err != nil {
			return err
		}
		if last == "" {
			_, err := fmt.Fprintln(stdout, "Nothing is released yet: no version is tagged, so there is nothing to compare the Go API with.")
			return err
		}
		base = last
	}
	changes, err := since(ctx, base)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(changelog.File)
	if err != nil {
		return err
	}
	return report(stdout, base, changes, string(text))
}

// lastVersion returns the newest version that the working tree comes after, or "". It
// is not a pre-release, and if the working tree is a version itself, it is the one
// before.
func lastVersion(ctx context.Context) (string, error) {
	tags, err := modcopy.Git(ctx, ".", "tag", "--list", "v*", "--merged", "HEAD")
	if err != nil {
		return "", err
	}
	here, err := modcopy.Git(ctx, ".", "tag", "--points-at", "HEAD")
	if err != nil {
		return "", err
	}
	edited, err := modcopy.Git(ctx, ".", "status", "--porcelain")
	if err != nil {
		return "", err
	}
	if edited != "" {
		here = "" // the working tree comes after HEAD
	}
	last := ""
	for _, tag := range strings.Fields(tags) {
		if semver.IsValid(tag) && semver.Prerelease(tag) == "" && !slices.Contains(strings.Fields(here), tag) && semver.Compare(tag, last) > 0 {
			last = tag
		}
	}
	if last == "" {
		shallow, err := modcopy.Git(ctx, ".", "rev-parse", "--is-shallow-repository")
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(shallow) == "true" {
			return "", errors.New("the history here is cut short, so the last version is unknown: fetch the history with its tags, or name a revision")
		}
	}
	return last, nil
}

// since compares the API of a revision with that of the working tree.
func since(ctx context.Context, base string) ([]goapi.Change, error) {
	commit, err := modcopy.Git(ctx, ".", "rev-parse", "--verify", "--quiet", "--end-of-options", base+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("unknown revision %q: %w", base, err)
	}
	dir, err := os.MkdirTemp("", "apidiff-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	archive, err := modcopy.Git(ctx, ".", "archive", "--format=zip", strings.TrimSpace(commit))
	if err != nil {
		return nil, err
	}
	files, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return nil, err
	}
	before, err := goapi.Load(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("at %s: %w", base, err)
	}
	now, err := goapi.Load(ctx, ".")
	if err != nil {
		return nil, err
	}
	return goapi.Compare(before, now), nil
}

// report lists the changes, and fails if the changelog does not name a breaking one.
func report(w io.Writer, base string, changes []goapi.Change, text string) error {
	named := changelog.Breaking(text, base)
	if len(changes) == 0 {
		fmt.Fprintf(w, "The Go API is that of %s.\n", base)
	}
	var unnamed []string
	for _, c := range changes {
		class := "compatible"
		if !c.Compatible {
			class = "BREAKING"
			if !changelog.Names(named, c.Symbol) {
				unnamed = append(unnamed, c.Symbol)
			}
		}
		fmt.Fprintf(w, "%-10s  %s\n", class, c)
	}
	if len(unnamed) > 0 {
		return fmt.Errorf("%w: name in %s, under Breaking of the next version, as code: %s", errUnnamed, changelog.File, strings.Join(unnamed, ", "))
	}
	return nil
}
