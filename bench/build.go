package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// build is what the go command made of a peer, and what it took.
type build struct {
	plain  string // program that makes one call
	worker string // program that measures

	size         int64         // of plain, stripped
	sizeWithPair int64         // the same where the program itself loads a key pair by crypto/tls
	cpu          time.Duration // that it took, of all CPUs together
	took         time.Duration // to compile and link plain, the standard library at hand
	peak         int64         // bytes of memory of the largest process meanwhile, 0 if not known
	bytes        int64         // vendored
	modules      int           // vendored beside the one that holds the client
}

// flags strip the program, and keep where it was built out of it.
var flags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w"}

// buildAll builds the programs of all peers, each with a cache that holds the
// standard library, from seed, and nothing else.
func (g golang) buildAll(chosen []peer, plan plan, seed string) (map[string]build, error) {
	if err := g.buildStandardLibrary(seed, chosen); err != nil {
		return nil, err
	}
	builds := map[string]build{}
	for _, p := range chosen {
		progress("  building %s", p.name)
		b, err := g.build(p, seed, plan)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		if b.bytes, b.modules, err = g.vendor(p); err != nil {
			return nil, fmt.Errorf("%s: vendor: %w", p.name, err)
		}
		builds[p.name] = b
	}
	return builds, nil
}

// buildStandardLibrary fills a cache with what any of the peers imports of it.
func (g golang) buildStandardLibrary(cache string, chosen []peer) error {
	progress("  building the standard library")
	needed := map[string]bool{}
	for _, tags := range []string{"", "plain", "plain,keypair"} {
		args := []string{"list", "-deps", "-tags=" + tags, "-f", "{{if .Standard}}{{.ImportPath}}{{end}}"}
		for _, p := range chosen {
			args = append(args, p.path())
		}
		out, err := g.output(args...)
		if err != nil {
			return err
		}
		for _, name := range strings.Fields(out) {
			needed[name] = !strings.HasPrefix(name, "vendor/") // built along with what imports it
		}
	}
	args := append([]string{"build"}, flags...)
	for name, named := range needed {
		if named {
			args = append(args, name)
		}
	}
	return g.command(cache, args...).Run()
}

func (p peer) path() string { return "./" + filepath.ToSlash(filepath.Join("peer", p.program)) }

// enough is the CPU time after which a build is not repeated: a machine that stood
// still for a while says nothing of it.
const enough = 20 * time.Second

// build builds a peer's programs, the plain one repeatedly unless that takes long,
// and keeps the least that it took.
func (g golang) build(p peer, seed string, plan plan) (build, error) {
	b := build{
		plain:  filepath.Join(g.temp, p.program+"-plain"),
		worker: filepath.Join(g.temp, p.program),
	}
	cache := filepath.Join(g.temp, "cache")
	spent := time.Duration(0)
	for i := 0; i < plan.builds && spent < enough; i++ {
		os.Remove(b.plain) // what is there already, the go command would not link again
		if err := os.RemoveAll(cache); err != nil {
			return b, err
		}
		if err := link(seed, cache); err != nil {
			return b, err
		}
		cmd := g.command(cache, append(append([]string{"build"}, flags...), "-tags=plain", "-o", b.plain, p.path())...)
		start := time.Now()
		if err := cmd.Run(); err != nil {
			return b, err
		}
		took, peak := time.Since(start), peakMemory(cmd.ProcessState)
		cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		spent += cpu
		if i == 0 || took < b.took {
			b.took = took
		}
		if i == 0 || cpu < b.cpu {
			b.cpu = cpu
		}
		if i == 0 || peak < b.peak {
			b.peak = peak
		}
	}
	// The cache is warm now: the others cost no more than to link.
	withPair := b.plain + "-pair"
	for _, other := range [][]string{{"-tags=plain,keypair", "-o", withPair}, {"-o", b.worker}} {
		args := append(append([]string{"build"}, flags...), other...)
		if err := g.command(cache, append(args, p.path())...).Run(); err != nil {
			return b, err
		}
	}
	for program, size := range map[string]*int64{b.plain: &b.size, withPair: &b.sizeWithPair} {
		info, err := os.Stat(program)
		if err != nil {
			return b, err
		}
		*size = info.Size()
	}
	return b, nil
}

// link copies a cache by hard links: the go command adds files to it, and does not
// change those it finds.
func link(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		return os.Link(path, target)
	})
}

// vendor makes a module of the peer alone, and returns what vendoring adds to it.
func (g golang) vendor(p peer) (size int64, modules int, err error) {
	dir := filepath.Join(g.temp, p.program+"-module")
	for _, folder := range []string{"responses", "worker", filepath.Join("peer", p.program)} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(folder)); err != nil {
			return 0, 0, err
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(file)
		if err != nil {
			return 0, 0, err
		}
		if err := os.WriteFile(filepath.Join(dir, file), content, 0o644); err != nil {
			return 0, 0, err
		}
	}
	sdk, err := filepath.Abs("..")
	if err != nil {
		return 0, 0, err
	}
	vendor := filepath.Join(dir, "vendor")
	for _, args := range [][]string{
		{"mod", "edit", "-replace=github.com/originpull/originpull-go=" + sdk},
		{"mod", "vendor"},
	} {
		cmd := g.command("", args...)
		cmd.Dir = dir
		cmd.Stderr = nil // it names each module that has nothing to vendor
		if out, err := cmd.Output(); err != nil {
			var stderr []byte
			if exit, ok := err.(*exec.ExitError); ok {
				stderr = exit.Stderr
			}
			return 0, 0, fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, out, stderr)
		}
	}
	return weigh(vendor, p.module)
}

// weigh adds up the files of a vendor folder, and counts its modules except own.
func weigh(vendor, own string) (size int64, modules int, err error) {
	list, err := os.ReadFile(filepath.Join(vendor, "modules.txt"))
	if err != nil {
		return 0, 0, err
	}
	used := map[string]bool{}
	module := ""
	for line := range strings.Lines(string(list)) {
		switch fields := strings.Fields(line); {
		case fields[0] == "#":
			module = fields[1]
		case fields[0] != "##":
			used[module] = true // a package of it
		}
	}
	delete(used, own)
	err = filepath.WalkDir(vendor, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "modules.txt" {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, len(used), err
}
