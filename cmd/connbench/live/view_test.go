package live

import (
	"fmt"
	"testing"
	"time"

	"connbench/cmd/connbench/live/terminal"
	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
	"connbench/results/resultstest"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/jedib0t/go-pretty/v6/text"
)

// testProgress is progress on a terminal.
func testProgress(c *clock, course Course, s *screen) *Progress {
	return &Progress{screen: s, view: newView(course, c.now)}
}

// shown is how many lines are on a screen, when what it was offered is drawn.
func (s *screen) shown() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.drawn)
}

// second is a live second of so many requests, each with the same latency.
func second(rps float64, latency time.Duration) loadgen.Live {
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	h.RecordValue(int64(latency))
	return loadgen.Live{ThroughputRPS: rps, Latencies: loadgen.Histogram{Histogram: h}}
}

// watched shows part of a run on a terminal: short trials, one that failed, and a long
// one that is under way.
func watched(t *testing.T, width int) *terminal.Terminal {
	text.DisableColors()
	t.Cleanup(text.EnableColors)
	c := newClock()
	s, term := testScreen(width, 24)
	p := testProgress(c, planCourseAt(c, "", 0, coursePlan()), s)
	for i, trial := range []*results.Trial{
		measured(0, "reactor", 16), measured(1, "goroutine", 16), measured(1, "goroutine", 16), measured(2, "goroutine", 256),
	} {
		p.begin(sweep.Trial{Number: trial.Trial, Block: trial.Trial / 2, Model: trial.Model, Clients: trial.Clients, Payload: sweep.Payload{Size: 64}}, trial.Attempt)
		c.t = c.t.Add(time.Second)
		trial.ThroughputRPS *= float64(i + 1)
		at := sweep.Progress{Done: trial.Trial + 1, Total: 40, Trial: trial}
		switch i {
		case 1:
			trial.Verdicts, at.Repeat = []string{results.Noisy, results.ClientBound}, true
		case 2:
			trial.Attempt, at.Blocks = 1, 1
		case 3:
			trial.Failure, at.Blocks = "server goroutine: no address on its first line: nothing within 10s", 1
		}
		p.trial(at)
	}
	p.begin(sweep.Trial{Number: 3, Block: 1, Model: "reactor", Clients: 256, Payload: sweep.Payload{Size: 64}, Rate: 20000}, 1)
	for i := range 50 {
		c.t = c.t.Add(time.Second)
		p.live(second(20000+float64(i%7)*1000, time.Duration(300+i*10)*time.Microsecond))
		if n := s.shown(); n != 7 {
			t.Fatalf("%d lines are shown, want 7", n)
		}
	}
	return term
}

func TestViewFrames(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		resultstest.Golden(t, fmt.Sprint(width)+".golden", watched(t, width).String())
	}
}

// On a terminal with hardly a column nothing goes wrong.
func TestViewNarrow(t *testing.T) {
	for width := 1; width < 20; width++ {
		for i, row := range watched(t, width).Rows {
			if len(row) > width {
				t.Errorf("width %d: row %d has %d", width, i, len(row))
			}
		}
	}
}

// In the end one line is left.
func TestViewEnd(t *testing.T) {
	text.DisableColors()
	t.Cleanup(text.EnableColors)
	c := newClock()
	s, term := testScreen(80, 24)
	p := testProgress(c, planCourseAt(c, "", 0, coursePlan()), s)
	p.begin(sweep.Trial{Model: "reactor", Clients: 16, Payload: sweep.Payload{Size: 64}}, 0)
	c.t = c.t.Add(3 * time.Second)
	p.trial(sweep.Progress{Done: 1, Total: 40, Trial: measured(0, "reactor", 16)})
	p.begin(sweep.Trial{Number: 1, Model: "goroutine", Clients: 16, Payload: sweep.Payload{Size: 64}}, 0)
	p.End()
	p.live(second(1, 1)) // of a trial that was given up
	s.mu.Lock()
	defer s.mu.Unlock()
	if got, want := term.String(), "1 trial in 3s: 1 of 1 valid\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Colours are there where they are wanted, and change no width.
func TestViewColours(t *testing.T) {
	text.EnableColors()
	c := newClock()
	v := newView(planCourseAt(c, "", 0, coursePlan()), c.now)
	v.begin(sweep.Trial{Model: "reactor", Clients: 16, Payload: sweep.Payload{Size: 64}}, 0)
	v.second(1000, 1e6)
	coloured := v.lines(80)
	text.DisableColors()
	t.Cleanup(text.EnableColors)
	different := 0
	for i, plain := range v.lines(80) {
		if coloured[i] != plain {
			different++
		}
		if text.StringWidthWithoutEscSequences(coloured[i]) != len([]rune(plain)) {
			t.Errorf("%q is not as wide as %q", coloured[i], plain)
		}
	}
	if different == 0 {
		t.Error("no line has a colour")
	}
}
