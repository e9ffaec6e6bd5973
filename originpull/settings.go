package originpull

import (
	"context"
	"fmt"

	"github.com/originpull/originpull-go/gen/api"
)

// SettingsClient reads and changes a zone's enablement: whether Cloudflare
// presents the zone's certificate to the origin. Global and per-hostname
// Authenticated Origin Pulls are independent of it. Get it from a [Zone].
//
// Every method returns an [*Error] where the API or the network fails.
type SettingsClient struct {
	client *Client
	zone   string
}

// Get tells whether zone-level Authenticated Origin Pulls is enabled. It is not by
// default.
func (s SettingsClient) Get(ctx context.Context, options ...CallOption) (Settings, error) {
	call := s.client.call(options)
	call.check = requireEnabled
	answer, err := api.GetSettings(ctx, call, s.zone)
	if err != nil {
		return Settings{}, err
	}
	return answer.Result, nil
}

// Enable has Cloudflare present the zone's certificate to the origin. It may be
// called before a certificate is uploaded, and then has no effect yet.
func (s SettingsClient) Enable(ctx context.Context, options ...CallOption) error {
	return s.set(ctx, true, options)
}

// Disable has Cloudflare stop presenting the zone's certificate. An origin that
// requires it then refuses Cloudflare.
func (s SettingsClient) Disable(ctx context.Context, options ...CallOption) error {
	return s.set(ctx, false, options)
}

func (s SettingsClient) set(ctx context.Context, enabled bool, options []CallOption) error {
	call := s.client.call(options)
	call.check = requireEnabled
	answer, err := api.SetSettings(ctx, call, s.zone, Settings{Enabled: enabled})
	if err != nil {
		return err
	}
	if answer.Result.Enabled != enabled {
		return call.failed(fmt.Errorf("asked for enabled %t, the API answers %t", enabled, answer.Result.Enabled))
	}
	return nil
}

// requireEnabled refuses an answer that does not say whether the zone is enabled: it
// would read as disabled.
func requireEnabled(out any, body []byte) string {
	if decoded, ok := out.(*api.SettingsEnvelope); ok && decoded.Result.Enabled {
		return ""
	}
	var answer struct {
		Result struct {
			Enabled *bool `json:"enabled"`
		} `json:"result"`
	}
	if err := unmarshal(body, &answer); err != nil || answer.Result.Enabled == nil {
		return "it does not tell the enablement"
	}
	return ""
}
