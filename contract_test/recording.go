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

// Recording is a row of exchanges with everything private replaced; docs/contract.md
// describes its form as a file.
type Recording struct {
	Format    int        `json:"format"`
	Client    string     `json:"client"`    // what asked
	Answering string     `json:"answering"` // what answered: "live", a host or a name
	Exchanges []Recorded `json:"exchanges"`
}

// recordingFormat is the version of the form.
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
	Answer      json.RawMessage   `json:"answer,omitempty"` // if it is JSON
	Text        string            `json:"text,omitempty"`   // what stands for any other body
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

// Write writes the recording to a file, as a whole or not at all: a file that is
// there stays as it is until the recording is complete, and if it is empty.
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

// part is the answer as it goes over the wire.
func (r Recorded) part() Part {
	part := Part{Header: http.Header{}, Body: r.Answer}
	for name, value := range r.Header {
		part.Header.Set(name, value)
	}
	if r.Answer == nil {
		part.Body = []byte(r.Text)
	}
	return part
}

// certificateID is the id that the path names, "" if none.
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
