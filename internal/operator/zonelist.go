package operator

import (
	"errors"
	"fmt"
	"strings"
)

const maxZoneList = 4 << 20

// ReadZones reads a list of zones: an id or name a line, without empty lines and what
// stands behind a #. No zone may be there twice.
func ReadZones(file string) ([]string, error) {
	data, err := ReadFile(file, maxZoneList)
	if err != nil {
		return nil, err
	}
	var zones []string
	known := map[string]bool{}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		zone, _, _ := strings.Cut(line, "#")
		zone = strings.ToLower(strings.TrimSpace(zone))
		if zone == "" {
			continue
		}
		if !isID(zone) && !IsZoneName(zone) {
			return nil, fmt.Errorf("line %d: %q: want the zone's id, 32 hexadecimal digits, or its name, such as example.com", number, zone)
		}
		if known[zone] {
			return nil, fmt.Errorf("line %d: zone %s is there twice", number, zone)
		}
		known[zone] = true
		zones = append(zones, zone)
	}
	if len(zones) == 0 {
		return nil, errors.New("it names no zone")
	}
	return zones, nil
}
