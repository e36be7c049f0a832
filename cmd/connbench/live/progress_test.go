package live

import (
	"strings"
	"testing"

	"connbench/cmd/connbench/live/terminal"
	"connbench/loadgen/sweep"
)

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
		p.begin(sweep.Trial{Model: "reactor", Clients: 25000, Payload: 64}, 0)
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
