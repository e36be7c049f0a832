package figures

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"connbench/results"
	"connbench/results/stats"
)

func TestRateFigure(t *testing.T) {
	var rates []float64
	for r := 10e3; r <= 150e3; r += 10e3 {
		rates = append(rates, r)
	}
	unanswered := change(rateSweep(allModels, []int{64}, []int{64}, allRates), func(p *stats.Point) {
		p.Figures[results.P99] = around(math.Inf(1), 0)
		delete(p.Figures, results.ServiceP99)
	})
	for _, test := range []struct {
		name         string
		points       []stats.Point
		said, silent []string
	}{
		{
			"normal", rateSweep(allModels, []int{64}, []int{64}, allRates),
			[]string{
				"p99 latency against offered rate", "64 B payload, 64 clients", "offered requests/s", "5k", "150k", "reactor",
				"response latency: from the intended send", "service latency: from the actual send",
				"Open loop, poisson arrivals: solid lines", "thin dashed lines", "Medians of 5 trials", "side by side at each rate",
				"a client without any answer (ERRORS, MISSED_RATE).", "sequential at 100k, 150k requests/s", "Xeon",
			},
			[]string{"saturated", "Tried"},
		},
		{
			"panels", rateSweep(allModels, []int{16, 64}, []int{64, 4096}, allRates),
			[]string{"64 B payload, 16 clients", "4 KiB payload, 64 clients", "sequential (4 KiB, 64 clients) at 100k, 150k requests/s"}, nil,
		},
		{
			"linear", rateSweep(allModels, []int{64}, []int{64}, rates),
			[]string{"offered requests/s", "150k"}, []string{"offered requests/s (log scale)"},
		},
		{"unanswered", unanswered, []string{"∞", "reactor at 5k, 10k, 25k, 50k, 100k, 150k requests/s"}, nil},
		{
			"failed", append(rateSweep(allModels[:4], []int{64}, []int{64}, allRates), noFigures(open(sweep([]string{"uring"}, []int{64}, []int{64}), 5000)[0])),
			[]string{"Tried, without figures to draw: uring at 5k requests/s"}, nil,
		},
		{
			"one-rate", rateSweep(rows[:12], []int{16}, []int{64}, allRates[2:3]),
			[]string{"p99 latency tcp", "64 B payload, 16 clients at 25k requests/s", "Small grey dots are service latency", "best of the last column"},
			[]string{"solid lines", "against"},
		},
		{"two-rates", rateSweep([]string{"reactor"}, []int{1}, []int{64}, allRates[:2]), []string{"64 B payload, 1 client"}, []string{"Hollow", "∞"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths := some(t, dir, drawer().sheets(test.points), "rate-p99")
			wantFiles(t, dir, paths, "rate-p99.svg", "rate-p99.png")
			wantText(t, paths[0], test.said, test.silent)
			wantPNG(t, paths[1])
		})
	}
}

// What points of an open loop have figures of depends on what was varied.
func TestFiguresOfAnOpenLoop(t *testing.T) {
	one := []int{64}
	against, rate := []string{"throughput", "p99"}, []string{"rate-p99", "rate-throughput"}
	for _, test := range []struct {
		name   string
		points []stats.Point
		want   []string
	}{
		{"one rate", rateSweep(allModels, one, one, allRates[:1]), rate},
		{"rates", rateSweep(allModels, one, one, allRates), rate},
		{"clients", rateSweep(allModels, allClients, one, allRates[:1]), against},
		{"rates and clients", rateSweep(allModels, allClients, one, allRates), slices.Concat(against, rate)},
		{"other rates for other clients", append(rateSweep(allModels, []int{1}, one, allRates[:1]), rateSweep(allModels, one, one, allRates[1:2])...), rate},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, f := range drawer().sheets(test.points) {
				got = append(got, f.name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("figures %v, want %v", got, test.want)
			}
		})
	}
}
