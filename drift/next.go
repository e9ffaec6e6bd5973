package drift

import (
	"errors"
	"regexp"
	"strings"
)

const (
	nextBreaking = `change our document, correct theirs by an overlay, or record that it was looked at with "drift accept DOC --reason WHY --id ID"`
	nextDiff     = `"drift check NEW" says which of these concern our document`
)

// docWord is the word in a command that stands for the document.
var docWord = regexp.MustCompile(`\bDOC\b`)

// checkNext checks the command of a configuration.
func checkNext(command string) error {
	if command != "" && (!docWord.MatchString(command) || strings.ContainsAny(command, "\r\n")) {
		return errors.New("next: want one line with the word DOC, for which the document is put in, such as make sync UPSTREAM=DOC")
	}
	return nil
}

// next returns what to do about the open findings of a check: nothing if there is none.
// What breaks no program can be followed, and so the command that does so is the next step.
func (c *Config) next(r *Report) string {
	switch {
	case len(r.Findings) == 0:
		return ""
	case r.AtLeast(string(Breaking)):
		return nextBreaking
	}
	doc := "DOC"
	if r.New != "" && r.New != "-" { // which cannot be read a second time
		doc = shellQuoted(r.New)
	}
	switch {
	case c.Next != "":
		return docWord.ReplaceAllLiteralString(c.Next, doc)
	case c.file != "" && c.file != "drift.yaml":
		return "drift try --config " + shellQuoted(c.file) + " " + doc
	}
	return "drift try " + doc
}

// shellQuoted returns text as one word of a shell.
func shellQuoted(text string) string {
	if strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-+/:@%,=") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
