// This SDK, with all that it does to a call by default: retry, rate limit, limits
// on the response.
package main

import (
	"context"

	"github.com/originpull/originpull-go/bench/worker"
	"github.com/originpull/originpull-go/originpull"
)

type client struct {
	zone *originpull.Zone
	pair originpull.KeyPair
}

func main() { worker.Main(newClient) }

func newClient(c worker.Config) (worker.Client, error) {
	sdk, err := originpull.New(
		originpull.WithToken(c.Token),
		originpull.WithBaseURL(c.BaseURL),
		originpull.WithTransport(c.Transport),
	)
	if err != nil {
		return nil, err
	}
	zone, err := sdk.Zone(c.ZoneID)
	if err != nil || c.Certificate == "" {
		return client{zone: zone}, err
	}
	pair, err := originpull.ParseKeyPair([]byte(c.Certificate), []byte(c.Key))
	return client{zone, pair}, err
}

func (c client) List(ctx context.Context) (int, error) {
	list, err := c.zone.Certificates.List(ctx)
	return len(list), err
}

func (c client) Get(ctx context.Context, id string) (string, error) {
	got, err := c.zone.Certificates.Get(ctx, id)
	return got.ID, err
}

func (c client) Upload(ctx context.Context) (string, error) {
	got, err := c.zone.Certificates.Upload(ctx, c.pair)
	return got.ID, err
}

func (c client) Delete(ctx context.Context, id string) (string, error) {
	got, err := c.zone.Certificates.Delete(ctx, id)
	return got.ID, err
}

func (c client) Settings(ctx context.Context) (bool, error) {
	got, err := c.zone.Settings.Get(ctx)
	return got.Enabled, err
}

func (c client) Enable(ctx context.Context) (bool, error) {
	err := c.zone.Settings.Enable(ctx)
	return err == nil, err // it compares the response itself
}
