package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/overlay"
	"github.com/originpull/originpull-go/internal/yamlnode"
)

// effective reads the curated document and the overlays from fsys and returns the
// document that the code is generated from.
func effective(fsys fs.FS) ([]byte, error) {
	curated, err := fs.ReadFile(fsys, specFile)
	if err != nil {
		return nil, err
	}
	doc, err := yamlnode.Parse(curated)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", specFile, err)
	}
	if err := eachKey(doc, "$", refuseInstruction); err != nil {
		return nil, fmt.Errorf("%s: %w", specFile, err)
	}
	overlays, err := overlay.Load(fsys, overlayDir)
	if err != nil {
		return nil, err
	}
	for _, o := range overlays {
		err := o.Apply(doc)
		if failed, ok := errors.AsType[*overlay.ActionError](err); ok && failed.Reason == overlay.NoMatch {
			return nil, fmt.Errorf("%w: the document no longer has it, or has another name for it: remove the action, or fix its target", err)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := eachKey(doc, "$", refuseOtherThanText); err != nil {
		return nil, fmt.Errorf("%s with %s: %w", specFile, overlayDir, err)
	}
	if err := nameConstants(doc); err != nil {
		return nil, fmt.Errorf("%s with %s: %w", specFile, overlayDir, err)
	}
	var out bytes.Buffer
	out.WriteString(outputNotes)
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	if err := check(out.Bytes()); err != nil {
		return nil, fmt.Errorf("%s: %w", outputFile, err)
	}
	return out.Bytes(), nil
}

// refuseInstruction fails on an extension that instructs the code generator.
// They are ours to give, in an overlay that says why; in the document they
// could have come from outside.
func refuseInstruction(where string, key *yaml.Node) error {
	if strings.HasPrefix(key.Value, "x-go-") || strings.HasPrefix(key.Value, "x-oapi-") {
		return fmt.Errorf("%s instructs the code generator: move it to an overlay in %s", where, overlayDir)
	}
	return nil
}

// refuseOtherThanText fails on a key such as 404 without quotes. In JSON every key is a
// text, and programs that read the document refuse another.
func refuseOtherThanText(where string, key *yaml.Node) error {
	if key.ShortTag() != "!!str" {
		return fmt.Errorf("the key of %s is %s, and not text: write '%s', with quotes", where, key.ShortTag(), key.Value)
	}
	return nil
}

// eachKey calls check with every key at node or below it, and where it stands, until
// check fails.
func eachKey(node *yaml.Node, at string, check func(where string, key *yaml.Node) error) error {
	for i, child := range node.Content {
		where := at
		switch node.Kind {
		case yaml.SequenceNode:
			where = fmt.Sprintf("%s[%d]", at, i)
		case yaml.MappingNode:
			key := node.Content[i&^1]
			where = at + "." + key.Value
			if err := check(where, key); err != nil {
				return err
			}
		}
		if err := eachKey(child, where, check); err != nil {
			return err
		}
	}
	return nil
}

// check requires a valid OpenAPI document, examples included, whose operations
// have all that gen/api/client.tmpl prints.
func check(document []byte) error {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return err
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		said, _, _ := strings.Cut(err.Error(), "\nSchema:\n") // pages of what is in the document
		return errors.New(said)
	}
	for _, path := range doc.Paths.InMatchingOrder() {
		for method, op := range doc.Paths.Value(path).Operations() {
			if err := checkOperation(op); err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
		}
	}
	return nil
}

func checkOperation(op *openapi3.Operation) error {
	if op.OperationID == "" {
		return fmt.Errorf("no operationId")
	}
	// Another id would be changed to make a name, and Operation.ID would not be the document's.
	if !token.IsIdentifier(op.OperationID) || !token.IsExported(op.OperationID) {
		return fmt.Errorf("operationId %q is not an exported name of Go", op.OperationID)
	}
	if permission, _ := op.Extensions["x-permission"].(string); permission == "" {
		return fmt.Errorf("%s: no x-permission: name the permission that a token needs", op.OperationID)
	}
	if op.Description == "" {
		return fmt.Errorf("%s: no description", op.OperationID)
	}
	success := op.Responses.Value("200")
	if success == nil || success.Value == nil {
		return fmt.Errorf("%s: no response for 200", op.OperationID)
	}
	media := success.Value.Content.Get("application/json")
	if media == nil || media.Schema == nil || media.Schema.Value.Properties["success"] == nil {
		return fmt.Errorf("%s: the response for 200 is not a JSON envelope with the property success", op.OperationID)
	}
	return nil
}
