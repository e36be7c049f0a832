package figures

import (
	"math"
	"slices"
	"testing"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"
)

// rows are as many as anybody shows at once, in the order of the figures.
var rows = look.Order{
	"sequential", "goroutine", "pool", "reactor", "udp",
	"thread", "reactor-multi", "uring", "select", "poll", "pool-request", "goroutine-lean", "udp-batch",
	"gnet", "netpoll", "nbio", "gaio", "thread-netpoll",
	"python-threading", "python-selectors", "python-asyncio",
	"reactor-pool", "prefork", "udp-multi",
	"python-sequential", "python-socketserver", "python-socketserver-threading", "python-udp",
}

func drawer() Drawer { return Drawer{environment(), rows} }

// saved writes what was drawn.
func saved(dir string) func([]look.Figure, error) ([]string, error) {
	return func(figures []look.Figure, err error) ([]string, error) {
		if err != nil {
			return nil, err
		}
		return Save(dir, figures)
	}
}

// some writes those of the sheets that have the names: drawing takes most of the tests' time.
func some(t *testing.T, dir string, sheets []*sheet, names ...string) (paths []string) {
	t.Helper()
	sheets = slices.DeleteFunc(sheets, func(s *sheet) bool { return !slices.Contains(names, s.name) })
	paths, err := saved(dir)(drawn(sheets))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

var (
	allModels   = []string{"sequential", "goroutine", "pool", "reactor", "udp"}
	allClients  = []int{1, 16, 64, 256}
	allPayloads = []int{64, 4096}
)

// sweep is what a closed run over all combinations could look like: sequential
// starves its clients, and half of udp's requests are lost at 256 clients.
func sweep(models []string, clients, payloads []int) []stats.Point {
	var points []stats.Point
	for _, payload := range payloads {
		for _, n := range clients {
			for _, model := range models {
				points = append(points, pointOf(model, n, payload))
			}
		}
	}
	return points
}

// pointOf has a throughput that saturates and the p99 that follows from it.
func pointOf(model string, clients, payload int) stats.Point {
	peak := map[string]float64{"sequential": 58e3, "goroutine": 206e3, "pool": 178e3, "reactor": 251e3, "udp": 232e3}[model]
	if peak == 0 {
		peak = 150e3 + 10e3*float64(len(model))
	}
	peak /= 1 + float64(payload)/9000
	n := float64(clients)
	rps := peak * n / (n + 3.2)
	served := n
	if model == "sequential" {
		rps, served = peak*0.95, 1
	}
	p99 := 2.4 * n / rps * 1e9
	if model == "sequential" {
		p99 = 34e3
	}
	p := stats.Point{
		Key: results.Key{
			Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
			PayloadBytes: payload, Clients: clients,
		},
		Trials: 5, Valid: 5,
		Figures: map[*results.Figure]stats.Spread{
			results.Throughput: around(rps, 0.06), results.P50: around(p99/3, 0.1), results.P99: around(p99, 0.22),
			results.Active: around(n, 0), results.Unserved: around(n-served, 0), results.Fairness: around(served/n, 0),
		},
	}
	if model == "udp" && clients == 256 {
		p.Figures[results.P99] = stats.Spread{Median: math.Inf(1), Min: 4e6, Max: math.Inf(1)}
	}
	return p
}

func around(v, by float64) stats.Spread {
	return stats.Spread{Median: v, Min: v * (1 - by), Max: v * (1 + by)}
}

// open makes an open loop of points.
func open(points []stats.Point, rate float64) []stats.Point {
	return change(points, func(p *stats.Point) {
		p.Loop, p.Arrivals, p.RateRPS = results.OpenLoop, "poisson", rate
	})
}

var allRates = []float64{5e3, 10e3, 25e3, 50e3, 100e3, 150e3}

// rateSweep is what a run over rates could look like: response latency explodes
// at a model's capacity, where the pipelines bound service latency, and far beyond
// it requests time out.
func rateSweep(models []string, clients, payloads []int, rates []float64) []stats.Point {
	var points []stats.Point
	for _, rate := range rates {
		for _, p := range open(sweep(models, clients, payloads), rate) {
			points = append(points, offered(p))
		}
	}
	return points
}

// offered turns a saturated point into one of an open loop at its rate.
func offered(p stats.Point) stats.Point {
	capacity := map[string]float64{"sequential": 20e3, "goroutine": 110e3, "pool": 80e3, "reactor": 170e3, "udp": 140e3}[p.Model]
	capacity /= 1 + float64(p.PayloadBytes)/9000 + float64(p.Clients)/2000
	load := p.RateRPS / capacity
	p.Figures[results.Unserved], p.Figures[results.Fairness] = stats.Spread{}, around(1, 0)
	p.Figures[results.Throughput] = around(min(p.RateRPS, capacity), 0.01)
	service := 28e3 + 3e3*float64(len(p.Model)) + 5e8/capacity/(1-min(load, 0.95)*0.98)
	p.Figures[results.ServiceP99] = around(service, 0.1)
	switch {
	case load > 4:
		p.Figures[results.P99], p.Figures[results.ServiceP99], p.Valid = around(math.Inf(1), 0), around(math.Inf(1), 0), 0
		p.Verdicts = []string{"ERRORS", "MISSED_RATE"}
	case load > 1:
		p.Figures[results.P99], p.Valid, p.Verdicts = around(1e9*(1-1/load)+5e6, 0.15), 0, []string{"MISSED_RATE"}
	default:
		p.Figures[results.P99] = around(service*1.05+2e9/capacity*math.Pow(load, 4)/(1.01-load), 0.2)
	}
	return p
}

func environment() *results.Environment {
	return &results.Environment{
		CPU: "Intel(R) Xeon(R) Processor @ 2.80GHz", Cores: 2, Kernel: "6.18.5-cloud-amd64", ServerCPUs: "0", ClientCPUs: "1",
	}
}

// noFigures is the point of a model that never came up.
func noFigures(p stats.Point) stats.Point {
	return stats.Point{Key: p.Key, Trials: 2, Failures: []string{"did not start", "did not start"}}
}

// change applies a change to a copy of every point.
func change(points []stats.Point, by func(*stats.Point)) []stats.Point {
	points = slices.Clone(points)
	for i := range points {
		by(&points[i])
	}
	return points
}

// drop leaves out a model at a client count.
func drop(points []stats.Point, model string, clients int) []stats.Point {
	return slices.DeleteFunc(points, func(p stats.Point) bool { return p.Model == model && p.Clients == clients })
}
