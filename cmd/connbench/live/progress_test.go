package live

import (
	"strings"
	"testing"

	"connbench/cmd/connbench/live/terminal"
	"connbench/loadgen/sweep"
)

// How far a block is whose rows take turns is shown on a terminal, and not at each slice.
func TestProgressOfSlices(t *testing.T) {
	c := newClock()
	p := testProgress(c, planCourseAt(c, "", 0, coursePlan()), nil)
	var term *terminal.Terminal
	p.screen, term = testScreen(100, 24)
	p.begin(sweep.Trial{Model: "reactor", Clients: 25, Payload: sweep.Payload{Size: 64}}, 0)
	p.slices(7, 20)
	p.slices(8, 20)
	p.screen.shown()
	if text := term.String(); !strings.Contains(text, "7 of 20 slices of all rows") || strings.Contains(text, "8 of 20") {
		t.Errorf("got\n%s", text)
	}
}

// How many clients are connected can be read, on a terminal too, but not more often than
// is of use.
func TestProgressOfConnecting(t *testing.T) {
	var b strings.Builder
	c := newClock()
	for _, p := range []*Progress{
		{lines: newLines(&b, c.now), view: newView(planCourseAt(c, "", 0, coursePlan()), c.now)},
		testProgress(c, planCourseAt(c, "", 0, coursePlan()), nil),
	} {
		term := (*terminal.Terminal)(nil)
		if p.lines.w == nil {
			p.screen, term = testScreen(100, 24)
		}
		p.begin(sweep.Trial{Model: "reactor", Clients: 25000, Payload: sweep.Payload{Size: 64}}, 0)
		p.connecting(12000)
		p.connecting(12001)
		text := b.String()
		if term != nil {
			p.screen.shown() // once it is drawn
			text = term.String()
		}
		if strings.Count(text, "connected 12000 of 25000 clients") != 1 || strings.Contains(text, "12001") {
			t.Errorf("got\n%s", text)
		}
	}
}
