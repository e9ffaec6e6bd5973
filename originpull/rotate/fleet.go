package rotate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/originpull/originpull-go/originpull"
)

// ErrStopped says that a [Fleet] stopped before all zones were done, because too many failed.
var ErrStopped = errors.New("stopped after failures")

// errTimeout is the cause of a context that has ended because a zone took too long.
var errTimeout = errors.New("the zone took too long")

// errExited is the error of a zone whose goroutine was ended by a callback.
var errExited = errors.New("the goroutine of the zone was ended by runtime.Goexit")

// Fleet makes the desired state hold for many zones of one client. As many zones are in work
// at the same time as the rate limit lets through, about a dozen: most of the time of a zone is
// waiting for its deployment. A zone costs about six requests if the certificate is new, so a
// client that has the whole limit of 1,200 requests in five minutes does some 2,300 zones an
// hour. A zone for which all holds already costs two.
type Fleet struct {
	// Client is the client that sends the requests.
	Client *originpull.Client
	// Desired returns what should hold for a zone. It is called when the zone's turn has come,
	// from several goroutines at once.
	Desired func(ctx context.Context, zoneID string) (Desired, error)
	// Options are those of the run of each zone. What they call is called from several
	// goroutines at once.
	Options []Option

	// Canary is how many zones come first. The others follow if none of these has failed,
	// after CanaryPause.
	Canary      int
	CanaryPause time.Duration
	// StopAfter is after how many failures no further zone is begun. 0 means 5, negative means
	// never.
	StopAfter int
	// ZoneTimeout is how long the run of one zone may take, from its first request on; 0
	// means 15 minutes.
	ZoneTimeout time.Duration

	// Resume are the entries of the report of an earlier call with the same desire, on the same
	// API: an entry names the certificate, and nothing else that was desired. A zone is skipped
	// if its last entry says that it was done, with the same certificate, less than a day ago.
	// Its only [Event] is Done, without a certificate.
	Resume []Entry
	// Report, if not nil, is called with the entry of each zone that is done or has failed,
	// by one goroutine at a time. A zone that was interrupted has no entry.
	Report func(Entry)
}

// resumable is how long an entry of a report counts.
const resumable = 24 * time.Hour

// Entry is what a report says about a zone. It holds no secrets.
type Entry struct {
	Zone        string    `json:"zone"`
	Fingerprint string    `json:"fingerprint"` // of the desired certificate
	At          time.Time `json:"at"`          // when the run ended
	Done        bool      `json:"done"`
	Error       string    `json:"error,omitempty"`
	Changes     int       `json:"changes"`            // how many changes the run made
	Requests    int       `json:"requests"`           // how many requests it took
	Superseded  []string  `json:"superseded"`         // the ids of the certificates that were deleted
	NextAt      time.Time `json:"next_at,omitzero"`   // see [Result.NextAt]
	Warnings    []string  `json:"warnings,omitempty"` // see [Result.Warnings]
	Err         error     `json:"-"`                  // why it failed
}

// counts reports whether a zone with this entry is skipped.
func (e Entry) counts(fingerprint string, now time.Time) bool {
	age := now.Sub(e.At)
	return e.Done && e.Fingerprint == fingerprint && age >= 0 && age < resumable && (e.NextAt.IsZero() || now.Before(e.NextAt))
}

// Summary counts the zones of a fleet.
type Summary struct {
	Done        int // including those for which nothing had to be changed
	Failed      int
	Skipped     int // done by an earlier call, see Fleet.Resume
	Interrupted int // in work when the context ended
	Left        int // not begun
	Requests    int
}

// Run makes the desired state hold for each zone. Zones that fail do not stop the others,
// unless they are canaries or too many: then the zones in work are finished, no further one is
// begun, and the error is [ErrStopped] with the failures. Otherwise the error joins the
// failures, at most a hundred of them, or is the context's. A call with the same zones
// completes what is left.
//
// All ids are checked before a request is made; a malformed id, or one that comes twice, is
// [originpull.ErrInvalidInput].
func (f Fleet) Run(ctx context.Context, zoneIDs []string) (Summary, error) {
	work, err := f.begin(ctx, zoneIDs)
	if err != nil {
		return Summary{}, err
	}
	canaries := min(f.Canary, len(work.zones))
	work.run(ctx, work.zones[:canaries])
	if work.summary.Failed > 0 && canaries > 0 {
		work.stopped = true
	}
	if rest := work.zones[canaries:]; len(rest) > 0 && !work.stopped && ctx.Err() == nil {
		if canaries > 0 {
			work.config.sleep(ctx, f.CanaryPause)
		}
		work.run(ctx, rest)
	}
	return work.end(ctx)
}

// fleet is one call of Run.
type fleet struct {
	Fleet
	config  config
	zones   []*originpull.Zone
	earlier map[string]Entry

	mu       sync.Mutex // guards what follows
	ended    sync.Cond  // a zone has ended
	inWork   int
	summary  Summary
	stopped  bool
	failures []error
	runs     int // that changed something, of which the next two are the sums
	requests int
	pauses   time.Duration
}

func (f Fleet) begin(ctx context.Context, zoneIDs []string) (*fleet, error) {
	switch {
	case ctx == nil:
		return nil, invalid("the context is nil")
	case f.Client == nil:
		return nil, invalid("Fleet.Client is nil")
	case f.Desired == nil:
		return nil, invalid("Fleet.Desired is nil")
	case f.Canary < 0 || f.CanaryPause < 0 || f.ZoneTimeout < 0:
		return nil, invalid("Fleet.Canary, CanaryPause or ZoneTimeout is negative")
	}
	c, err := configure(f.Options)
	if err != nil {
		return nil, err
	}
	work := &fleet{Fleet: f, config: c, earlier: map[string]Entry{}}
	work.ended.L = &work.mu
	if f.ZoneTimeout == 0 {
		work.ZoneTimeout = 15 * time.Minute
	}
	if f.StopAfter == 0 {
		work.StopAfter = 5
	}
	seen := map[string]bool{}
	for _, id := range zoneIDs {
		zone, err := f.Client.Zone(id)
		if err != nil {
			return nil, fmt.Errorf("rotate: %w", err)
		}
		if seen[zone.ID()] {
			return nil, invalid("zone %s comes twice", zone.ID())
		}
		seen[zone.ID()] = true
		work.zones = append(work.zones, zone)
	}
	for _, entry := range f.Resume {
		if !entry.At.Before(work.earlier[entry.Zone].At) {
			work.earlier[entry.Zone] = entry
		}
	}
	work.summary.Left = len(work.zones)
	return work, nil
}

// run begins the zones one after the other, as many at a time as inFlight says, and returns
// when all that were begun have ended.
func (w *fleet) run(ctx context.Context, zones []*originpull.Zone) {
	defer context.AfterFunc(ctx, w.ended.Broadcast)()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, zone := range zones {
		for w.inWork >= w.inFlight() && ctx.Err() == nil && !w.stopped {
			w.ended.Wait()
		}
		if ctx.Err() != nil || w.stopped {
			break
		}
		w.inWork++
		w.summary.Left--
		go w.reconcile(ctx, zone)
	}
	for w.inWork > 0 {
		w.ended.Wait()
	}
}

// inFlight returns how many zones are in work at the same time: as many as use up the rate
// limit, by the pauses and the requests of the zones so far, and two more, so that the limit
// and not the number of zones is what slows down.
func (w *fleet) inFlight() int {
	rate := 4.0 // requests a second, the documented limit
	if limit, ok := w.Client.RateLimit(); ok && limit.Quota > 0 && limit.Window > 0 {
		rate = float64(limit.Quota) / limit.Window.Seconds()
	}
	pauses, requests := 15.0, 6.0
	if w.runs > 20 {
		pauses, requests = w.pauses.Seconds()/float64(w.runs), float64(w.requests)/float64(w.runs)
	}
	return min(max(int(rate*pauses/requests)+2, 2), 100)
}

// reconcile runs one zone.
func (w *fleet) reconcile(ctx context.Context, zone *originpull.Zone) {
	entry, skip, pauses := Entry{Zone: zone.ID(), At: time.Now(), Err: errExited, Error: errExited.Error()}, false, time.Duration(0)
	// Deferred, so that a zone is counted also if a callback ends the goroutine.
	defer func() { w.count(ctx, entry, skip, pauses) }()
	entry, skip, pauses = w.reconcileZone(ctx, zone)
}

// count counts a zone that has ended, and reports it.
func (w *fleet) count(ctx context.Context, entry Entry, skip bool, pauses time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.ended.Broadcast()
	w.inWork--
	w.summary.Requests += entry.Requests
	if entry.Changes > 0 {
		w.runs, w.requests, w.pauses = w.runs+1, w.requests+entry.Requests, w.pauses+pauses
	}
	switch {
	case skip:
		w.summary.Skipped++
		return
	case entry.Err == nil:
		w.summary.Done++
	case ctx.Err() != nil:
		w.summary.Interrupted++
		return
	default:
		w.summary.Failed++
		w.stopped = w.stopped || w.StopAfter > 0 && w.summary.Failed >= w.StopAfter
		if len(w.failures) < 100 {
			w.failures = append(w.failures, fmt.Errorf("zone %s: %w", entry.Zone, entry.Err))
		}
	}
	if w.Report != nil {
		w.Report(entry)
	}
}

func (w *fleet) reconcileZone(ctx context.Context, zone *originpull.Zone) (entry Entry, skip bool, pauses time.Duration) {
	entry.Zone = zone.ID()
	desired, err := w.Desired(ctx, zone.ID())
	if err != nil {
		entry.At, entry.Err, entry.Error = time.Now(), err, err.Error()
		return entry, false, 0
	}
	entry.Fingerprint = desired.Pair.Fingerprint()
	if w.earlier[entry.Zone].counts(entry.Fingerprint, time.Now()) {
		if w.config.progress != nil {
			w.config.progress(Event{Zone: entry.Zone, Step: Step{Action: Done, Reason: "an earlier call has done it", NextAt: w.earlier[entry.Zone].NextAt}})
		}
		return entry, true, 0
	}
	r, err := newRun(ctx, zone, desired, w.Options)
	var result Result
	if err == nil {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		r.firstLook = 12 * time.Second
		// The zone's time begins with its first request, not while that waits for its turn.
		stop := func() bool { return true }
		r.beforeFirst = func() { stop = time.AfterFunc(w.ZoneTimeout, func() { cancel(errTimeout) }).Stop }
		result, err = r.run(ctx)
		stop()
		entry.Requests, pauses = r.requests, r.paused
	}
	entry.At, entry.Done, entry.Err = time.Now(), err == nil, err
	entry.Changes, entry.NextAt, entry.Warnings = len(result.Changes), result.NextAt, result.Warnings
	entry.Superseded = make([]string, 0, len(result.Superseded))
	for _, c := range result.Superseded {
		entry.Superseded = append(entry.Superseded, c.ID)
	}
	if err != nil {
		entry.Error = err.Error()
	}
	return entry, false, pauses
}

// end returns what Run returns.
func (w *fleet) end(ctx context.Context) (Summary, error) {
	err := errors.Join(w.failures...)
	switch {
	case ctx.Err() != nil && (w.summary.Left > 0 || w.summary.Interrupted > 0):
		err = errors.Join(fmt.Errorf("rotate: the fleet ended early, another call completes it: %w", contextError(ctx)), err)
	case w.stopped && w.summary.Left > 0:
		err = fmt.Errorf("rotate: %w: %d zones are left: %w", ErrStopped, w.summary.Left, err)
	}
	return w.summary, err
}
