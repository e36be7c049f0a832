package figures

import (
	"math"
	"path/filepath"
	"testing"

	"connbench/results"
	"connbench/results/read"
)

// courses are what a spike could do to models: it leaves a queue that lasts the longer the slower
// the model is. One fails all requests in it, and one has none for a while.
func courses(models []string, parts int) []read.Course {
	var all []read.Course
	for m, model := range models {
		c := read.Course{Key: open(sweep([]string{model}, []int{64}, []int{64}), 9000)[0].Key, Trials: 5 + m%2}
		c.RateProfile = "5000,spike=50000@1s+1s"
		c.PartNS, c.Spikes = 100e6, []results.Spike{{RateRPS: 50_000, AtNS: 1e9, ForNS: 1e9}}
		for i := range parts {
			p := results.SeriesPart{AskedRPS: 5000, AnsweredRPS: 5000, Latency: &results.PartLatency{P50: 80e3, P99: 200e3 * results.Nanos(m+1)}}
			if after := float64(i - 10); after >= 0 && after < 12+float64(m) {
				p.AskedRPS, p.AnsweredRPS = 50e3, 20e3
				queue := results.Nanos(1e6 * math.Min(after+1, 12+float64(m)-after))
				p.Latency = &results.PartLatency{P50: queue, P99: 2 * queue}
			}
			if m == 1 && i >= 10 && i < 20 {
				p.Latency = &results.PartLatency{P50: results.Infinite, P99: results.Infinite}
			}
			if m == 2 && i == 5 {
				p.Latency = nil
			}
			c.Parts = append(c.Parts, p)
		}
		all = append(all, c)
	}
	return all
}

func TestCourseFigures(t *testing.T) {
	nothing := courses(allModels[:1], 3)
	for i := range nothing[0].Parts {
		nothing[0].Parts[i] = results.SeriesPart{Latency: &results.PartLatency{P50: results.Nanos(math.SmallestNonzeroFloat64)}}
	}
	for _, test := range []struct {
		name         string
		courses      []read.Course
		said, silent []string
	}{
		{
			"few", courses(allModels[:3], 40),
			[]string{"The course of a rate that changes", "5000,spike=50000@1s+1s requests/s", "64 clients", "5 to 6 trials in each 100ms", "asked", "p50 response latency", "Spikes have a grey ground", "∞", "goroutine"}, nil,
		},
		{"many", courses(rows, 40), []string{"p99", "python-udp"}, []string{"asked and answered"}},
		{"one part", courses(allModels[:1], 1), []string{"5 trials in each 100ms"}, nil},
		{"nothing to see", nothing, []string{"sequential"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths, err := saved(dir)(drawn(drawer().courses(test.courses)))
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, paths, "course.svg", "course.png")
			wantText(t, paths[0], test.said, test.silent)
			wantPNG(t, paths[1])
		})
	}
	two := append(courses(allModels[:1], 20), courses(allModels[:1], 20)...)
	two[1].Clients = 16
	dir := t.TempDir()
	paths, err := saved(dir)(drawn(drawer().courses(two)))
	if err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, paths, "course.svg", "course.png", "course-2.svg", "course-2.png")
	if figures, err := drawn(drawer().courses(nil)); err != nil || len(figures) > 0 {
		t.Errorf("drew %v of nothing, error %v", figures, err)
	}
}
