package figures

import (
	"math"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// comparison has a row for each model, some with what is known beside the capacity.
func comparison() *read.ComparisonTable {
	c := &read.ComparisonTable{
		Goal: read.Goal{P99: 10e6}, ClientRate: 1, Questions: read.Questions(1, 64), Env: environment(),
		Words: map[string]read.Words{"thread": {Clients: "hundreds"}, "goroutine": {Clients: "tens of thousands"}},
	}
	bounds := []read.Bound{read.BoundLatency, read.BoundWorkers, read.BoundDescriptors, read.BoundThreads, read.BoundSearch}
	for i, model := range rows {
		p := read.Profile{Model: model, Capacity: read.Capacity{Most: 3 << (i % 14), Bound: bounds[i%len(bounds)]}}
		p.Answers = make([]read.Capacity, len(c.Questions))
		if i%2 > 0 {
			p.Answers[read.Busy] = read.Capacity{Most: 1000 * i, Bound: read.BoundLatency, Within: stats.Interval{Estimate: 1000 * float64(i), Low: 900 * float64(i), High: 1200 * float64(i)}}
			p.Answers[read.RateOfMany] = read.Capacity{Most: 10_000 * i, Bound: read.BoundClient}
		}
		if i%3 > 0 {
			kernel := 2300.0
			p.Idle = &results.IdleMemory{ResidentBytes: float64(int(300) << (i % 9)), KernelBytes: &kernel}
		}
		c.Profiles = append(c.Profiles, p)
	}
	return c
}

func TestTableFigures(t *testing.T) {
	dir := t.ArtifactDir()
	paths, err := saved(dir)(drawer().Table(comparison()))
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths, "max-clients.svg", "max-clients.png", "busy-clients.svg", "busy-clients.png",
		"rate-of-many.svg", "rate-of-many.png", "idle-memory.svg", "idle-memory.png")
	wantText(t, paths[0], []string{
		"tens of thousands", "thousands", "hundreds", "3 · latency", "24576 · threads", "no bound found",
		"each with a request a second", "p99 of at most 10 ms", "Dashed frames are what the tutorial says", "Xeon",
	}, nil)
	wantText(t, paths[2], []string{"10 requests/s each", "3000 · latency"}, []string{"tutorial"})
	wantText(t, paths[4], []string{"The highest rate of 1000 clients", "≥ 10000 · the client", "requests/s"}, nil)
	wantText(t, paths[6], []string{"600 B + 2.25 KiB", "75 KiB + 2.25 KiB", "small grey dots"}, []string{"sequential "})
	wantPNG(t, paths[1])
	wantPNG(t, paths[7])
}

// An estimate that is open above says so.
func TestOpenEstimate(t *testing.T) {
	open := read.Capacity{Most: 15_000, Bound: read.BoundLatency, Within: stats.Interval{Estimate: 15_000, Low: 9000, High: math.Inf(1)}}
	if got := capacityText(&open, read.Goal{}); got != "15000 or more · latency" {
		t.Errorf("%q", got)
	}
}

// Throughput and latency are of rows that have trials enough for them. A bound is drawn as
// one, and a row that served nobody is named.
func TestTableFiguresOfMedians(t *testing.T) {
	c := comparison()
	c.Profiles = c.Profiles[:4]
	c.Profiles[0].Capacity = read.Capacity{Probes: 1, Bound: read.BoundLatency}
	c.Profiles[1].PerCore = &stats.Interval{Estimate: 40e3, Low: 38e3, High: 41e3}
	c.Profiles[1].HalfP99 = &stats.Interval{Estimate: 2e6, Low: math.Inf(-1), High: math.Inf(1)}
	c.Profiles[2].PerCore = &stats.Interval{Estimate: 60e3, Low: math.Inf(-1), High: math.Inf(1)}
	c.Profiles[2].HalfAtMost = &stats.Interval{Estimate: 9e6, Low: 8e6, High: 11e6}
	dir := t.ArtifactDir()
	paths, err := saved(dir)(drawer().Table(c))
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths, "max-clients.svg", "max-clients.png", "busy-clients.svg", "busy-clients.png", "rate-of-many.svg", "rate-of-many.png",
		"idle-memory.svg", "idle-memory.png", "cpu-throughput.svg", "cpu-throughput.png", "half-p99.svg", "half-p99.png")
	wantText(t, paths[0], []string{"not one client was served so: sequential."}, []string{"0 · latency"})
	wantText(t, paths[8], []string{"pool 60k goroutine 40k", "bars are their 95 % intervals"}, []string{"reactor", "against"})
	wantText(t, paths[10], []string{"goroutine", "2 ms", "≤ 9 ms", "Hollow marks are upper bounds"}, nil)
}

func TestTableFiguresWithoutFigures(t *testing.T) {
	c := comparison()
	c.Words = nil
	for i := range c.Profiles {
		c.Profiles[i].Idle, c.Profiles[i].Answers = nil, make([]read.Capacity, len(c.Questions))
	}
	dir := t.TempDir()
	paths, err := saved(dir)(drawer().Table(c))
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths, "max-clients.svg", "max-clients.png")
	wantText(t, paths[0], nil, []string{"tutorial"})
	for i := range c.Profiles {
		c.Profiles[i].Capacity.Most = 0
	}
	if figures, err := drawer().Table(c); err != nil || len(figures) > 0 {
		t.Errorf("drew %v of nothing, error %v", figures, err)
	}
}
