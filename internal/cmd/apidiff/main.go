// Apidiff lists what has changed in the Go API of the public packages since a
// revision, by default the last version, and fails on a breaking change that
// CHANGELOG.md does not name. It runs in the root of the module:
//
//	apidiff [REVISION]
package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/semver"

	"github.com/originpull/originpull-go/internal/changelog"
	"github.com/originpull/originpull-go/internal/goapi"
	"github.com/originpull/originpull-go/internal/scratch"
)

// errUntold says that a breaking change is not in the changelog.
var errUntold = errors.New("breaking changes without an entry")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "apidiff:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	var base string
	if len(args) > 1 {
		return fmt.Errorf("%d arguments, want one revision at most", len(args))
	}
	if len(args) == 1 {
		base = args[0]
	}
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

// lastVersion is the newest version that the working tree comes after, or empty: no
// pre-release, and where it is a version itself, as in a release, the one before.
func lastVersion(ctx context.Context) (string, error) {
	tags, err := scratch.Git(ctx, ".", "tag", "--list", "v*", "--merged", "HEAD")
	if err != nil {
		return "", err
	}
	here, err := scratch.Git(ctx, ".", "tag", "--points-at", "HEAD")
	if err != nil {
		return "", err
	}
	edited, err := scratch.Git(ctx, ".", "status", "--porcelain")
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
		shallow, err := scratch.Git(ctx, ".", "rev-parse", "--is-shallow-repository")
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(shallow) == "true" {
			return "", errors.New("the history here is cut short, so the last version is not known: fetch it with its tags, or name a revision")
		}
	}
	return last, nil
}

// since compares the API of a revision with that of the working tree.
func since(ctx context.Context, base string) ([]goapi.Change, error) {
	commit, err := scratch.Git(ctx, ".", "rev-parse", "--verify", "--quiet", "--end-of-options", base+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("%q is no revision that is known here: %w", base, err)
	}
	dir, err := os.MkdirTemp("", "apidiff-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	archive, err := scratch.Git(ctx, ".", "archive", "--format=zip", strings.TrimSpace(commit))
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

// report lists the changes, and fails if a breaking one is not told.
func report(w io.Writer, base string, changes []goapi.Change, text string) error {
	told := changelog.Breaking(text, base)
	if len(changes) == 0 {
		fmt.Fprintf(w, "The Go API is that of %s.\n", base)
	}
	var untold []string
	for _, c := range changes {
		class := "compatible"
		if !c.Compatible {
			class = "BREAKING"
			if !changelog.Names(told, c.Symbol) {
				untold = append(untold, c.Symbol)
			}
		}
		fmt.Fprintf(w, "%-10s  %s\n", class, c)
	}
	if len(untold) > 0 {
		return fmt.Errorf("%w: name in %s, under Breaking of the next version, as code: %s", errUntold, changelog.File, strings.Join(untold, ", "))
	}
	return nil
}
