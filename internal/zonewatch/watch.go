// Package zonewatch looks at zones again and again, and judges what it sees: when certificates
// expire, whether the zone is enabled, what Cloudflare should present to the origin, and
// whether that is what is desired.
package zonewatch

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/rotate"
)

const (
	// parallel is how many zones are looked at at the same time. The client keeps the rate
	// limit.
	parallel = 8
	// settingsAge is after how long a zone's SSL mode and global setting are read again.
	settingsAge = time.Hour
)

// Watcher looks at zones. Only one Look runs at a time.
type Watcher struct {
	// Client sends the requests.
	Client *originpull.Client
	// Zones are the ids or names of the zones.
	Zones []string
	// Settings reports whether to read the SSL mode and global Authenticated Origin Pulls
	// too: two requests more for each zone, in its first look and once an hour.
	Settings bool
	// Desired, if not nil, returns what should hold. Each look calls it once.
	Desired func() (Desired, error)
	// Metrics, if not nil, gets the state of each zone as soon as it is known.
	Metrics *Metrics

	zones []*zone
}

// zone is a zone, and what is remembered of it between looks.
type zone struct {
	name     string
	handle   *originpull.Zone // nil until its name is resolved
	settings settings
	readAt   time.Time // of settings, zero if they have to be read
}

// settings are those of the zone that need the permission Zone Settings Read.
type settings struct {
	sslMode *string // nil if not read
	global  *bool   // nil if not read
	denied  bool    // the token may not read them
	err     error   // why else they were not read
}

// Look looks at every zone: two requests for each, more in the first look. It returns a
// state for each zone, in their order. A zone that cannot be read has a state that says so;
// the only error is that of a context that has ended.
func (w *Watcher) Look(ctx context.Context) ([]State, error) {
	if w.zones == nil {
		for _, name := range w.Zones {
			w.zones = append(w.zones, &zone{name: name})
		}
	}
	var desired Desired
	var desiredErr error
	if w.Desired != nil {
		desired, desiredErr = w.Desired()
	}
	states := make([]State, len(w.zones))
	var running sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i, z := range w.zones {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			seen := w.see(ctx, z)
			if ctx.Err() != nil { // what was not read then says nothing about the zone
				return
			}
			if w.Desired != nil {
				seen.want, seen.wantErr = desired.of(z.name, desiredErr)
			}
			states[i] = judge(seen)
			if w.Metrics != nil {
				w.Metrics.set(states[i])
			}
		})
	}
	running.Wait()
	return states, ctx.Err()
}

// see reads a zone.
func (w *Watcher) see(ctx context.Context, z *zone) sighting {
	seen := sighting{zone: z.name, at: time.Now()}
	if z.handle == nil {
		if z.handle, seen.err = operator.FindZone(ctx, w.Client, z.name); seen.err != nil {
			return seen
		}
	}
	seen.id = z.handle.ID()
	observed, err := rotate.Observe(ctx, z.handle)
	seen.now = observed.Now
	if err != nil {
		seen.err = operator.Failure("the zone was not read", err)
	} else {
		seen.enabled = &observed.Enabled
	}
	if err == nil || observed.Certificates != nil {
		seen.certificates = append([]rotate.Certificate{}, observed.Certificates...)
	}
	if w.Settings && err == nil {
		w.seeSettings(ctx, z)
		seen.settings = z.settings
	}
	return seen
}

// seeSettings reads the settings of a zone, if they were not read for an hour.
func (w *Watcher) seeSettings(ctx context.Context, z *zone) {
	if !z.readAt.IsZero() && time.Since(z.readAt) < settingsAge {
		return
	}
	z.settings, z.readAt = settings{}, time.Now()
	mode, err := w.setting(ctx, z, "ssl")
	global := ""
	if err == nil {
		z.settings.sslMode = &mode
		global, err = w.setting(ctx, z, "tls_client_auth")
	}
	switch {
	case errors.Is(err, originpull.ErrDenied):
		z.settings.denied = true
	case err != nil:
		z.settings.err, z.readAt = operator.Failure("SSL mode and global Authenticated Origin Pulls were not read", err), time.Time{}
	default:
		on := global == "on"
		z.settings.global = &on
	}
}

// setting reads one setting of a zone.
func (w *Watcher) setting(ctx context.Context, z *zone, name string) (string, error) {
	var setting struct {
		Value string `json:"value"`
	}
	err := w.Client.Do(ctx, http.MethodGet, "/zones/"+z.handle.ID()+"/settings/"+name, nil, &setting)
	if err == nil && !slices.Contains(settingValues[name], setting.Value) {
		err = errors.New("the API says of the setting " + name + " what is not known")
	}
	return setting.Value, err
}

// settingValues are the values of the settings. Another one is not read, since it is not
// known what it means.
var settingValues = map[string][]string{
	"ssl":             {"off", "flexible", "full", "strict", "origin_pull"},
	"tls_client_auth": {"on", "off"},
}
