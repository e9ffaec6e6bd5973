package drift

import (
	"fmt"
	"io"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
)

// harm says whom a class of change breaks.
var harm = map[Class]string{
	Breaking:  "programs that work today may fail, read something else or no longer compile",
	Additive:  "programs that work today continue to work unchanged",
	Editorial: "nothing on the wire changes",
}

// listed is how many entries of a list are shown to people.
const listed = 3

func (r *Report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.summary())
	from, to := "from", "to"
	if r.ours {
		from, to = r.sides()
	}
	fmt.Fprintf(&b, "%-12s %s\n%-12s %s\nfingerprint  %s%s\n", from, document.Line(r.Old), to, document.Line(r.New), r.Fingerprint, r.versionText())
	r.WriteNotes(&b)
	if n := len(r.Unused); n > 0 {
		fmt.Fprintf(&b, "unused       %d accepted before, but nothing of it differs now: %s\n", n, list(r.Unused))
	}
	var class Class
	for _, f := range r.Findings {
		if f.Class != class {
			class = f.Class
			fmt.Fprintf(&b, "\n%s: %s\n", strings.ToUpper(string(class)), harm[class])
		}
		r.WriteFinding(&b, f)
	}
	if r.Next != "" {
		fmt.Fprintf(&b, "\nnext: %s\n", document.Line(r.Next))
	}
	return b.String()
}

// sides returns what the two documents are called.
func (r *Report) sides() (old, new string) {
	if r.ours {
		return "ours", "theirs"
	}
	return "old", "new"
}

func (r *Report) versionText() string {
	if r.Version == nil {
		return ""
	}
	return fmt.Sprintf(" (accepted %s: %s)", r.Version.Accepted, document.Line(r.Version.Reason))
}

// WriteFinding writes one finding as the text of the report shows it.
func (r *Report) WriteFinding(w io.Writer, f Finding) {
	who := ""
	if f.Direction != "" {
		who = string(f.Direction) + ": "
	}
	fmt.Fprintf(w, "\n  %s%s\n", who, f.Meaning)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "    %-8s %s\n", name, document.Line(value))
		}
	}
	for i, at := range f.Where {
		if i == 2*listed {
			line("", fmt.Sprintf("and %d more places", len(f.Where)-i))
			break
		}
		line("at", at.Place)
		line("in", r.operations(at.Operations))
	}
	before, after := f.sides()
	line("before", before)
	line("after", after)
	old, new := r.sides()
	line(old, list(f.Old))
	line(new, list(f.New))
	line("affected", strings.Join(f.Affected, ", "))
	line("why", f.Reason)
	if f.Accepted != nil {
		line("expired", "accepted until "+f.Accepted.Until+": "+f.Accepted.Reason)
	}
	line("id", f.ID)
	if !r.ours { // nothing can be accepted or followed
		return
	}
	for i, v := range f.Values {
		if i == listedValues-1 && len(f.Values) > listedValues {
			line("", fmt.Sprintf("and %d more values: -o json lists the id of each", len(f.Values)-i))
			break
		}
		line("", "of "+v.Value+" alone: "+v.ID)
	}
}

func (r *Report) operations(names []string) string {
	if len(names) == r.Operations && len(names) > 1 {
		return fmt.Sprintf("all %d operations", len(names))
	}
	return list(names)
}

func list(values []string) string {
	if len(values) > listed {
		return strings.Join(values[:listed-1], ", ") + fmt.Sprintf(" and %d more", len(values)-listed+1)
	}
	return strings.Join(values, ", ")
}

func (r *Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Drift: %s\n\n", r.summary())
	fmt.Fprintf(&b, "From %s to %s, fingerprint `%s`%s.\n", code(r.Old), code(r.New), r.Fingerprint, r.versionText())
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nNote: %s\n", code(r.line(n)))
	}
	if len(r.Findings) == 0 {
		return b.String()
	}
	b.WriteString("\n| class | change | where | before | after | affected | id |\n|---|---|---|---|---|---|---|\n")
	for _, f := range r.Findings {
		before, after := f.sides()
		var where []string
		for _, w := range f.Where {
			where = append(where, strings.TrimSpace(code(w.Place)+" "+code(r.operations(w.Operations))))
		}
		cells := []string{string(f.Class), cell(strings.TrimSpace(string(f.Direction) + " " + f.Meaning)), strings.Join(where, "<br>"), code(before), code(after), code(list(f.Affected)), code(f.ID)}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	switch {
	case r.Next == "":
	case !r.ours || r.AtLeast(string(Breaking)):
		fmt.Fprintf(&b, "\nNext: %s.\n", r.Next)
	default: // a command
		fmt.Fprintf(&b, "\nNext: %s\n", code(r.Next))
	}
	return b.String()
}

func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;").Replace(document.Line(s))
}

// code writes text from a document so that Markdown does not read it.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.NewReplacer("|", "\\|", "`", "'").Replace(document.Line(s)) + "`"
}

// github writes workflow commands: an annotation for each finding, at the line
// of our document where one is known.
func (r *Report) github() string {
	var b strings.Builder
	for _, f := range r.Findings {
		level := map[Class]string{Breaking: "error", Additive: "warning", Editorial: "notice"}[f.Class]
		properties := "title=" + escapeProperty("drift: "+string(f.Class)+", "+f.Kind)
		for _, affected := range f.Affected {
			if file, line, ok := cutLine(affected); ok {
				properties = "file=" + escapeProperty(file) + ",line=" + line + "," + properties
				break
			}
		}
		fmt.Fprintf(&b, "::%s %s::%s\n", level, properties, escapeMessage(f.annotation())+escapeMessage(" ["+f.ID+"]"))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "::notice title=drift%%3A note::%s\n", escapeMessage(r.line(n)))
	}
	fmt.Fprintf(&b, "::notice title=drift::%s\n", escapeMessage(r.summary()))
	return b.String()
}

func cutLine(affected string) (file, line string, ok bool) {
	i := strings.LastIndexByte(affected, ':')
	if i < 0 || strings.Trim(affected[i+1:], "0123456789") != "" {
		return "", "", false
	}
	return affected[:i], affected[i+1:], true
}

func escapeMessage(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(document.Line(s))
}

func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeMessage(s))
}
