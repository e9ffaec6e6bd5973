package drift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Config says what is compared with what. It is read from one file, drift.yaml,
// and names in it are relative to where that stands.
type Config struct {
	// Prefix is the path under which the document is looked at.
	Prefix string `yaml:"prefix"`
	// Spec is our own document.
	Spec string `yaml:"spec"`
	// Corrections is a folder of overlays for what the upstream document gets
	// wrong, applied to what [Slice] returns.
	Corrections string `yaml:"corrections"`
	// Lock is the file of what was accepted.
	Lock string `yaml:"lock"`
	// Known lists operations under the prefix that our document leaves out on
	// purpose, as "GET /path".
	Known []string `yaml:"known"`
	// Touches says where to look for what a finding bears on.
	Touches Touches `yaml:"touches"`
	// Classes override the table of kinds.
	Classes []Override `yaml:"classes"`
	// Propose says what our document wants beyond what OpenAPI does.
	Propose House `yaml:"propose"`

	dir  string
	file string // as it was named
}

// Touches names folders of ours: of overlays on our document, and of Go files
// that mention its operations.
type Touches struct {
	Overlays []string `yaml:"overlays"`
	Code     []string `yaml:"code"`
}

// Override gives a kind another class, and says why.
type Override struct {
	Kind   string `yaml:"kind"`
	Class  Class  `yaml:"class"`
	Reason string `yaml:"reason"`
}

// House says what [Propose] gives to all that it writes into our document.
type House struct {
	// Source is put beside it as x-source; empty for none.
	Source string `yaml:"source"`
	// MaxLength bounds each text that has neither a limit nor a format; 0 for
	// no bound.
	MaxLength int `yaml:"maxLength"`
	// Formats are those that may come in, since a code generator can make a type
	// of another module of one; empty for any.
	Formats []string `yaml:"formats"`
	// Parameters are the places of those that may come in, since generated code
	// sends no others: path, query, header, cookie; empty for any.
	Parameters []string `yaml:"parameters"`
	// OperationID is how long the name of a new operation may be; 0 for any.
	OperationID int `yaml:"operationId"`
	// Envelope names the properties of an answer that a new one has as ours
	// have them, since generated code relies on it.
	Envelope []string `yaml:"envelope"`
}

// leavesOut tells whether a format of theirs must not come into our document.
// That of a secret is never left out, so that nobody overlooks it.
func (h House) leavesOut(format string) bool {
	return format != secretFormat && len(h.Formats) > 0 && !slices.Contains(h.Formats, format)
}

// sends tells whether generated code sends the parameters of a place.
func (h House) sends(in string) bool {
	return len(h.Parameters) == 0 || slices.Contains(h.Parameters, in)
}

// LoadConfig reads and checks a configuration file.
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
	if !strings.HasPrefix(c.Prefix, "/") {
		return errors.New("prefix: name the path under which to look, or / for all")
	}
	for _, known := range c.Known {
		if _, err := operationKey(known); err != nil {
			return fmt.Errorf("known: %w", err)
		}
	}
	for _, format := range c.Propose.Formats {
		if !formatName.MatchString(format) {
			return fmt.Errorf("propose: formats: %q is no format", format)
		}
	}
	for _, in := range c.Propose.Parameters {
		if !slices.Contains([]string{"path", "query", "header", "cookie"}, in) {
			return fmt.Errorf("propose: parameters: %q is no place of a parameter, want path, query, header or cookie", in)
		}
	}
	for _, o := range c.Classes {
		_, known := kindWithID(o.Kind)
		_, class := classOrder[o.Class]
		switch {
		case !known:
			return fmt.Errorf("classes: there is no kind %q", o.Kind)
		case !class:
			return fmt.Errorf("classes: %s: class %q, want breaking, additive or editorial", o.Kind, o.Class)
		case o.Reason == "":
			return fmt.Errorf("classes: %s: no reason: say why", o.Kind)
		}
	}
	return nil
}

// operationKey reads "GET /path" to what is the same on the wire.
func operationKey(s string) (string, error) {
	method, path, ok := strings.Cut(s, " ")
	t, err := parseTemplate(path)
	if !ok || err != nil {
		return "", fmt.Errorf("%q: want a method and a path, such as GET /things/{id}", s)
	}
	return strings.ToUpper(method) + " " + t.wire, nil
}

// Scope returns the part of a document that is looked at.
func (c *Config) Scope() Scope { return Scope{Prefix: c.Prefix} }

// path returns a name of the configuration as the process finds it.
func (c *Config) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

// ReadSpec reads our own document.
func (c *Config) ReadSpec(ctx context.Context) (*Document, error) {
	if c.Spec == "" {
		return nil, errors.New("the configuration names no spec to compare with")
	}
	doc, err := Read(ctx, c.path(c.Spec))
	if err != nil {
		return nil, err
	}
	doc.SetSource(c.Spec)
	return doc, nil
}

// Classify gives findings the classes of the configuration.
func (c *Config) Classify(findings []Finding) {
	for i := range findings {
		for _, o := range c.Classes {
			if findings[i].Kind == o.Kind {
				findings[i].Class, findings[i].Reason = o.Class, o.Reason
			}
		}
	}
	sortFindings(findings)
}

// secretFormat is the format of a text that must not be shown.
const secretFormat = "password"

// formatName is what the name of a format looks like.
var formatName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._+-]{0,63}$`)
