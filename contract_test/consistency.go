package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// memory is what a provider has said about a zone. A response that contradicts what was
// sent or said before is the provider's fault, whatever the document and the SDK make
// of it.
type memory struct {
	recorded     bool // the responses are those of a recording, whose times are not now
	rays         map[string]bool
	certificates map[string]*remembered // by id
	deletions    map[string]bool        // the ids of those whose deletion was asked for, whatever the response
	enabled      *bool                  // since it was set; before that another may change it
}

// remembered is what is known of a certificate.
type remembered struct {
	fields   map[string]string // those that never change
	uploaded time.Time
	stage    int  // of its status, see stages
	mine     bool // it was uploaded here, so that no one else deletes it
	again    bool // it was uploaded before, so that it may read pending_deletion for a moment
}

func newMemory() *memory {
	return &memory{rays: map[string]bool{}, certificates: map[string]*remembered{}, deletions: map[string]bool{}}
}

// sends notes that a request is being sent: it may take effect before it has a response, or
// without one.
func (m *memory) sends(x *exchange) {
	if x.Operation == "DeleteCertificate" {
		m.deletions[strings.ToLower(path.Base(x.Path))] = true
	}
}

// stages orders the statuses: none leads to one of a lower stage, except by an upload.
var stages = map[string]int{
	"initializing": 1, "pending_deployment": 2, "active": 3, "deployment_timed_out": 3,
	"pending_deletion": deletion, "deleted": deletion + 1, "deletion_timed_out": deletion,
}

// deletion is the stage of a certificate that is being deleted.
const deletion = 4

// rayID is the form of Cf-Ray: 16 hexadecimal digits and a data centre.
var rayID = regexp.MustCompile(`^[0-9a-f]{16}-[A-Z]{3}$`)

// received is a certificate in a response, read without the SDK.
type received struct {
	ID, Status, Certificate, Issuer, Signature, SerialNumber, ExpiresOn, UploadedOn string

	hasKey bool // there is a field for the private key
}

// UnmarshalJSON reads the fields whose names are exactly those of the API, where
// encoding/json by itself takes Status for status.
func (c *received) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	err := json.Unmarshal(text, &fields)
	_, c.hasKey = fields["private_key"]
	for name, to := range map[string]*string{
		"id": &c.ID, "status": &c.Status, "certificate": &c.Certificate, "issuer": &c.Issuer, "signature": &c.Signature,
		"serial_number": &c.SerialNumber, "expires_on": &c.ExpiresOn, "uploaded_on": &c.UploadedOn,
	} {
		if value := fields[name]; value != nil {
			err = errors.Join(err, json.Unmarshal(value, to))
		}
	}
	return err
}

// contradictions returns what in a response contradicts the request, or what the provider
// said before, and remembers what it says.
func (m *memory) contradictions(x *exchange) (wrong []string) {
	response, ok := x.envelope()
	if !ok {
		return nil // not of the API
	}
	wrong = m.ray(x.Response.Header.Get("Cf-Ray"))
	if !x.succeeded() {
		return wrong
	}
	var one received
	switch x.Operation {
	case "ListCertificates":
		var list []received
		json.Unmarshal(response.Result, &list) // of another form: the form of the response says so
		for _, certificate := range list {
			wrong = append(wrong, m.compare(certificate)...)
			wrong = append(wrong, m.listed(certificate)...)
		}
	case "UploadCertificate":
		if json.Unmarshal(response.Result, &one) == nil {
			wrong = append(wrong, m.upload(x, one)...)
		}
	case "GetCertificate":
		if json.Unmarshal(response.Result, &one) == nil {
			wrong = append(wrong, append(aboutAnother(x, one), m.status(one)...)...)
			wrong = append(wrong, m.compare(one)...)
		}
	case "DeleteCertificate":
		if json.Unmarshal(response.Result, &one) == nil && one.ID != "" {
			wrong = append(wrong, append(aboutAnother(x, one), m.compare(one)...)...)
		}
		if known := m.certificates[path.Base(x.Path)]; known != nil {
			known.stage, known.again = deletion, false
		}
	case "GetSettings", "SetSettings":
		wrong = append(wrong, m.settings(x, response.Result)...)
	}
	return wrong
}

// ray checks the header Cf-Ray, which names a request.
func (m *memory) ray(ray string) []string {
	switch {
	case ray == "":
		return []string{"the response has no Cf-Ray"}
	case !m.recorded && !rayID.MatchString(ray):
		return []string{"Cf-Ray is not 16 hexadecimal digits and a data centre"}
	case m.rays[ray]:
		return []string{"the response has the Cf-Ray of an earlier one"}
	}
	m.rays[ray] = true
	return nil
}

// aboutAnother requires the certificate in a response to be the one in the path.
func aboutAnother(x *exchange, c received) []string {
	if !strings.EqualFold(c.ID, path.Base(x.Path)) {
		return []string{"the response is about another certificate than the request"}
	}
	return nil
}

// clockSkew is how much the provider's clock may differ from ours.
const clockSkew = time.Hour

// upload compares an uploaded certificate with the request, and remembers it.
func (m *memory) upload(x *exchange, c received) (wrong []string) {
	var sent received
	json.Unmarshal(x.Request.Body, &sent)
	if !sameCertificate(sent.Certificate, c.Certificate) {
		wrong = append(wrong, "the response holds another certificate than was uploaded")
	}
	if uploaded, err := time.Parse(time.RFC3339Nano, c.UploadedOn); err == nil && !m.recorded && time.Since(uploaded).Abs() > clockSkew {
		wrong = append(wrong, "uploaded_on is not the time of the upload")
	}
	known := m.certificates[c.ID]
	if known == nil {
		wrong = append(wrong, m.compare(c)...)
		m.certificates[c.ID].mine = true
		return append(wrong, m.status(c)...)
	}
	if known.stage > 0 && known.stage < deletion {
		wrong = append(wrong, "the upload has the id of a certificate that is not deleted")
	}
	known.uploaded, known.stage, known.again = time.Time{}, 0, true
	return append(wrong, m.compare(c)...)
}

// compare compares a certificate with what was said of it before.
func (m *memory) compare(c received) (wrong []string) {
	fields := map[string]string{
		"certificate": c.Certificate, "issuer": c.Issuer, "signature": c.Signature, "serial_number": c.SerialNumber, "expires_on": c.ExpiresOn,
	}
	known := m.certificates[c.ID]
	if known == nil {
		known = &remembered{fields: fields}
		m.certificates[c.ID] = known
	}
	for _, name := range []string{"certificate", "issuer", "signature", "serial_number", "expires_on"} {
		if known.fields[name] != fields[name] {
			wrong = append(wrong, fmt.Sprintf("%s of a certificate is not what it was before", name))
		}
	}
	uploaded, err := time.Parse(time.RFC3339Nano, c.UploadedOn)
	switch {
	case err != nil: // the document says so
	case known.uploaded.IsZero():
		known.uploaded = uploaded
	case uploaded.Sub(known.uploaded).Abs() >= time.Millisecond: // less is rounding
		wrong = append(wrong, "uploaded_on of a certificate is not what it was before")
	}
	return wrong
}

// status compares the status of a certificate that was got by its id with the one before.
func (m *memory) status(c received) []string {
	known, stage := m.certificates[c.ID], stages[c.Status]
	switch {
	case known == nil || stage == 0: // a new status is drift
	case known.again && stage == deletion && known.stage == 0: // the deletion before the upload
	case stage >= deletion && known.mine && !m.deletions[strings.ToLower(c.ID)]:
		return []string{"the certificate is being deleted, and no request has deleted it"}
	case stage < known.stage:
		return []string{fmt.Sprintf("the status goes back to %s", c.Status)}
	default:
		known.stage = stage
	}
	return nil
}

// listed compares the status of a certificate in a list. A list may lag behind a GET, and is
// never ahead of it. What it says of a certificate that was uploaded again may be of the time
// before.
func (m *memory) listed(c received) []string {
	known := m.certificates[c.ID]
	if known == nil || known.again || stages[c.Status] <= known.stage {
		return nil
	}
	return m.status(c)
}

// settings compares the enablement with what was set.
func (m *memory) settings(x *exchange, result json.RawMessage) []string {
	type settings struct {
		Enabled *bool `json:"enabled"`
	}
	var said, sent settings
	if json.Unmarshal(result, &said) != nil || said.Enabled == nil {
		return nil // the form of the response says so
	}
	if x.Operation == "SetSettings" {
		if json.Unmarshal(x.Request.Body, &sent) == nil && sent.Enabled != nil {
			m.enabled = sent.Enabled
		}
	}
	if m.enabled != nil && *m.enabled != *said.Enabled {
		return []string{fmt.Sprintf("the response says enabled %t, and what was set is %t", *said.Enabled, *m.enabled)}
	}
	return nil
}
