package originpull

import (
	"context"
	"fmt"

	"github.com/originpull/originpull-go/gen/api"
)

// SettingsClient reads and changes a zone's enablement: whether Cloudflare
// presents the zone's certificate to the origin. Global and per-hostname
// Authenticated Origin Pulls are independent of it. Get a SettingsClient from a
// [Zone].
//
// Every method returns an [*Error] if the API or the network fails.
type SettingsClient struct {
	client *Client
	zone   string
}

// Get returns the settings, which say whether zone-level Authenticated Origin Pulls is
// enabled. By default it is not.
func (s SettingsClient) Get(ctx context.Context, options ...CallOption) (Settings, error) {
	envelope, err := api.GetSettings(ctx, s.client.call(options, requireEnabled), s.zone)
	if err != nil {
		return Settings{}, err
	}
	return envelope.Result, nil
}

// Enable makes Cloudflare present the zone's certificate to the origin. Enable may
// be called before a certificate is uploaded; it then takes effect when one is active.
func (s SettingsClient) Enable(ctx context.Context, options ...CallOption) error {
	return s.set(ctx, true, options)
}

// Disable makes Cloudflare stop presenting the zone's certificate. An origin that
// requires the certificate then refuses Cloudflare.
func (s SettingsClient) Disable(ctx context.Context, options ...CallOption) error {
	return s.set(ctx, false, options)
}

func (s SettingsClient) set(ctx context.Context, enabled bool, options []CallOption) error {
	call := s.client.call(options, requireEnabled)
	envelope, err := api.SetSettings(ctx, call, s.zone, Settings{Enabled: enabled})
	if err != nil {
		return err
	}
	if got := envelope.Result.Enabled; got != enabled {
		return call.failed(fmt.Errorf("the request set enabled to %t, the response says %t", enabled, got))
	}
	return nil
}

// requireEnabled is the [check] of a response that has to say whether the zone is
// enabled. If it did not, it would read as disabled.
func requireEnabled(out any, body []byte, _ []string) string {
	if decoded, ok := out.(*api.SettingsEnvelope); ok && decoded.Result.Enabled {
		return ""
	}
	var envelope struct {
		Result struct {
			Enabled *bool `json:"enabled"`
		} `json:"result"`
	}
	if _, err := decode(body, &envelope); err != nil || envelope.Result.Enabled == nil {
		return "it has no enabled"
	}
	return ""
}
