package rotation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/originpull/originpull-go/internal/operator"
	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// line is a line of a report. The zone comes first, see begins.
type line struct {
	rotate.Entry
	Run string `json:"run"`
}

// ReadReport reads the entries of a report that are of runs with the same API and the same
// desire: run is what [OpenReport] was given. A line that is of another one, or that was not
// written to its end, because the program or the machine died, is left out, and a note says
// so. A file that is not a report is an error.
func ReadReport(file, run string) (entries []rotate.Entry, notes []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	n, others := 0, 0
	for text := range strings.Lines(string(text)) {
		n++
		text = strings.TrimSpace(text)
		var read line
		err := json.Unmarshal([]byte(text), &read)
		switch {
		case text == "":
		case err == nil && read.Zone != "" && !read.At.IsZero() && read.Run != run:
			others++
		case err == nil && read.Zone != "" && !read.At.IsZero():
			entries = append(entries, read.Entry)
		case !json.Valid([]byte(text)) && begins(text):
			notes = append(notes, fmt.Sprintf("%s, line %d: it was not written to its end, and does not count", file, n))
		default:
			return nil, nil, fmt.Errorf("%s, line %d: it is not a line of a report", file, n)
		}
	}
	if others > 0 {
		notes = append(notes, fmt.Sprintf("%s: %s of runs with another API or other flags, which do not count", file, printable.Count(others, "line")))
	}
	return entries, notes, nil
}

// begins reports whether a line begins as those of reports do.
func begins(text string) bool {
	const first = `{"zone":"`
	return strings.HasPrefix(text, first[:min(len(text), len(first))])
}

// Report is a report that is written.
type Report struct {
	file  *os.File
	run   string
	begin string // written before the next entry
	err   error  // of the first entry that was not written
}

// OpenReport opens a report to add entries at its end. run stands for the API and for what
// is desired of each zone: an entry says nothing about another one. A file that is there
// and is not a report is an error, and is not changed.
func OpenReport(name, run string) (*Report, error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		if _, _, err := ReadReport(name, run); err != nil {
			return nil, err
		}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	r := &Report{file: file, run: run}
	if r.torn(name) {
		r.begin = "\n"
	}
	return r, nil
}

// torn reports whether the last line was not written to its end. The next entry then needs
// a line of its own: if it were added to that line, it could not be read either.
func (r *Report) torn(name string) bool {
	info, err := r.file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	last := []byte{0}
	file, err := os.Open(name)
	if err != nil {
		return true
	}
	defer file.Close()
	_, err = file.ReadAt(last, info.Size()-1)
	return err != nil || last[0] != '\n'
}

// Write adds an entry, in one write, and returns after it is on the disk.
func (r *Report) Write(entry rotate.Entry) {
	var text strings.Builder
	text.WriteString(r.begin)
	err := operator.WriteLine(&text, line{entry, r.run})
	if err == nil {
		_, err = io.WriteString(r.file, text.String())
	}
	r.begin = ""
	if err != nil {
		r.begin = "\n" // a part of it may be there
	} else if info, failed := r.file.Stat(); failed == nil && info.Mode().IsRegular() {
		err = r.file.Sync()
	}
	if r.err == nil {
		r.err = err
	}
}

// Close closes the file, and returns the first error of all that was written.
func (r *Report) Close() error { return errors.Join(r.err, r.file.Close()) }
