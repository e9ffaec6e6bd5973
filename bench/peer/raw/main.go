// The peer that all others are compared with: net/http and encoding/json, as one
// would write it by hand for these six operations.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/originpull/originpull-go/bench/worker"
)

type certificate struct {
	ID           string    `json:"id"`
	Status       string    `json:"status"`
	Certificate  string    `json:"certificate"`
	Issuer       string    `json:"issuer"`
	Signature    string    `json:"signature"`
	SerialNumber string    `json:"serial_number"`
	ExpiresOn    time.Time `json:"expires_on"`
	UploadedOn   time.Time `json:"uploaded_on"`
}

type settings struct {
	Enabled bool `json:"enabled"`
}

type message struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type client struct {
	http       *http.Client
	collection string // URL of the certificates
	config     worker.Config
}

func main() {
	worker.Main(func(c worker.Config) (worker.Client, error) {
		return client{
			http:       &http.Client{Transport: c.Transport},
			collection: c.BaseURL + "/zones/" + c.ZoneID + "/origin_tls_client_auth",
			config:     c,
		}, nil
	})
}

func do[T any](ctx context.Context, c client, method, path string, in any) (result T, err error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return result, err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.collection+path, body)
	if err != nil {
		return result, err
	}
	request.Header.Set("Authorization", "Bearer "+c.config.Token)
	request.Header.Set("Accept", "application/json")
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return result, err
	}
	defer response.Body.Close()
	var envelope struct {
		Success  bool      `json:"success"`
		Errors   []message `json:"errors"`
		Messages []message `json:"messages"`
		Result   T         `json:"result"`
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return result, err
	}
	if err := json.Unmarshal(data, &envelope); err != nil {
		return result, err
	}
	if response.StatusCode != http.StatusOK || !envelope.Success {
		return result, fmt.Errorf("%s: %v", response.Status, envelope.Errors)
	}
	return envelope.Result, nil
}

func (c client) List(ctx context.Context) (int, error) {
	list, err := do[[]certificate](ctx, c, http.MethodGet, "", nil)
	return len(list), err
}

func (c client) Get(ctx context.Context, id string) (string, error) {
	got, err := do[certificate](ctx, c, http.MethodGet, "/"+id, nil)
	return got.ID, err
}

func (c client) Upload(ctx context.Context) (string, error) {
	got, err := do[certificate](ctx, c, http.MethodPost, "", map[string]string{"certificate": c.config.Certificate, "private_key": c.config.Key})
	return got.ID, err
}

func (c client) Delete(ctx context.Context, id string) (string, error) {
	got, err := do[certificate](ctx, c, http.MethodDelete, "/"+id, nil)
	return got.ID, err
}

func (c client) Settings(ctx context.Context) (bool, error) {
	got, err := do[settings](ctx, c, http.MethodGet, "/settings", nil)
	return got.Enabled, err
}

func (c client) Enable(ctx context.Context) (bool, error) {
	got, err := do[settings](ctx, c, http.MethodPut, "/settings", settings{Enabled: true})
	return got.Enabled, err
}
