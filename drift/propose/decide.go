package propose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// question is what a person has to find out before deciding on findings of
// some kinds.
type question struct {
	text  string
	kinds string // names, without their direction
}

// questions are those on kinds that can break programs.
var questions = []question{
	{"Does the service still do it? Then theirs is wrong. If it does not, programs that call it fail already.",
		"operation-removed server-removed callback-removed link-removed link-changed"},
	{"Do programs of ours still authorise in this way, and does the service still accept it?",
		"security-removed"},
	{"Does the service refuse a request without it? Then programs have to send it.",
		"parameter-added-required parameter-required body-added-required body-required header-added-required header-required property-added-required property-required dependent-required-added"},
	{"Does the service refuse or ignore what programs send today? What they can no longer send or read is gone from the Go API, and what uses it no longer compiles.",
		"parameter-removed body-removed media-type-removed status-removed header-removed property-removed alternative-removed mapping-removed discriminator-removed"},
	{"Is it really left out of some responses? Then it is optional, and programs that rely on it read a zero value.",
		"parameter-optional body-optional header-optional property-optional write-only-added default-removed default-changed"},
	{"Does the service really return null, or no longer accept it? The Go type changes, and programs have to check for null.",
		"nullable-added nullable-removed"},
	{"Is what is sent really of another type now? The type in Go changes, and what uses it no longer compiles.",
		"type-changed type-widened type-narrowed value-forbidden choice-added choice-removed choice-tightened alternative-added discriminator-added discriminator-changed format-changed format-removed format-added content-encoding-changed content-media-type-changed keyword-changed"},
	{"Does anything still send or wait for the value? Its constant goes away; a program that waits for it waits for ever.",
		"enum-value-removed enum-added enum-contradicted"},
	{"Does the service refuse what is outside of the new limit?",
		"maximum-tightened minimum-tightened max-length-tightened min-length-tightened max-items-tightened min-items-tightened max-properties-tightened min-properties-tightened unique-items-added multiple-of-added multiple-of-changed pattern-added pattern-changed additional-properties-forbidden exclusion-added exclusion-changed condition-added condition-changed contains-added contains-changed read-only-added"},
	{"Does the service read what is written in the present way?",
		"style-changed explode-changed allow-reserved-added allow-reserved-removed allow-empty-value-added allow-empty-value-removed encoding-content-type-changed encoding-content-type-removed"},
	{"No kind of finding says what differs here: compare the two places by eye.",
		"unhandled"},
	{"What it corrected is no longer there. Rewrite it for the new place if theirs is still wrong; following removes it.",
		"correction-unmatched"},
}

// written are the kinds that can be written into our document, by their names
// without a direction. What else differs is for a person to write.
const written = "property-added property-added-required property-removed property-required property-optional " +
	"enum-added enum-removed enum-value-added enum-value-removed " +
	"maximum-tightened maximum-loosened minimum-tightened minimum-loosened max-length-tightened max-length-loosened " +
	"min-length-tightened min-length-loosened max-items-tightened max-items-loosened min-items-tightened min-items-loosened " +
	"max-properties-tightened max-properties-loosened min-properties-tightened min-properties-loosened " +
	"pattern-added pattern-removed pattern-changed format-added format-removed format-changed " +
	"multiple-of-added multiple-of-removed multiple-of-changed unique-items-added unique-items-removed " +
	"default-added default-removed default-changed nullable-added nullable-removed " +
	"read-only-added read-only-removed write-only-added write-only-removed " +
	"deprecated undeprecated operation-deprecated operation-undeprecated " +
	"parameter-required parameter-optional body-required body-optional header-required header-optional status-added status-removed"

// unwritten says why the rest is not written, for kinds whose name begins with a
// word.
var unwritten = map[string]string{
	"operation":     "An operation needs a method, its tests and a simulator that knows it",
	"security":      "The options of the client name the credentials too",
	"server":        "The client names the server too",
	"callback":      "No code is generated for a callback",
	"link":          "No code is generated for a link",
	"encoding":      "The generated client encodes bodies in one way",
	"style":         "The generated client encodes parameters in one way",
	"explode":       "The generated client encodes parameters in one way",
	"parameter":     "The generated client has to learn to send a parameter; list its place under propose.parameters then",
	"choice":        "Alternatives need an overlay that shapes them for Go",
	"alternative":   "Alternatives need an overlay that shapes them for Go",
	"discriminator": "Alternatives need an overlay that shapes them for Go",
	"mapping":       "Alternatives need an overlay that shapes them for Go",
	"type":          "The schema is a different one",
	"value":         "The schema is a different one",
}

// byHand is the next step where nothing is written.
const byHand = "Write it into our document by hand (drift slice prints theirs), correct theirs by an overlay, or accept it with the reason."

// ourNames says why ours does not follow a name that is not seen on the wire.
var ourNames = map[string]string{
	"operation-id-changed":   "An operationId is not seen on the wire; ours gives the generated code its names.",
	"path-parameter-renamed": "The name of a path parameter is not seen on the wire; ours is kept.",
}

const (
	// withoutFormat is why ours does not follow a format that it does not list.
	withoutFormat = "Ours leaves out formats that can give a Go type of another module; the value is the same."
	// withBound is why ours does not follow a text without a limit.
	withBound = "Ours bounds every string, so that a response is bounded; theirs leaves it open."
	// withoutReadOnly is why ours does not follow a readOnly in a response.
	withoutReadOnly = "Whether a property can be sent means nothing in a response."
	// withoutRestated is why ours does not follow a format such as int64 where it is said, or no longer.
	withoutRestated = "The format says what the type says anyway; ours decides the Go type."
	// withoutParameter is why ours does not follow an optional parameter of a place
	// that it does not list.
	withoutParameter = "Ours leaves out the optional parameters that the generated client does not send; the service does without them."
)

// decide sorts a finding by what becomes of it.
func (p *proposer) decide(f drift.Finding) error {
	if p.isAdoptable(f) {
		return p.adopt(f)
	}
	reason, accepted := p.acceptable(f)
	if accepted {
		p.accepted[f.ID] = reason
		return nil
	}
	f = p.asReported(f)
	file, action := f.Correction()
	switch {
	case p.foreignFormat(f):
		p.undecided(f, formatQuestion(f))
	case f.Kind == "known-operation-gone":
		p.out.Obsolete = append(p.out.Obsolete, Obsolete{Finding: f, File: p.config.File()})
	case f.Kind == "correction-obsolete" || f.Kind == "correction-unmatched" && p.followed(f):
		p.out.Obsolete = append(p.out.Obsolete, Obsolete{Finding: f, File: file, Action: action})
	case f.Kind == "correction-unmatched":
		p.undecided(f, asked(f)+" (--follow "+f.ID+")")
	case f.Kind == "operation-added" && !p.followed(f) && !p.listed(f):
		p.out.Ignored = append(p.out.Ignored, f)
	case !isWritten(f):
		p.undecided(f, strings.TrimSpace(asked(f)+" "+whyUnwritten(f)+". "+byHand))
	default:
		p.undecided(f, asked(f)+" Follow it (--follow "+f.ID+"), correct theirs by an overlay, or accept it with the reason.")
	}
	return nil
}

// acceptable reports whether ours need not follow a finding, and says why.
func (p *proposer) acceptable(f drift.Finding) (reason string, ok bool) {
	reason, ok = p.ourRule(f)
	switch {
	case ok:
		return reason, true
	case strings.HasSuffix(f.Kind, "-enum-removed") && p.ofOpenSet(f):
		return "Ours lists what is known of an open set; theirs lists nothing.", true
	case p.foreignFormat(f) && f.Class != drift.Breaking:
		return withoutFormat, true
	}
	return "", false
}

// isAdoptable reports whether ours is to follow a finding.
func (p *proposer) isAdoptable(f drift.Finding) bool {
	_, accepted := p.acceptable(f)
	return !accepted && !p.foreignFormat(f) && isWritten(f) && (f.Class != drift.Breaking || p.followed(f))
}

// listed reports whether a finding is that theirs has an operation which is listed to be
// compared, so that it must not be ignored.
func (p *proposer) listed(f drift.Finding) bool {
	key, err := graph.OperationKey(f.After)
	return err == nil && slices.ContainsFunc(p.config.Operations, func(operation string) bool {
		other, err := graph.OperationKey(operation)
		return err == nil && other == key
	})
}

// undecided leaves a finding to a person.
func (p *proposer) undecided(f drift.Finding, question string) {
	p.out.Undecided = append(p.out.Undecided, Undecided{Finding: p.asReported(f), Question: question})
}

// asked returns what a person has to find out of a finding, "" where nothing can
// break.
func asked(f drift.Finding) string {
	for _, q := range questions {
		if slices.Contains(strings.Fields(q.kinds), kindName(f)) {
			return q.text
		}
	}
	if f.Class == drift.Breaking { // by the configuration
		return "Do programs that work today continue to work?"
	}
	return ""
}

// isWritten reports whether a finding is of a kind that is written into ours.
func isWritten(f drift.Finding) bool { return slices.Contains(strings.Fields(written), kindName(f)) }

// whyUnwritten says why a finding is not of such a kind.
func whyUnwritten(f drift.Finding) string {
	word, _, _ := strings.Cut(kindName(f), "-")
	if why, ok := unwritten[word]; ok {
		return why
	}
	return "Changes of this kind are not written into our document"
}

// kindName returns the name of the kind of a finding, without its direction.
func kindName(f drift.Finding) string {
	if kind, ok := compare.KindWithID(f.Kind); ok {
		return kind.Name
	}
	return f.Kind
}

// foreignFormat reports whether a finding is that theirs has a format that must
// not come into ours.
func (p *proposer) foreignFormat(f drift.Finding) bool {
	return (strings.HasSuffix(f.Kind, "-format-added") || strings.HasSuffix(f.Kind, "-format-changed")) &&
		slices.ContainsFunc(strings.Split(f.After, ", "), p.config.Propose.LeavesOut)
}

// formatQuestion says what a person has to decide on such a format where the
// present programs could fail.
func formatQuestion(f drift.Finding) string {
	return fmt.Sprintf("Does the service refuse, or send, other strings than before? The format %q is not followed: it can give a Go type of another module. "+
		"List it under propose.formats if it is harmless, correct theirs by an overlay, or accept it with the reason.", f.After)
}

// ourRule reports whether a finding is that ours differs by a rule of its own,
// wherever that is, and says why.
func (p *proposer) ourRule(f drift.Finding) (reason string, ok bool) {
	name := kindName(f)
	switch {
	case p.unsent(f):
		return withoutParameter, true
	case name == "max-length-loosened" && f.Before == fmt.Sprint(p.config.Propose.MaxLength) && f.After == "":
		return withBound, true
	case f.Class == drift.Editorial && (name == "read-only-added" || name == "read-only-removed"):
		return withoutReadOnly, true
	case name == "format-restated":
		return withoutRestated, true
	}
	reason, ok = ourNames[f.Kind]
	return reason, ok
}

// unsent reports whether a finding is that theirs has an optional parameter which
// generated code does not send.
func (p *proposer) unsent(f drift.Finding) bool {
	seen := p.theirs.Inside(f).Seen
	return f.Kind == "request-parameter-added" && len(seen) > 0 && !slices.ContainsFunc(seen, func(s compare.Sighting) bool {
		in, _, _ := strings.Cut(strings.TrimPrefix(s.Change.Label, "parameter "), " ")
		return p.config.Propose.Sends(in)
	})
}
