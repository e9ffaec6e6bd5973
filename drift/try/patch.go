package try

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/internal/changelog"
)

// MayChange reports whether following a document may change the file of the module with
// this slashed name. A trial that changes another one is refused.
func MayChange(c *drift.Config, name string) bool {
	switch name {
	case path.Clean(c.Spec), path.Clean(c.Lock), filepath.Base(c.File()), changelog.File:
		return true
	}
	return isGenerated(name) || MayRemove(c, name)
}

// MayRemove reports whether following a document may remove the file of the module with
// this slashed name: a correction of what the document does not say any more.
func MayRemove(c *drift.Config, name string) bool {
	return c.Corrections != "" && path.Dir(name) == path.Clean(c.Corrections) && path.Ext(name) == ".yaml"
}

// isGenerated reports whether generating the code may change a file.
func isGenerated(name string) bool {
	return strings.HasSuffix(name, ".gen.go") || name == "gen/openapi.yaml"
}

// Patch returns what has changed in the copy as a patch for git apply, empty if nothing
// has. It fails if the document was refused, or if something is undecided.
func (c *Copy) Patch(ctx context.Context, r *Result) (patch []byte, err error) {
	if err := r.keepable(); err != nil {
		return nil, err
	}
	changed, err := c.module.Changed()
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "drift-patch-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	git := func(args ...string) []byte {
		var output []byte
		if err == nil {
			cmd := c.module.Command(ctx, ".", "git", args...)
			cmd.Dir = dir // beside the copy, where nothing of it counts
			if output, err = cmd.Output(); err != nil {
				err = fmt.Errorf("git %s: %w", args[0], err)
			}
		}
		return output
	}
	tree := func(files map[string][]byte) string {
		for name := range changed {
			switch data, ok := files[name]; {
			case err != nil:
			case !ok || data == nil:
				err = os.RemoveAll(filepath.Join(dir, name))
			default:
				err = put(filepath.Join(dir, name), data)
			}
		}
		git("-c", "core.autocrlf=false", "add", "--all", "--force", ".")
		return strings.TrimSpace(string(git("write-tree")))
	}
	git("init", "--quiet")
	before, after := tree(c.module.Before), tree(changed)
	return git("diff-tree", "-r", "-p", "--no-ext-diff", "--no-textconv", "--no-renames", before, after), err
}

// refuseOthers refuses a trial that has changed what following a document may not.
func (t *trial) refuseOthers(changed map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if !MayChange(t.config, name) || changed[name] == nil && !MayRemove(t.config, name) {
			t.result.because(Refused, "%s: following a document must not change this", name)
		}
	}
}
