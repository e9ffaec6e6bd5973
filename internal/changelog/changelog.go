// Package changelog reads and writes what CHANGELOG.md says of the next version.
package changelog

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// File is the changelog, in the root of the module.
const File = "CHANGELOG.md"

const unreleased = "## Unreleased"

// Sections are the kinds of changes in the order in which they stand.
var Sections = []string{"Added", "Changed", "Breaking"}

// Entry describes a change, a list item a line, by section.
type Entry map[string][]string

// String is the entry as it stands in the file.
func (e Entry) String() string {
	var b strings.Builder
	for _, section := range Sections {
		if len(e[section]) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString("### " + section + "\n\n")
		for _, item := range e[section] {
			b.WriteString("- " + item + "\n")
		}
	}
	return b.String()
}

// Add returns the text of the file with an entry put into the next version's
// sections, at the end of each. An entry that is there already is not added again.
func Add(text string, e Entry) (string, error) {
	before, next, after, err := split(text)
	if err != nil {
		return "", err
	}
	parts := strings.Split(strings.TrimRight(next, "\n"), "\n### ") // of which the first is what stands above
	for order, section := range Sections {
		for _, item := range e[section] {
			if strings.Contains(next, "- "+item+"\n") {
				continue
			}
			i := slices.IndexFunc(parts[1:], func(part string) bool { return title(part) == section }) + 1
			if i == 0 {
				i = place(parts, Sections[order+1:])
				parts = slices.Insert(parts, i, section+"\n")
			}
			parts[i] = strings.TrimRight(parts[i], "\n") + "\n"
			if parts[i] == section+"\n" {
				parts[i] += "\n"
			}
			parts[i] += "- " + item + "\n"
		}
	}
	for i := range parts {
		parts[i] = strings.TrimRight(parts[i], "\n") + "\n"
	}
	next = strings.Join(parts, "\n### ")
	if after != "" {
		next += "\n"
	}
	return before + next + after, nil
}

func title(part string) string {
	first, _, _ := strings.Cut(part, "\n")
	return first
}

// place is where a new section goes: before the first of those that follow it.
func place(parts, following []string) int {
	for i, part := range parts[1:] {
		if slices.Contains(following, title(part)) {
			return i + 1
		}
	}
	return len(parts)
}

// Version is what the file says of a version.
type Version struct {
	Title  string // the heading: "Unreleased", or "0.1.0 - 2026-11-30"
	Number string // such as 0.1.0; empty for what is not released
	Date   string // as in 2026-11-30; empty if there is none
	Text   string // below the heading
}

var released = regexp.MustCompile(`^\[?v?(\d+\.\d+\.\d+[-.0-9A-Za-z]*)\]?(?: - (\d{4}-\d\d-\d\d))?$`)

// Versions returns the sections of the file in their order, the newest first.
func Versions(text string) (versions []Version) {
	for _, part := range strings.Split("\n"+text, "\n## ")[1:] {
		heading, below, _ := strings.Cut(part, "\n")
		v := Version{Title: heading, Text: strings.TrimSpace(below)}
		if found := released.FindStringSubmatch(heading); found != nil {
			v.Number, v.Date = found[1], found[2]
		}
		versions = append(versions, v)
	}
	return versions
}

// Breaking returns what stands under Breaking of the versions since one, such as
// v1.2.3, whether or not the next has got its number yet; since anything else, such
// as a commit, that of the newest.
func Breaking(text, since string) string {
	versions := strings.Split("\n"+text, "\n## ")[1:]
	until := slices.IndexFunc(versions, func(version string) bool {
		number, _, _ := strings.Cut(strings.TrimLeft(title(version), "[v"), " ")
		return strings.TrimRight(number, "]") == strings.TrimPrefix(since, "v")
	})
	if until < 0 {
		until = min(1, len(versions))
	}
	var breaking strings.Builder
	for _, version := range versions[:until] {
		for _, part := range strings.Split(version, "\n### ")[1:] {
			if title(part) == "Breaking" {
				breaking.WriteString(part + "\n")
			}
		}
	}
	return breaking.String()
}

// Names reports whether a text names a symbol, as code.
func Names(text, symbol string) bool { return strings.Contains(text, "`"+symbol+"`") }

// split cuts out of the file what it says of the next version, nothing right after a
// release.
func split(text string) (before, next, after string, err error) {
	start := strings.Index("\n"+text, "\n"+unreleased+"\n")
	if start < 0 {
		if start = strings.Index("\n"+text, "\n## "); start < 0 {
			return "", "", "", errors.New(File + " has no section " + unreleased + ", and none of a version")
		}
		return text[:start], unreleased + "\n", text[start:], nil
	}
	end := len(text)
	if i := strings.Index(text[start:], "\n## "); i >= 0 {
		end = start + i + 1
	}
	return text[:start], text[start:end], text[end:], nil
}
