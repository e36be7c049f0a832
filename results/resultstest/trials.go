package resultstest

import (
	"math"
	"math/rand/v2"
	"slices"

	"connbench/results"
)

// trialOf is a valid trial of two clients at the given rate, with a server.
func TrialOf(model string, rps float64) results.Trial {
	fairness := 1.0
	return results.Trial{
		Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop, Clients: 2, ClientsActive: 2, PayloadBytes: 64,
		ThroughputRPS: rps, ResponseLatency: &results.Latency{P50: 1e3, P99: 2e3}, ServiceLatency: &results.Latency{P99: 1e3},
		ClientsServed: 2, FairnessJain: &fairness,
		ServerUsage: &results.ServerUsage{ServerCPUPerRequest: rps / 10, ServerRSSBytes: 1 << 20, ServerThreads: 4},
	}
}

func With(t results.Trial, change func(*results.Trial)) results.Trial {
	change(&t)
	return t
}

// failed is a trial without figures.
func Failed(model string) results.Trial {
	return With(TrialOf(model, 0), func(t *results.Trial) {
		t.Failure, t.ServerUsage, t.ResponseLatency, t.ClientsServed = "did not start", nil, nil, 0
	})
}

// race is so many blocks of rows that cost so many ns a request each, on a machine
// that drifts and scatters by 3 %.
func Race(blocks int, costs map[string]float64, models ...string) []results.Trial {
	random := rand.New(rand.NewPCG(uint64(blocks), 3))
	var trials []results.Trial
	for block := range blocks {
		drift := math.Exp(0.2 * random.NormFloat64())
		for _, m := range models {
			cost := costs[m] * drift * math.Exp(0.03*random.NormFloat64())
			trials = append(trials, results.Trial{
				Trial: len(trials), Block: block, Model: m, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
				Clients: 64, PayloadBytes: 64, ClientsActive: 64, ClientsServed: 64, Verdicts: []string{},
				Requests: 1000, DurationNS: 1e9, ThroughputRPS: 1e9 / cost, ResponseLatency: &results.Latency{P99: results.Nanos(100 * cost), P50: results.Nanos(50 * cost)},
				ServerUsage: &results.ServerUsage{ServerCPUPerRequest: cost, ServerRSSBytes: 1 << 24},
			})
		}
	}
	return trials
}

var GrowthCounts = []int{1, 4, 16, 64, 256, 1024}

// growth is so many valid trials of a row at each client count, which scatter by a share
// about a law, and the counts themselves by another.
func Growth(model string, at func(clients float64) float64, counts []int, trials int, scatter, misfit float64, random *rand.Rand) []results.Trial {
	var all []results.Trial
	for _, n := range counts {
		off := math.Exp(misfit * random.NormFloat64())
		for range trials {
			all = append(all, results.Trial{
				Trial: len(all), Block: len(all), Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
				Clients: n, PayloadBytes: 64, ClientsActive: n, ClientsServed: n, Verdicts: []string{}, Requests: 1000, DurationNS: 1e9,
				ThroughputRPS: off * at(float64(n)) * math.Exp(scatter*random.NormFloat64()),
			})
		}
	}
	return all
}

func Random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 11)) }

// superlinear is a throughput that grows with the square of the clients.
func Superlinear() []results.Trial {
	trials := Growth("reactor", func(n float64) float64 { return 1000 * n }, GrowthCounts, 5, 0, 0, Random(9))
	for i := range trials {
		trials[i].ThroughputRPS *= float64(trials[i].Clients)
	}
	return trials
}

// probe is a trial of a table that kept everything.
func Probe(model string, clients int) results.Trial {
	return results.Trial{
		Model: model, Network: "tcp", Loop: results.OpenLoop, Probe: results.ProbeCapacity, Clients: clients, ClientsActive: clients, ClientsServed: clients, RateRPS: float64(clients),
		Requests: int64(clients), ResponseLatency: &results.Latency{P99: 1e6}, Verdicts: []string{},
		ServerUsage: &results.ServerUsage{ServerThreads: 6, ServerCPUPerRequest: 50e3},
	}
}

// tableTrials are those of four rows: one that serves thousands, one in threads, one
// that serves a client at a time and one that does not work.
func TableTrials() []results.Trial {
	var trials []results.Trial
	add := func(t results.Trial) {
		t.Trial = len(trials)
		trials = append(trials, t)
	}
	for _, n := range []int{1, 16_384} {
		t := Probe("reactor", n)
		t.ServerIdle = &results.IdleMemory{Connections: n, ResidentBytes: 210}
		add(t)
	}
	slow := Probe("reactor", 20_000)
	slow.ClientsServed, slow.ServerCounters = 19_980, map[string]int64{"backoff": 3}
	add(slow)
	for _, of := range [][2]int{{1, 1e6}, {480, 6e6}, {600, 12e6}, {510, 9e6}, {540, 11e6}, {512, 8e6}} {
		n := of[0]
		t := Probe("thread", n)
		t.ResponseLatency.P99 = results.Nanos(of[1])
		t.ServerThreads, t.ServerIdle = n+6, &results.IdleMemory{Connections: n, ResidentBytes: 30_000}
		add(t)
	}
	// Of more than one kind of client: busy ones, and rates of few and of many.
	for _, of := range []struct {
		probe         string
		clients, rate int
		p99           float64
	}{
		{results.ProbeCapacity, 4000, 40_000, 2e6}, {results.ProbeCapacity, 5000, 50_000, 8e6}, {results.ProbeCapacity, 6000, 60_000, 14e6}, {results.ProbeCapacity, 5500, 55_000, 11e6},
		{results.ProbeRate, 64, 80_000, 1e6}, {results.ProbeRate, 64, 120_000, 90e6},
		{results.ProbeRate, 1000, 60_000, 3e6}, {results.ProbeRate, 1000, 80_000, 20e6}, {results.ProbeRate, 1000, 70_000, 9e6},
	} {
		t := Probe("reactor", of.clients)
		t.Probe, t.RateRPS, t.ResponseLatency.P99 = of.probe, float64(of.rate), results.Nanos(of.p99)
		add(t)
	}
	add(Probe("sequential", 1))
	second := Probe("sequential", 2)
	second.ClientsServed = 1
	add(second)
	broken := Probe("broken", 1)
	broken.Failure = "server broken: no license"
	add(broken)
	for i := range 6 {
		for model, cpu := range map[string]float64{"reactor": 5000, "thread": 9000, "sequential": 20_000} {
			t := Probe(model, 64)
			t.Probe, t.Loop, t.ServerCPUPerRequest = results.ProbeSaturation, results.ClosedLoop, cpu+float64(i)
			if model == "thread" {
				t.ServerParked = results.Parked{"recvfrom": 64, "futex": 5, "accept4": 1}
			}
			add(t)
			t.Probe, t.Loop, t.ResponseLatency.P99 = results.ProbeHalf, results.OpenLoop, 200e3
			if model == "sequential" {
				t.Verdicts = []string{results.Errors}
			}
			add(t)
		}
	}
	return trials
}

// empty is a trial of an open loop in which no request was due; its verdict is that of
// [Judge].
func Empty() results.Trial {
	t := results.Trial{
		Model: "m", Network: "tcp", Framing: "length", Work: "echo", Loop: results.OpenLoop, Arrivals: "constant", RateRPS: 0.5,
		Clients: 10, Pipeline: 64, DurationNS: 1e9, Client: &results.Client{Threads: 1},
	}
	t.Verdicts = results.Judge(&t)
	return t
}

// answered is the same with a single request.
func Answered() results.Trial {
	t, fairness := Empty(), 1.0
	t.Trial, t.Block = 1, 1
	t.Requests, t.ThroughputRPS, t.ClientsServed, t.ClientsActive, t.FairnessJain = 1, 1, 1, 1, &fairness
	t.ResponseLatency = &results.Latency{P50: 2.38e6, P90: 2.38e6, P99: 2.38e6, P999: 2.38e6, Max: 2.38e6, Mean: 2.38e6}
	t.ServiceLatency, t.Verdicts = t.ResponseLatency, []string{}
	return t
}

// Tried is blocks of the values s, m, l and xl of a knob, the size, which cost so many ns a request in this order. A
// larger value takes more memory.
func Tried(blocks, payload int, costs ...float64) []results.Trial {
	rows, byRow := []string{"size=s", "size=m", "size=l", "size=xl"}, map[string]float64{}
	for i, row := range rows {
		byRow[row] = costs[i]
	}
	trials := Race(blocks, byRow, rows...)
	for i := range trials {
		t := &trials[i]
		t.PayloadBytes, t.Trial, t.Block = payload, payload*1000+t.Trial, payload*1000+t.Block
		t.Pipeline = 1
		t.ServerIdle = &results.IdleMemory{Connections: 256, ResidentBytes: float64(4096*slices.Index(rows, t.Model) + 10*i%7)}
	}
	return trials
}

// Storm is blocks of 64 clients that connect at once, to a small backlog and to large ones.
func Storm(blocks int) []results.Trial {
	trials := Tried(blocks, 64, 9000, 5000, 5000, 5000)
	for i := range trials {
		t := &trials[i]
		t.ConnectLatency = &results.Latency{P50: 20e3, P99: results.Nanos(100 * t.ServerCPUPerRequest)}
		t.Kernel, t.Errors = &results.Kernel{}, map[string]int64{}
		switch t.Model {
		case "size=s":
			t.Errors["connect_timeout"], t.ClientsServed = 4, 60
			t.Kernel = &results.Kernel{ListenOverflows: 320, Retransmits: 250, SynRetransmits: new(int64(240))}
			t.Verdicts = []string{results.Errors, results.Little}
		case "size=xl":
			t.Verdicts = []string{results.Noisy}
		}
	}
	return trials
}
