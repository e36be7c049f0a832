package figures

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/stats"
)

// distributionsOf are what points could have: each step of the percentiles takes a bit
// longer, and where p99 is infinite the last ones for ever.
func distributionsOf(points []stats.Point) []stats.Distribution {
	var all []stats.Distribution
	for _, p := range points {
		if !p.HasFigures() {
			continue
		}
		d := stats.Distribution{Point: p}
		for step := range 36 {
			v := p.Median(results.P50) * math.Pow(1.1, float64(step))
			if math.IsInf(p.Median(results.P99), 1) && step > 18 {
				v = math.Inf(1)
			}
			d.Percentiles = append(d.Percentiles, stats.LatencyAt{
				Beyond: math.Pow(10, float64(step)/10), Min: v * 0.9, Max: v * 1.2,
				Interval: stats.Interval{Estimate: v, Low: v * 0.9, High: v * 1.2},
			})
		}
		all = append(all, d)
	}
	return all
}

func TestForPercentiles(t *testing.T) {
	few := allModels[:2]
	for _, test := range []struct {
		name   string
		points []stats.Point
		want   string
	}{
		{"closed", sweep(few, allClients, allPayloads[:1]), "64 B payload, 64 clients; 64 B payload, 256 clients"},
		{"closed, one count", sweep(few, allClients[:1], allPayloads[:1]), "64 B payload, 1 client"},
		{"closed, payloads", sweep(few, allClients, allPayloads), "64 B payload, 256 clients; 4 KiB payload, 256 clients"},
		{"closed, the last failed", change(sweep(few, allClients[2:], allPayloads), func(p *stats.Point) {
			if p.Clients == 256 {
				*p = noFigures(*p)
			}
		}), "64 B payload, 64 clients; 4 KiB payload, 64 clients"},
		{"open", rateSweep(few, []int{16}, []int{64}, allRates[:2]), "64 B payload, 16 clients at 5k requests/s; 64 B payload, 16 clients at 10k requests/s"},
		{
			"open, many rates", rateSweep(few, []int{16}, []int{64, 4096}, allRates),
			"64 B payload, 16 clients at 5k requests/s; 64 B payload, 16 clients at 25k requests/s; 64 B payload, 16 clients at 150k requests/s; " +
				"4 KiB payload, 16 clients at 5k requests/s; 4 KiB payload, 16 clients at 25k requests/s; 4 KiB payload, 16 clients at 150k requests/s",
		},
		{"many models", sweep(rows, allClients, allPayloads), "64 B payload, 256 clients"},
		{"many models, open", rateSweep(rows, []int{16}, []int{64}, allRates[:5]), "64 B payload, 16 clients at 25k requests/s"},
		{"none", nil, ""},
	} {
		var got []string
		for _, f := range wholeFacets(ForPercentiles(test.points)) {
			got = append(got, f.title())
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestPercentileFigures(t *testing.T) {
	for _, test := range []struct {
		name         string
		points       []stats.Point
		said, silent []string
	}{
		{
			"closed", sweep(allModels[:4], allClients, allPayloads[:1]),
			[]string{"Response latency by percentile", "50 %", "99.9 %", "64 B payload, 256 clients", "bands are their 95 % intervals", "where the run had the most clients", "Hollow marks", "reactor"},
			[]string{"infinite", "intended send"},
		},
		{"infinite", sweep(allModels, allClients, allPayloads[:1]), []string{"has become infinite", "∞"}, nil},
		{"open", rateSweep(allModels[1:4], []int{16}, []int{64}, allRates[:3]), []string{"16 clients at 25k requests/s", "counts from the intended send"}, []string{"saturated"}},
		{"many", sweep(rows, allClients, allPayloads[:1]), []string{"closed loop) · 64 B payload, 256 clients", "python-udp"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths, err := saved(dir)(drawn(drawer().percentiles(distributionsOf(ForPercentiles(test.points)))))
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, paths, "percentiles.svg", "percentiles.png")
			wantText(t, paths[0], test.said, test.silent)
			wantPNG(t, paths[1])
		})
	}
	if figures, err := drawn(drawer().percentiles(nil)); err != nil || len(figures) > 0 {
		t.Errorf("drew %v of nothing, error %v", figures, err)
	}
}
