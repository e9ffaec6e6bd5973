package contract

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

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
			tell(t, r)
			logReport(t, r)
			if drift := r.Drift(); len(drift) > 0 {
				t.Errorf("drift: %v", drift)
			}
		})
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
		"an empty list for null":         {`"result": null`, `"result": []`, "it answers /result with null where array was recorded"},
		"null for an empty list":         {`"errors": \[\]`, `"errors": null`, "errors"},
		"another status of HTTP":         {`"status": 200`, `"status": 202`, "status is not supported"},
		"an id too long":                 {`"id": "`, `"id": "certificate-`, "/result/id"},
		"the enablement is a text":       {`"enabled": (true|false)(\s+\},\s+"success")`, `"enabled": "$1"$2`, "enabled"},
		"a failure under 200":            {`"success": true`, `"success": false`, "success does not go with"},
		"a page in place of an answer":   {`"Content-Type": "application/json"`, `"Content-Type": "text/html"`, "application/json"},
		"a date of another form":         {`"expires_on": "[^"]*"`, `"expires_on": "24 November"`, "expires_on"},
		"the key comes back":             {`"issuer":`, `"private_key": "", "issuer":`, "private_key"},
		"no Cf-Ray":                      {`"Cf-Ray": "[^"]*",`, ``, "Cf-Ray"},
		"the request's field is renamed": {`"private_key":`, `"key":`, "private_key"},
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
				for _, finding := range result.Findings {
					found.WriteString(finding.String() + "\n")
				}
			}
			if !strings.Contains(found.String(), edit.says) {
				t.Errorf("want it to be reported with %q, have\n%s", edit.says, found.String())
			}
		})
	}
}

// TestDriftOfRecording finds what a recorded answer holds beyond the document, and
// tells nothing of what it is.
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
		l.ZoneID, l.IKnow = zone, true
		l.Recorder = NewRecorder(nil, "/client/v4")
		if r := RunLive(t.Context(), l); r.Err() != nil {
			t.Fatal(r.Err())
		}
		recording = l.Recorder.Recording("originpull-go", "live")
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
	tell(t, replay(t, read))
}
