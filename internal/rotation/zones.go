// Package rotation has what a program that rotates the certificates of many zones needs
// besides package rotate, some of which watching them needs too: lists of zones and key pairs in files, reports to resume from, a
// shell command as proof, and progress bars.
package rotation

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/internal/operator"
)

// Zone is a zone of a list, before its id is known.
type Zone struct {
	Name      string // its id or name, as the list has it
	Place     string // where in the list, for errors
	Cert, Key string // the files of its key pair; empty if the list has none
}

// String returns the name.
func (z Zone) String() string { return z.Name }

const (
	maxList  = 4 << 20 // bytes of a list
	maxShown = 10      // errors of one list that are shown
)

// ReadZones reads a list of zones from a file: an id or a name a line. Empty lines do not
// count, nor does what follows a #. A line that is neither, and a zone that comes twice, is
// an error that names the line.
func ReadZones(file string) ([]Zone, error) {
	text, err := operator.ReadFile(file, maxList)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var zones []Zone
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			zones = append(zones, Zone{Name: line, Place: fmt.Sprintf("%s, line %d", file, n)})
		}
	}
	return zones, check(file, zones)
}

// FindPairs returns the zones that have a key pair in a folder: the files ZONE.pem and
// ZONE.key, with the zone's id or name. A file without the other one is an error. Other
// files do not count. The pairs are not loaded.
func FindPairs(folder string) ([]Zone, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var zones []Zone
	var errs []error
	for _, entry := range entries {
		name := entry.Name()
		zone, ext := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
		path := filepath.Join(folder, zone)
		if strings.HasPrefix(name, ".") || ext != ".pem" && ext != ".key" {
			continue
		}
		if info, err := os.Stat(path + ext); err != nil || info.IsDir() {
			errs = append(errs, fmt.Errorf("%s: it is not a file that can be read", path+ext))
			continue
		}
		other := map[string]string{".pem": ".key", ".key": ".pem"}[ext]
		if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == zone+other }) {
			errs = append(errs, fmt.Errorf("%s: there is no %s beside it", path+ext, zone+other))
			continue
		}
		if ext == ".pem" {
			zones = append(zones, Zone{Name: zone, Place: path + ext, Cert: path + ".pem", Key: path + ".key"})
		}
	}
	if len(errs) > 0 {
		return nil, join(errs)
	}
	return zones, check(folder, zones)
}

// check returns what is wrong with the zones of a list.
func check(list string, zones []Zone) error {
	if len(zones) == 0 {
		return fmt.Errorf("%s: it names no zone", list)
	}
	var errs []error
	places := map[string]string{}
	for _, zone := range zones {
		if !operator.IsZone(zone.Name) { // it is not shown: the file may be a key by mistake
			errs = append(errs, fmt.Errorf("%s: it is not a zone: want its id, 32 hexadecimal digits, or its name, such as example.com", zone.Place))
			continue
		}
		name := strings.ToLower(strings.TrimSuffix(zone.Name, "."))
		if first, twice := places[name]; twice {
			errs = append(errs, twiceError(zone, first))
			continue
		}
		places[name] = zone.Place
	}
	return join(errs)
}

// CheckIDs returns the error of zones with the same id, such as an id and a name of one
// zone. ids has the id of each zone.
func CheckIDs(zones []Zone, ids []string) error {
	var errs []error
	places := map[string]string{}
	for i, id := range ids {
		if first, twice := places[id]; twice {
			errs = append(errs, twiceError(zones[i], first))
			continue
		}
		places[id] = zones[i].Place
	}
	return join(errs)
}

func twiceError(zone Zone, first string) error {
	return fmt.Errorf("%s: the zone %q comes twice, first in %s", zone.Place, zone.Name, first)
}

// join joins errors, the first of them where there are many.
func join(errs []error) error {
	if more := len(errs) - maxShown; more > 0 {
		errs = append(errs[:maxShown:maxShown], fmt.Errorf("and %d errors more", more))
	}
	return errors.Join(errs...)
}
