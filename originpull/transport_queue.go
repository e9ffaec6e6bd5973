package originpull

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// changeQueue lets one upload or deletion of a zone through at a time. The API refuses
// another one with 409 while it carries out the first.
type changeQueue struct {
	mu    sync.Mutex
	zones map[string]*zoneQueue // those that have a change in flight or waiting
}

type zoneQueue struct {
	turn    chan struct{} // has one place: the change in flight
	changes int           // in flight and waiting
}

// queueChanges makes each attempt at a change wait for its turn. It is not the call that
// waits: the search for a lost upload makes changes of its own.
func queueChanges(q *changeQueue, next handler) handler {
	return func(x *exchange) error {
		zone, ok := x.changesZone()
		if !ok {
			return next(x)
		}
		if err := q.enter(x.ctx, zone); err != nil {
			return unsent{fmt.Errorf("waiting for another change of the zone: %w", err), 0}
		}
		// Deferred, so that it also runs if a transport or a hook panics.
		defer q.leave(zone)
		return next(x)
	}
}

// changesZone returns the path of the zone whose certificates the request changes; ok is
// false if it changes none.
func (x *exchange) changesZone() (zone string, ok bool) {
	if x.plain.Method == http.MethodGet || x.plain.Method == http.MethodPut {
		return "", false // the enablement can be set at any time
	}
	const collection = "/origin_tls_client_auth"
	zone, below, ok := strings.Cut(x.plain.URL.Path, collection)
	if !ok || below != "" && below[0] != '/' || strings.HasPrefix(below, "/hostnames") {
		return "", false // the certificates of hostnames are another collection
	}
	return strings.ToLower(zone), true // ids in another case are the same zone
}

func (q *changeQueue) enter(ctx context.Context, zone string) error {
	q.mu.Lock()
	if q.zones == nil {
		q.zones = map[string]*zoneQueue{}
	}
	z := q.zones[zone]
	if z == nil {
		z = &zoneQueue{turn: make(chan struct{}, 1)}
		q.zones[zone] = z
	}
	z.changes++
	q.mu.Unlock()
	select {
	case z.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		q.forget(zone)
		return ctx.Err()
	}
}

func (q *changeQueue) leave(zone string) {
	q.mu.Lock()
	<-q.zones[zone].turn
	q.mu.Unlock()
	q.forget(zone)
}

// forget takes a change out of the zone's queue, and the queue away with the last one.
func (q *changeQueue) forget(zone string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.zones[zone].changes--; q.zones[zone].changes == 0 {
		delete(q.zones, zone)
	}
}
