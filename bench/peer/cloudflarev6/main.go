// cloudflare-go v6.
package main

import (
	"context"
	"net/http"

	"github.com/cloudflare/cloudflare-go/v6"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/origin_tls_client_auth"
	"github.com/originpull/originpull-go/bench/worker"
)

type client struct {
	pulls  *origin_tls_client_auth.OriginTLSClientAuthService
	config worker.Config
}

func main() {
	worker.Main(func(c worker.Config) (worker.Client, error) {
		sdk := cloudflare.NewClient(
			option.WithAPIToken(c.Token),
			option.WithBaseURL(c.BaseURL+"/"),
			option.WithHTTPClient(&http.Client{Transport: c.Transport}))
		return client{sdk.OriginTLSClientAuth, c}, nil
	})
}

func (c client) List(ctx context.Context) (int, error) {
	page, err := c.pulls.ZoneCertificates.List(ctx, origin_tls_client_auth.ZoneCertificateListParams{ZoneID: cloudflare.F(c.config.ZoneID)})
	if err != nil {
		return 0, err
	}
	return len(page.Result), nil
}

func (c client) Get(ctx context.Context, id string) (string, error) {
	got, err := c.pulls.ZoneCertificates.Get(ctx, id, origin_tls_client_auth.ZoneCertificateGetParams{ZoneID: cloudflare.F(c.config.ZoneID)})
	if err != nil {
		return "", err
	}
	return got.ID, nil
}

func (c client) Upload(ctx context.Context) (string, error) {
	got, err := c.pulls.ZoneCertificates.New(ctx, origin_tls_client_auth.ZoneCertificateNewParams{
		ZoneID: cloudflare.F(c.config.ZoneID), Certificate: cloudflare.F(c.config.Certificate), PrivateKey: cloudflare.F(c.config.Key),
	})
	if err != nil {
		return "", err
	}
	return got.ID, nil
}

func (c client) Delete(ctx context.Context, id string) (string, error) {
	got, err := c.pulls.ZoneCertificates.Delete(ctx, id, origin_tls_client_auth.ZoneCertificateDeleteParams{ZoneID: cloudflare.F(c.config.ZoneID)})
	if err != nil {
		return "", err
	}
	return got.ID, nil
}

func (c client) Settings(ctx context.Context) (bool, error) {
	got, err := c.pulls.Settings.Get(ctx, origin_tls_client_auth.SettingGetParams{ZoneID: cloudflare.F(c.config.ZoneID)})
	if err != nil {
		return false, err
	}
	return got.Enabled, nil
}

func (c client) Enable(ctx context.Context) (bool, error) {
	got, err := c.pulls.Settings.Update(ctx, origin_tls_client_auth.SettingUpdateParams{
		ZoneID: cloudflare.F(c.config.ZoneID), Enabled: cloudflare.F(true),
	})
	if err != nil {
		return false, err
	}
	return got.Enabled, nil
}
