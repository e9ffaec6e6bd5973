package rotation

import (
	"io"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/originpull/originpull-go/internal/printable"
	"github.com/originpull/originpull-go/originpull/rotate"
)

// stage is how far a zone is.
type stage string

// The stages, in their order. A zone need not pass all of them.
const (
	queued    stage = "queued"
	looking   stage = "looking"
	asking    stage = "asking"
	deploying stage = "deploying"
	proving   stage = "proving"
	deleting  stage = "deleting"
	done      stage = "done"
	failed    stage = "failed"
)

// stages are those that every fleet has, and others where zones may have them.
func stages(asks, proves bool) []stage {
	shown := []stage{queued, looking}
	if asks {
		shown = append(shown, asking)
	}
	shown = append(shown, deploying)
	if proves {
		shown = append(shown, proving)
	}
	return append(shown, deleting, done, failed)
}

// Display shows how far a fleet is: on a terminal by a bar for each stage, as long as there
// are zones in it, elsewhere by a line for each zone that has ended.
type Display struct {
	w        io.Writer
	progress *mpb.Progress // nil without bars

	mu    sync.Mutex
	total int
	ended int
	at    map[string]stage // of each zone that is not queued
	count map[stage]int
	bars  map[stage]*mpb.Bar
}

// NewDisplay returns a display of a number of zones on w, with bars or without. asks and
// proves say whether the origins are asked and proofs demanded.
func NewDisplay(w io.Writer, bars bool, zones int, asks, proves bool) *Display {
	d := &Display{w: w, total: zones, at: map[string]stage{}, count: map[stage]int{queued: zones}, bars: map[stage]*mpb.Bar{}}
	if !bars {
		return d
	}
	d.progress = mpb.New(mpb.WithOutput(w))
	style := mpb.BarStyle().Lbound("[").Filler("=").Tip("=").Padding(" ").Rbound("]")
	for _, s := range stages(asks, proves) {
		// A bar with a total from the start is complete when it reaches that, and could not
		// become shorter again.
		bar := d.progress.New(0, style,
			mpb.PrependDecorators(decor.Name(string(s), decor.WC{W: len(deploying) + 1, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.CurrentNoUnit("%d", decor.WC{W: 6})))
		bar.SetTotal(int64(zones), false)
		bar.SetCurrent(int64(d.count[s]))
		d.bars[s] = bar
	}
	return d
}

// Write writes lines, above the bars if there are any.
func (d *Display) Write(p []byte) (int, error) {
	if d.progress != nil {
		return d.progress.Write(p)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.w.Write(p)
}

// move notes that a zone is in a stage.
func (d *Display) move(zone string, to stage) {
	from, ok := d.at[zone]
	if !ok {
		from = queued
	}
	d.at[zone] = to
	d.count[from]--
	d.count[to]++
	for _, s := range []stage{from, to} {
		if bar := d.bars[s]; bar != nil {
			bar.SetCurrent(int64(d.count[s]))
		}
	}
}

// Begin notes that a zone's turn has come.
func (d *Display) Begin(zone string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.move(zone, looking)
}

// Event notes what a run reports. A zone that is skipped ends with it.
func (d *Display) Event(e rotate.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, ok := d.at[e.Zone]
	if !ok {
		now = queued
	}
	switch e.Step.Action {
	case rotate.Ask:
		now = asking
	case rotate.Upload:
		now = deploying
	case rotate.Wait:
		if now != deleting {
			now = deploying
		}
	case rotate.Prove:
		now = proving
	case rotate.Delete:
		now = deleting
	case rotate.Done:
		now = done
		if e.Step.Certificate.ID == "" { // it is skipped, so it has no End
			d.ended++
		}
	}
	d.move(e.Zone, now)
}

// oneLine writes a list of reasons in one line.
var oneLine = strings.NewReplacer(":\n\t", ": ", "\n\t", "; ")

// End notes how a zone has ended. Without bars it prints a line, with them only if it has
// failed or there are warnings.
func (d *Display) End(name string, entry rotate.Entry) {
	d.mu.Lock()
	how := done
	if entry.Err != nil {
		how = failed
	}
	d.move(entry.Zone, how)
	d.ended++
	number, total := d.ended, d.total
	d.mu.Unlock()
	switch {
	case entry.Err != nil:
		printable.Fprintf(d, "%d of %d: %s: failed: %s\n", number, total, name, oneLine.Replace(entry.Err.Error()))
	case d.progress == nil:
		printable.Fprintf(d, "%d of %d: %s: done, %s, %s\n", number, total, name, printable.Count(entry.Changes, "change"), printable.Count(entry.Requests, "request"))
	}
	for _, warning := range entry.Warnings {
		printable.Fprintf(d, "%s: warning: %s\n", name, warning)
	}
}

// Close leaves the bars as they are now.
func (d *Display) Close() {
	if d.progress == nil {
		return
	}
	for _, bar := range d.bars {
		bar.Abort(false)
	}
	d.progress.Wait()
	d.progress = nil
}
