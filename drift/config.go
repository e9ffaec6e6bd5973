package drift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/compare"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// Config says what is compared. [LoadConfig] reads it from one file, drift.yaml; file
// names in it are relative to the folder of that file, or to the working directory if it
// was not read from a file.
type Config struct {
	// Prefix is the path that is compared, with all paths below it.
	Prefix string `yaml:"prefix"`
	// Operations are compared too, wherever they are, as "GET /path". With them, Prefix
	// may be empty.
	Operations []string `yaml:"operations"`
	// Spec is our own document.
	Spec string `yaml:"spec"`
	// Corrections is a folder of overlays for what the upstream document gets wrong. Their
	// targets name places as if each reference were replaced by what it leads to.
	Corrections string `yaml:"corrections"`
	// Lock is the file of the [Lock]; it need not exist.
	Lock string `yaml:"lock"`
	// Ignored lists operations under the prefix that our document leaves out on
	// purpose, as "GET /path".
	Ignored []string `yaml:"ignored"`
	// Affected names the folders in which [Check] searches for files that a finding
	// affects.
	Affected SearchFolders `yaml:"affected"`
	// Classes override the classes that [Kinds] returns.
	Classes []Override `yaml:"classes"`
	// Propose holds the rules of our document for what drift/propose adds to it.
	Propose ProposeRules `yaml:"propose"`
	// Next is the command that follows a document, which [Report] prints after findings
	// that break no program, such as "make sync UPSTREAM=DOC". DOC stands for the document.
	// If Next is empty, that is "drift try DOC".
	Next string `yaml:"next"`

	dir  string
	file string // as it was named
}

// SearchFolders names folders of this repository.
type SearchFolders struct {
	// Overlays are folders of overlays on our document.
	Overlays []string `yaml:"overlays"`
	// Code are folders of Go files that mention operationIds of our document. Tests are
	// left out, and so are the folders within.
	Code []string `yaml:"code"`
}

// Override gives the findings of a kind another class.
type Override struct {
	// Kind is the Kind of the findings, such as "response-property-removed".
	Kind string `yaml:"kind"`
	// Class is the class that they get.
	Class Class `yaml:"class"`
	// Reason says why, and becomes the Reason of the findings. It is required.
	Reason string `yaml:"reason"`
}

// ProposeRules are the rules for what package drift/propose writes into our document.
type ProposeRules struct {
	// Source is the x-source of everything that is added; empty for none.
	Source string `yaml:"source"`
	// MaxLength bounds each string that has neither a limit nor a format; 0 for
	// no bound.
	MaxLength int `yaml:"maxLength"`
	// Formats are the formats that may be added, since a format can give a Go type of
	// another module; empty for all.
	Formats []string `yaml:"formats"`
	// Parameters are the places of parameters that may be added, since generated code
	// sends no others: path, query, header, cookie; empty for all.
	Parameters []string `yaml:"parameters"`
}

// LeavesOut reports whether a format must not be added to our document. The format
// of a secret is never left out, so that no one overlooks it.
func (r ProposeRules) LeavesOut(format string) bool {
	return format != graph.SecretFormat && len(r.Formats) > 0 && !slices.Contains(r.Formats, format)
}

// Sends reports whether a parameter of a place, such as "query", may be added to our
// document.
func (r ProposeRules) Sends(in string) bool {
	return len(r.Parameters) == 0 || slices.Contains(r.Parameters, in)
}

// LoadConfig reads and checks a configuration file. It fails if the file has a key that a
// [Config] does not have, or a value that cannot be right; [errors.Is] finds
// [fs.ErrNotExist] if there is no file.
func LoadConfig(file string) (*Config, error) {
	c := &Config{dir: filepath.Dir(file), file: file}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if err := decodeStrict(data, c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// decodeStrict decodes YAML and refuses keys that mean nothing.
func decodeStrict(data []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return errors.New("more than one YAML document")
	}
	return nil
}

func (c *Config) validate() error {
	if !strings.HasPrefix(c.Prefix, "/") && (c.Prefix != "" || len(c.Operations) == 0) {
		return errors.New("prefix: name the path under which to look, or / for all; or list operations")
	}
	if err := c.validateOperations(); err != nil {
		return err
	}
	if err := checkNext(c.Next); err != nil {
		return err
	}
	for _, format := range c.Propose.Formats {
		if !graph.FormatName.MatchString(format) {
			return fmt.Errorf("propose: formats: %q is not a format", format)
		}
	}
	for _, in := range c.Propose.Parameters {
		if !slices.Contains([]string{"path", "query", "header", "cookie"}, in) {
			return fmt.Errorf("propose: parameters: %q is not a place of a parameter, want path, query, header or cookie", in)
		}
	}
	for _, o := range c.Classes {
		_, known := compare.KindWithID(o.Kind)

		switch {
		case !known:
			return fmt.Errorf("classes: there is no kind %q", o.Kind)
		case o.Class.rank() < 0:
			return fmt.Errorf("classes: %s: class %q, want breaking, additive or editorial", o.Kind, o.Class)
		case o.Reason == "":
			return fmt.Errorf("classes: %s: no reason: say why", o.Kind)
		}
	}
	return nil
}

// validateOperations checks the lists of operations.
func (c *Config) validateOperations() error {
	listed := map[string]bool{}
	for _, operation := range c.Operations {
		key, err := graph.OperationKey(operation)
		switch {
		case err != nil:
			return fmt.Errorf("operations: %w", err)
		case listed[key]:
			return fmt.Errorf("operations: %s is listed twice", operation)
		}
		listed[key] = true
	}
	for _, operation := range c.Ignored {
		key, err := graph.OperationKey(operation)
		switch {
		case err != nil:
			return fmt.Errorf("ignored: %w", err)
		case listed[key]:
			return fmt.Errorf("ignored: %s is listed under operations, to be compared", operation)
		}
	}
	return nil
}

// Scope returns the part of a document that is compared.
func (c *Config) Scope() Scope { return Scope{Prefix: c.Prefix, Operations: c.Operations} }

// Path returns a file name of the configuration relative to the working directory.
func (c *Config) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

// File returns the configuration file as it was named.
func (c *Config) File() string { return c.file }

// ReadSpec reads our own document. It fails if the configuration names none.
func (c *Config) ReadSpec(ctx context.Context) (*Document, error) {
	if c.Spec == "" {
		return nil, errors.New("the configuration names no spec to compare with")
	}
	doc, err := Read(ctx, c.Path(c.Spec))
	if err != nil {
		return nil, err
	}
	doc.in.SetSource(c.Spec)
	return doc, nil
}

// classify gives findings the classes of the configuration.
func (c *Config) classify(findings []Finding) {
	for i := range findings {
		for _, o := range c.Classes {
			if findings[i].Kind == o.Kind {
				findings[i].Class, findings[i].Reason = o.Class, o.Reason
			}
		}
	}
	sortFindings(findings)
}
