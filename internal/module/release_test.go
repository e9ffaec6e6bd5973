package module_test

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// archives is what of .goreleaser.yaml decides what a version consists of. The file as a
// whole is checked by goreleaser, in make dist-check.
type archives struct {
	Builds []struct {
		Main, Binary string
		Env, Flags   []string
		Goos, Goarch []string
		ModTimestamp string `yaml:"mod_timestamp"`
		Ignore       any
	}
}

// TestArchives: every program is released for every platform, and nothing of the machine
// gets into it.
func TestArchives(t *testing.T) {
	t.Parallel()
	var config archives
	readYAML(t, ".goreleaser.yaml", &config)
	programs, err := filepath.Glob("cmd/*")
	if err != nil {
		t.Fatal(err)
	}
	var built []string
	for _, b := range config.Builds {
		built = append(built, path.Clean(b.Main))
		if b.Binary != path.Base(b.Main) {
			t.Errorf("%s is released as %s", b.Main, b.Binary)
		}
		if !slices.Equal(b.Goos, []string{"linux", "darwin", "windows"}) || !slices.Equal(b.Goarch, []string{"amd64", "arm64"}) || b.Ignore != nil {
			t.Errorf("%s is released for %v × %v, without %v", b.Binary, b.Goos, b.Goarch, b.Ignore)
		}
		if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") || !slices.Contains(b.Flags, "-buildvcs=true") || b.ModTimestamp != "{{ .CommitTimestamp }}" {
			t.Errorf("%s depends on the machine that builds it, or does not know its commit: %v, %v, %q", b.Binary, b.Env, b.Flags, b.ModTimestamp)
		}
	}
	slices.Sort(built)
	if !slices.Equal(built, programs) {
		t.Errorf("released are %v, and the programs are %v", built, programs)
	}
}

// TestImage: the image of the simulator has no shell and does not run as root. That it
// runs is shown by make image, which needs a builder.
func TestImage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	steps := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if step, arguments, _ := strings.Cut(strings.TrimSpace(line), " "); step != "" && step != "#" {
			steps[step] = append(steps[step], arguments)
		}
	}
	want := map[string]string{
		"FROM": `scratch`, "COPY": `--chmod=0755 originpull /originpull`, "USER": `[1-9]\d*:[1-9]\d*`, "EXPOSE": `8787`,
		"ENTRYPOINT": `\["/originpull"\]`, "CMD": `\["serve", "--addr", "0\.0\.0\.0:8787"\]`,
	}
	for step, arguments := range want {
		if len(steps[step]) != 1 || !regexp.MustCompile("^"+arguments+"$").MatchString(steps[step][0]) {
			t.Errorf("%s is %q, want %s once", step, steps[step], arguments)
		}
	}
	for step := range maps.Keys(steps) {
		if want[step] == "" {
			t.Errorf("%s %q: does it need a shell, or more than the program?", step, steps[step])
		}
	}
}

// TestDependabot: no module of the repository is forgotten.
func TestDependabot(t *testing.T) {
	t.Parallel()
	var config struct {
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	readYAML(t, ".github/dependabot.yaml", &config)
	list, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "go.mod", "*/go.mod").Output()
	if err != nil {
		t.Fatal(err)
	}
	var modules, ecosystems, updated []string
	for _, file := range strings.Fields(string(list)) {
		modules = append(modules, path.Join("/", path.Dir(file)))
	}
	for _, u := range config.Updates {
		ecosystems = append(ecosystems, u.Ecosystem)
		updated = append(updated, u.Directories...)
	}
	slices.Sort(modules)
	slices.Sort(updated)
	if !slices.Equal(modules, updated) {
		t.Errorf("Dependabot updates %v, and the modules are %v", updated, modules)
	}
	if !slices.Contains(ecosystems, "github-actions") {
		t.Error("Dependabot does not update the actions of the workflows")
	}
}

// TestPublishing: what is published was built by a job that may only read, after CI on
// the tag; the job that may write runs nothing of the repository.
func TestPublishing(t *testing.T) {
	t.Parallel()
	type step struct {
		Uses, Run string
		With      map[string]string
	}
	var workflow struct {
		Jobs map[string]struct {
			If          string
			Needs       []string
			Permissions map[string]string
			Steps       []step
		}
	}
	readYAML(t, ".github/workflows/ci.yaml", &workflow)
	publish := workflow.Jobs["publish"]
	if publish.If != "github.event_name == 'push' && github.ref_type == 'tag'" || !slices.Contains(publish.Needs, "ci") || !slices.Contains(publish.Needs, "release") {
		t.Errorf("publish runs if %q, after %v: want it when a tag is pushed, after ci and release", publish.If, publish.Needs)
	}
	pinned := regexp.MustCompile(`^[a-z-]+(/[a-z-]+)+@[0-9a-f]{40}$`)
	for name, job := range workflow.Jobs {
		if write := job.Permissions["contents"] == "write"; write != (name == "publish") {
			t.Errorf("the job %s may write: %t", name, write)
		}
		for _, s := range job.Steps {
			if s.Uses != "" && !pinned.MatchString(s.Uses) {
				t.Errorf("%s: %s is not pinned by its commit", name, s.Uses)
			}
			if name == "release" && strings.HasPrefix(s.Uses, "actions/setup-go@") && s.With["cache"] != "false" {
				t.Error("release compiles with a cache that other jobs write to")
			}
			if name == "publish" && (strings.HasPrefix(s.Uses, "actions/checkout@") || strings.Contains(s.Run, "make") || strings.Contains(s.Run, "go ")) {
				t.Errorf("publish may write, and runs what is in the repository: %s%s", s.Uses, s.Run)
			}
		}
	}
}
