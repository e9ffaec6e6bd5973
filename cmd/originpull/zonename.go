package main

import (
	"cmp"
	"strings"

	"github.com/originpull/originpull-go/internal/cli"
	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// defaultZone is the zone that a name of serve belongs to where no other is given.
const defaultZone = "023e105f4ecef8ad9ca31a8372d0c353"

// zoneName splits a value of --zone-name, which is NAME or NAME=ID.
func (f *serveFlags) zoneName(value string) (name, id string, err error) {
	name, id, given := strings.Cut(value, "=")
	if !given {
		id = cmp.Or(f.zone, defaultZone)
	}
	switch {
	case !operator.IsZoneName(name) || !zoneID.MatchString(id):
		return "", "", cli.Usage("--zone-name %q: want a name such as example.com, or a name and the id of its zone, such as example.com=%s", value, defaultZone)
	case f.zone != "" && !strings.EqualFold(id, f.zone):
		return "", "", cli.Usage("--zone-name %q: --zone is the only zone there is: want the same id", value)
	}
	return name, id, nil
}

// nameZones gives the simulator's zones their names.
func (f *serveFlags) nameZones(simulator *originpulltest.Simulator) error {
	for _, value := range f.zoneNames {
		name, id, err := f.zoneName(value)
		if err == nil {
			err = simulator.AddZone(id)
		}
		if err == nil {
			err = simulator.SetZoneName(id, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
