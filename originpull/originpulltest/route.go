package originpulltest

import (
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/originpull/originpull-go/gen/api"
)

// route is an operation, with its path split at the slashes.
type route struct {
	*api.Operation
	segments    []string
	implemented bool // by the simulator; else it responds as for an unknown path
	setting     bool // a zone setting, which the generated server does not know
}

// zoneSettings are the zone settings that matter for Authenticated Origin Pulls. They
// are not in the document.
var zoneSettings = []*api.Operation{
	{ID: "GetGlobal", Method: http.MethodGet, Path: "/zones/{zone_id}/settings/tls_client_auth", Permission: PermissionSettingsRead},
	{ID: "SetGlobal", Method: http.MethodPatch, Path: "/zones/{zone_id}/settings/tls_client_auth", Permission: PermissionSettingsWrite},
	{ID: "GetSSLMode", Method: http.MethodGet, Path: "/zones/{zone_id}/settings/ssl", Permission: PermissionSettingsRead},
}

// routes returns the operations of the document, and the zone settings, one table for
// all simulators. In the order of paths a literal comes before a parameter in the same
// place.
var routes = sync.OnceValue(func() []route {
	var all []route
	for _, op := range api.Operations {
		all = append(all, newRoute(op, implements(op)))
	}
	all = append(all, newRoute(listZones, true))
	for _, op := range zoneSettings {
		r := newRoute(op, true)
		r.setting = true
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b route) int { return strings.Compare(a.Path, b.Path) })
	return all
})

func newRoute(op *api.Operation, implemented bool) route {
	return route{Operation: op, segments: strings.Split(op.Path[1:], "/"), implemented: implemented}
}

// implements reports whether [service] has a method for an operation.
func implements(op *api.Operation) bool {
	_, ok := reflect.TypeFor[service]().MethodByName(op.ID)
	return ok
}

// match is the route of a request.
type match struct {
	route         *route // nil if the request is refused
	refused       *failure
	method        string
	path          string // below the base, escaped
	zoneID        string
	certificateID string
}

// find routes a request: by the path first, then the ids in it, then the method.
func (s *Simulator) find(r *http.Request) match {
	m := match{method: r.Method, path: r.URL.EscapedPath()}
	if below, ok := strings.CutPrefix(m.path, basePath); ok && (below == "" || below[0] == '/') {
		m.path = below
	}
	segments := split(m.path)
	same := s.candidates(segments)
	if !slices.ContainsFunc(same, func(r *route) bool { return r.implemented }) {
		m.refused = noRoute()
		return m
	}
	for i, pattern := range same[0].segments {
		valid := true
		switch pattern {
		case "{zone_id}":
			m.zoneID, valid = segments[i], isZoneID(segments[i])
		case "{certificate_id}":
			m.certificateID, valid = segments[i], certificateID.MatchString(segments[i])
		}
		if !valid {
			m.refused = gatewayFailure(http.StatusNotFound, api.CodeMalformedID,
				"Could not route to "+m.path+", perhaps your object identifier is invalid?")
			return m
		}
	}
	for _, candidate := range same {
		if candidate.Method != r.Method {
			continue
		}
		if m.route = candidate; !candidate.implemented {
			m.route, m.refused = nil, noRoute()
		}
		return m
	}
	m.refused = gatewayFailure(http.StatusMethodNotAllowed, api.CodeMethodNotAllowed,
		"Method not allowed for this authentication scheme")
	return m
}

func noRoute() *failure {
	return gatewayFailure(http.StatusBadRequest, api.CodeNoRoute, "No route for that URI")
}

// candidates returns the routes with the first path that matches, for any method. So
// "settings" is never a certificate's id. Neither is "hostnames", although that path is
// not simulated.
func (s *Simulator) candidates(segments []string) []*route {
	var same []*route
	for i := range s.routes {
		r := &s.routes[i]
		if r.covers(segments) && (len(same) == 0 || same[0].Path == r.Path) {
			same = append(same, r)
		}
	}
	return same
}

func (r *route) covers(segments []string) bool {
	if len(segments) != len(r.segments) {
		return false
	}
	for i, pattern := range r.segments {
		parameter := strings.HasPrefix(pattern, "{")
		if parameter && segments[i] == "hostnames" || !parameter && segments[i] != pattern {
			return false
		}
	}
	return true
}

// split splits an escaped path into unescaped segments. It does not clean the path: ".."
// is a segment like any other, and not a valid id.
func split(path string) []string {
	pieces := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, piece := range pieces {
		if plain, err := url.PathUnescape(piece); err == nil {
			pieces[i] = plain
		}
	}
	return pieces
}

var (
	zoneID        = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	certificateID = regexp.MustCompile(`^([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)
)

func isZoneID(id string) bool { return zoneID.MatchString(id) }
