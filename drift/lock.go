package drift

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/atomicfile"
	"github.com/originpull/originpull-go/internal/overlay"
)

// Acceptance records that a version or a finding was looked at.
type Acceptance struct {
	// Accepted and Until are dates, 2006-01-02. The acceptance holds until the end of
	// Until, or without an end if that is empty.
	Accepted string `yaml:"accepted" json:"accepted"`
	Until    string `yaml:"until,omitempty" json:"until,omitempty"`
	// Source is where the document came from. [Lock.Accept] sets it if it is empty.
	Source string `yaml:"source" json:"source"`
	// Reason says why the version or finding is accepted. It is required.
	Reason string `yaml:"reason" json:"reason"`
	// Change describes the accepted finding in one line.
	Change string `yaml:"change,omitempty" json:"change,omitempty"`
	// Same is a hash of the change, and At has a hash of each of its places. By them a
	// finding is recognised as accepted although its id is another one, because the change
	// is now in fewer places.
	Same string   `yaml:"same,omitempty" json:"-"`
	At   []string `yaml:"at,omitempty,flow" json:"-"`
}

// Lock holds what was accepted. [Config.ReadLock] reads it. Entries stay when the document
// changes, so that a version that comes back is not reported again.
type Lock struct {
	// Versions holds what was accepted of whole documents, by their [Fingerprint].
	Versions map[string]Acceptance `yaml:"versions"`
	// Findings holds the accepted findings, by their ID.
	Findings map[string]Acceptance `yaml:"findings"`
}

const lockHead = `# What was reviewed of the upstream document, written by "drift accept".
# Versions stand by their fingerprint, findings by their id. An entry can be
# edited, merged and taken out by hand; after its date "until" it does not hold.
# "same" and "at" stand for what differs and for each place where, so that it is
# known where it differs in fewer.
`

// ReadLock reads the lock file of the configuration. One that does not exist
// is empty.
func (c *Config) ReadLock() (*Lock, error) {
	l := &Lock{Versions: map[string]Acceptance{}, Findings: map[string]Acceptance{}}
	if c.Lock == "" {
		return l, nil
	}
	file := c.Path(c.Lock)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	if err := decodeStrict(data, l); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, entries := range []map[string]Acceptance{l.Versions, l.Findings} {
		for id, a := range entries {
			if err := a.check(); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, id, err)
			}
			slices.Sort(a.At) // in which covers finds one by halves
		}
	}
	if l.Versions == nil {
		l.Versions = map[string]Acceptance{}
	}
	if l.Findings == nil {
		l.Findings = map[string]Acceptance{}
	}
	return l, nil
}

func (a Acceptance) check() error {
	if a.Reason == "" {
		return errors.New("no reason is given")
	}
	for _, date := range []string{a.Accepted, a.Until} {
		if _, err := time.Parse(time.DateOnly, date); err != nil && (date != "" || a.Accepted == "") {
			return fmt.Errorf("date %q, want one like 2006-01-02", date)
		}
	}
	return nil
}

// holds reports whether the acceptance has not expired.
func (a Acceptance) holds(today time.Time) bool {
	return a.Until == "" || a.Until >= today.Format(time.DateOnly)
}

// WriteLock writes the lock file of the configuration, entries in the order of
// their names, so that what two people add can be merged.
func (c *Config) WriteLock(l *Lock) error {
	if c.Lock == "" {
		return errors.New("the configuration names no lock to write to")
	}
	var b bytes.Buffer
	b.WriteString(lockHead)
	for _, section := range []struct {
		name    string
		entries map[string]Acceptance
	}{{"versions", l.Versions}, {"findings", l.Findings}} {
		n, list := document.Object(), document.Object()
		for _, id := range slices.Sorted(maps.Keys(section.entries)) {
			var entry yaml.Node
			if err := entry.Encode(section.entries[id]); err != nil {
				return err
			}
			document.Put(list, id, &entry)
		}
		document.Put(n, section.name, list)
		text, err := overlay.Encode(n)
		if err != nil {
			return err
		}
		b.Write(text)
	}
	return atomicfile.Write(c.Path(c.Lock), b.Bytes())
}

// Accept records findings of a report as accepted: those with the given ids, or
// without ids all that the report does not list as accepted. An id can be that of one of
// the Values of a finding, which then is accepted in part. If none is left, the version
// is accepted too; one that is accepted already keeps its entry if ids are given, since as is
// about those findings then. It returns how many findings were recorded, in part or as a
// whole, and how many are left open, in part or as a whole. It fails if as has no reason
// or a date that is not one, and for an id that no such finding has.
func (l *Lock) Accept(r *Report, ids []string, as Acceptance) (recorded, left int, err error) {
	if as.Source == "" {
		as.Source = r.Source()
	}
	if err := as.check(); err != nil {
		return 0, 0, err
	}
	if as.Until != "" && as.Until < as.Accepted {
		return 0, 0, fmt.Errorf("until %s lies before %s", as.Until, as.Accepted)
	}
	named, err := r.PartIDs(ids...)
	if err != nil {
		return 0, 0, err
	}
	for _, f := range r.Findings {
		parts := f.Parts()
		if len(ids) > 0 {
			parts = slices.DeleteFunc(parts, func(p Finding) bool { return !slices.Contains(named, p.ID) })
		}
		for _, part := range parts {
			maps.Copy(l.Findings, part.Accept(as))
		}
		if len(parts) > 0 {
			recorded++
		}
		if len(parts) < len(f.Parts()) {
			left++
		}
	}
	if left == 0 && (r.Version == nil || len(ids) == 0 && recorded > 0) {
		l.Versions[r.Fingerprint] = as
	}
	return recorded, left, nil
}
