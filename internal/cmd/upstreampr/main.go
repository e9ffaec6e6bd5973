// Upstreampr brings the pull request and the issue about upstream's document in line with
// what "drift try" found. It is the one program that the nightly run gives the right to
// write, so it trusts neither the report nor the patch: both come from a job that has run
// code made of upstream's document. Nothing of the patch is ever checked out or run.
//
// docs/upstream.md says what a maintainer sees of it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/drift/try"
	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/printable"
)

func main() { cli.Main(newCommand()) }

func newCommand() *cobra.Command {
	var report, patch, base string
	cmd := &cobra.Command{
		Use:   "upstreampr",
		Short: "Open, update or close the pull request and the issue about upstream's document",
		Long: `Upstreampr reads what "drift try" found, and opens, updates or closes the one pull
request and the one issue about upstream's document. Run it in a clone of
the repository GITHUB_REPOSITORY at the commit on which the document was tried,
with git and gh set up. It changes nothing in the working tree.

Exit status: 0 success; 2 usage or environment error, or a report or patch that is
refused.`,
		Args: cli.Args(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			repo := os.Getenv("GITHUB_REPOSITORY")
			if !repository.MatchString(repo) {
				return cli.Usage("GITHUB_REPOSITORY is %q: want owner/name", repo)
			}
			s := &syncer{hub: hub{repo, gh}, clone: clone{"."}, base: base, log: cmd.OutOrStdout()}
			return syncFiles(cmd.Context(), s, report, patch)
		},
	}
	cmd.Flags().StringVar(&report, "report", "report/upstream/report.json", "what drift try printed as JSON, a `file`")
	cmd.Flags().StringVar(&patch, "patch", "report/upstream/follow.patch", "what drift try wrote as a patch, a `file`; it may be absent")
	cmd.Flags().StringVar(&base, "base", "main", "the default `branch`")
	return cmd
}

// syncFiles reads what was found, and brings all in line with it.
func syncFiles(ctx context.Context, s *syncer, report, patch string) error {
	r, err := readReport(report)
	if err != nil {
		return err
	}
	text, err := read(patch)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // there is none of what is not followed
		return err
	}
	return s.run(ctx, r, text)
}

var repository = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)

// maxQuoted bounds what an error quotes of a response.
const maxQuoted = 1000

// gh runs the program gh, and returns what it prints on standard output.
func gh(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "gh", args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		// Only the body of a response names what is invalid, and gh prints that on standard output.
		return nil, fmt.Errorf("%w: %s %s", err, strings.TrimSpace(stderr.String()), printable.Cut(strings.TrimSpace(stdout.String()), maxQuoted))
	}
	return stdout.Bytes(), nil
}

// maxRead bounds a file that is read. That of a usual trial has some kilobytes.
const maxRead = 16 << 20

func read(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: refused, it is not a regular file", name)
	}
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxRead+1))
	if err == nil && len(data) > maxRead {
		err = fmt.Errorf("%s: refused, it is larger than %d bytes", name, maxRead)
	}
	return data, err
}

// fingerprint is the form of the fingerprint of a document.
var fingerprint = regexp.MustCompile(`^[0-9a-f]{32}$`)

// readReport reads a report, and refuses one that drift try does not print.
func readReport(name string) (*try.Result, error) {
	data, err := read(name)
	if err != nil {
		return nil, err
	}
	var r try.Result
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: not a report of drift try: %w", name, err)
	}
	switch {
	case !r.Verdict.Valid():
		return nil, fmt.Errorf("%s: refused, the verdict is %q", name, r.Verdict)
	case r.Release() == "":
		return nil, fmt.Errorf("%s: refused, the version is %q", name, r.Version)
	case r.Verdict != try.Refused && (r.Proposal == nil || r.Proposal.Report == nil || !fingerprint.MatchString(r.Proposal.Report.Fingerprint)):
		return nil, fmt.Errorf("%s: refused, it does not say which document was tried", name)
	}
	return &r, nil
}
