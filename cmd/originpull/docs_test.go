package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/originpull/originpull-go/originpull"
)

var update = flag.Bool("update", false, "write docs/commands.md and docs/man again")

const docsHead = `# The commands of originpull

This page is made from the commands: ` + "`go test ./cmd/originpull -run Docs -update`" + `. [man](man) has the same as manual pages.

` + "`originpull completion bash`" + ` prints the completion of commands and flags for bash; zsh, fish and PowerShell have theirs.

`

// allCommands returns a command and all below it, without those that cobra adds.
func allCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "completion" {
			all = append(all, allCommands(sub)...)
		}
	}
	return all
}

// TestDocs: docs/commands.md and the manual pages say what the help of the commands says.
func TestDocs(t *testing.T) {
	t.Parallel()
	want := map[string][]byte{}
	page := bytes.NewBufferString(docsHead)
	for _, cmd := range allCommands(newRoot()) {
		anchor := func(file string) string {
			return "#" + strings.ReplaceAll(strings.TrimSuffix(file, ".md"), "_", "-")
		}
		if err := doc.GenMarkdownCustom(cmd, page, anchor); err != nil {
			t.Fatal(err)
		}
	}
	want["commands.md"] = append(bytes.TrimRight(page.Bytes(), "\n"), '\n')
	man := t.TempDir()
	date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // a page is not new because it was made again
	header := &doc.GenManHeader{Section: "1", Date: &date, Source: "originpull " + originpull.Version, Manual: "originpull"}
	if err := doc.GenManTree(newRoot(), header, man); err != nil {
		t.Fatal(err)
	}
	maps.Copy(want, readFolder(t, man, "man"))
	docs := filepath.Join("..", "..", "docs")
	if *update {
		if err := os.RemoveAll(filepath.Join(docs, "man")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(docs, "man"), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(docs, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	have := readFolder(t, filepath.Join(docs, "man"), "man")
	text, err := os.ReadFile(filepath.Join(docs, "commands.md"))
	if err != nil {
		t.Error(err)
	}
	have["commands.md"] = text
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !bytes.Equal(have[name], want[name]) {
			t.Errorf("docs/%s does not say what the help says: go test ./cmd/originpull -run Docs -update", name)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("docs/%s is of a command that there is not", name)
	}
}

// readFolder reads the files of a folder; in their names it is called name.
func readFolder(t *testing.T, folder, name string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Error(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[name+"/"+entry.Name()] = text
	}
	return files
}

// TestExamples: every help has two examples, and what they call can be called.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, cmd := range allCommands(newRoot()) {
		examples := 0
		joined := strings.ReplaceAll(cmd.Example, "\\\n", " ")
		for example := range strings.Lines(joined) {
			words := strings.Fields(strings.TrimRight(strings.TrimSpace(example), " &"))
			if len(words) == 0 || words[0] != "originpull" {
				continue
			}
			examples++
			if end := slices.IndexFunc(words, func(word string) bool { return word == "|" || word == ">" }); end >= 0 {
				words = words[:end]
			}
			root := newRoot()
			called, args, err := root.Find(words[1:])
			if err == nil {
				err = called.ParseFlags(args)
			}
			if err == nil {
				err = called.ValidateArgs(called.Flags().Args())
			}
			if err != nil {
				t.Errorf("the help of %q shows %q, which is refused: %v", cmd.CommandPath(), example, err)
			}
		}
		if examples < 2 {
			t.Errorf("the help of %q has %d examples, want two", cmd.CommandPath(), examples)
		}
	}
}
