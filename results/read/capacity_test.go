package read

import (
	"math"
	"testing"

	"connbench/results"
	"connbench/results/resultstest"
	"connbench/results/stats"
)

func TestGoalBound(t *testing.T) {
	goal := Goal{P99: 10e6, OpenFiles: 20_000}
	unserved := func(t *results.Trial) { t.ClientsServed-- }
	tests := []struct {
		name   string
		change func(*results.Trial)
		want   Bound
	}{
		{"all is well", func(*results.Trial) {}, Kept},
		{"just so", func(t *results.Trial) { t.ResponseLatency.P99 = 10e6 }, Kept},
		{"too slow", func(t *results.Trial) { t.ResponseLatency.P99 = 10e6 + 1 }, BoundLatency},
		{"never answered", func(t *results.Trial) { t.ResponseLatency.P99 = results.Infinite }, BoundLatency},
		{"the rate was missed", func(t *results.Trial) { t.Verdicts = []string{results.MissedRate} }, BoundLatency},
		{"the client was the limit", func(t *results.Trial) { t.Verdicts, t.ResponseLatency.P99 = []string{results.ClientBound}, 1e9 }, BoundClient},
		{"the client was late, and yet in time", func(t *results.Trial) { t.Verdicts = []string{results.ClientBound} }, Kept},
		{"some failed", func(t *results.Trial) { t.Errors = map[string]int64{"reset": 2} }, BoundErrors},
		{"a client is left out", unserved, BoundErrors},
		{"many are", func(t *results.Trial) { t.ClientsServed = 640 }, BoundWorkers},
		{"many are, of datagrams", func(t *results.Trial) { t.ClientsServed, t.Network = 640, "udp" }, BoundErrors},
		{"accepting stopped", func(t *results.Trial) { unserved(t); t.ServerCounters = map[string]int64{"backoff": 1} }, BoundDescriptors},
		{"with a thread for each", func(t *results.Trial) {
			unserved(t)
			t.ServerCounters, t.ServerThreads = map[string]int64{"backoff": 1}, 1000
		}, BoundThreads},
		{"of a server that does not say", func(t *results.Trial) { t.Clients = 19_990; unserved(t) }, BoundDescriptors},
		{"the client has no descriptors", func(t *results.Trial) { t.Errors = map[string]int64{"no_descriptors": 1}; unserved(t) }, BoundDescriptors},
		{"nor ports", func(t *results.Trial) { t.Errors = map[string]int64{"no_ports": 1}; unserved(t) }, BoundPorts},
		{"it died", func(t *results.Trial) { t.Failure = "it died" }, BoundFailure},
		{"of hunger", func(t *results.Trial) { t.Failure = "fork: cannot allocate memory" }, BoundMemory},
		{"killed for memory", func(t *results.Trial) { t.Failure, t.Strain = "it died", &results.Strain{Killed: 1} }, BoundMemory},
		{"a worker of it was", func(t *results.Trial) { t.Errors, t.Strain = map[string]int64{"reset": 2}, &results.Strain{Killed: 1} }, BoundMemory},
		{"somebody else was", func(t *results.Trial) { t.Strain = &results.Strain{Killed: 1} }, Kept},
		{"a group has no room for its threads", func(t *results.Trial) { unserved(t); t.Strain = &results.Strain{Refused: 3} }, BoundThreads},
		{"and it died of that", func(t *results.Trial) { t.Failure, t.Strain = "it died", &results.Strain{Refused: 3} }, BoundThreads},
		{"that of others, who need it not", func(t *results.Trial) { t.Strain = &results.Strain{Refused: 3} }, Kept},
	}
	for _, tt := range tests {
		trial := resultstest.Probe("a", 1000)
		tt.change(&trial)
		if got := goal.Bound(&trial); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// probes are trials in order: negative for numbers of clients that were not kept.
func probes(clients ...int) []*results.Trial {
	var all []*results.Trial
	for i, n := range clients {
		t := resultstest.Probe("a", max(n, -n))
		if n < 0 {
			t.ResponseLatency.P99 = 1e9
		}
		t.Trial = i
		all = append(all, &t)
	}
	return all
}

func TestMostKept(t *testing.T) {
	goal := Goal{P99: 10e6}
	tests := []struct {
		name   string
		probes []*results.Trial
		want   int
		at     int
		bound  Bound
	}{
		{"nothing", nil, 0, 0, BoundSearch},
		{"not even one", probes(-1), 0, 1, BoundLatency},
		{"doubled and bisected", probes(1, 2, 4, -8, 6, -7, 6), 6, 7, BoundLatency},
		{"all the way", probes(1, 2, 4, 5, 5), 5, 0, BoundSearch},
		{"not confirmed", probes(1, 2, 4, -8, 6, -7, -6, 3, 4, -5, 4), 4, 5, BoundLatency},
		{"lost in noise below what is kept", probes(256, -4096, 1024, -1500, 4096, 4200, -5000, 4200), 4200, 5000, BoundLatency},
		{"a higher one proves it", probes(256, -1024, 4096, 4096), 4096, 0, BoundSearch},
		{"cut short", probes(256, 4096, -10_000), 4096, 10_000, BoundLatency},
		{"lost and kept the next time", probes(1, -2, 2, -4, 3, 3), 3, 4, BoundLatency},
	}
	for _, tt := range tests {
		c := goal.mostKept(tt.probes)
		if c.Most != tt.want || c.At != tt.at || c.Bound != tt.bound || c.Probes != len(tt.probes) || (c.Trial != nil) != (tt.want > 0) {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
}

// TestCapacityOf: what comes and goes is estimated from all attempts but the doubtful, between what was
// kept and what was lost; what has no room is not.
func TestCapacityOf(t *testing.T) {
	goal := Goal{P99: 10e6, OpenFiles: 20_000}
	at := func(n int, p99 results.Nanos, verdicts ...string) *results.Trial {
		t := resultstest.Probe("a", n)
		t.ResponseLatency.P99, t.Verdicts = p99, verdicts
		return &t
	}
	left := at(2000, 1e6)
	left.ClientsServed = 1200
	jam := at(16_384, results.Infinite, results.Noisy)
	jam.ClientsServed = 9000
	cut := func(n int) *results.Trial { // in a probe that lasted longer
		t := at(n, 1e6)
		t.Errors = map[string]int64{results.ConnectionLost: int64(n)}
		return t
	}
	for _, tt := range []struct {
		name      string
		trials    []*results.Trial
		estimated bool
		low, high int
	}{
		{"an edge", []*results.Trial{at(256, 2e5), at(1000, 4e6), at(1100, 8e6), at(1200, 11e6), at(1300, 20e6), at(1150, 9e6)}, true, 1100, 1250},
		{"one that is hardly known", []*results.Trial{at(256, 2e5), at(4096, 1e9), at(1024, 1e6)}, true, 1024, 4096},
		{"late clients are none", []*results.Trial{at(256, 2e5), at(4096, 1e9, results.ClientBound), at(1024, 1e6)}, false, 1024, 1024},
		{"nor is noise", []*results.Trial{at(900, 3e6), at(256, 1e9, results.Noisy), at(1000, 9e6), at(1100, 12e6), at(1050, 10e6), at(1060, 11e6), at(1055, 10e6), at(1070, 12e6), at(1000, 8e6)}, true, 950, 1100},
		{"lost below what is kept", []*results.Trial{at(256, 2e5), at(4096, 1e6), at(9968, 29e6), at(9968, 24e6), at(9222, 4e5), at(13_703, 6e5)}, true, 9_968, 19_936},
		{"all there is room for, mostly", []*results.Trial{at(4096, 1e6), at(19_936, 14e6), at(18_000, 1e6), at(19_936, 4e6)}, true, 15_000, 19_936},
		{"no room", []*results.Trial{at(256, 2e5), left, at(1200, 1e6)}, false, 1200, 1200},
		{"connections cut after so many requests", []*results.Trial{at(1, 1e6), at(64, 1e6), at(8, 1e6), at(9, 1e6), cut(9), cut(8), at(2, 1e6), cut(2), cut(64)}, false, 1, 1},
		{"left out in noise is no lack of room", []*results.Trial{at(4096, 1e6, results.Noisy), jam}, false, 4096, 4096},
		{"never lost", []*results.Trial{at(256, 2e5), at(1024, 1e6)}, false, 1024, 1024},
		{"nothing", []*results.Trial{at(1, 1e9)}, false, 0, 0},
	} {
		c := goal.CapacityOf(tt.trials)
		if c.Estimated() != tt.estimated || c.Most < tt.low || c.Most > tt.high {
			t.Errorf("%s: %+v", tt.name, c)
		}
	}
	if c := goal.CapacityOf([]*results.Trial{at(4096, 1e6, results.Noisy), jam}); c.Bound != BoundSearch {
		t.Errorf("bound by %s, as seen in noise alone", c.Bound)
	}
}

func TestGoalDoubtful(t *testing.T) {
	goal := Goal{P99: 10e6, OpenFiles: 20_000}
	tests := []struct {
		name     string
		change   func(*results.Trial)
		doubtful bool
	}{
		{"kept in noise", func(t *results.Trial) { t.Verdicts = []string{results.Noisy} }, false},
		{"late", func(t *results.Trial) { t.ResponseLatency.P99 = 20e6 }, false},
		{"late by far", func(t *results.Trial) { t.ResponseLatency.P99 = results.Infinite }, false},
		{"late in noise", func(t *results.Trial) { t.ResponseLatency.P99, t.Verdicts = results.Infinite, []string{results.Noisy} }, true},
		{"the client is late", func(t *results.Trial) { t.ResponseLatency.P99, t.Verdicts = 1e9, []string{results.ClientBound} }, true},
		{"left out", func(t *results.Trial) { t.ClientsServed-- }, false},
		{"left out in noise", func(t *results.Trial) { t.ClientsServed--; t.Verdicts = []string{results.Noisy} }, true},
		{"a few failed", func(t *results.Trial) { t.Errors = map[string]int64{"reset": 2} }, false},
		{"many failed", func(t *results.Trial) { t.Errors = map[string]int64{"reset": 20} }, false},
		{"connections are lost in noise", func(t *results.Trial) {
			t.Errors, t.Verdicts = map[string]int64{results.ConnectionLost: 40}, []string{results.Lost, results.Noisy}
		}, false},
		{"it died in noise", func(t *results.Trial) { t.Failure, t.Verdicts = "it died", []string{results.Noisy} }, false},
	}
	for _, tt := range tests {
		trial := resultstest.Probe("a", 1000)
		tt.change(&trial)
		if got := goal.Doubtful(&trial); got != tt.doubtful {
			t.Errorf("%s: doubtful %v", tt.name, got)
		}
	}
}

// TestHalfAtMost: of trials that only the client or others have spoiled there is still
// something to say.
func TestHalfAtMost(t *testing.T) {
	for _, tt := range []struct {
		name         string
		verdicts     [][]string
		half, atMost float64
	}{
		{"one is valid", [][]string{{results.ClientBound}, {}, {results.Noisy}}, 2e6, 0},
		{"none is", [][]string{{results.ClientBound}, {results.Noisy}, {results.ClientBound, results.Noisy}}, 0, 2e6},
		{"the rate was missed", [][]string{{results.ClientBound, results.MissedRate}, {results.Errors}}, 0, 0},
		{"and once not", [][]string{{results.MissedRate}, {results.ClientBound}}, 0, 2e6},
	} {
		var trials []results.Trial
		for i, v := range tt.verdicts {
			half := resultstest.Probe("a", 64)
			half.Trial, half.Probe, half.Verdicts = i, results.ProbeHalf, v
			half.ResponseLatency.P99 = results.Nanos(1e6 * float64(i+1))
			trials = append(trials, half)
		}
		p := Profiles(Goal{P99: 10e6}, Questions(1, 64), trials, []string{"a"})[0]
		if got := estimate(p.HalfP99); got != tt.half {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.half)
		}
		if got := estimate(p.HalfAtMost); got != tt.atMost {
			t.Errorf("%s: at most %v, want %v", tt.name, got, tt.atMost)
		}
	}
}

// estimate is 0 for none.
func estimate(i *stats.Interval) float64 {
	if i == nil {
		return 0
	}
	return i.Estimate
}

func TestProfiles(t *testing.T) {
	profiles := Profiles(Goal{P99: 10e6, OpenFiles: 20_000}, Questions(1, 64), resultstest.TableTrials(), []string{"sequential", "thread", "reactor", "broken"})
	for _, tt := range []struct {
		clients, parked int // a fifth more or less where it is an estimate
		use             string
		half            bool
	}{
		{1, 0, "tools and tests", false},
		{512, 65, "up to 526 clients, 29.3 KiB for each", true},
		{16_384, 0, "16.4k clients or more, among the fastest", true},
		{0, 0, "none here", false},
	} {
		p := profiles[0]
		profiles = profiles[1:]
		if math.Abs(float64(p.Capacity.Most-tt.clients)) > 0.2*float64(tt.clients) || p.Parked != tt.parked || p.Advice.Use != tt.use || p.Advice.Because == "" || (p.HalfP99 != nil) != tt.half {
			t.Errorf("%s: %+v", p.Model, p)
		}
	}
}

// Connections that the server ended are their own bound of a capacity.
// A probe in which by chance no request was due says nothing of the server.
func TestCapacityOfEmptyProbes(t *testing.T) {
	var trials []*results.Trial
	for n, p99 := range map[int]results.Nanos{2: 1e6, 4: 3e6, 6: 8e6, 8: 30e6} {
		t := resultstest.Probe("a", n)
		t.ResponseLatency.P99 = p99
		trials = append(trials, &t)
	}
	goal := Goal{P99: 10e6, OpenFiles: 20_000}
	want := goal.CapacityOf(trials)
	for range 5 {
		idle := resultstest.Probe("a", 3)
		idle.Requests, idle.ResponseLatency = 0, nil
		trials = append(trials, &idle)
	}
	if got := goal.CapacityOf(trials); got.Most != want.Most || got.Within != want.Within || !got.Estimated() {
		t.Errorf("%+v with empty probes, %+v without", got, want)
	}
}

func TestBoundLostConnections(t *testing.T) {
	trial := resultstest.Probe("a", 10)
	trial.Errors = map[string]int64{results.ConnectionLost: 40}
	if got := (Goal{P99: 10e6}).Bound(&trial); got != BoundLost {
		t.Errorf("bound by %q, want %q", got, BoundLost)
	}
	idle := resultstest.Empty()
	if got := (Goal{P99: 10e6}).Bound(&idle); got != BoundIdle {
		t.Errorf("without any request bound by %q, want %q", got, BoundIdle)
	}
}
