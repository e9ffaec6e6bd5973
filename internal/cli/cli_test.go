package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/originpull/originpull-go/originpull"
)

func TestExitStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		args   []string
		result error // of the command
		want   int
		stderr string
	}{
		{"done", []string{"work"}, nil, Done, ""},
		{"help", []string{"--help"}, nil, Done, ""},
		{"version", []string{"--version"}, nil, Done, ""},
		{"flag after an argument", []string{"work", "--fast"}, nil, Done, ""},
		{"failed", []string{"work"}, &Status{Code: Failed, Err: errors.New("the origin is open")}, Failed, "tool: the origin is open\n"},
		{"denied", []string{"work"}, fmt.Errorf("step 1: %w", &originpull.Error{Operation: "GetSettings", Status: 403}), Denied, "lack the permission"},
		{"invalid input", []string{"work"}, fmt.Errorf("%w: zone id", originpull.ErrInvalidInput), Error, "zone id"},
		{"two errors", []string{"work"}, &Status{Code: Failed, Err: errors.Join(errors.New("first"), errors.New("second"))}, Failed, "tool: first\ntool: second\n"},
		{"a line break from outside", []string{"work"}, errors.New("no such field: ok\n::error::pwn"), Error, `tool: no such field: ok\n::error::pwn` + "\n"},
		{"its own status", []string{"work"}, fmt.Errorf("read: %w", &Status{Code: Error, Err: errors.New("cut short")}), Error, "cut short"},
		{"unknown command", []string{"wrok"}, nil, Error, `unknown command "wrok"`},
		{"unknown command of a group", []string{"group", "lst"}, nil, Error, "tool: unknown command \"lst\" for \"tool group\": do you mean list?\nSee 'tool group --help'.\n"},
		{"group alone", []string{"group"}, nil, Done, ""},
		{"unknown flag", []string{"work", "--no"}, nil, Error, "See 'tool work --help'."},
		{"a required flag", []string{"need"}, nil, Error, "See 'tool need --help'."},
		{"no argument", nil, nil, Done, ""},
		{"wrong usage, as the command finds", []string{"work"}, Usage("--fast needs %s", "--far"), Error, "tool: --fast needs --far\nSee 'tool work --help'.\n"},
		{"three lines", []string{"work"}, fmt.Errorf("x: %w", &Problem{"no certificate", errors.New("it is\ngone"), "upload one", Unknown}), Unknown, "tool: no certificate\n  why:  it is\\ngone\n  next: upload one\n"},
		{"two problems", []string{"work"}, errors.Join(&Problem{"a", errors.New("b"), "c", Failed}, &Problem{"d", errors.New("e"), "f", Denied}), Failed, "tool: a\n  why:  b\n  next: c\ntool: d\n  why:  e\n  next: f\n"},
		{"nothing to print", []string{"work"}, &Status{Code: Failed}, Failed, ""},
		{"an error of its own", []string{"work"}, errors.New("no such file"), Error, "tool: no such file\n"},
		{"argument too many", []string{"work", "more"}, nil, Error, "more"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := &cobra.Command{Use: "tool"}
			work := &cobra.Command{Use: "work", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return test.result }}
			work.Flags().Bool("fast", false, "")
			need := &cobra.Command{Use: "need", RunE: func(*cobra.Command, []string) error { return nil }}
			need.Flags().String("file", "", "")
			need.MarkFlagRequired("file")
			root.AddCommand(need)
			root.AddCommand(work)
			group := &cobra.Command{Use: "group"}
			group.AddCommand(&cobra.Command{Use: "list", RunE: func(*cobra.Command, []string) error { return nil }})
			root.AddCommand(group)
			var stdout, stderr bytes.Buffer
			if got := Run(context.Background(), root, test.args, &stdout, &stderr); got != test.want {
				t.Errorf("tool %s exits with %d, want %d; it says %q", strings.Join(test.args, " "), got, test.want, stderr.String())
			}
			if !strings.Contains(stderr.String(), test.stderr) || (test.stderr == "") != (stderr.Len() == 0) {
				t.Errorf("tool %s says %q on stderr, want %q in it", strings.Join(test.args, " "), stderr.String(), test.stderr)
			}
		})
	}
}

// TestVersion: bug reports name it.
func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if got := Run(context.Background(), &cobra.Command{Use: "tool"}, []string{"--version"}, &stdout, &stderr); got != Done {
		t.Errorf("tool --version exits with %d and says %q", got, stderr.String())
	}
	if want := "tool version " + originpull.Version; !strings.HasPrefix(stdout.String(), want) {
		t.Errorf("tool --version prints %q, want %q", stdout.String(), want)
	}
}

// TestDescribe: a bug report names the version, and which commit it was, however the
// program was built.
func TestDescribe(t *testing.T) {
	t.Parallel()
	settings := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: modified}}
	}
	const pseudo = "v0.0.0-20261130150917-0123456789ab"
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"no build info":               {nil, ""},
		"go run, go test":             {&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, ""},
		"go install of the version":   {&debug.BuildInfo{Main: debug.Module{Version: "v" + originpull.Version}}, ""},
		"go install of a commit":      {&debug.BuildInfo{Main: debug.Module{Version: pseudo}}, " (" + pseudo + ")"},
		"go build in a repository":    {&debug.BuildInfo{Main: debug.Module{Version: pseudo}, Settings: settings("false")}, " (0123456789ab)"},
		"go build of a modified tree": {&debug.BuildInfo{Main: debug.Module{Version: pseudo + "+dirty"}, Settings: settings("true")}, " (0123456789ab, modified)"},
	} {
		if got := describe(test.info); got != originpull.Version+test.want {
			t.Errorf("%s: --version says %q, want %q", name, got, originpull.Version+test.want)
		}
	}
}
