package contract

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/originpull/originpull-go/gen/api"
	"github.com/originpull/originpull-go/internal/testpki"
	"github.com/originpull/originpull-go/originpull/originpulltest"
)

func recordings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/recordings/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	return files
}

func replay(t *testing.T, r Recording) (report Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { report = Replay(t.Context(), r) })
	return report
}

// TestRecordings replays each recording that is kept.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, file := range recordings(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			recording, err := ReadRecording(file)
			if err != nil {
				t.Fatal(err)
			}
			r := replay(t, recording)
			reportSubtests(t, r)
			logReport(t, r)
			if drift := r.Drift(); len(drift) > 0 {
				t.Errorf("drift: %v", drift)
			}
		})
	}
}

// TestReplayCallsEveryOperation: without a call in player.call the recordings of a new
// operation would not be replayed.
func TestReplayCallsEveryOperation(t *testing.T) {
	t.Parallel()
	p, err := newPlayer(Recording{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.sim.Close()
	call := func(operation, path string) error {
		one := Recorded{Path: strings.NewReplacer("{zone_id}", strings.Repeat("0", 32), "{certificate_id}", exampleID).Replace(path)}
		unreachable := roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.EOF })
		_, err := p.call(t.Context(), &checker{documents: p.documents, next: unreachable, zoneID: one.zoneID()}, operation, one)
		return err
	}
	for _, op := range api.Operations {
		if err := call(op.ID, op.Path); errors.Is(err, errNoCall) {
			t.Errorf("a recording of %s: %v", op.ID, err)
		}
	}
	if err := call("Unknown", "/zones/{zone_id}"); !errors.Is(err, errNoCall) {
		t.Errorf("an operation that has no call is replayed all the same: %v", err)
	}
}

// TestEditedRecordings edits a recording in ways that each must be reported.
func TestEditedRecordings(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/recordings/cloudflare-go-v7.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]struct{ pattern, new, says string }{
		"a field is renamed":             {`"issuer":`, `"issued_by":`, "issuer"},
		"an empty list for null":         {`"result": null`, `"result": []`, "its response has null at /result where array was recorded"},
		"null for an empty list":         {`"errors": \[\]`, `"errors": null`, "errors"},
		"another status of HTTP":         {`"status": 200`, `"status": 202`, "status is not supported"},
		"an id too long":                 {`"id": "`, `"id": "certificate-`, "/result/id"},
		"the enablement is a text":       {`"enabled": (true|false)(\s+\},\s+"success")`, `"enabled": "$1"$2`, "enabled"},
		"a failure under 200":            {`"success": true`, `"success": false`, "success does not go with"},
		"a page in place of a response":  {`"Content-Type": "application/json"`, `"Content-Type": "text/html"`, "application/json"},
		"a date of another form":         {`"expires_on": "[^"]*"`, `"expires_on": "24 November"`, "expires_on"},
		"the key comes back":             {`"issuer":`, `"private_key": "", "issuer":`, "private_key"},
		"no Cf-Ray":                      {`"Cf-Ray": "[^"]*",`, ``, "Cf-Ray"},
		"the request's field is renamed": {`"private_key":`, `"key":`, "private_key"},
		"a status twice":                 {`"status": "active"`, `"status": "active", "status": "active"`, "/result/status is there twice"},
		"no Cf-Ray at all":               {`"Cf-Ray": "[^"]*",`, ``, "the provider is at fault: GetSettings: the response has no Cf-Ray"},
		"one Cf-Ray for all":             {`"Cf-Ray": "[^"]*"`, `"Cf-Ray": "0000000000000001-XXX"`, "the Cf-Ray of an earlier one"},
		"an upload in 1970":              {`"uploaded_on": "[^"]*"`, `"uploaded_on": "1970-01-01T00:00:00Z"`, "before the API existed"},
		"another method":                 {`"method": "PUT"`, `"method": "PATCH"`, "no operation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edited := regexp.MustCompile(edit.pattern).ReplaceAllString(string(text), edit.new)
			if edited == string(text) {
				t.Fatal("the recording does not hold what is to be edited")
			}
			recording, err := parseRecording(name, []byte(edited))
			if err != nil {
				t.Fatal(err)
			}
			var found strings.Builder
			for _, result := range replay(t, recording).Results {
				for _, violation := range result.Violations {
					found.WriteString(violation.String() + "\n")
				}
			}
			if !strings.Contains(found.String(), edit.says) {
				t.Errorf("want it to be reported with %q, have\n%s", edit.says, found.String())
			}
		})
	}
}

// TestReplayOfWhatIsNotRead: what the SDK did not read was not checked, and has not passed.
func TestReplayOfWhatIsNotRead(t *testing.T) {
	t.Parallel()
	recording, err := ReadRecording("testdata/recordings/cloudflare-go-v7.json")
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if r := Replay(stopped, recording); r.Err() == nil || !r.Inconclusive() || r.Count(Passed) > 0 {
		t.Errorf("a replay that is stopped: %d passed, %v", r.Count(Passed), r.Err())
	}
	never := recording
	never.Exchanges = []Recorded{{
		Credentials: "token 1", Method: "GET", Path: "/zones/1/origin_tls_client_auth", Status: 404,
		Header:   map[string]string{"Content-Type": "application/json", "Cf-Ray": "0000000000000001-XXX", "Ratelimit": "r", "Ratelimit-Policy": "p"},
		Response: json.RawMessage(`{"success":false,"errors":[{"code":7003,"message":"m"}],"messages":[],"result":null}`),
	}}
	if r := replay(t, never); r.Err() == nil || r.Count(Skipped) != 1 {
		t.Errorf("a request that the SDK does not send: want it to be skipped, have %+v, %v", r.Results, r.Err())
	}
}

// TestRecordingsThatCannotBe: a recording without exchanges, or of another format, is an
// error.
func TestRecordingsThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":                "",
		"no exchanges":         `{"format":1,"client":"c","provider":"live","exchanges":[]}`,
		"another format":       `{"format":2,"client":"c","provider":"live","exchanges":[{"method":"GET"}]}`,
		"exchanges misspelled": `{"format":1,"client":"c","provider":"live","exchange":[{"method":"GET"}]}`,
		"a page":               "<html></html>",
	} {
		if _, err := parseRecording(name, []byte(text)); err == nil {
			t.Errorf("%s: it is taken for a recording", name)
		}
	}
	if r := replay(t, Recording{Format: 1, Exchanges: []Recorded{{}}}); r.Err() == nil {
		t.Error("a recording of an exchange with nothing in it is good")
	}
}

// TestDriftOfRecording finds drift in a recorded response, and reports no content.
func TestDriftOfRecording(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/recordings/cloudflare-go-v7.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]struct{ pattern, new, kind, pointer, typed string }{
		"a field":        {`"issuer":`, `"seen": "PRIVATE", "issuer":`, "response-property-added", "/result/seen", "string"},
		"a status value": {`"status": "active"`, `"status": "PRIVATE"`, "response-enum-value-added", "/result/status", "string"},
		"a header":       {`"Server":`, `"Cf-New": "PRIVATE", "Server":`, "response-header-added", "/headers/Cf-New", "string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recording, err := parseRecording(name, []byte(regexp.MustCompile(edit.pattern).ReplaceAllString(string(text), edit.new)))
			if err != nil {
				t.Fatal(err)
			}
			r := replay(t, recording)
			found := false
			for _, d := range r.Drift() {
				found = found || d.Kind == edit.kind && d.New[0] == edit.pointer && d.After == edit.typed
			}
			if !found {
				t.Errorf("want %s at %s of type %s, have %+v", edit.kind, edit.pointer, edit.typed, r.Drift())
			}
			var out strings.Builder
			r.WriteText(&out)
			if strings.Contains(out.String(), "PRIVATE") {
				t.Errorf("the report shows content:\n%s", out.String())
			}
			if r.Strict = true; r.Err() == nil || !strings.Contains(r.Err().Error(), "drift") {
				t.Errorf("strict, drift must fail the run: %v", r.Err())
			}
		})
	}
}

// TestRecorderKeepsNothingPrivate records a live run and looks for what it must
// not hold; what it holds must replay.
func TestRecorderKeepsNothingPrivate(t *testing.T) {
	t.Parallel()
	const zone = "0123456789abcdef0123456789abcdef"
	var recording Recording
	var hidden []string
	synctest.Test(t, func(t *testing.T) {
		sim := originpulltest.NewServer(t, originpulltest.Options{})
		if err := sim.AddZone(zone); err != nil {
			t.Fatal(err)
		}
		if _, err := sim.AddCertificate(zone, testpki.Leaf("secret-customer.example", nil).TLS()); err != nil {
			t.Fatal(err)
		}
		l := liveOn(sim)
		l.ZoneID, l.Force = zone, true
		var err error
		if l.Recorder, err = NewRecorder(nil, ""); err != nil {
			t.Fatal(err)
		}
		if r := RunLive(t.Context(), l); r.Err() != nil {
			t.Fatal(r.Err())
		}
		recording = l.Recorder.Recording("originpull-go")
		hidden = []string{zone, sim.Token(), "PRIVATE KEY", "secret-customer", subject}
		for _, certificate := range sim.Certificates(zone) {
			hidden = append(hidden, certificate.ID, certificate.SerialNumber, certificate.Certificate[40:80])
		}
		for _, event := range sim.Record() {
			if event.RayID != "" {
				hidden = append(hidden, event.RayID)
			}
		}
	})
	file := filepath.Join(t.TempDir(), "live.json")
	if err := recording.Write(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range hidden {
		if strings.Contains(string(text), secret) {
			t.Errorf("the recording holds %.12s…", secret)
		}
	}
	read, err := ReadRecording(file)
	if err != nil {
		t.Fatal(err)
	}
	reportSubtests(t, replay(t, read))
}

// TestRecorderKeepsNoText: the messages of an API may name a person. Only messages of
// the document are kept, and equal texts get equal replacements.
func TestRecorderKeepsNoText(t *testing.T) {
	t.Parallel()
	const zone = "0123456789abcdef0123456789abcdef"
	private := []string{
		"Jane Doe", "2001:db8::17", "1234567", "a.io", "00000000secretsecretsecretsecretsecret",
		"x/origin_tls_client_auth/secretsecretsecret", "https://developers.cloudflare.com/?token=secret", "7654321", "the-owner",
	}
	response := `{"success":false,"errors":[{"code":1406,"message":"This certificate already exists for this zone."},
		{"code":4711,"message":"Jane Doe of account 1234567 at 2001:db8::17 owns a.io"},
		{"code":4711,"message":"Jane Doe of account 1234567 at 2001:db8::17 owns a.io"},
		{"code":4712,"message":"00000000secretsecretsecretsecretsecret x/origin_tls_client_auth/secretsecretsecret",
		 "documentation_url":"https://developers.cloudflare.com/?token=secret","source":{"pointer":"/certificate"}}],
		"messages":[],"result":null,"account":7654321,"status":"Jane Doe"}`
	recorder, err := NewRecorder(recorded(Recorded{Status: 400, Header: map[string]string{"Content-Type": "application/json"}, Response: []byte(response)}), "http://127.0.0.1:8787/v4")
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest("GET", "http://127.0.0.1:8787/v4/zones/"+zone+"/origin_tls_client_auth/the-owner", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := recorder.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	recording := recorder.Recording("a client")
	text, err := json.Marshal(recording)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append(private, zone) {
		if strings.Contains(string(text), secret) {
			t.Errorf("the recording holds %q:\n%s", secret, text)
		}
	}
	for _, want := range []string{"already exists for this zone", `"code":4711`, `"pointer":"/certificate"`, `"path":"/zones/00000000000000000000000000000001/origin_tls_client_auth/id-1"`, `"provider":"127.0.0.1:8787"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the recording does not hold %s:\n%s", want, text)
		}
	}
	if n := strings.Count(string(text), `message 1\u003e"`); n != 2 {
		t.Errorf("what was the same twice is the same %d times:\n%s", n, text)
	}
}

// TestRecorderNumbersAlike: what is recorded twice gives the same recording, so that
// a difference between two is one of what went over the wire.
func TestRecorderNumbersAlike(t *testing.T) {
	t.Parallel()
	pair, err := newPair("another owner", false)
	if err != nil {
		t.Fatal(err)
	}
	response, err := json.Marshal(map[string]any{
		"success": false, "errors": []any{map[string]any{"code": 1, "message": "one"}}, "a": "1", "b": "2", "c": "3",
		"result": map[string]any{"certificate": string(pair.certificate), "serial_number": "1", "d": "4", "e": "5"},
	})
	if err != nil {
		t.Fatal(err)
	}
	record := func() string {
		recorder, err := NewRecorder(recorded(Recorded{Status: 400, Header: map[string]string{"Content-Type": "application/json"}, Response: response}), "")
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequest("GET", "https://api.cloudflare.com/client/v4/zones/0123456789abcdef0123456789abcdef/origin_tls_client_auth", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := recorder.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		text, err := json.Marshal(recorder.Recording("a client"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	synctest.Test(t, func(t *testing.T) { // certificates end a day from now
		first := record()
		for range 20 {
			if again := record(); again != first {
				t.Fatalf("what is recorded again differs:\n%s\n%s", first, again)
			}
		}
	})
}

// TestRecordingIsWrittenWhole: a recording of nothing does not take the place of
// one that is there.
func TestRecordingIsWrittenWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "recording.json")
	if err := os.WriteFile(file, []byte("evidence"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (Recording{Format: recordingFormat}).Write(file); err == nil {
		t.Error("a recording of nothing is written")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "evidence" {
		t.Errorf("the file that was there holds %q, %v", text, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("left beside it: %v, %v", files, err)
	}
}
