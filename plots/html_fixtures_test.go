package plots

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"time"


	"connbench/results"
)

// bulk is a run as it could come from a machine: every trial with its figures, in
// shuffled blocks.
type bulk struct {
	models   []string
	clients  []int
	payloads []int
	rates    []float64 // none of a closed loop
	trials   int
	change   func(*results.Trial)
}

func (b bulk) run() (*results.Run, []results.Trial) {
	random := rand.New(rand.NewPCG(1, 2))
	var trials []results.Trial
	block := 0
	rates := b.rates
	if len(rates) == 0 {
		rates = []float64{0}
	}
	for range b.trials {
		for _, payload := range b.payloads {
			for _, clients := range b.clients {
				for _, rate := range rates {
					for _, i := range random.Perm(len(b.models)) {
						t := trialOf(b.models[i], clients, payload, rate, random)
						t.Trial, t.Block, t.Histograms = len(trials), block, fmt.Sprintf("histograms/%05d.hlog", len(trials))
						if b.change != nil {
							b.change(&t)
						}
						trials = append(trials, t)
					}
					block++
				}
			}
		}
	}
	return &results.Run{
		Command: []string{"bin/connbench", "run", "--models", "a,b", "--exec", "mine=./server --listen {addr} it's"},
		Seed:    7, Plan: json.RawMessage(`{"models":["a","b"],"trials":6}`), Models: b.models, Trials: len(trials),
		CreatedAt: time.Date(2026, 11, 26, 23, 58, 0, 0, time.UTC), Environment: *environment(),
	}, trials
}

// trialOf varies around the point's figures; the longer a model's name, the more CPU
// its server takes.
func trialOf(model string, clients, payload int, rate float64, random *rand.Rand) results.Trial {
	p := pointOf(model, clients, payload)
	vary := func(v, by float64) float64 { return v * (1 + by*(2*random.Float64()-1)) }
	latency := func(p50, p99 float64) *results.Latency {
		return &results.Latency{P50: results.Nanos(math.Round(vary(p50, 0.1))), P99: results.Nanos(math.Round(vary(p99, 0.2)))}
	}
	cpu := 4000.0 + 300*float64(len(model)) + float64(payload)/4
	client := vary(5000, 0.05)
	t := results.Trial{
		Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
		Clients: clients, PayloadBytes: payload, Pipeline: 1, ClientsActive: clients, ClientsServed: clients,
		ThroughputRPS: vary(p.Throughput.Median, 0.04), ResponseLatency: latency(p.P50.Median, min(p.P99.Median, 1e9)),
		ClientCPUPerRequest: &client, Errors: map[string]int64{}, Verdicts: []string{},
		ServerUsage: &results.ServerUsage{
			ServerCPUPerRequest: vary(cpu, 0.03), ServerRSSBytes: int64(vary(18<<20, 0.02)), ServerPeakRSSBytes: 20 << 20,
			ServerThreads: 6, ServerVoluntary: int64(vary(1000, 0.5)),
		},
	}
	service := *t.ResponseLatency
	t.ServiceLatency = &service
	if rate > 0 {
		t.Loop, t.Arrivals, t.RateRPS, t.ThroughputRPS = results.OpenLoop, "poisson", rate, rate
	}
	if model == "sequential" && clients > 1 {
		t.ClientsServed, t.Verdicts, t.Errors = 1, []string{results.Errors, results.Little}, map[string]int64{"read_timeout": int64(3 * clients)}
		t.ResponseLatency.P99 = results.Infinite
	}
	return t
}

// largest is a run of as many rows, points and trials as anybody makes.
func largest() bulk {
	b := bulk{clients: []int{1, 64, 1000}, payloads: []int{64, 4096}, trials: 20}
	b.models = append(b.models, modelOrder...)
	return b
}

// hostile are texts that must stay texts.
var hostile = []string{
	`</script><script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><b>'&amp;`, "]]>\u2028{{.}}", `javascript:alert(1)//`, "a\x00b\nc",
}

func hostileRun() (*results.Run, []results.Trial) {
	run, trials := bulk{models: hostile, clients: []int{1, 8}, payloads: []int{64}, trials: 6}.run()
	for i := range trials {
		if trials[i].Model == hostile[0] && trials[i].Clients == 8 {
			trials[i] = results.Trial{
				Trial: i, Block: trials[i].Block, Model: hostile[0], Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
				Clients: 8, PayloadBytes: 64, Failure: fmt.Sprintf("exec: %s", hostile[1]),
			}
		}
		if trials[i].Model == hostile[1] {
			trials[i].Verdicts, trials[i].Errors = []string{hostile[0]}, map[string]int64{hostile[1]: 2}
		}
	}
	run.Command = append(run.Command, hostile...)
	run.Environment.CPU, run.Environment.Sysctls = hostile[0], map[string]string{hostile[0]: hostile[1]}
	return run, trials
}
