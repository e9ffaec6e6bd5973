package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/originpull"
)

// permissionZoneRead is what a token needs to find a zone by its name.
const permissionZoneRead = "Zone Read"

// ZoneFlag is the help of a flag --zone.
const ZoneFlag = "the zone, by its `id` or name; a name needs a token with the permission " + permissionZoneRead + " besides"

// CheckZone returns the error of a zone that is neither an id nor a name. It makes no
// request.
func CheckZone(zone string) error {
	if zone == "" {
		return cli.Usage("--zone is missing: want the zone's id, 32 hexadecimal digits, or its name, such as example.com")
	}
	if !IsZone(zone) {
		return cli.Usage("--zone %q: want the zone's id, 32 hexadecimal digits, or its name, such as example.com", zone)
	}
	return nil
}

// FindZone returns the zone with an id or a name. A name costs a request.
func FindZone(ctx context.Context, client *originpull.Client, zone string) (*originpull.Zone, error) {
	if err := CheckZone(zone); err != nil {
		return nil, err
	}
	if isID(zone) {
		return client.Zone(zone)
	}
	name := strings.ToLower(strings.TrimSuffix(zone, "."))
	var found []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	err := client.Do(ctx, http.MethodGet, "/zones?name="+url.QueryEscape(name), nil, &found)
	if apiErr, ok := errors.AsType[*originpull.Error](err); ok {
		apiErr.Permission = permissionZoneRead
	}
	if err != nil {
		return nil, Failure(fmt.Sprintf("the zone %s could not be looked up", name), err)
	}
	var ids []string
	for _, one := range found {
		if strings.EqualFold(one.Name, name) {
			ids = append(ids, one.ID)
		}
	}
	switch len(ids) {
	case 0:
		return nil, &cli.Problem{
			What: fmt.Sprintf("the zone %s was not found", name), Why: errors.New("the credentials can see no zone of that name"), Code: cli.Failed,
			Next: fmt.Sprintf("check the name, and that the token has the permission %q for the zone; or give --zone the zone's id", permissionZoneRead),
		}
	case 1:
		return client.Zone(ids[0])
	}
	return nil, &cli.Problem{
		What: fmt.Sprintf("the zone %s is ambiguous", name), Why: fmt.Errorf("%d zones have that name: %s", len(ids), strings.Join(ids, ", ")),
		Next: "give --zone the id of the one that you mean", Code: cli.Failed,
	}
}

// IsZone reports whether a text can be the id or the name of a zone.
func IsZone(zone string) bool { return isID(zone) || IsZoneName(zone) }

func isID(zone string) bool {
	return len(zone) == 32 && strings.Trim(strings.ToLower(zone), "0123456789abcdef") == ""
}

// IsZoneName reports whether a text can be the name of a zone: a domain in ASCII with two labels
// or more.
func IsZoneName(zone string) bool {
	zone = strings.ToLower(strings.TrimSuffix(zone, "."))
	if len(zone) > 253 || !strings.Contains(zone, ".") {
		return false
	}
	for label := range strings.SplitSeq(zone, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
