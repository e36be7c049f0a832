package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"

	"connbench/results"
)

// course is how far a command is that runs trials, in its own words.
type course interface {
	// begin takes up a trial that begins now, and says which of them it is.
	begin(t sweep.Trial, attempt int) string
	// passed takes up a trial that is stored.
	passed(at sweep.Progress)
	// extent is how much is done, from 0 to 1, and what that is and how long the rest
	// will take.
	extent() (share float64, words string)
	// line is a trial that has passed, for who reads no more of it.
	line(at sweep.Progress) string
}

// progress tells people how far a command is: by a line a trial, or on a terminal by
// a few lines that are drawn anew. It is a [sweep.Runner]'s to call.
type progress struct {
	w      io.Writer
	screen *screen // nil where w is no terminal
	cpus   []int   // where to draw while a trial runs

	mu      sync.Mutex // a trial's live figures come from elsewhere, and may come late
	view    view
	clients int       // of the trial under way
	told    time.Time // how many of them are connected
}

// newProgress reports on w about a course, on which trials were stored before.
func newProgress(w io.Writer, c course, stored []results.Trial) *progress {
	p := &progress{w: w, screen: screenOf(w), view: newView(c, time.Now)}
	for i := range stored {
		p.view.tally.add(&stored[i])
	}
	return p
}

// attach has a runner tell of its trials. None of that costs it more than a moment
// while a trial runs, and that on the clients' CPUs.
func (p *progress) attach(r *sweep.Runner) {
	p.cpus = r.Placement.Client
	r.Begin, r.Progress, r.Connecting = p.begin, p.trial, p.connecting
	if p.screen != nil {
		r.Live = p.live
	}
}

func (p *progress) begin(t sweep.Trial, attempt int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.begin(t, attempt)
	p.clients = t.Clients
	if p.screen != nil {
		p.screen.draw(p.view.lines(p.screen.width()))
	}
}

// connecting tells how many clients are connected, once a second at most.
func (p *progress) connecting(connected int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.told) < 900*time.Millisecond {
		return
	}
	p.told = now
	if p.screen == nil {
		fmt.Fprintf(p.w, "%s: %s\n", p.view.what, connectedOf(connected, p.clients))
		return
	}
	lines := p.view.lines(p.screen.width())
	lines[1] += " · " + connectedOf(connected, p.clients)
	p.screen.offer(lines, p.cpus)
}

// connectedOf says how many clients are connected.
func connectedOf(connected, clients int) string {
	return fmt.Sprintf("connected %d of %d clients", connected, clients)
}

// live shows what the last second of a trial came to. It does not wait for a terminal.
func (p *progress) live(l loadgen.Live) {
	p.mu.Lock()
	p.view.second(l.ThroughputRPS, l.P99())
	lines := p.view.lines(p.screen.width())
	p.mu.Unlock()
	p.screen.offer(lines, p.cpus)
}

func (p *progress) trial(at sweep.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.passed(at)
	if p.screen != nil {
		p.screen.draw(p.view.lines(p.screen.width()))
		return
	}
	fmt.Fprintln(p.w, p.view.course.line(at))
}

// say tells of something that is no trial.
func (p *progress) say(what, place string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.what, p.view.place = what, place
	if p.screen != nil {
		p.screen.draw(p.view.lines(p.screen.width()))
		return
	}
	fmt.Fprintf(p.w, "%s: %s\n", what, place)
}

// end leaves the terminal with what it all came to.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.screen != nil {
		p.screen.end(p.view.summary())
	}
}

// load is what the clients of a trial do.
func load(model string, clients int, payload int64, rate float64) string {
	what := fmt.Sprintf("%s, %d clients, %s", model, clients, results.Bytes(payload))
	if rate > 0 {
		what += fmt.Sprintf(", %s/s asked", results.Count(rate))
	}
	return what
}

// outcome is what became of a trial.
func outcome(t *results.Trial) string {
	if t.Failure != "" {
		return "failed: " + t.Failure
	}
	became := fmt.Sprintf("%s req/s, p99 %s", results.Count(t.ThroughputRPS), t.ResponseLatency.P99Text())
	if t.ClientsServed < t.ClientsActive {
		became += fmt.Sprintf(", %d served", t.ClientsServed)
	}
	return became
}
