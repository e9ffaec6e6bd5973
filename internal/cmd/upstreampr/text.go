package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/originpull/originpull-go/drift/try"
	"github.com/originpull/originpull-go/internal/printable"
)

// text is what a pull request or an issue says. Only fixed words are outside of the boxes
// of its body.
type text struct {
	title, body string
	key         string // a hash of both
}

// withdrawn is in the place of the key where what the document said does not hold any more.
const withdrawn = "withdrawn"

// marker is a line of a body of ours. A line of the document never is one: it is indented.
var marker = regexp.MustCompile(`(?m)^<!-- upstream-document ([0-9a-z]+) -->\r?$`)

// keyOf returns the key of a body, or "" if it is not one of ours.
func keyOf(body string) string {
	if found := marker.FindStringSubmatch(body); found != nil {
		return found[1]
	}
	return ""
}

func mark(body, key string) string {
	return fmt.Sprintf("%s\n\n<!-- upstream-document %s -->\n", strings.TrimSpace(marker.ReplaceAllString(body, "")), key)
}

// passing is what differs from night to night in what a trial prints: how long tests
// took.
var passing = regexp.MustCompile(`\d+\.\d+ ?s\b`)

func newText(title string, parts ...string) text {
	body := strings.Join(parts, "\n\n")
	sum := sha256.Sum256([]byte(title + "\n" + passing.ReplaceAllString(body, "0 s")))
	key := hex.EncodeToString(sum[:16])
	return text{title, mark(body, key), key}
}

// pullText is what the pull request says of a document that was followed.
func pullText(r *try.Result) text {
	return newText(fmt.Sprintf("Follow upstream's document: %s, %s", r.Verdict, r.Release()),
		"Upstream's OpenAPI document differs from ours. This branch is what `make sync` makes of it.",
		section("Why", reasons(r)),
		section("Changelog entry", r.Changelog),
		section("A person has to describe", strings.Join(r.Review, "\n")),
		"### What to do",
		"Review it, and describe what is listed above in a commit on this branch: section 2 of docs/upstream.md. "+
			"From then on the branch is yours: the nightly run only comments when upstream's document changes again.",
		"If you close this pull request, none is opened until the document changes. `drift accept` records why it is not followed.",
		sources(r))
}

// issueText is what the issue says of a document that is not followed.
func issueText(r *try.Result) text {
	title, do := fmt.Sprintf("Upstream's document: %s, %s", r.Verdict, r.Release()), "Section 3 of docs/upstream.md says how to decide. Until then the nightly run opens no pull request."
	switch {
	case r.Verdict == try.Refused:
		title, do = "Upstream's document: refused", "The document is not safe for a code generator: do not generate code from it. Is it the right one, and who changed it?"
	case r.Undecided:
		title += ", to be decided"
	default:
		title += ", something fails"
		do = "Run `make sync` with `APPLY=1`, and fix by hand what fails; docs/upstream.md begins with it."
	}
	return newText(title,
		"Upstream's OpenAPI document differs from ours, and a program cannot follow it.",
		section("Why", reasons(r)),
		section("Changelog entry", r.Changelog),
		"### What to do\n\n"+do+"\n\nIf you close this issue, it stays closed until the document changes.",
		sources(r))
}

func reasons(r *try.Result) string {
	var b strings.Builder
	for _, reason := range r.Reasons {
		fmt.Fprintf(&b, "%-9s %s\n", reason.Verdict, strings.ReplaceAll(reason.Text, "\n", "\n          "))
	}
	return b.String()
}

// sources says where the text in the boxes comes from.
func sources(r *try.Result) string {
	text := "The boxes hold text of upstream's document. What GitHub would act on in it is escaped."
	if r.Verdict != try.Refused {
		text = "Fingerprint of the document: `" + r.Proposal.Report.Fingerprint + "`. " + text
	}
	return text
}

// maxSection bounds the text of a box. GitHub takes 65,536 characters of a body.
const maxSection = 15_000

// section is text in a box under a heading: code by its indentation, which nothing in it
// ends.
func section(heading, content string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n", heading)
	size := 0
	for line := range strings.Lines(content) {
		line = inert(strings.TrimRight(line, "\n"))
		left := maxSection - size
		if size += len(line) + len("\n    "); size > maxSection {
			fmt.Fprintf(&b, "\n    %s\n    … cut here: the artifact upstream of the nightly run has all of it", printable.Cut(line, max(0, left)))
			break
		}
		fmt.Fprintf(&b, "\n    %s", line)
	}
	if size == 0 {
		b.WriteString("\nNothing.")
	}
	return b.String()
}

// active matches the first character of what GitHub acts on. In a box it does not, but
// the body can become the message of a commit, which has none: mentions, references to
// issues that a keyword closes, links, comments of HTML, and what skips CI.
var active = []*regexp.Regexp{
	regexp.MustCompile(`@`),
	regexp.MustCompile(`#[0-9]`),
	regexp.MustCompile(`(?i)gh-[0-9]`),
	regexp.MustCompile(`://`),
	regexp.MustCompile(`(?i)www\.`),
	regexp.MustCompile(`<!`),
	regexp.MustCompile(`(?i)\[(skip|ci|no|actions) `),
}

// inert returns text as one line in which nothing is active: as Go escapes it.
func inert(line string) string {
	line = printable.Line(line)
	for _, a := range active {
		line = a.ReplaceAllStringFunc(line, func(found string) string { return fmt.Sprintf(`\x%02x`, found[0]) + found[1:] })
	}
	return line
}
