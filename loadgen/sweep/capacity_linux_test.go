package sweep

import (
	"testing"
	"time"

	"connbench/results"
	"connbench/results/read"
)

// TestCapacity: the trials of one search are numbered after those before it, and only
// they decide.
func TestCapacity(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	table := DefaultTable([]string{"good"})
	table.Plan.Warmup, table.Plan.Duration, table.Plan.Timeout = 0, Duration(50*time.Millisecond), Duration(patience)
	table.MaxClients, table.ClientRate, table.SLO, table.Retries = 3, 100, Duration(patience), 0
	r := &TableRunner{Runner: *s.Runner, Table: table}
	r.Stored = []results.Trial{{Trial: 6, Model: "good", Probe: results.ProbeCapacity, Clients: 1, Failure: "of another search"}}
	c, err := r.Capacity(t.Context(), "good")
	if err != nil || c.Clients != 3 || c.Bound != read.BoundSearch {
		t.Fatalf("%+v, %v", c, err)
	}
	for i, trial := range r.Stored[1:] {
		if trial.Trial != 7+i {
			t.Errorf("trial %d of the search is number %d", i, trial.Trial)
		}
	}
}
