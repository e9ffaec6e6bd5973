package drift

import (
	"net/url"
	"slices"
	"strings"
)

// servers refuses the servers of another host than ours.
func (r *refusal) servers(theirs, ours *graph) {
	hosts := hostsOf(ours)
	for spelled, server := range theirs.servers {
		at := server.pointer()
		if host := hostOf(spelled); host != "" && !slices.Contains(hosts, host) {
			r.add(at, "a server of another host than ours, %.100q", host)
		}
		r.text(at, "the address of a server", server.get("url").str(), quotes)
		if variables := server.get("variables"); variables != nil {
			for i, name := range variables.keys {
				r.text(at, "a server variable", name, quotes)
				r.value(at, "the value of a server variable", variables.kids[i].canonical())
			}
		}
	}
}

// hostsOf returns the hosts of the servers of a document.
func hostsOf(g *graph) []string {
	var out []string
	for spelled := range g.servers {
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
func (r *refusal) schemes(theirs, ours *graph) {
	known := hostsOf(ours)
	for _, uses := range ours.alternatives {
		for _, use := range uses {
			known = append(known, addressHosts(use.scheme)...)
		}
	}
	for _, uses := range theirs.alternatives {
		for _, use := range uses {
			at := use.scheme.pointer()
			r.text(at, "the name of a security scheme", use.scheme.get("name").str(), quotes)
			for _, scope := range use.scopes {
				r.text(at, "a scope", scope, quotes)
			}
			said := withoutProse(use.scheme, use.scopes)
			r.value(at, "a security scheme", said.canonical())
			r.addresses(at, said, known)
		}
	}
}

// addressHosts returns the hosts to which a security scheme leads.
func addressHosts(n *node) (hosts []string) {
	for i, kid := range n.kids {
		if n.kind == objectNode && strings.HasSuffix(strings.ToLower(n.keys[i]), "url") {
			hosts = append(hosts, hostOf(kid.str()))
		}
		hosts = append(hosts, addressHosts(kid)...)
	}
	return hosts
}

// addresses refuses those, in a security scheme, that are not of our hosts: who
// follows them sends credentials there.
func (r *refusal) addresses(at string, n *node, hosts []string) {
	for i, kid := range n.kids {
		if n.kind == objectNode && strings.HasSuffix(strings.ToLower(n.keys[i]), "url") && !slices.Contains(hosts, hostOf(kid.str())) {
			r.add(at, "%.100q leads to another host than ours, %.100q", n.keys[i], kid.str())
		}
		r.addresses(at, kid, hosts)
	}
}
