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
	table.Confirm, table.Plan.Warmup, table.Plan.Duration, table.Plan.Timeout = 0, 0, Duration(50*time.Millisecond), Duration(patience)
	// Of three requests in half a second two must be answered within it.
	table.MaxClients, table.ClientRate, table.SLO, table.Retries = 3, 2, Duration(patience), 0
	r := &TableRunner{Runner: *s.Runner, Table: table}
	r.Stored = []results.Trial{{Trial: 6, Model: "good", Probe: results.ProbeCapacity, Clients: 1, Failure: "of another search"}}
	r.First = Numbers{7, 7}
	c, after, err := r.Capacity(t.Context(), "good")
	if err != nil || c.Most != 3 || c.Bound != read.BoundSearch {
		t.Fatalf("%+v, %v", c, err)
	}
	measured := r.Stored[1:]
	for i, trial := range measured {
		if trial.Trial != 7+i || trial.Block != 7+i {
			t.Errorf("trial %d of the search is number %d, of block %d", i, trial.Trial, trial.Block)
		}
	}
	if n := 7 + len(measured); after != (Numbers{n, n}) {
		t.Errorf("it goes on with %+v after %d", after, n)
	}
	// Once more, as when a run goes on: what is stored answers, and nothing is measured.
	again := &TableRunner{Runner: *s.Runner, Table: table}
	again.Stored, again.First = r.Stored, Numbers{7, 7}
	if same, _, err := again.Capacity(t.Context(), "good"); err != nil || same.Most != c.Most || len(again.Stored) != len(r.Stored) {
		t.Errorf("again: %+v of %d trials, %v; want %+v of %d", same, len(again.Stored), err, c, len(r.Stored))
	}
}
