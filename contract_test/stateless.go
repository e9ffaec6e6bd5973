package contract

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path"

	"github.com/originpull/originpull-go/originpull"
)

// A provider without [Stateful] responds with the same certificate to every request. The
// SDK refuses a response about another certificate than the request. So it is shown such a
// response without the certificate's text, and with the id that it asked for. What is
// checked, and what the claims are about, is the response as it was received.

// showAsked changes the response that the SDK gets, after it was checked.
func showAsked(r *http.Request, x *exchange, resp *http.Response) {
	var envelope, result map[string]json.RawMessage
	response, _ := x.envelope()
	if !x.succeeded() || json.Unmarshal(response.Result, &result) != nil || result == nil {
		return
	}
	switch x.Operation {
	case "UploadCertificate":
		delete(result, "certificate")
	case "GetCertificate", "DeleteCertificate":
		if _, ok := result["id"]; !ok {
			return
		}
		result["id"], _ = json.Marshal(path.Base(r.URL.Path))
	default:
		return
	}
	if json.Unmarshal(x.Response.Body, &envelope) != nil {
		return
	}
	envelope["result"], _ = json.Marshal(result)
	body, err := json.Marshal(envelope)
	if err != nil {
		return
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// asReceived returns what the SDK made of a certificate, with what [showAsked] changed as
// it was received.
func (c *checker) asReceived(certificate originpull.Certificate) originpull.Certificate {
	exchanges := c.since(0)
	if !c.stateless || len(exchanges) == 0 || certificate.ID == "" {
		return certificate
	}
	response, _ := exchanges[len(exchanges)-1].envelope()
	var received struct{ ID, Certificate string }
	if json.Unmarshal(response.Result, &received) == nil && received.ID != "" {
		certificate.ID, certificate.Certificate = received.ID, received.Certificate
	}
	return certificate
}
