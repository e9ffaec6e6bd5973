package nightly

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	nights    = 30        // how many are kept
	clockSkew = time.Hour // by which clocks of two machines may differ
)

// history is what is kept of the last nights.
type history struct {
	LastFetch   time.Time `json:"last_fetch,omitzero"`
	LastChange  time.Time `json:"last_change,omitzero"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Nights      []past    `json:"nights"`
}

// past is one night: the outcomes of the parts and, as "part: case", of the cases.
type past struct {
	Started  time.Time          `json:"started"`
	Outcomes map[string]Outcome `json:"outcomes"`
}

// readHistory reads the file. Without a file the history is empty. A damaged file is
// renamed, and that is the error.
func readHistory(file string) (h history, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err == nil {
		err = h.damage(time.Now())
	}
	if err != nil {
		aside := file + ".damaged"
		return history{}, errors.Join(fmt.Errorf("the history cannot be read and is renamed to %s: %w", aside, err), os.Rename(file, aside))
	}
	return h, nil
}

// damage returns what is impossible in a history. Such a history would silence the
// warnings about age.
func (h history) damage(now time.Time) error {
	if len(h.Nights) == 0 {
		return errors.New("it has no nights, and is not written without one")
	}
	latest := now.Add(clockSkew)
	for _, night := range h.Nights {
		if night.Started.After(latest) {
			return fmt.Errorf("it has a night of %s, which is in the future", night.Started.Format(time.RFC3339))
		}
	}
	if h.LastFetch.After(latest) || h.LastChange.After(latest) {
		return errors.New("the document was read or changed at a time in the future")
	}
	return nil
}

// with adds a night.
func (h history) with(r Report, fingerprint string) history {
	night := past{Started: r.Started, Outcomes: map[string]Outcome{}}
	for _, part := range r.Parts {
		night.Outcomes[part.Name] = part.Outcome
		for _, c := range part.Cases {
			night.Outcomes[part.Name+": "+c.Name] = c.Outcome
			if c.Flaky {
				night.Outcomes[part.Name+": "+c.Name] = flaky
			}
		}
	}
	h.Nights = append(h.Nights, night)
	h.Nights = h.Nights[max(0, len(h.Nights)-nights):]
	if fingerprint != "" {
		h.LastFetch = r.Started
		if fingerprint != h.Fingerprint {
			h.Fingerprint, h.LastChange = fingerprint, r.Started
		}
	}
	return h
}

func (h history) write(file string) error {
	text, err := json.MarshalIndent(h, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// flaky is the outcome in the history of a case that failed at first and passed when
// it was run again.
const flaky Outcome = "flaky"

// strip returns the outcomes of a case, the oldest night first, "" for a night
// without it.
func (h history) strip(name string) []Outcome {
	row := make([]Outcome, len(h.Nights))
	for i, night := range h.Nights {
		row[i] = night.Outcomes[name]
	}
	return row
}
