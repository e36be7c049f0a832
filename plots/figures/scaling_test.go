package figures

import (
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// lawTrials are of models that follow the law with a peak, each a bit faster than the one
// before; the throughput of trials goes up and down by 2 %.
func lawTrials(models []string, clients, payloads []int, trials int) []results.Trial {
	var all []results.Trial
	for n := range trials {
		for _, payload := range payloads {
			for _, clients := range clients {
				for i, model := range models {
					c := float64(clients)
					rps := (20e3 + 1e3*float64(i)) * c / (1 + 0.1*(c-1) + 0.0005*c*(c-1))
					rps *= 1 + 0.02*float64(n%3-1)
					all = append(all, results.Trial{
						Trial: len(all), Block: n, Model: model, Network: "tcp", Framing: "length", Work: "echo", Loop: results.ClosedLoop,
						Clients: clients, ClientsActive: clients, ClientsServed: clients, PayloadBytes: payload, ThroughputRPS: rps, Requests: 1000,
						Verdicts: []string{}, Errors: map[string]int64{},
					})
				}
			}
		}
	}
	return all
}

func TestScalingFigures(t *testing.T) {
	counts := []int{1, 4, 16, 64, 256}
	for _, test := range []struct {
		name         string
		trials       []results.Trial
		files        []string
		said, silent []string
	}{
		{
			"fitted", lawTrials(allModels, counts, []int{64}, 6), []string{"scaling.svg", "scaling.png"},
			[]string{"Universal Scalability Law", "64 B payload", "1024", "measured", "extrapolated", "σ 0.1, κ 0.0005, peak at 4", "Beyond the rule nothing was measured", "reactor", "Xeon"},
			[]string{"Without a fit", "NaN"},
		},
		{
			"some not fitted", append(lawTrials(allModels[:2], counts, []int{64}, 6), lawTrials([]string{"thread"}, counts[:2], []int{64}, 6)...),
			[]string{"scaling.svg", "scaling.png"}, []string{"no fit", "Without a fit: thread"}, nil,
		},
		{"few trials", lawTrials(allModels, counts, []int{64}, 1), []string{"scaling.svg", "scaling.png"}, nil, nil},
		{"many", lawTrials(rows[:12], counts, []int{64}, 1), []string{"scaling.svg", "scaling.png"}, []string{"goroutine-lean"}, nil},
		{
			"payloads", lawTrials(allModels[:2], counts, allPayloads, 6),
			[]string{"scaling-echo-closed-64B.svg", "scaling-echo-closed-64B.png", "scaling-echo-closed-4KiB.svg", "scaling-echo-closed-4KiB.png"}, nil, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.ArtifactDir()
			for i := range test.trials {
				test.trials[i].Trial = i
			}
			scalings := read.Scalings(stats.Summarize(test.trials, nil))
			paths, err := saved(dir)(drawn(drawer().scaling(scalings)))
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, paths, test.files...)
			wantText(t, paths[0], test.said, test.silent)
			wantPNG(t, paths[1])
		})
	}
	trials := lawTrials(allModels, counts[:2], []int{64}, 6)
	figures, err := drawn(drawer().scaling(read.Scalings(stats.Summarize(trials, nil))))
	if err != nil || len(figures) > 0 {
		t.Errorf("drew %v without a fit, error %v", figures, err)
	}
}
