package propose

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

const (
	// followed is the reason with which a version is accepted that was followed.
	followed = "Followed: what differs is in our document, or stands below with its reason."
	// leftOut is the reason if it has operations that are ignored.
	leftOut = "Looked at: %s is listed as ignored, and not in our document; what else differs is there, or stands below with its reason."
	// newIgnored begins the comment on an operation that was listed as ignored.
	newIgnored = "# New in "
)

// Apply writes what is proposed: our document, the lock, the list of ignored
// operations in the configuration, and the corrections. Source is what the lock
// records as the source; if it is empty, that is the document's own. Nothing is
// written while something is undecided.
func (p *Proposal) Apply(c *drift.Config, today time.Time, source string) error {
	if n := len(p.Undecided); n > 0 {
		return fmt.Errorf("%s to be decided first: nothing is written", printable.Count(n, "finding"))
	}
	files := map[string][]byte{} // nil: to be removed
	if p.Overlay != nil {
		files[c.Path(c.Spec)] = encodeYAML(p.tree)
	}
	if source == "" {
		source = p.Report.Source()
	}
	comment := document.Line(newIgnored + cmp.Or(source, "the document") + ", looked at " + today.Format(time.DateOnly) + ": not offered until a person writes it into our document")
	if err := p.applyIgnored(c, files, comment); err != nil {
		return err
	}
	if err := p.applyObsolete(c, files); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if files[file] == nil {
			if err := os.Remove(file); err != nil {
				return err
			}
			continue
		}
		if err := atomicfile.Write(file, files[file]); err != nil {
			return err
		}
	}
	return p.applyLock(c, today, source)
}

// applyLock records the version, and what ours does not follow.
func (p *Proposal) applyLock(c *drift.Config, today time.Time, source string) error {
	if c.Lock == "" && len(p.Accepted) == 0 {
		return nil
	}
	lock, err := c.ReadLock()
	if err != nil {
		return err
	}
	reason := followed
	if len(p.Ignored) > 0 {
		reason = fmt.Sprintf(leftOut, strings.Join(p.newOperations(), ", "))
	}
	as := drift.Acceptance{Accepted: today.Format(time.DateOnly), Source: source, Reason: reason}
	for _, a := range p.Accepted {
		entry := as
		entry.Reason = a.Reason
		maps.Copy(lock.Findings, a.Finding.Accept(entry))
	}
	if p.Report.Version == nil {
		lock.Versions[p.Report.Fingerprint] = as
	}
	return c.WriteLock(lock)
}

// newOperations names the operations that are ignored from now on.
func (p *Proposal) newOperations() []string {
	var names []string
	for _, f := range p.Ignored {
		names = append(names, f.After)
	}
	return names
}

// applyIgnored adds new operations to the list in the configuration, each with a comment
// of its own, since what is said there of other ones need not hold for it. It takes
// out those that are gone, line by line: what else stands there stays.
func (p *Proposal) applyIgnored(c *drift.Config, files map[string][]byte, comment string) error {
	var gone []string
	for _, o := range p.Obsolete {
		if o.Action == 0 {
			gone = append(gone, o.Finding.Before)
		}
	}
	added := p.newOperations()
	if len(gone)+len(added) == 0 {
		return nil
	}
	data, err := os.ReadFile(c.File())
	if err != nil {
		return err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return err
	}
	known := yamlnode.Field(document.Unwrap(&root), "ignored")
	lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	if known == nil || len(known.Content) == 0 || known.Style == yaml.FlowStyle {
		if known != nil {
			return fmt.Errorf("%s: write the list of ignored operations one a line, so that %s can be added", c.File(), strings.Join(added, ", "))
		}
		lines = append(lines, "ignored:\n")
		for _, op := range added {
			lines = append(lines, "  "+comment+"\n", "  - "+op+"\n")
		}
		files[c.File()] = []byte(strings.Join(lines, ""))
		return nil
	}
	last := known.Content[len(known.Content)-1]
	indent := strings.Repeat(" ", max(last.Column-3, 0))
	for i, op := range added {
		lines = slices.Insert(lines, last.Line+2*i, indent+comment+"\n", indent+"- "+op+"\n")
	}
	for _, n := range slices.Backward(known.Content) {
		if !slices.Contains(gone, n.Value) {
			continue
		}
		from := n.Line - 1
		if strings.HasPrefix(strings.TrimSpace(lines[from-1]), newIgnored) {
			from--
		}
		lines = slices.Delete(lines, from, n.Line)
	}
	if len(gone) == len(known.Content) && len(added) == 0 {
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "ignored:" })
	}
	files[c.File()] = []byte(strings.Join(lines, ""))
	return nil
}

// applyObsolete takes actions out of the files of corrections, and files that
// are left without one.
func (p *Proposal) applyObsolete(c *drift.Config, files map[string][]byte) error {
	actions := map[string][]int{}
	for _, o := range p.Obsolete {
		if o.Action > 0 {
			actions[o.File] = append(actions[o.File], o.Action)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(actions)) {
		data, err := os.ReadFile(c.Path(name))
		if err != nil {
			return err
		}
		if files[c.Path(name)], err = withoutActions(data, actions[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(actions) == 0 {
		return nil
	}
	left, err := filepath.Glob(filepath.Join(c.Path(c.Corrections), "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range left {
		if content, touched := files[file]; !touched || content != nil {
			return nil
		}
	}
	return fmt.Errorf("%s: no correction would be left: remove the folder from the configuration first", c.Corrections)
}

// withoutActions takes the lines of some actions out of an overlay file, and
// returns nil if no action is left.
func withoutActions(data []byte, actions []int) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, err
	}
	all := yamlnode.Field(document.Unwrap(&root), "actions")
	if all == nil || all.Style == yaml.FlowStyle {
		return nil, errors.New("remove the action by hand: the list does not have one action a line")
	}
	if len(actions) == len(all.Content) {
		return nil, nil
	}
	lines := strings.SplitAfter(string(data), "\n")
	for i := len(all.Content); i > 0; i-- {
		if !slices.Contains(actions, i) {
			continue
		}
		from, to := all.Content[i-1].Line-1, len(lines)
		if i < len(all.Content) {
			to = all.Content[i].Line - 1
		}
		if !strings.HasPrefix(strings.TrimSpace(lines[from]), "- ") {
			return nil, fmt.Errorf("remove action %d by hand: it is not on lines of its own", i)
		}
		lines = slices.Delete(lines, from, to)
	}
	return []byte(strings.Join(lines, "")), nil
}
