package try

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/modcopy"
)

// Copy is a copy of the module in a temporary folder. Nothing in the working tree changes
// until [Copy.Keep].
type Copy struct {
	module *modcopy.Copy
	took   time.Duration
}

// CopyStep names the step in which NewCopy copies the module. Try reports its end.
const CopyStep = "copy"

// NewCopy copies the module with the given root: the files of the working tree that git
// would commit. The caller must call [Copy.Remove] in the end.
func NewCopy(ctx context.Context, root string) (*Copy, error) {
	start := time.Now()
	c, err := modcopy.New(ctx, root, "trial")
	if err != nil {
		return nil, err
	}
	return &Copy{c, time.Since(start)}, nil
}

// Remove deletes the copy. It can be called again.
func (c *Copy) Remove() error { return c.module.Remove() }

// Keep writes what has changed in the copy into the working tree, all or nothing. It
// fails if the document was refused, if something is undecided, and if it would
// overwrite changes that are not committed.
func (c *Copy) Keep(ctx context.Context, r *Result) error {
	if err := r.keepable(); err != nil {
		return err
	}
	changed, err := c.module.Changed()
	if err != nil || len(changed) == 0 {
		return err
	}
	names := slices.Sorted(maps.Keys(changed))
	dirty, err := modcopy.Git(ctx, c.module.Root, append([]string{"status", "--porcelain", "--"}, names...)...)
	if err != nil {
		return err
	}
	if dirty != "" {
		return fmt.Errorf("these files have changes that are not committed, commit or stash them first; nothing is written: %s", strings.ReplaceAll(strings.TrimSpace(dirty), "\n", ", "))
	}
	for _, name := range names {
		now, err := os.ReadFile(filepath.Join(c.module.Root, name))
		if before, ok := c.module.Before[name]; ok && (err != nil || !bytes.Equal(now, before)) {
			return fmt.Errorf("%s has changed since it was copied: try again; nothing is written", name)
		}
		if err := atomicfile.Writable(filepath.Join(c.module.Root, name)); err != nil {
			return fmt.Errorf("nothing is written: %w", err)
		}
	}
	for i, name := range names {
		if err := put(filepath.Join(c.module.Root, name), changed[name]); err != nil {
			for _, done := range names[:i] {
				if undone := put(filepath.Join(c.module.Root, done), c.module.Before[done]); undone != nil {
					return fmt.Errorf("a part is written; undo it with git restore: %w", errors.Join(err, undone))
				}
			}
			return fmt.Errorf("nothing is written: %w", err)
		}
	}
	return nil
}

// put writes a file whole or not at all; without content it removes it.
func put(file string, data []byte) error {
	if data == nil {
		return os.Remove(file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(file, data)
}
