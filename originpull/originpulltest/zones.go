package originpulltest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/originpull/originpull-go/gen/api"
)

// PermissionZoneRead is the permission to list zones, and so to find one by its name.
const PermissionZoneRead = "Zone Read"

// listZones lists the zones that have a name. It is not in the document.
var listZones = &api.Operation{ID: "ListZones", Method: http.MethodGet, Path: "/zones", Permission: PermissionZoneRead}

// SetZoneName gives a zone the name by which GET /zones?name=… finds it, such as
// example.com. Zones of several accounts can have the same name. Without a name a zone is
// not listed.
func (s *Simulator) SetZoneName(zoneID, name string) error {
	if name == "" || strings.ContainsAny(name, " /?&=") {
		return fmt.Errorf("originpulltest: zone name %q: want one like example.com", name)
	}
	return s.inZone(zoneID, func(z *zone) error {
		z.name = strings.ToLower(name)
		return nil
	})
}

// zoneEnvelope is the response for a list of zones.
type zoneEnvelope struct {
	Success    bool           `json:"success"`
	Errors     []api.Message  `json:"errors"`
	Messages   []api.Message  `json:"messages"`
	Result     []zoneResult   `json:"result"`
	ResultInfo api.ResultInfo `json:"result_info"`
}

type zoneResult struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
}

// serveZones lists the zones that the credentials reach, in pages and in the order of their
// names. Of the filters it knows name alone, and refuses the others.
func (s *Simulator) serveZones(w http.ResponseWriter, r *http.Request, x *exchange) {
	f := x.start()
	defer x.finish()
	if f != nil {
		f.write(w)
		return
	}
	query := r.URL.Query()
	for key := range query {
		if !slices.Contains([]string{"name", "page", "per_page"}, key) {
			serviceFailure(http.StatusBadRequest, 0, "the simulator does not know the query parameter "+strconv.Quote(key)).write(w)
			return
		}
	}
	all := s.named(r.Header, strings.ToLower(query.Get("name")))
	page, size := number(query, "page", 1, 1<<20), number(query, "per_page", 20, 50)
	first := min((page-1)*size, len(all))
	shown := all[first:min(first+size, len(all))]
	writeJSON(w, http.StatusOK, zoneEnvelope{
		Success: true, Errors: none, Messages: none, Result: shown,
		ResultInfo: api.ResultInfo{
			Count: float64(len(shown)), Page: float64(page), PerPage: float64(size),
			TotalCount: float64(len(all)), TotalPages: float64((len(all) + size - 1) / size),
		},
	})
}

// named returns the zones with a name, any if it is empty, that the credentials reach.
func (s *Simulator) named(header http.Header, name string) []zoneResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []zoneResult{}
	t, denied := s.authenticate(header, time.Now())
	if denied != nil { // revoked since the gateway has let it pass
		return found
	}
	for id, z := range s.zones {
		if z.name != "" && (name == "" || name == z.name) && t.reaches(id) {
			found = append(found, zoneResult{ID: id, Name: z.name, Status: "active"})
		}
	}
	slices.SortFunc(found, func(a, b zoneResult) int { return strings.Compare(a.Name+" "+a.ID, b.Name+" "+b.ID) })
	return found
}

// number returns a parameter that is a number of 1 to most, or else usual.
func number(query url.Values, name string, usual, most int) int {
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 1 || n > most {
		return usual
	}
	return n
}
