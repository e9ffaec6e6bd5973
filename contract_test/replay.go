package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/originpull/originpull-go/originpull"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

// Simulator is the fourth side of a replay: the simulator, which is sent the requests
// of the recording.
const Simulator Side = "the simulator"

// Replay checks a recording: the SDK must understand each response, the document must
// allow it, and the simulator must respond to the same request in the same form. The
// report has a result for each exchange.
func Replay(ctx context.Context, r Recording) Report {
	report := Report{Target: "the recording of " + r.Client + " and " + r.Provider, Started: time.Now()}
	p, err := newPlayer(r)
	if err != nil {
		report.Error = err.Error()
		return report
	}
	defer p.sim.Close()
	for i, one := range r.Exchanges {
		report.Results = append(report.Results, p.play(ctx, i, one))
	}
	report.cover(nil)
	return report
}

// player replays exchanges one by one.
type player struct {
	recording Recording
	documents *documents
	sim       *originpulltest.Simulator
	good      map[string]bool    // credentials that were accepted
	pairs     map[string]pair    // in place of the recorded certificates
	ids       map[string]string  // of the simulator, by recorded ids
	memory    map[string]*memory // of what the provider said, by zone
}

func newPlayer(r Recording) (*player, error) {
	docs, err := curatedDocuments(originpull.DefaultBaseURL)
	if err != nil {
		return nil, err
	}
	p := &player{
		recording: r, documents: docs, good: map[string]bool{}, pairs: map[string]pair{}, ids: map[string]string{}, memory: map[string]*memory{},
		sim: originpulltest.New(originpulltest.Options{DeployDelay: time.Hour, DeleteDelay: time.Hour, AnyZone: true}),
	}
	for _, one := range r.Exchanges {
		if one.Status/100 == 2 {
			p.good[one.Credentials] = true
		}
		if p.memory[one.zoneID()] == nil {
			p.memory[one.zoneID()] = newMemory()
			p.memory[one.zoneID()].recorded = true
		}
	}
	return p, nil
}

func (p *player) play(ctx context.Context, i int, one Recorded) Result {
	c := &checker{documents: p.documents, next: recorded(one), zoneID: one.zoneID(), stateless: true}
	operation := operationOf(one.Method, one.Path, one.zoneID())
	var e evidence
	value, err := p.call(ctx, c, operation, one)
	if certificate, ok := value.(originpull.Certificate); ok {
		value = c.asReceived(certificate)
	}
	e.judge(operation, c.since(0), value, err)
	e.recordedRequest(p, one)
	if errors.Is(err, errNoCall) {
		e.broken = err
	}
	sent := len(c.since(0)) > 0
	result := Result{
		Case:      fmt.Sprintf("%d: %s %s", i+1, one.Method, operation),
		Operation: operation, Status: one.Status, Exchanges: 1, Outcome: Passed,
		Claim: "The SDK understands the response, the document allows it, and the simulator responds in the same form.", Source: "this recording",
		cells: []Cell{{operation, one.Status}}, met: []Cell{{operation, one.Status}},
	}
	for _, x := range c.since(0) {
		result.Drift = append(result.Drift, x.Drift...)
	}
	result.Violations = e.verdict()
	if why := p.compare(one, operation); why != "" {
		result.Violations = append(result.Violations, Violation{Simulator, why})
	}
	switch { // what the SDK did not read was not checked
	case ctx.Err() != nil:
		result.Outcome, result.Reason, result.Violations = Inconclusive, "stopped before it was replayed", nil
	case len(result.Violations) > 0:
		result.Outcome = Failed
	case !sent && errors.Is(err, originpull.ErrInvalidInput):
		result.Outcome, result.Reason, result.Exchanges, result.met = Skipped, "the SDK does not send such a request", 0, nil
	case !sent:
		result.Outcome, result.Reason, result.Exchanges, result.met = Inconclusive, "the SDK did not read the response: "+outcome(err), 0, nil
	}
	return result
}

// recorded responds with a recorded response.
func recorded(one Recorded) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		part := one.part()
		return &http.Response{
			StatusCode: one.Status, Status: http.StatusText(one.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: part.Header, Body: io.NopCloser(bytes.NewReader(part.Body)), ContentLength: int64(len(part.Body)), Request: r,
		}, nil
	})
}

// call calls the recorded operation through the SDK.
func (p *player) call(ctx context.Context, c *checker, operation string, one Recorded) (value any, err error) {
	client, err := originpull.New(originpull.WithToken("replayed"), originpull.WithTransport(c))
	if err != nil {
		return nil, err
	}
	zone, err := client.Zone(one.zoneID())
	if err != nil {
		return nil, err
	}
	once := originpull.WithoutRetry()
	switch operation {
	case "ListCertificates":
		return zone.Certificates.List(ctx, once)
	case "GetCertificate":
		return zone.Certificates.Get(ctx, one.certificateID(), once)
	case "DeleteCertificate":
		return zone.Certificates.Delete(ctx, one.certificateID(), once)
	case "GetSettings":
		return zone.Settings.Get(ctx, once)
	case "UploadCertificate":
		pair, err := newPair("originpull replay", false)
		if err != nil {
			return nil, err
		}
		keyPair, err := originpull.ParseKeyPair(pair.certificate, pair.key)
		if err != nil {
			return nil, err
		}
		return zone.Certificates.Upload(ctx, keyPair, once)
	case "SetSettings":
		enabled, _ := one.enables()
		set := zone.Settings.Disable
		if enabled {
			set = zone.Settings.Enable
		}
		return originpull.Settings{Enabled: enabled}, set(ctx, once)
	case "":
		return nil, nil // recordedRequest reports it
	}
	return nil, errNoCall
}

// errNoCall means that a recorded operation would be replayed without the SDK.
var errNoCall = errors.New("player.call has no call of this operation: add it")

// enables returns what a recorded request sets.
func (r Recorded) enables() (enabled, ok bool) {
	var body struct {
		Enabled *bool `json:"enabled"`
	}
	if json.Unmarshal(r.Request, &body) != nil || body.Enabled == nil {
		return false, false
	}
	return *body.Enabled, true
}

// recordedRequest checks the recorded request itself, which another client sent, and
// whether the response contradicts it or an earlier response.
func (e *evidence) recordedRequest(p *player, one Recorded) {
	c := &checker{documents: p.documents, next: recorded(one), zoneID: one.zoneID(), memory: p.memory}
	r, err := one.request(one.Path, one.Request, "Bearer replayed")
	if err != nil {
		e.broken = err
		return
	}
	resp, err := c.RoundTrip(r)
	if err != nil {
		e.broken = err
		return
	}
	resp.Body.Close()
	x := c.since(0)[0]
	for _, wrong := range x.Contradictions {
		e.responseForm = append(e.responseForm, x.Operation+": "+wrong)
	}
	if one.Status/100 != 2 && x.Operation != "" {
		return // it was refused, and may have been invalid
	}
	for _, wrong := range append(x.RequestForm, x.RequestFaults...) {
		e.recorded = append(e.recorded, fmt.Sprintf("the recorded request %s %s: %s", one.Method, x.Operation, wrong))
	}
}

func (r Recorded) request(path string, body []byte, authorization string) (*http.Request, error) {
	request, err := http.NewRequest(r.Method, originpull.DefaultBaseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return request, nil
}

// compare sends the recorded request to the simulator, which it first brings into the
// recorded state, and returns how its response differs in form, "" if it does not.
func (p *player) compare(one Recorded, operation string) string {
	if one.Status == http.StatusTooManyRequests || one.Status/100 == 5 || operation == "" {
		return "" // the simulator does not do that by itself
	}
	p.arrange(one)
	body, err := p.body(one)
	if err != nil {
		return err.Error()
	}
	path := one.Path
	if id := one.certificateID(); p.ids[id] != "" {
		path = strings.Replace(path, id, p.ids[id], 1)
	}
	request, err := one.request(path, body, p.authorization(one.Credentials))
	if err != nil {
		return err.Error()
	}
	resp, err := p.sim.Transport().RoundTrip(request)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	p.learn(one, operation, body)
	return differenceInForm(one, resp, body)
}

func (p *player) authorization(credentials string) string {
	switch {
	case credentials == "none":
		return ""
	case credentials == "malformed token":
		return "Bearer not!a!token"
	case p.good[credentials]:
		return "Bearer " + p.sim.Token()
	}
	return "Bearer " + unknownToken()
}

// arrange gives the certificate in the path the status that the response shows.
func (p *player) arrange(one Recorded) {
	id := p.ids[one.certificateID()]
	if id == "" {
		p.arrangeUpload(one)
		return
	}
	var response struct {
		Result struct {
			Status originpulltest.Status `json:"status"`
		} `json:"result"`
	}
	json.Unmarshal(one.Response, &response)
	exchange := exchange{Status: one.Status, Response: one.part()}
	envelope, _ := exchange.envelope()
	status := response.Result.Status
	if one.Method == http.MethodDelete {
		switch {
		case one.Status/100 == 2:
			status = "active"
		case slices.Contains(envelope.codes(), 1434):
			status = "pending_deployment"
		case one.Status == http.StatusBadRequest:
			status = "deleted"
		}
	}
	if status != "" {
		p.sim.SetStatus(one.zoneID(), id, status)
	}
}

// arrangeUpload deletes a certificate that the recording uploads once more.
func (p *player) arrangeUpload(one Recorded) {
	if one.Method != http.MethodPost || one.Status/100 != 2 {
		return
	}
	var response struct {
		Result struct{ ID string } `json:"result"`
	}
	if json.Unmarshal(one.Response, &response) == nil && p.ids[response.Result.ID] != "" {
		p.sim.SetStatus(one.zoneID(), p.ids[response.Result.ID], "deleted")
	}
}

// body returns the body of the recorded request with a certificate and its key in
// place of the recorded ones.
func (p *player) body(one Recorded) ([]byte, error) {
	var fields map[string]any
	if one.Method != http.MethodPost || json.Unmarshal(one.Request, &fields) != nil {
		return one.Request, nil
	}
	text, _ := fields["certificate"].(string)
	certificate, err := originpull.ParseCertificate([]byte(text))
	if err != nil {
		return one.Request, nil
	}
	pair, ok := p.pairs[text]
	if !ok {
		if pair, err = newPair("originpull replay", certificate.IsCA); err != nil {
			return nil, err
		}
		p.pairs[text] = pair
	}
	fields["certificate"] = string(pair.certificate)
	if _, has := fields["private_key"]; has {
		fields["private_key"] = string(pair.key)
	}
	return json.Marshal(fields)
}

// learn remembers the id that the simulator gave an uploaded certificate.
func (p *player) learn(one Recorded, operation string, body []byte) {
	var ours, theirs struct {
		Result struct{ ID string } `json:"result"`
	}
	if operation == "UploadCertificate" && json.Unmarshal(one.Response, &theirs) == nil && json.Unmarshal(body, &ours) == nil && ours.Result.ID != "" {
		p.ids[theirs.Result.ID] = ours.Result.ID
	}
}
