package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Recording is a list of exchanges with everything private replaced. docs/contract.md
// describes the file format.
type Recording struct {
	Format    int        `json:"format"`
	Client    string     `json:"client"`   // what sent the requests
	Provider  string     `json:"provider"` // what responded: "live", a host or a name
	Exchanges []Recorded `json:"exchanges"`
}

// recordingFormat is the version of the file format.
const recordingFormat = 1

// Recorded is one exchange of a recording.
type Recorded struct {
	Case        string            `json:"case,omitempty"`
	Credentials string            `json:"credentials"` // "none", or a name that is the same for the same credentials
	Method      string            `json:"method"`
	Path        string            `json:"path"` // below the base URL
	Request     json.RawMessage   `json:"request,omitempty"`
	Status      int               `json:"status"`
	Header      map[string]string `json:"header"`
	Response    json.RawMessage   `json:"response,omitempty"` // if the body is JSON
	Text        string            `json:"text,omitempty"`     // describes any other body
}

// ReadRecording reads a recording from a file.
func ReadRecording(file string) (Recording, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Recording{}, err
	}
	return parseRecording(file, text)
}

func parseRecording(name string, text []byte) (r Recording, err error) {
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("recording %s: %w", name, err)
	}
	if r.Format != recordingFormat || len(r.Exchanges) == 0 {
		return r, fmt.Errorf("recording %s: format %d with %d exchanges: want format %d and at least one", name, r.Format, len(r.Exchanges), recordingFormat)
	}
	return r, nil
}

// Write writes the recording to a file, completely or not at all. An empty recording
// is an error and leaves an existing file as it is.
func (r Recording) Write(file string) error {
	if len(r.Exchanges) == 0 {
		return errors.New("nothing was recorded")
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(file), ".recording-*")
	if err != nil {
		return err
	}
	defer os.Remove(beside.Name()) // where it was not moved
	_, err = beside.Write(append(text, '\n'))
	if err := errors.Join(err, beside.Chmod(0o644), beside.Close()); err != nil {
		return err
	}
	return os.Rename(beside.Name(), file)
}

// part returns the response as it goes over the wire.
func (r Recorded) part() part {
	part := part{Header: http.Header{}, Body: r.Response}
	for name, value := range r.Header {
		part.Header.Set(name, value)
	}
	if r.Response == nil {
		part.Body = []byte(r.Text)
	}
	return part
}

// certificateID returns the id in the path, "" if there is none.
func (r Recorded) certificateID() string {
	switch operationOf(r.Method, r.Path, r.zoneID()) {
	case "GetCertificate", "DeleteCertificate":
		return r.Path[strings.LastIndexByte(r.Path, '/')+1:]
	}
	return ""
}

func (r Recorded) zoneID() string {
	parts := strings.Split(r.Path, "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}
