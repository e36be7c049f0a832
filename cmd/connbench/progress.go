package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"connbench/results"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells people how far a run is.
type progress struct {
	w      io.Writer
	bar    *progressbar.ProgressBar // nil where w is no terminal
	start  time.Time
	before int // trials that were done before the start
}

// newProgress reports on w: a bar with the time left on a terminal, else a line
// a trial.
func newProgress(w io.Writer, done, total int) *progress {
	p := &progress{w: w, start: time.Now(), before: done}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionFullWidth(),
		)
		p.bar.Set(done)
	}
	return p
}

// trial reports that one more trial is done.
func (p *progress) trial(done, total int, t *results.Trial) {
	what := fmt.Sprintf("%s, %d clients, %s", t.Model, t.Clients, results.Bytes(int64(t.PayloadBytes)))
	if t.Loop == results.OpenLoop {
		what += fmt.Sprintf(", %s/s asked", results.Count(t.RateRPS))
	}
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%-32s", what))
		p.bar.Set(done)
		return
	}
	each := time.Since(p.start) / time.Duration(done-p.before)
	left := (time.Duration(total-done) * each).Round(time.Second)
	fmt.Fprintf(p.w, "%d/%d %s: %s, %v left\n", done, total, what, outcome(t), left)
}

func outcome(t *results.Trial) string {
	if t.Failure != "" {
		return "failed: " + t.Failure
	}
	return fmt.Sprintf("%s req/s, p99 %v", results.Count(t.ThroughputRPS), t.ResponseLatency.P99)
}

// end leaves the terminal's line.
func (p *progress) end() {
	if p.bar != nil {
		p.bar.Exit()
		fmt.Fprintln(p.w)
	}
}
