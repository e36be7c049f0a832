package results

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// trialOf is a valid trial of two clients at the given rate, with a server.
func trialOf(model string, rps float64) Trial {
	fairness := 1.0
	return Trial{
		Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: ClosedLoop, Clients: 2, ClientsActive: 2, PayloadBytes: 64,
		ThroughputRPS: rps, ResponseLatency: &Latency{P50: 1e3, P99: 2e3}, ServiceLatency: &Latency{P99: 1e3},
		ClientsServed: 2, FairnessJain: &fairness,
		ServerUsage: &ServerUsage{ServerCPUPerRequest: rps / 10, ServerRSSBytes: 1 << 20, ServerThreads: 4},
	}
}

func with(t Trial, change func(*Trial)) Trial {
	change(&t)
	return t
}

// failed is a trial without figures.
func failed(model string) Trial {
	return with(trialOf(model, 0), func(t *Trial) {
		t.Failure, t.ServerUsage, t.ResponseLatency, t.ClientsServed = "did not start", nil, nil, 0
	})
}

// race is so many blocks of rows that cost so many ns a request each, on a machine
// that drifts and scatters by 3 %.
func race(blocks int, costs map[string]float64, models ...string) []Trial {
	random := rand.New(rand.NewPCG(uint64(blocks), 3))
	var trials []Trial
	for block := range blocks {
		drift := math.Exp(0.2 * random.NormFloat64())
		for _, m := range models {
			cost := costs[m] * drift * math.Exp(0.03*random.NormFloat64())
			trials = append(trials, Trial{
				Trial: len(trials), Block: block, Model: m, Network: "tcp", Framing: "length", Work: "echo", Loop: ClosedLoop,
				Clients: 64, PayloadBytes: 64, ClientsActive: 64, ClientsServed: 64, Verdicts: []string{},
				Requests: 1000, DurationNS: 1e9, ThroughputRPS: 1e9 / cost, ResponseLatency: &Latency{P99: Nanos(100 * cost), P50: Nanos(50 * cost)},
				ServerUsage: &ServerUsage{ServerCPUPerRequest: cost, ServerRSSBytes: 1 << 24},
			})
		}
	}
	return trials
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata and keeps what it got beside
// it, so that the two can be looked at.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		beside := filepath.Join(t.ArtifactDir(), name)
		if err := os.WriteFile(beside, []byte(got), 0o644); err != nil {
			t.Error(err)
		}
		t.Errorf("%s differs (-want +got); got is in %s\n%s", path, beside, diff)
	}
}

var growthCounts = []int{1, 4, 16, 64, 256, 1024}

// growth is so many valid trials of a row at each client count, which scatter by a share
// about a law, and the counts themselves by another.
func growth(model string, at func(clients float64) float64, counts []int, trials int, scatter, misfit float64, random *rand.Rand) []Trial {
	var all []Trial
	for _, n := range counts {
		off := math.Exp(misfit * random.NormFloat64())
		for range trials {
			all = append(all, Trial{
				Trial: len(all), Block: len(all), Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: ClosedLoop,
				Clients: n, PayloadBytes: 64, ClientsActive: n, ClientsServed: n, Verdicts: []string{}, Requests: 1000, DurationNS: 1e9,
				ThroughputRPS: off * at(float64(n)) * math.Exp(scatter*random.NormFloat64()),
			})
		}
	}
	return all
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 11)) }

// superlinear is a throughput that grows with the square of the clients.
func superlinear() []Trial {
	trials := growth("reactor", func(n float64) float64 { return 1000 * n }, growthCounts, 5, 0, 0, random(9))
	for i := range trials {
		trials[i].ThroughputRPS *= float64(trials[i].Clients)
	}
	return trials
}

// probe is a trial of a table that kept everything.
func probe(model string, clients int) Trial {
	return Trial{
		Model: model, Network: "tcp", Loop: OpenLoop, Probe: ProbeCapacity, Clients: clients, ClientsActive: clients, ClientsServed: clients,
		Requests: int64(clients), ResponseLatency: &Latency{P99: 1e6}, Verdicts: []string{},
		ServerUsage: &ServerUsage{ServerThreads: 6, ServerCPUPerRequest: 50e3},
	}
}

// tableTrials are those of four rows: one that serves thousands, one in threads, one
// that serves a client at a time and one that does not work.
func tableTrials() []Trial {
	var trials []Trial
	add := func(t Trial) {
		t.Trial = len(trials)
		trials = append(trials, t)
	}
	for _, n := range []int{1, 16_384} {
		t := probe("reactor", n)
		t.ServerIdle = &IdleMemory{Connections: n, ResidentBytes: 210}
		add(t)
	}
	slow := probe("reactor", 20_000)
	slow.ClientsServed, slow.ServerCounters = 19_980, map[string]int64{"backoff": 3}
	add(slow)
	for _, n := range []int{1, 512} {
		t := probe("thread", n)
		t.ServerThreads, t.ServerIdle = n+6, &IdleMemory{Connections: n, ResidentBytes: 30_000}
		add(t)
	}
	late := probe("thread", 600)
	late.ResponseLatency.P99 = 12e6
	add(late)
	add(probe("sequential", 1))
	second := probe("sequential", 2)
	second.ClientsServed = 1
	add(second)
	broken := probe("broken", 1)
	broken.Failure = "server broken: no license"
	add(broken)
	for i := range 6 {
		for model, cpu := range map[string]float64{"reactor": 5000, "thread": 9000, "sequential": 20_000} {
			t := probe(model, 64)
			t.Probe, t.Loop, t.ServerCPUPerRequest = ProbeSaturation, ClosedLoop, cpu+float64(i)
			if model == "thread" {
				t.ServerParked = Parked{"recvfrom": 64, "futex": 5, "accept4": 1}
			}
			add(t)
			t.Probe, t.Loop, t.ResponseLatency.P99 = ProbeHalf, OpenLoop, 200e3
			if model == "sequential" {
				t.Verdicts = []string{Errors}
			}
			add(t)
		}
	}
	return trials
}

// empty is a trial of an open loop in which no request was due; its verdict is that of
// [Judge].
func empty() Trial {
	t := Trial{
		Model: "m", Network: "tcp", Framing: "length", Work: "echo", Loop: OpenLoop, Arrivals: "constant", RateRPS: 0.5,
		Clients: 10, Pipeline: 64, DurationNS: 1e9, Client: &Client{Threads: 1},
	}
	t.Verdicts = Judge(&t)
	return t
}

// answered is the same with a single request.
func answered() Trial {
	t, fairness := empty(), 1.0
	t.Trial, t.Block = 1, 1
	t.Requests, t.ThroughputRPS, t.ClientsServed, t.ClientsActive, t.FairnessJain = 1, 1, 1, 1, &fairness
	t.ResponseLatency = &Latency{P50: 2.38e6, P90: 2.38e6, P99: 2.38e6, P999: 2.38e6, Max: 2.38e6, Mean: 2.38e6}
	t.ServiceLatency, t.Verdicts = t.ResponseLatency, []string{}
	return t
}
