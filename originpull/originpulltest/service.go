package originpulltest

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/gen/server"
)

// service is the service behind the gateway: operations of the document, on the state
// of the request's simulator. It has a method for each operation that is implemented.
type service struct{}

// wholeService implements the generated interface. The methods of service are used
// where there are some; those of notImplemented are never called, since routing leaves
// such operations out.
type wholeService struct {
	service
	notImplemented
}

// notImplemented stands for the operations that service has no method for. In
// wholeService its methods are one level deeper than those of service.
type notImplemented struct{ server.StrictServerInterface }

// generated is the generated server on the service, one for all simulators. Its errors
// have the form of the API's, where the generated ones would be plain text.
var generated = sync.OnceValue(func() http.Handler {
	strict := server.NewStrictHandlerWithOptions(wholeService{}, []server.StrictMiddlewareFunc{carriedOut},
		server.StrictHTTPServerOptions{
			RequestErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, _ error) {
				errBody.write(w)
			},
			ResponseErrorHandlerFunc: writeError,
		})
	return server.HandlerWithOptions(strict, server.StdHTTPServerOptions{ErrorHandlerFunc: writeError})
})

func (service) ListCertificates(ctx context.Context, request server.ListCertificatesRequestObject) (server.ListCertificatesResponseObject, error) {
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var listed []api.Certificate // nil, which is sent as null, for a zone without certificates
	for _, c := range s.read(request.ZoneID).certificates {
		if c.isListed(now) {
			listed = append(listed, c.view(now))
		}
	}
	listed = exchangeOf(ctx).fault.hide(listed)
	response := api.CertificateListEnvelope{Success: true, Errors: none, Messages: none, Result: listed}
	if n := float64(len(listed)); n > 0 {
		response.ResultInfo = api.ResultInfo{Count: n, Page: 1, PerPage: max(n, 100), TotalCount: n, TotalPages: 1}
	}
	return server.ListCertificates200JSONResponse(response), nil
}

func (service) UploadCertificate(ctx context.Context, request server.UploadCertificateRequestObject) (server.UploadCertificateResponseObject, error) {
	body := request.Body
	if body.Certificate == "" || body.PrivateKey.IsZero() {
		return nil, serviceFailure(http.StatusBadRequest, 0, "certificate and private_key are required")
	}
	parsed, err := parseUpload(body.Certificate, body.PrivateKey.Reveal())
	if err != nil {
		return nil, err
	}
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	c, err := s.zone(request.ZoneID).add(parsed, now)
	if err != nil {
		return nil, err
	}
	s.deploy(c, now, exchangeOf(ctx).fault)
	return server.UploadCertificate200JSONResponse{Success: true, Errors: none, Messages: none, Result: c.view(now)}, nil
}

func (service) GetCertificate(ctx context.Context, request server.GetCertificateRequestObject) (server.GetCertificateResponseObject, error) {
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.read(request.ZoneID).certificate(request.CertificateID)
	if c == nil {
		return nil, serviceFailure(http.StatusNotFound, api.CodeNotFound, "certificate not found")
	}
	return server.GetCertificate200JSONResponse{Success: true, Errors: none, Messages: none, Result: c.view(time.Now())}, nil
}

func (service) DeleteCertificate(ctx context.Context, request server.DeleteCertificateRequestObject) (server.DeleteCertificateResponseObject, error) {
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.zone(request.ZoneID).certificate(request.CertificateID)
	if c == nil {
		return nil, serviceFailure(http.StatusNotFound, api.CodeCertificateNotFound, "certificate not found")
	}
	now := time.Now()
	switch c.status(now) {
	case api.StatusInitializing, api.StatusPendingDeployment:
		return nil, errPending
	case api.StatusPendingDeletion, api.StatusDeleted:
		return nil, serviceFailure(http.StatusBadRequest, 0, "certificate already deleted")
	}
	c.forced = ""
	c.deleted = now.Add(s.deleteDelay)
	c.deleteFails = exchangeOf(ctx).fault.TimeOut
	shown := c.view(now)
	shown.Status = api.StatusPendingDeletion
	return server.DeleteCertificate200JSONResponse{Success: true, Errors: none, Messages: none, Result: shown}, nil
}

func (service) GetSettings(ctx context.Context, request server.GetSettingsRequestObject) (server.GetSettingsResponseObject, error) {
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	enabled := api.Settings{Enabled: s.read(request.ZoneID).enabled}
	return server.GetSettings200JSONResponse{Success: true, Errors: none, Messages: none, Result: enabled}, nil
}

func (service) SetSettings(ctx context.Context, request server.SetSettingsRequestObject) (server.SetSettingsResponseObject, error) {
	// The generated body cannot distinguish false from missing.
	var body struct {
		Enabled *bool `json:"enabled"`
	}
	if err := json.Unmarshal(exchangeOf(ctx).body, &body); err != nil || body.Enabled == nil {
		return nil, serviceFailure(http.StatusBadRequest, 0, "enabled is required")
	}
	s := exchangeOf(ctx).sim
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone(request.ZoneID).enabled = *body.Enabled
	return server.SetSettings200JSONResponse{Success: true, Errors: none, Messages: none, Result: *request.Body}, nil
}

// none is encoded as [], which a successful response has for errors and messages.
var none = []api.Message{}
