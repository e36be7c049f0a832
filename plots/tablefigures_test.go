package plots

import (
	"errors"
	"path/filepath"
	"testing"


	"connbench/results"
	"connbench/results/read"
)

// comparison has a row for each model, some with what is known beside the capacity.
func comparison() *results.ComparisonTable {
	c := &results.ComparisonTable{
		Goal: read.Goal{P99: 10e6}, ClientRate: 1, Env: environment(),
		Words: map[string]results.Words{"thread": {Clients: "hundreds"}, "goroutine": {Clients: "tens of thousands"}},
	}
	bounds := []read.Bound{read.BoundLatency, read.BoundWorkers, read.BoundDescriptors, read.BoundThreads, read.BoundSearch}
	for i, model := range modelOrder {
		p := read.Profile{Model: model, Capacity: read.Capacity{Clients: 3 << (i % 14), Bound: bounds[i%len(bounds)]}}
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
	paths, err := TableFigures(dir, comparison())
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths, "max-clients.svg", "max-clients.png", "idle-memory.svg", "idle-memory.png")
	wantText(t, paths[0], []string{
		"tens of thousands", "thousands", "hundreds", "3 · latency", "24576 · threads", "no bound found",
		"each with a request a second", "p99 of at most 10 ms", "Dashed frames are what the tutorial says", "Xeon",
	}, nil)
	wantText(t, paths[2], []string{"600 B + 2.25 KiB", "75 KiB + 2.25 KiB", "small grey dots"}, []string{"sequential "})
	wantPNG(t, paths[1])
	wantPNG(t, paths[3])
}

func TestTableFiguresWithoutFigures(t *testing.T) {
	c := comparison()
	c.Words = nil
	for i := range c.Profiles {
		c.Profiles[i].Idle = nil
	}
	dir := t.TempDir()
	paths, err := TableFigures(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths, "max-clients.svg", "max-clients.png")
	wantText(t, paths[0], nil, []string{"tutorial"})
	for i := range c.Profiles {
		c.Profiles[i].Capacity.Clients = 0
	}
	if _, err := TableFigures(filepath.Join(dir, "none"), c); !errors.Is(err, ErrNoFigures) {
		t.Errorf("error %v, want that there is nothing to draw", err)
	}
}
