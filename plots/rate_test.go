package plots

import (
	"math"
	"path/filepath"
	"slices"
	"testing"


	"connbench/results/stats"
)

func TestRateFigure(t *testing.T) {
	var rates []float64
	for r := 10e3; r <= 150e3; r += 10e3 {
		rates = append(rates, r)
	}
	unanswered := change(rateSweep(allModels, []int{64}, []int{64}, allRates), func(p *stats.Point) {
		p.P99, p.ServiceP99 = around(math.Inf(1), 0), stats.Spread{}
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
		{"two-rates", rateSweep([]string{"reactor"}, []int{1}, []int{64}, allRates[:2]), []string{"64 B payload, 1 client"}, []string{"Hollow", "∞"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths, err := Figures(dir, test.points, environment())
			if err != nil {
				t.Fatal(err)
			}
			svg := filepath.Join(dir, "rate-p99.svg")
			if len(paths) < 2 || paths[len(paths)-2] != svg {
				t.Fatalf("wrote %v, want %s before the last", paths, svg)
			}
			wantText(t, svg, test.said, test.silent)
			wantPNG(t, filepath.Join(dir, "rate-p99.png"))
		})
	}
}

// What points of an open loop have figures of depends on what was varied.
func TestFiguresOfAnOpenLoop(t *testing.T) {
	one := []int{64}
	against := []string{"throughput", "p99"}
	for _, test := range []struct {
		name   string
		points []stats.Point
		want   []string
	}{
		{"one rate", rateSweep(allModels, one, one, allRates[:1]), nil},
		{"rates", rateSweep(allModels, one, one, allRates), []string{"rate-p99"}},
		{"clients", rateSweep(allModels, allClients, one, allRates[:1]), against},
		{"rates and clients", rateSweep(allModels, allClients, one, allRates), append(against, "rate-p99")},
		{"other rates for other clients", append(rateSweep(allModels, []int{1}, one, allRates[:1]), rateSweep(allModels, one, one, allRates[1:2])...), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, f := range figuresOf(test.points, nil) {
				got = append(got, f.name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("figures %v, want %v", got, test.want)
			}
		})
	}
}
