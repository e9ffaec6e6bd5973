package propose

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

const (
	// plainText is what generated code makes of a secret for which no overlay of
	// ours gives it a type.
	plainText = "would be plain text in the code here: correct theirs if the service does not send it, else write it by hand, with an overlay on ours that gives it a type which does not show it"
	// secretWords name what nobody should read in a log, as words of a name.
	secretWords = "password passwords passphrase passphrases secret secrets token tokens credential credentials"
	secretPairs = "private key,private keys,api key,api keys"
)

// secrets looks for names that are those of secrets of ours, which generated code
// does not show, or read like one. What is new has no such type.
func (s *inspection) secrets(n *yaml.Node, at string) {
	for name, schema := range document.Members(n) {
		s.secret(name, schema, at+"/"+document.EscapePointer(name))
	}
}

func (s *inspection) secret(name string, schema *yaml.Node, at string) {
	ours, ok := s.p.secrets[goKey(name)]
	switch {
	case ok:
		s.add(at, "%q is a secret in our document, and %s", ours, plainText)
	case readsSecret(name) && !holdsNoText(schema):
		s.add(at, "%q reads like the name of a secret, and %s", name, plainText)
	}
}

// marked looks for what is marked as a secret.
func (s *inspection) marked(n *yaml.Node, at string) {
	if isSecret(n) {
		s.add(at, "it is marked as a secret, and %s", plainText)
	}
}

// isSecret tells whether a schema is marked as what is sent and never returned, or
// as a password.
func isSecret(schema *yaml.Node) bool {
	only, format := document.MemberOf(schema, "writeOnly"), document.MemberOf(schema, "format")
	return only != nil && only.Value == "true" || format != nil && format.Value == graph.SecretFormat
}

// holdsNoText tells whether a schema, or that of a parameter or a header, holds
// what is no secret by itself.
func holdsNoText(n *yaml.Node) bool {
	if schema := document.MemberOf(n, "schema"); schema != nil {
		n = schema
	}
	kind := document.MemberOf(n, "type")
	return kind != nil && slices.Contains([]string{"boolean", "integer", "number"}, kind.Value)
}

// wordOf is a word of a name, written as in apiKey, APIKey, api_key or API-KEY.
var wordOf = regexp.MustCompile(`[A-Z]?[a-z0-9]+|[A-Z]+`)

// capitals is where a word in capitals ends before another word.
var capitals = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)

// readsSecret tells whether the words of a name are those of a secret.
func readsSecret(name string) bool {
	words := wordOf.FindAllString(capitals.ReplaceAllString(name, "$1 $2"), -1)
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	for i, word := range words {
		if slices.Contains(strings.Fields(secretWords), word) {
			return true
		}
		if i > 0 && slices.Contains(strings.Split(secretPairs, ","), words[i-1]+" "+word) {
			return true
		}
	}
	return false
}

// secretsOf returns the names of what our document treats as a secret: properties
// that are sent and never returned, passwords, and credentials.
func secretsOf(n *yaml.Node) map[string]string {
	secrets := map[string]string{}
	if kind, name := document.MemberOf(n, "type"), document.MemberOf(n, "name"); kind != nil && kind.Value == "apiKey" && name != nil {
		secrets[goKey(name.Value)] = name.Value
	}
	for name, schema := range document.Members(document.MemberOf(n, "properties")) {
		if isSecret(schema) {
			secrets[goKey(name)] = name
		}
	}
	for _, kid := range n.Content {
		maps.Copy(secrets, secretsOf(kid))
	}
	return secrets
}
