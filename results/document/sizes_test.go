package document

import (
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestSizes(t *testing.T) {
	var trials []results.Trial
	of := func(model string, clients int, p99 float64, verdicts ...string) {
		l := func(p99 float64) *results.Latency {
			return &results.Latency{P50: results.Nanos(p99 / 4), P99: results.Nanos(p99)}
		}
		trials = append(trials, results.Trial{
			Trial: len(trials), Model: model, Work: "echo", Loop: results.ClosedLoop, Clients: clients, PayloadBytes: 6611, PayloadMix: "64B*9+64KiB*1", Verdicts: verdicts,
			Sizes: []results.OfSize{{PayloadBytes: 64, Requests: 9000, ResponseLatency: l(p99)}, {PayloadBytes: 64 << 10, Requests: 900, Unanswered: 100, ResponseLatency: l(10 * p99)}},
		})
	}
	of("goroutine", 16, 2e5)
	of("goroutine", 16, 4e5)
	of("goroutine", 16, 9e9, "NOISY")
	of("reactor", 16, 1e5)
	of("reactor", 4, 1e4, "NOISY")
	trials[3].Sizes[1].ResponseLatency = nil
	trials = append(trials, results.Trial{Trial: 9, Model: "pool", PayloadBytes: 64})
	resultstest.Golden(t, "sizes.txt", said(t, Sizes(trials, []string{"reactor", "goroutine"}), ""))
	if d := Sizes(trials[5:], nil); d.Blocks != nil {
		t.Errorf("of no mix: %+v", d)
	}
	trials[1].Sizes = trials[1].Sizes[:1] // which nobody writes
	said(t, Sizes(trials, []string{"reactor", "goroutine"}), "")
}
