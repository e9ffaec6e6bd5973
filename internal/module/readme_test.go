package module_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// block is a fenced code block of a page.
type block struct {
	language string
	text     string
	page     string
	line     int
}

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func readmeBlocks(t *testing.T) []block { return blocksOf(t, "README.md") }

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	readme := []byte(readText(t, page))
	var blocks []block
	for _, at := range fence.FindAllSubmatchIndex(readme, -1) {
		blocks = append(blocks, block{
			language: string(readme[at[2]:at[3]]),
			text:     string(readme[at[4]:at[5]]),
			page:     page,
			line:     1 + bytes.Count(readme[:at[0]], []byte("\n")),
		})
	}
	return blocks
}

// TestReadmeCommands runs every command of the README.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs the demo and builds the programs")
	}
	commands := 0
	for _, b := range readmeBlocks(t) {
		if b.language != "sh" {
			continue
		}
		for command := range strings.Lines(b.text) {
			commands++
			command = strings.TrimSpace(command)
			t.Run(command, func(t *testing.T) {
				t.Parallel()
				runReadmeCommand(t, b.line, command)
			})
		}
	}
	if commands < 5 {
		t.Errorf("found %d commands in README.md: does the test still know how it is written?", commands)
	}
}

func runReadmeCommand(t *testing.T, line int, command string) {
	dir, env := ".", os.Environ()
	switch {
	case command == "go test ./...":
		// It would run this test again. CI takes the command from the README and shows
		// that it passes; here it has to find and build tests.
		ci, err := os.ReadFile(".ci/run")
		if err != nil || !bytes.Contains(ci, []byte(`grep -m1 -E '^go test ' README.md`)) {
			t.Errorf(".ci/run does not take the test command from README.md (%v)", err)
		}
		command = "go test -ldflags=-s -list . ./originpull"
	case strings.HasPrefix(command, "go get "), strings.HasPrefix(command, "go install "):
		dir, env = downstreamModule(t, strings.Fields(command)[1]), append(moduleProxy(t), "GOBIN="+t.TempDir())
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = dir, env
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("README.md:%d: %s: %v\n%s", line, command, err, output)
	}
}

// downstreamModule is the folder of an empty module.
func downstreamModule(t *testing.T, name string) string {
	t.Helper()
	dir := newFolder(t, name)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/downstream\n\ngo 1.26.0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestReadmeProgram builds the README's first program and runs it against the
// simulator, as someone would who copies it.
func TestReadmeProgram(t *testing.T) {
	t.Parallel()
	cloudflare := originpulltest.NewServer(t, originpulltest.Options{DeployDelay: 100 * time.Millisecond})
	dir := newFolder(t, "program")
	program := buildReadmeProgram(t, dir, "FromEnv()")
	leaf := testpki.CA("readme CA").Issue("readme", nil)
	for name, content := range map[string][]byte{"client.pem": leaf.CertPEM(), "client.key": leaf.KeyPEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CLOUDFLARE_API_TOKEN="+cloudflare.Token(), "CLOUDFLARE_BASE_URL="+cloudflare.URL())
	output, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "is presented to the origin until") {
		t.Errorf("the README's program: %v\n%s", err, output)
	}
}

// buildReadmeProgram builds the README's program that holds a text.
func buildReadmeProgram(t *testing.T, dir, holds string) string {
	t.Helper()
	for _, b := range readmeBlocks(t) {
		if b.language == "go" && strings.Contains(b.text, holds) {
			source := filepath.Join(dir, "main.go")
			if err := os.WriteFile(source, []byte(b.text), 0o644); err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(dir, "program")
			// What go run links is kept in the build cache, what go build links is not.
			if output, err := exec.Command("go", "run", "-exec=cp", source, program).CombinedOutput(); err != nil {
				t.Fatalf("README.md:%d does not build: %v\n%s", b.line, err, output)
			}
			return program
		}
	}
	t.Fatalf("no program in README.md holds %s", holds)
	return ""
}

// TestReadmeCode vets every Go block of the README and of pages with whole programs, and
// runs those that are tests.
func TestReadmeCode(t *testing.T) {
	t.Parallel()
	var blocks []block
	for _, page := range []string{"README.md", "docs/testing.md", "docs/migrating.md"} {
		blocks = append(blocks, blocksOf(t, page)...)
	}
	for i, b := range blocks {
		if b.language != "go" {
			continue
		}
		name, args := "main.go", []string{"vet"}
		if strings.Contains(b.text, "func Test") {
			name, args = "main_test.go", []string{"test", "-count=1", "-ldflags=-s"}
		}
		file := filepath.Join(newFolder(t, fmt.Sprint("block-", i)), name)
		if err := os.WriteFile(file, []byte(b.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if output, err := exec.Command("go", append(args, file)...).CombinedOutput(); err != nil {
			t.Errorf("%s:%d: go %s: %v\n%s", b.page, b.line, strings.Join(args, " "), err, output)
		}
		if formatted, err := exec.Command("gofmt", "-l", file).CombinedOutput(); err != nil || len(formatted) > 0 {
			t.Errorf("%s:%d is not formatted as gofmt does: %v", b.page, b.line, err)
		}
	}
}

// TestReadmeModules counts the modules that the README says tests need besides this one.
func TestReadmeModules(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for folder, pattern := range map[string]string{
		"originpull/originpulltest": `simulator need (\d+) modules more`,
		"contract_test":             `contract (\d+)\.`,
	} {
		says := regexp.MustCompile(pattern).FindSubmatch(regexp.MustCompile(`\s+`).ReplaceAll(readme, []byte(" ")))
		if says == nil {
			t.Errorf("README.md does not say how many modules tests with %s need", folder)
			continue
		}
		out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "./"+folder).Output()
		if err != nil {
			t.Fatal(err)
		}
		modules := strings.Fields(string(out))
		slices.Sort(modules)
		if modules = slices.Compact(modules); string(says[1]) != strconv.Itoa(len(modules)) {
			t.Errorf("README.md says that tests with %s need %s modules, they need %d: %v", folder, says[1], len(modules), modules)
		}
	}
}
