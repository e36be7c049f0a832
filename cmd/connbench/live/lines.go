package live

import (
	"io"
	"strings"
	"time"

	"connbench/results"
)

// every is how much time there is between two lines at the least.
const every = 5 * time.Second

// lines tells of a command where nothing can be drawn anew: a file, a pipe. It writes the
// first event at once and then a line every five seconds at most: the newest event, and
// in short what the others since the line before came to, so that no failure and no
// verdict is lost.
type lines struct {
	w    io.Writer
	now  func() time.Time
	told time.Time // when the last line was written

	newest  string          // the event that is not written yet; empty if there is none
	since   tally           // of the trials since the last line
	failing map[string]bool // rows of which a failure has been told
	failure string          // the newest event, if it is the first failure of a row
	kept    []string        // such failures before it
	leading string          // who leads, if that is news
}

func newLines(w io.Writer, now func() time.Time) lines {
	return lines{w: w, now: now, since: newTally(), failing: map[string]bool{}}
}

// trial takes up a trial that has passed, and tells of it in the words of event.
func (l *lines) trial(t *results.Trial, event string) {
	l.since.add(t)
	l.tell(event)
	if t.Failure == "" || l.failing[t.Model] {
		return
	}
	l.failing[t.Model] = true
	if l.newest != "" {
		l.failure = loadOf(t) + ": " + outcome(t)
	}
}

// tell takes up an event, and writes a line if it is time for one.
func (l *lines) tell(event string) {
	if l.failure != "" {
		l.kept, l.failure = append(l.kept, l.failure), ""
	}
	l.newest = event
	if l.told.IsZero() || l.now().Sub(l.told) >= every {
		l.flush()
	}
}

func (l *lines) flush() {
	if l.newest == "" {
		return
	}
	parts := results.Sentences{l.newest}
	parts.When(len(l.since.valid) > 1 || len(l.since.verdicts) > 0, "since the last line "+l.since.words())
	parts = append(parts, l.kept...)
	parts.When(l.leading != "", l.leading)
	io.WriteString(l.w, strings.Join(parts, "; ")+"\n")
	l.told, l.since = l.now(), newTally()
	l.newest, l.failure, l.kept, l.leading = "", "", nil, ""
}
