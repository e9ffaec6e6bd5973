package refusal

import (
	"net/url"
	"slices"
	"strings"

	"github.com/originpull/originpull-go/drift/internal/document"
	"github.com/originpull/originpull-go/drift/internal/graph"
)

// servers refuses the servers of another host than ours.
func (r *refusal) servers(theirs, ours *graph.Graph) {
	hosts := hostsOf(ours)
	for spelled, server := range theirs.Servers {
		at := server.Pointer
		if host := hostOf(spelled); host != "" && !slices.Contains(hosts, host) {
			r.add(at, "a server of another host than ours, %.100q", host)
		}
		r.text(at, "the address of a server", server.Get("url").Str(), quotes)
		if variables := server.Get("variables"); variables != nil {
			for i, name := range variables.Keys {
				r.text(at, "a server variable", name, quotes)
				r.value(at, "the value of a server variable", variables.Kids[i].Canonical())
			}
		}
	}
}

// hostsOf returns the hosts of the servers of a document.
func hostsOf(g *graph.Graph) []string {
	var out []string
	for spelled := range g.Servers {
		out = append(out, hostOf(spelled))
	}
	return out
}

// hostOf returns scheme and host of the text of a server, with the port and the
// user if it names any, "" for a relative one.
func hostOf(spelled string) string {
	if u, err := url.Parse(spelled); err == nil && !strings.Contains(spelled, "{") {
		if u.Host == "" {
			return ""
		}
		return (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()
	}
	scheme, rest, ok := strings.Cut(spelled, "://")
	if !ok {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// schemes looks at what our document could come to hold of credentials.
func (r *refusal) schemes(theirs, ours *graph.Graph) {
	known := hostsOf(ours)
	for _, uses := range ours.Alternatives {
		for _, use := range uses {
			eachAddress(use.Scheme, func(_, address string) { known = append(known, hostOf(address)) })
		}
	}
	for _, uses := range theirs.Alternatives {
		for _, use := range uses {
			at := use.Scheme.Pointer
			r.text(at, "the name of a security scheme", use.Scheme.Get("name").Str(), quotes)
			for _, scope := range use.Scopes {
				r.text(at, "a scope", scope, quotes)
			}
			said := graph.WithoutProse(use.Scheme, use.Scopes)
			r.value(at, "a security scheme", said.Canonical())
			r.addresses(at, said, known)
		}
	}
}

// addresses refuses those, in a security scheme, that are not of our hosts: who
// follows them sends credentials there.
func (r *refusal) addresses(at place, scheme *document.Node, hosts []string) {
	eachAddress(scheme, func(key, address string) {
		if !slices.Contains(hosts, hostOf(address)) {
			r.add(at, "%.100q leads to another host than ours, %.100q", key, address)
		}
	})
}

// eachAddress finds the addresses to which a security scheme leads, and what they are
// called there.
func eachAddress(n *document.Node, found func(key, address string)) {
	for i, kid := range n.Kids {
		if n.Kind == document.ObjectNode && strings.HasSuffix(strings.ToLower(n.Keys[i]), "url") {
			found(n.Keys[i], kid.Str())
		}
		eachAddress(kid, found)
	}
}
