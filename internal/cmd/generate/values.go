package main

import (
	"bytes"
	"go/format"
	"maps"
	"slices"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"
)

// namedSet is a schema whose values nameConstants has named.
type namedSet struct {
	Type        string    `yaml:"type"`
	Description string    `yaml:"description"`
	Values      []string  `yaml:"enum"`
	Names       []string  `yaml:"x-enum-varnames"`
	Constants   constants `yaml:"x-go-constants"`
}

const valuesTemplate = `// Code generated from ` + specFile + ` and ` + overlayDir + `. DO NOT EDIT.

package originpull

import "github.com/originpull/originpull-go/gen/api"
{{range $set := .}}
{{.Comment}}
const (
{{- range $i, $name := .Names}}
	{{$name}} = api.{{$name}} {{$set.Remark $i}}
{{- end}}
)
{{if eq .Type "integer"}}
// isKnown reports whether the document names the code.
func isKnown(code Code) bool {
	switch code {
	case {{range $i, $name := .Names}}{{if $i}},
		{{end}}{{$name}}{{end}}:
		return true
	}
	return false
}
{{end}}{{end}}`

// values returns the Go code by which package originpull exports the constants of
// the effective document.
func values(document []byte) ([]byte, error) {
	var doc struct {
		Components struct {
			Schemas map[string]namedSet `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	var sets []namedSet
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		if set := doc.Components.Schemas[name]; len(set.Names) > 0 {
			sets = append(sets, set)
		}
	}
	t, err := template.New("").Parse(valuesTemplate)
	if err != nil {
		return nil, err
	}
	var code bytes.Buffer
	if err := t.Execute(&code, sets); err != nil {
		return nil, err
	}
	return format.Source(code.Bytes())
}

// Comment returns the comment of all constants of the set.
func (s namedSet) Comment() string {
	return "// " + strings.ReplaceAll(strings.TrimSpace(s.Constants.Comment), "\n", "\n// ")
}

// Remark returns the comment of one constant: what the line of the description says of
// its value, after the value itself if the name does not contain it.
func (s namedSet) Remark(i int) string {
	value := s.Values[i]
	var words []string
	if s.Type == "integer" {
		words = append(words, value)
	}
	if meaning := s.meaning(value); meaning != "" {
		words = append(words, meaning)
	}
	if len(words) == 0 {
		return ""
	}
	return "// " + strings.Join(words, ": ")
}

// meaning returns what the description says of a value, on a line such as
// "  - value, value: what they mean"; "" if it says nothing.
func (s namedSet) meaning(value string) string {
	for line := range strings.Lines(s.Description) {
		line, ok := strings.CutPrefix(line, "  - ")
		members, meaning, _ := strings.Cut(line, ":")
		for member := range strings.SplitSeq(members, ",") {
			if ok && strings.Trim(member, " `") == value {
				return strings.Join(strings.Fields(meaning), " ")
			}
		}
	}
	return ""
}
