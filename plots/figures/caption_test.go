package figures

import (
	"testing"

	"connbench/results"
)

// A caption calls saturated only what is, and derives a latency from it only there.
func TestLoopSentence(t *testing.T) {
	for _, test := range []struct {
		trial results.Trial
		want  string
	}{
		{results.Trial{Loop: results.ClosedLoop, Pipeline: 1}, "Closed loop: saturated throughput, so that latency follows from clients / throughput."},
		{results.Trial{Loop: results.ClosedLoop, Pipeline: 1, ThinkNS: 5e6}, "Closed loop, 5ms from an answer to the next request."},
		{results.Trial{Loop: results.ClosedLoop, Pipeline: 4}, "Closed loop, 4 requests of a client open: saturated throughput."},
		{results.Trial{Loop: results.OpenLoop, Pipeline: 64, Arrivals: "poisson"}, "Open loop, poisson arrivals: latency counts from the intended send."},
	} {
		if got := loopSentence(test.trial.Key(), true, ""); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
