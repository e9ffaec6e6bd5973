package propose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift"
	"github.com/originpull/originpull-go/drift/internal/compare"
)

// question is what a person has to find out before deciding on findings of
// some kinds.
type question struct {
	text  string
	kinds string // names, without their direction
}

var questions = []question{
	{"Does the service still do it? Then theirs is wrong. If it does not, programs that call it fail already, and following takes it out of ours.",
		"operation-removed server-removed callback-removed link-removed link-changed"},
	{"Do programs of ours still authorise in this way, and does the service still take it? Following takes it out of ours, and whoever uses it has to change.",
		"security-removed"},
	{"Does the service refuse a request without it? Following changes what programs have to send.",
		"parameter-added-required parameter-required body-added-required body-required header-added-required header-required property-added-required property-required dependent-required-added"},
	{"Does the service refuse or ignore what programs send today? Following takes it out of what they can send or read, and what uses it no longer compiles.",
		"parameter-removed body-removed media-type-removed status-removed header-removed encoding-removed property-removed alternative-removed mapping-removed discriminator-removed"},
	{"Is it really left out of some answers? Following makes it optional, and programs that rely on it read a zero value.",
		"parameter-optional body-optional header-optional property-optional write-only-added default-removed default-changed"},
	{"Does the service really answer with null, or can it be sent no longer? Following changes the type in Go, and programs have to look for null.",
		"nullable-added nullable-removed"},
	{"Is what is sent really of another type now? Following gives it another type in Go, and what uses it no longer compiles.",
		"type-changed type-widened type-narrowed value-forbidden choice-added choice-removed choice-changed alternative-added discriminator-added discriminator-changed format-changed format-removed format-added content-encoding-changed content-media-type-changed keyword-changed"},
	{"Does anything still send or wait for the value? Following takes its constant away; a program that waits for it waits for ever.",
		"enum-value-removed enum-added enum-contradicted"},
	{"Does the service refuse what is outside of the new limit? Following refuses it before it is sent.",
		"maximum-tightened minimum-tightened max-length-tightened min-length-tightened max-items-tightened min-items-tightened max-properties-tightened min-properties-tightened unique-items-added multiple-of-added multiple-of-changed pattern-added pattern-changed additional-properties-forbidden exclusion-added exclusion-changed condition-added condition-changed contains-added contains-changed read-only-added"},
	{"Does the service read what is written in the present way? Following writes it in another.",
		"style-changed explode-changed allow-reserved-added allow-reserved-removed allow-empty-value-added allow-empty-value-removed encoding-added encoding-content-type-changed"},
	{"No kind of finding says what differs here: compare the two places by eye.",
		"unhandled"},
	{"What it corrected is no longer there. Rewrite it for the new place if theirs is still wrong; following takes it out.",
		"correction-unmatched"},
}

// byHand is what is left where no change of ours can be proposed.
const byHand = "Change it by hand, correct theirs by an overlay, or accept it with the reason."

// withoutFormat is why ours does not follow a format that it does not list.
const withoutFormat = "Ours leaves out the formats of which a code generator can make a type of another module; the value is the same."

// foreignFormat tells whether a finding is that theirs has a format that must
// not come into ours.
func (p *proposer) foreignFormat(f drift.Finding) bool {
	return (strings.HasSuffix(f.Kind, "-format-added") || strings.HasSuffix(f.Kind, "-format-changed")) &&
		slices.ContainsFunc(strings.Split(f.After, ", "), p.config.Propose.LeavesOut)
}

// formatDecision says what a person has to decide on such a format where the
// present programs could fail.
func formatDecision(f drift.Finding) string {
	return fmt.Sprintf("Does the service refuse, or send, other texts than before? The format %q is not followed: a code generator can make a type of another module of it. "+
		"List it under propose.formats if it is harmless, correct theirs by an overlay, or accept it with the reason.", f.After)
}

// withBound is why ours does not follow a text without a limit.
const withBound = "Ours bounds every text, so that an answer is bounded; theirs leaves it open."

// unbounded tells whether a finding is that theirs has no limit where ours has the
// one that it gives to every text.
func (p *proposer) unbounded(f drift.Finding) bool {
	return strings.HasSuffix(f.Kind, "-max-length-loosened") && f.Before == fmt.Sprint(p.config.Propose.MaxLength) && f.After == ""
}

// withoutParameter is why ours does not follow an optional parameter of a place
// that it does not list.
const withoutParameter = "Ours leaves out the optional parameters that the generated client does not send; the service does without them."

// ourRule tells whether a finding is that ours is otherwise by a rule of its own,
// wherever that is, and says why.
func (p *proposer) ourRule(f drift.Finding) (reason string, ok bool) {
	switch {
	case p.unsent(f):
		return withoutParameter, true
	case p.unbounded(f):
		return withBound, true
	}
	reason, ok = ourNames[f.Kind]
	return reason, ok
}

// unsent tells whether a finding is that theirs has an optional parameter which
// generated code does not send.
func (p *proposer) unsent(f drift.Finding) bool {
	return f.Kind == "request-parameter-added" && len(f.Internal().Seen) > 0 && !slices.ContainsFunc(f.Internal().Seen, func(s compare.Sighting) bool {
		in, _ := placeAndName(s.Change.Label)
		return p.config.Propose.Sends(in)
	})
}

// placeAndName returns where the parameter of a label stands, and what it is called.
func placeAndName(label string) (in, name string) {
	in, name, _ = strings.Cut(strings.TrimPrefix(label, "parameter "), " ")
	return in, name
}

// callbackDecision is what a person has to decide on a callback.
const callbackDecision = "Are programs of ours to take these calls? Nothing is generated for them. Following writes them into our document."

// or says between what a person has to decide.
func or(f drift.Finding) string {
	return " Follow it (--follow " + f.ID + "), correct theirs by an overlay, or accept it with the reason."
}

// decision says what a person has to decide on a finding, and between what.
func decision(f drift.Finding) string {
	name := f.Kind
	if kind, ok := compare.KindWithID(name); ok {
		name = kind.Name
	}
	text := "Would programs that work today go on?"
	for _, q := range questions {
		if strings.Contains(" "+q.kinds+" ", " "+name+" ") {
			text = q.text
		}
	}
	if name == "correction-unmatched" {
		return text + " (--follow " + f.ID + ")"
	}
	return text + or(f)
}
