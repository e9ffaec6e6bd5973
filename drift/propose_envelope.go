package drift

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
)

// envelope gives a new answer the properties that all answers of ours have, as
// ours have them. Whether theirs means the same is compared afterwards, as of all
// that is written.
func (e *editor) envelope(response *yaml.Node) {
	content := field(response, "content")
	if content == nil {
		return
	}
	for i := 1; i < len(content.Content); i += 2 {
		properties := field(field(content.Content[i], "schema"), "properties")
		if properties == nil {
			continue
		}
		for _, name := range e.p.config.Propose.Envelope {
			if field(properties, name) == nil {
				continue
			}
			ours := e.ourEnvelope(name)
			if ours == nil {
				e.printer.err = fmt.Errorf("no answer of ours has %q, which the configuration names as a part of the envelope", name)
				return
			}
			assign(properties, name, overlay.Clone(ours))
		}
	}
}

// ourEnvelope returns what the first of our answers that has a property says of
// it.
func (e *editor) ourEnvelope(name string) *yaml.Node {
	for _, operation := range e.now.graph.root.edges {
		for _, answer := range operation.to.edges {
			if !strings.HasPrefix(answer.label, "response ") {
				continue
			}
			for _, media := range answer.to.edges {
				if !strings.HasPrefix(media.label, "media ") {
					continue
				}
				for _, claim := range e.said(media.to.edge("schema")) {
					if n := claim.get("properties").get(name); n != nil && e.at(n) != nil {
						return e.at(n)
					}
				}
			}
		}
	}
	return nil
}
