package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"connbench/loadgen/sweep"
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

// newProgress reports on w: a bar on a terminal, else a line a trial.
func newProgress(w io.Writer, done int) *progress {
	p := &progress{w: w, start: time.Now(), before: done}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(1,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false), // it knows nothing of what is repeated
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionFullWidth(),
		)
	}
	return p
}

// trial reports that one more trial is stored.
func (p *progress) trial(at sweep.Progress) {
	t := at.Trial
	what := fmt.Sprintf("%s, %d clients, %s", t.Model, t.Clients, results.Bytes(int64(t.PayloadBytes)))
	if t.Loop == results.OpenLoop {
		what += fmt.Sprintf(", %s/s asked", results.Count(t.RateRPS))
	}
	total := max(at.Total, at.Done) // with a precision there may be more than planned
	if p.bar != nil {
		p.bar.Describe(fmt.Sprintf("%-32s %s", what, p.left(at)))
		p.bar.ChangeMax(total)
		p.bar.Set(at.Done)
		return
	}
	result := outcome(t)
	if at.Repeat {
		result += ", noisy: to be repeated"
	}
	fmt.Fprintf(p.w, "%d/%d %s: %s, %s\n", at.Done, total, what, result, p.left(at))
}

// left says how long it will take, as far as that is known: at the pace so far, in
// which the trials that had to be repeated are.
func (p *progress) left(at sweep.Progress) string {
	planned := time.Duration(0)
	if done := at.Done - p.before; done > 0 && at.Total > at.Done {
		planned = time.Duration(at.Total-at.Done) * (time.Since(p.start) / time.Duration(done))
	}
	if at.Until.IsZero() {
		return fmt.Sprintf("%v left", planned.Round(time.Second))
	}
	most := max(planned, time.Until(at.Until), 0).Round(time.Second)
	if at.Done < at.Total {
		return fmt.Sprintf("%v to %v left", planned.Round(time.Second), most)
	}
	return fmt.Sprintf("%d comparisons too wide, at most %v left", at.Wide, most)
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
