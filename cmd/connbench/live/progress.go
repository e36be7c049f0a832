package live

import (
	"fmt"
	"io"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Course is how far a command is that runs trials, in its own words.
type Course interface {
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

// Progress tells people how far a command is: by a line every few seconds, or on a
// terminal by a few lines that are drawn anew. It is a [sweep.Runner]'s to call.
type Progress struct {
	lines  lines   // where there is no screen
	screen *screen // nil where there is no terminal
	cpus   []int   // where to draw while a trial runs

	mu      sync.Mutex // a trial's live figures come from elsewhere, and may come late
	view    view
	clients int       // of the trial under way
	told    time.Time // how many of them are connected

	stored func() []results.Trial // to name the leaders by; nil where they are not named
	blocks int                    // that were finished when they were last named
}

// New reports on w about a course, on which trials were stored before.
func New(w io.Writer, c Course, stored []results.Trial) *Progress {
	p := &Progress{lines: newLines(w, time.Now), screen: screenOf(w), view: newView(c, time.Now)}
	for i := range stored {
		p.view.tally.add(&stored[i])
	}
	return p
}

// Attach has a runner tell of its trials. None of that costs it more than a moment
// while a trial runs, and that on the clients' CPUs.
func (p *Progress) Attach(r *sweep.Runner) {
	p.cpus = r.Placement.Client
	r.Begin, r.Progress, r.Connecting = p.begin, p.trial, p.connecting
	if p.screen != nil {
		r.Live, r.Slices = p.live, p.slices
	}
}

// NameLeaders has the rows named that lead by the trials of a runner of one plan, from the
// first block on. That is found out at the end of a block, when nothing is measured.
func (p *Progress) NameLeaders(r *sweep.Runner) {
	p.stored = func() []results.Trial { return r.Stored }
}

func (p *Progress) begin(t sweep.Trial, attempt int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.begin(t, attempt)
	p.clients = t.Clients
	p.draw()
}

func (p *Progress) draw() bool {
	if p.screen == nil {
		return false
	}
	p.screen.draw(p.view.lines(p.screen.width()))
	return true
}

// connecting tells how many clients are connected, once a second at most.
func (p *Progress) connecting(connected int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.view.now()
	if now.Sub(p.told) < 900*time.Millisecond {
		return
	}
	p.told = now
	if p.screen == nil {
		p.lines.tell(p.view.what + ": " + Connected(connected, p.clients))
		return
	}
	p.aside(Connected(connected, p.clients))
}

// slices shows how many slices of a block are measured, once a second at most.
func (p *Progress) slices(done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.view.now(); done == of || now.Sub(p.told) >= 900*time.Millisecond {
		p.told = now
		p.aside(fmt.Sprintf("%d of %d slices of all rows", done, of))
	}
}

// aside draws what is under way with a word on how far it is, without waiting for a terminal.
func (p *Progress) aside(words string) {
	lines := p.view.lines(p.screen.width())
	lines[1] += " · " + words
	p.screen.offer(lines, p.cpus)
}

// Connected says how many clients are connected.
func Connected(connected, clients int) string {
	return fmt.Sprintf("connected %d of %d clients", connected, clients)
}

// live shows what the last second of a trial came to. It does not wait for a terminal.
func (p *Progress) live(l loadgen.Live) {
	p.mu.Lock()
	p.view.second(l.ThroughputRPS, l.P99())
	lines := p.view.lines(p.screen.width())
	p.mu.Unlock()
	p.screen.offer(lines, p.cpus)
}

func (p *Progress) trial(at sweep.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.passed(at)
	if p.stored != nil && at.Blocks > p.blocks {
		p.blocks = at.Blocks
		p.lines.leading = p.view.led(at.Trial, p.stored())
	}
	if !p.draw() {
		p.lines.trial(at.Trial, p.view.course.line(at))
	}
}

// Say tells of something that is no trial.
func (p *Progress) Say(what, place string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view.what, p.view.place = what, place
	if !p.draw() {
		p.lines.tell(what + ": " + place)
	}
}

// Known tells of what is known so far, to be read later too.
func (p *Progress) Known(said string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.screen != nil {
		p.screen.above(text.WrapSoft(said, p.screen.width()))
		return
	}
	p.lines.flush()
	io.WriteString(p.lines.w, said+"\n")
}

// End leaves the terminal with what it all came to, or writes what is not written yet.
func (p *Progress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.screen == nil {
		p.lines.flush()
		return
	}
	p.screen.end(p.view.summary())
}

// attempted is a place in a course, and at which attempt if that is not the first.
func attempted(attempt int, format string, args ...any) string {
	place := fmt.Sprintf(format, args...)
	if attempt > 0 {
		place += fmt.Sprintf(" · attempt %d", attempt+1)
	}
	return place
}

// loadOf is what the clients of a trial did.
func loadOf(t *results.Trial) string {
	return load(t.Model, t.Clients, t.Key().Payload(), t.RateRPS)
}

func load(model string, clients int, payload string, rate float64) string {
	return model + ", " + place(clients, payload, rate)
}

func place(clients int, payload string, rate float64) string {
	what := results.Plural(clients, "client") + ", " + payload
	if rate > 0 {
		what += fmt.Sprintf(", %s/s asked", results.Count(rate))
	}
	return what
}

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
