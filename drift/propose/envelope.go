package propose

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/internal/overlay"
)

// envelope gives a new answer the properties that all answers of ours have, as
// ours have them. Whether theirs means the same is compared afterwards, as of all
// that is written.
func (e *editor) envelope(response *yaml.Node) {
	content := document.Field(response, "content")
	if content == nil {
		return
	}
	for i := 1; i < len(content.Content); i += 2 {
		properties := document.Field(document.Field(content.Content[i], "schema"), "properties")
		if properties == nil {
			continue
		}
		for _, name := range e.p.config.Propose.Envelope {
			if document.Field(properties, name) == nil {
				continue
			}
			ours := e.ourEnvelope(name)
			if ours == nil {
				e.printer.Err = fmt.Errorf("no answer of ours has %q, which the configuration names as a part of the envelope", name)
				return
			}
			document.Assign(properties, name, overlay.Clone(ours))
		}
	}
}

// ourEnvelope returns what the first of our answers that has a property says of
// it.
func (e *editor) ourEnvelope(name string) *yaml.Node {
	for _, operation := range e.now.graph.Root.Edges {
		for _, answer := range operation.To.Edges {
			if !strings.HasPrefix(answer.Label, "response ") {
				continue
			}
			for _, media := range answer.To.Edges {
				if !strings.HasPrefix(media.Label, "media ") {
					continue
				}
				for _, claim := range e.said(media.To.Edge("schema")) {
					if n := claim.Get("properties").Get(name); n != nil && e.at(n) != nil {
						return e.at(n)
					}
				}
			}
		}
	}
	return nil
}
