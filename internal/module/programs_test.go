package module_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestPrograms: what package cli gives to a program, such as --version and its exit
// status, every program has.
func TestPrograms(t *testing.T) {
	t.Parallel()
	var programs []string
	for _, pattern := range []string{"cmd/*/main.go", "internal/cmd/*/main.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, files...)
	}
	if len(programs) < 5 {
		t.Fatalf("the programs are only %v", programs)
	}
	for _, file := range programs {
		switch filepath.Dir(file) {
		case "internal/cmd/generate", "internal/cmd/fakeupstream": // do not import the SDK, as cli does; their own tests say the same
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("cli.Main(")) {
			t.Errorf("%s does not begin with cli.Main, which gives it --version", file)
		}
	}
}
