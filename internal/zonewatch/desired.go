package zonewatch

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/originpull/originpull-go/internal/operator"
)

// Want is what should hold for a zone. The zero Want is nothing.
type Want struct {
	SHA256  string `yaml:"sha256"`  // of the certificate that should be the live one, empty for any
	Enabled *bool  `yaml:"enabled"` // nil for either
}

// Desired is what should hold for zones, by the id or name of each in lower case.
type Desired map[string]Want

// ParseDesired reads the desired state from YAML or JSON:
//
//	example.com:
//	  sha256: 9A:1A:C2:…  # of the certificate that should be the live one
//	  enabled: true
//
// Either may be left out.
func ParseDesired(data []byte) (Desired, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var read map[string]Want
	if err := decoder.Decode(&read); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("want for each zone its sha256 and enabled: %w", err)
	}
	if decoder.Decode(new(any)) != io.EOF {
		return nil, errors.New("want one document, and there is more")
	}
	if len(read) == 0 {
		return nil, errors.New("it names no zone")
	}
	desired := Desired{}
	for zone, want := range read {
		if err := operator.CheckZone(zone); err != nil {
			return nil, fmt.Errorf("%q is not a zone: want its id, 32 hexadecimal digits, or its name", zone)
		}
		key := strings.ToLower(zone)
		if _, twice := desired[key]; twice {
			return nil, fmt.Errorf("zone %s is there twice", key)
		}
		if want.SHA256 != "" {
			want.SHA256 = strings.ToLower(strings.ReplaceAll(want.SHA256, ":", ""))
			if sum, err := hex.DecodeString(want.SHA256); err != nil || len(sum) != 32 {
				return nil, fmt.Errorf("sha256 of zone %s: want 64 hexadecimal digits, with colons or without", key)
			}
		}
		desired[key] = want
	}
	return desired, nil
}

// Zones returns the zones, sorted.
func (d Desired) Zones() []string { return slices.Sorted(maps.Keys(d)) }

// of returns what is desired of a zone, or why that is not known.
func (d Desired) of(zone string, err error) (*Want, error) {
	if err != nil {
		return nil, err
	}
	want, ok := d[strings.ToLower(zone)]
	if !ok {
		return nil, errors.New("the desired state does not name the zone")
	}
	return &want, nil
}
