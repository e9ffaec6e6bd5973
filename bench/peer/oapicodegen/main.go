// The client that oapi-codegen makes of this API's document, configured as its
// documentation shows.
package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/originpull/originpull-go/bench/peer/oapicodegen/api"
	"github.com/originpull/originpull-go/bench/worker"
)

//go:generate go -C ../../.. run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config bench/peer/oapicodegen/config.yaml spec/openapi.yaml

type client struct {
	api    *api.ClientWithResponses
	config worker.Config
}

func main() {
	worker.Main(func(c worker.Config) (worker.Client, error) {
		generated, err := api.NewClientWithResponses(c.BaseURL,
			api.WithHTTPClient(&http.Client{Transport: c.Transport}),
			api.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
				r.Header.Set("Authorization", "Bearer "+c.Token)
				return nil
			}))
		return client{generated, c}, err
	})
}

func (c client) List(ctx context.Context) (int, error) {
	response, err := c.api.ListCertificatesWithResponse(ctx, c.config.ZoneID)
	if err != nil {
		return 0, err
	}
	if response.JSON200 == nil || response.JSON200.Result == nil {
		return 0, fmt.Errorf("refused: %s", response.Status())
	}
	return len(*response.JSON200.Result), nil
}

func (c client) Get(ctx context.Context, id string) (string, error) {
	response, err := c.api.GetCertificateWithResponse(ctx, c.config.ZoneID, id)
	if err != nil {
		return "", err
	}
	if response.JSON200 == nil {
		return "", fmt.Errorf("refused: %s", response.Status())
	}
	return response.JSON200.Result.Id, nil
}

func (c client) Upload(ctx context.Context) (string, error) {
	response, err := c.api.UploadCertificateWithResponse(ctx, c.config.ZoneID, api.CertificateUpload{
		Certificate: c.config.Certificate, PrivateKey: &c.config.Key,
	})
	if err != nil {
		return "", err
	}
	if response.JSON200 == nil {
		return "", fmt.Errorf("refused: %s", response.Status())
	}
	return response.JSON200.Result.Id, nil
}

func (c client) Delete(ctx context.Context, id string) (string, error) {
	response, err := c.api.DeleteCertificateWithResponse(ctx, c.config.ZoneID, id)
	if err != nil {
		return "", err
	}
	if response.JSON200 == nil || response.JSON200.Result == nil {
		return "", fmt.Errorf("refused: %s", response.Status())
	}
	return response.JSON200.Result.Id, nil
}

func (c client) Settings(ctx context.Context) (bool, error) {
	response, err := c.api.GetSettingsWithResponse(ctx, c.config.ZoneID)
	if err != nil {
		return false, err
	}
	if response.JSON200 == nil {
		return false, fmt.Errorf("refused: %s", response.Status())
	}
	return response.JSON200.Result.Enabled, nil
}

func (c client) Enable(ctx context.Context) (bool, error) {
	response, err := c.api.SetSettingsWithResponse(ctx, c.config.ZoneID, api.Settings{Enabled: true})
	if err != nil {
		return false, err
	}
	if response.JSON200 == nil {
		return false, fmt.Errorf("refused: %s", response.Status())
	}
	return response.JSON200.Result.Enabled, nil
}
