// cloudflare-go v0, its own rate limit out of the way: it would wait between calls.
package main

import (
	"context"
	"net/http"

	"github.com/cloudflare/cloudflare-go"
	"github.com/originpull/originpull-go/bench/worker"
)

type client struct {
	api    *cloudflare.API
	config worker.Config
}

func main() {
	worker.Main(func(c worker.Config) (worker.Client, error) {
		api, err := cloudflare.NewWithAPIToken(c.Token,
			cloudflare.BaseURL(c.BaseURL),
			cloudflare.HTTPClient(&http.Client{Transport: c.Transport}),
			cloudflare.UsingRateLimit(1e9))
		return client{api, c}, err
	})
}

func (c client) List(ctx context.Context) (int, error) {
	list, err := c.api.ListPerZoneAuthenticatedOriginPullsCertificates(ctx, c.config.ZoneID)
	return len(list), err
}

func (c client) Get(ctx context.Context, id string) (string, error) {
	got, err := c.api.GetPerZoneAuthenticatedOriginPullsCertificateDetails(ctx, c.config.ZoneID, id)
	return got.ID, err
}

func (c client) Upload(ctx context.Context) (string, error) {
	got, err := c.api.UploadPerZoneAuthenticatedOriginPullsCertificate(ctx, c.config.ZoneID,
		cloudflare.PerZoneAuthenticatedOriginPullsCertificateParams{Certificate: c.config.Certificate, PrivateKey: c.config.Key})
	return got.ID, err
}

func (c client) Delete(ctx context.Context, id string) (string, error) {
	got, err := c.api.DeletePerZoneAuthenticatedOriginPullsCertificate(ctx, c.config.ZoneID, id)
	return got.ID, err
}

func (c client) Settings(ctx context.Context) (bool, error) {
	got, err := c.api.GetPerZoneAuthenticatedOriginPullsStatus(ctx, c.config.ZoneID)
	return got.Enabled, err
}

func (c client) Enable(ctx context.Context) (bool, error) {
	got, err := c.api.SetPerZoneAuthenticatedOriginPullsStatus(ctx, c.config.ZoneID, true)
	return got.Enabled, err
}
