package read

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/resultstest"
)

// made is a made-up server, whose probes are what it would have answered.
type made struct {
	edge    float64 // with how many its p99 is the limit
	slope   float64 // of the logarithm of p99
	scatter float64
	room    int     // clients that it has room for, 0 for any number
	jams    bool    // of too many clients it serves as many as it happens to
	doubts  float64 // share of probes in which others have the machine
	random  *rand.Rand
}

func (m *made) probe(n int, sure bool) *results.Trial {
	t := resultstest.Probe("a", n)
	t.DurationNS = 1e9
	if sure {
		t.DurationNS = 5e9
	}
	at := 10e6 * math.Pow(float64(n)/m.edge, m.slope) * math.Exp(m.scatter*m.random.NormFloat64())
	t.ResponseLatency.P99 = results.Nanos(max(2e5, min(at, 1e10)))
	if m.room > 0 && n > m.room {
		t.ClientsServed = m.room
	}
	if m.jams && t.ResponseLatency.P99 > 10e6 {
		t.ClientsServed = int(float64(n) * (0.1 + 0.4*m.random.Float64()))
	}
	if m.random.Float64() < m.doubts {
		t.Verdicts, t.ResponseLatency.P99 = []string{results.Noisy}, 50e6
	}
	return &t
}

// asks searches, and returns the probes that it took.
func (m *made) asks(t *testing.T, g Goal, s Search) []*results.Trial {
	var probes []*results.Trial
	for {
		n, sure := g.Next(s, probes)
		if n == 0 {
			return probes
		}
		if n < 1 || n > s.Limit || len(probes) > 20 {
			t.Fatalf("%+v: asks for %d of at most %d, after %d probes", m, n, s.Limit, len(probes))
		}
		probes = append(probes, m.probe(n, sure))
	}
}

// What a search finds of made-up servers is what they can do, within few probes.
func TestSearchFinds(t *testing.T) {
	goal := Goal{P99: 10e6, OpenFiles: 20_064}
	for _, tt := range []struct {
		name     string
		server   made
		first    int
		want     float64
		estimate bool
		probes   float64 // on average at the most
	}{
		{"an edge above where it begins", made{edge: 3000, slope: 4, scatter: 0.3}, 1024, 3000, true, 8},
		{"one far above", made{edge: 15_000, slope: 4, scatter: 0.3}, 1024, 15_000, true, 9},
		{"one below", made{edge: 300, slope: 4, scatter: 0.3}, 1024, 300, true, 9},
		{"one far below", made{edge: 20, slope: 4, scatter: 0.3}, 1024, 20, true, 9},
		{"a steep one", made{edge: 6000, slope: 16, scatter: 0.3}, 4000, 6000, true, 8},
		{"a fickle one", made{edge: 6000, slope: 2, scatter: 1}, 4000, 6000, true, 9},
		{"in a noisy place", made{edge: 6000, slope: 4, scatter: 0.3, doubts: 0.1}, 4000, 6000, true, 9},
		{"beyond the limit", made{edge: 60_000, slope: 4, scatter: 0.3}, 20_000, 20_000, false, 1.1},
		{"beyond the limit, it turns out", made{edge: 60_000, slope: 4, scatter: 0.3}, 1024, 20_000, false, 4},
		{"64 workers", made{edge: 60_000, slope: 4, scatter: 0.3, room: 64}, 1024, 64, false, 3},
		{"64 workers, as is known", made{edge: 60_000, slope: 4, scatter: 0.3, room: 64}, 64, 64, false, 3},
		{"one worker", made{edge: 60_000, slope: 4, scatter: 0.3, room: 1}, 1024, 1, false, 3},
		{"one that jams", made{edge: 6000, slope: 4, scatter: 0.3, jams: true}, 20_000, 6000, true, 9},
		{"one that jams soon", made{edge: 1500, slope: 4, scatter: 0.3, jams: true}, 20_000, 1500, true, 9},
		{"not even one client", made{edge: 0.1, slope: 4, scatter: 0.3}, 1024, 0, false, 9},
	} {
		within, near, asked := 0, 0, 0
		const times = 60
		for seed := range uint64(times) {
			server := tt.server
			server.random = rand.New(rand.NewPCG(seed, 5))
			probes := server.asks(t, goal, Search{tt.first, 20_000, 9, 4, 5 * time.Second})
			c := goal.CapacityOf(probes)
			asked += len(probes)
			if c.Estimated() && c.Within.Overlaps(tt.want, tt.want) || !tt.estimate && float64(c.Most) == tt.want {
				within++
			}
			if math.Abs(math.Log(max(0.5, float64(c.Most))/max(0.5, tt.want))) < math.Log(1.35) {
				near++
			}
		}
		if within < times*85/100 || near < times*80/100 || float64(asked)/times > tt.probes {
			t.Errorf("%s: %d %% within the interval, %d %% near, %.1f probes", tt.name, 100*within/times, 100*near/times, float64(asked)/times)
		}
	}
}

// A server that fails at all, or clients that are always late, end a search soon, and a rate
// that leaves clients out at once.
func TestSearchEnds(t *testing.T) {
	goal := Goal{P99: 10e6}
	for _, tt := range []struct {
		name   string
		change func(*results.Trial)
		most   int
		known  bool
	}{
		{"it fails", func(t *results.Trial) { t.Failure = "no license" }, 2, true},
		{"the client is late", func(t *results.Trial) { t.Verdicts, t.ResponseLatency.P99 = []string{results.ClientBound}, 50e6 }, 4, false},
		{"a rate, and clients are left out", func(t *results.Trial) {
			t.Probe, t.RateRPS, t.Clients, t.ClientsServed = results.ProbeRate, float64(t.Clients), 1000, 64
		}, 2, true},
	} {
		var probes []*results.Trial
		for n := 1024; n > 0; {
			if n, _ = goal.Next(Search{1024, 20_000, 9, 4, 0}, probes); n == 0 {
				break
			}
			if len(probes) == 20 {
				t.Fatalf("%s: it never ends", tt.name)
			}
			p := resultstest.Probe("a", n)
			tt.change(&p)
			probes = append(probes, &p)
		}
		c := goal.CapacityOf(probes)
		if len(probes) > tt.most || c.Most != 0 || (c.Probes > 0) != tt.known {
			t.Errorf("%s: %d probes, %+v", tt.name, len(probes), c)
		}
	}
}

// Where the client is late twice it is asked for less, with which it may keep up.
func TestSearchWithALateClient(t *testing.T) {
	goal := Goal{P99: 10e6}
	var probes []*results.Trial
	for n := 1; n > 0 && len(probes) < 20; {
		if n, _ = goal.Next(Search{1024, 20_000, 5, 4, 0}, probes); n > 0 {
			p := resultstest.Probe("a", n)
			if n > 700 {
				p.Verdicts, p.ResponseLatency.P99 = []string{results.ClientBound}, 50e6
			}
			probes = append(probes, &p)
		}
	}
	if c := goal.CapacityOf(probes); c.Most != 640 || c.Bound != BoundClient || !goal.Limits(&c) {
		t.Errorf("%d probes: %+v", len(probes), c)
	}
}

// A probe answers the question that it asks, and no other.
func TestQuestionsOf(t *testing.T) {
	var all []*results.Trial
	for _, of := range []struct {
		probe   string
		clients int
		rate    float64
	}{
		{results.ProbeCapacity, 1000, 1000}, {results.ProbeCapacity, 1000, 10_000}, {results.ProbeCapacity, 1000, 100},
		{results.ProbeRate, 64, 64}, {results.ProbeRate, 1000, 1000}, {results.ProbeHalf, 64, 64}, {results.ProbeSaturation, 64, 0},
	} {
		trial := resultstest.Probe("a", of.clients)
		trial.Probe, trial.RateRPS = of.probe, of.rate
		all = append(all, &trial)
	}
	for i, q := range Questions(1, 64) {
		if got := q.Of(all); len(got) != 1 || got[0] != all[i] {
			t.Errorf("question %d: %d probes", i, len(got))
		}
	}
}

// The memory of a connection is how it grows, without what a server takes for any number.
func TestIdleIsASlope(t *testing.T) {
	var trials []results.Trial
	for _, n := range []int{256, 1000, 16_000} {
		trial := resultstest.Probe("a", n)
		stacks := 2048.0
		trial.ServerIdle = &results.IdleMemory{Connections: n, ResidentBytes: 20_000 + 4e6/float64(n), StackBytes: &stacks}
		trials = append(trials, trial)
	}
	p := Profiles(Goal{P99: 10e6}, Questions(1, 64), trials, []string{"a"})[0]
	if math.Abs(p.Idle.ResidentBytes-20_000) > 1 || math.Abs(*p.Idle.StackBytes-2048) > 1 || p.IdleFrom != 256 || p.Idle.Connections != 16_000 || p.Idle.HeapBytes != nil {
		t.Errorf("%+v from %d", p.Idle, p.IdleFrom)
	}
	if p := Profiles(Goal{P99: 10e6}, Questions(1, 64), trials[:1], []string{"a"})[0]; p.IdleFrom != 0 || p.Idle.ResidentBytes != trials[0].ServerIdle.ResidentBytes {
		t.Errorf("of one number: %+v from %d", p.Idle, p.IdleFrom)
	}
}

// What an idle connection takes is not read from trials in which the server had no room for some.
func TestIdleOfThoseThatAreServed(t *testing.T) {
	idle := func(model string, served int, bytes float64) results.Trial {
		trial := resultstest.Probe(model, 1000)
		trial.ClientsServed, trial.ServerIdle = served, &results.IdleMemory{Connections: 1000, ResidentBytes: bytes}
		return trial
	}
	asked := idle("asked", 1000, 3)
	asked.Errors = map[string]int64{results.IdleUnserved: 900}
	trials := []results.Trial{idle("served", 1000, 7000), idle("sequential", 1, 3), idle("none", 0, 3), asked}
	for i, p := range Profiles(Goal{P99: 10e6}, make([]Question, 5), trials, []string{"served", "sequential", "none", "asked"}) {
		if known := p.Idle != nil; known != (i == 0) {
			t.Errorf("%s: %+v", p.Model, p.Idle)
		}
	}
}

// Uses tell rows apart by how many clients they serve, how fast, and at what price.
func TestUses(t *testing.T) {
	goal := Goal{P99: 10e6, OpenFiles: 20_000}
	row := func(most int, bound Bound, at, rate int, idle float64) Profile {
		answers := make([]Capacity, 5)
		answers[Plain] = Capacity{Most: most, Bound: bound, At: at, Probes: 1}
		answers[RateOfMany] = Capacity{Most: rate, Probes: 1}
		p := Profile{Capacity: answers[Plain], Answers: answers, Idle: &results.IdleMemory{ResidentBytes: idle}}
		return p
	}
	profiles := []Profile{
		row(19_936, BoundDescriptors, 0, 80_000, 200),
		row(19_936, BoundDescriptors, 0, 52_000, 7000),
		row(16_800, BoundThreads, 18_000, 44_000, 24<<10),
		row(64, BoundWorkers, 1000, 0, 0),
		row(1, BoundWorkers, 64, 0, 0),
		row(0, BoundFailure, 1, 0, 0),
	}
	profiles[0].datagrams = false
	udp := row(19_936, BoundDescriptors, 0, 160_000, 0)
	udp.datagrams = true
	profiles = append(profiles, udp)
	advise(goal, profiles)
	for i, want := range []string{
		"19.9k clients or more, among the fastest",
		"19.9k clients or more, 0.65 of the best rate",
		"up to 16.8k clients, 0.55 of the best rate, 24 KiB for each",
		"at most 64 clients that stay connected",
		"tools and tests",
		"none here",
		"19.9k clients or more, among the fastest",
	} {
		if got := profiles[i].Advice; got.Use != want || got.Because == "" {
			t.Errorf("%d: %+v, want %q", i, got, want)
		}
	}
	profiles[1].Answers[RateOfMany] = Capacity{} // no trial of it tells
	advise(goal, profiles)
	for i, want := range []string{"19.9k clients or more, among the fastest known", "19.9k clients or more", "up to 16.8k clients, 0.55 of the best rate known, 24 KiB for each"} {
		if got := profiles[i].Advice.Use; got != want {
			t.Errorf("%d: %q, want %q where of one row no rate is known", i, got, want)
		}
	}
}

// What a latency comes from is named where the lost probes show it, and those that were kept do not.
func TestWhy(t *testing.T) {
	goal := Goal{P99: 10e6}
	probes := func(lost, kept func(*results.Trial)) (all []*results.Trial) {
		for i, n := range []int{1000, 1100, 1150, 1200, 1300, 1400} {
			p := resultstest.Probe("a", n)
			p.ServerRuntime, p.Kernel = &results.Runtime{}, &results.Kernel{}
			change := kept
			if i > 2 {
				p.ResponseLatency.P99, change = 14e6, lost
			}
			change(&p)
			all = append(all, &p)
		}
		return all
	}
	nothing := func(*results.Trial) {}
	full := func(t *results.Trial) { t.ServerCPUFraction = 0.98 }
	collects := func(t *results.Trial) { t.ServerRuntime.GCCycles = 3 }
	for _, tt := range []struct {
		name       string
		lost, kept func(*results.Trial)
		want       string
	}{
		{"nothing is seen", nothing, nothing, ""},
		{"its CPU", full, nothing, "its CPU is full"},
		{"which always is", full, full, ""},
		{"Go's heap", collects, nothing, "garbage collection"},
		{"both, of which one always", func(t *results.Trial) { full(t); collects(t) }, collects, "its CPU is full"},
		{"a backlog", func(t *results.Trial) { t.Kernel.ListenOverflows = 9 }, nothing, "full backlog"},
		{"a neighbour", func(t *results.Trial) { some := 0.03; t.Noise = &results.Noise{ServerOthers: &some} }, nothing, "others on its CPU"},
	} {
		if c := goal.CapacityOf(probes(tt.lost, tt.kept)); c.Why != tt.want || !c.Estimated() {
			t.Errorf("%s: %q, want %q", tt.name, c.Why, tt.want)
		}
	}
}
