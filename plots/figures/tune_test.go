package figures

import (
	"math"
	"slices"
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// knob has values 1, 4, 16, 64, of which 4 is the default.
func knob(metric string) read.Tuned {
	t := read.Tuned{Model: "goroutine", Knob: "read-buffer", Default: "read-buffer=4", Metric: metric, Frugal: true}
	for _, v := range []string{"1", "4", "16", "64"} {
		t.Settings = append(t.Settings, read.Setting{Row: "read-buffer=" + v, Value: v + " KiB"})
	}
	return t
}

// knobTrials are 8 of each value at each point: the larger the value, the less CPU and time
// to connect it takes. The valid function says which values are valid where.
func knobTrials(t read.Tuned, clients, payloads []int, valid func(value, clients, payload int) bool) []results.Trial {
	var trials []results.Trial
	block := 0
	for range 8 {
		for _, n := range clients {
			for _, payload := range payloads {
				for i, s := range t.Settings {
					cost := 1000 * float64(payload+n) / float64(i+1) * (1 + float64(block%7)/100)
					trial := results.Trial{
						Trial: len(trials), Block: block, Model: s.Row, Loop: results.ClosedLoop, Clients: n, ClientsActive: n, ClientsServed: n,
						PayloadBytes: payload, Requests: 1000, ThroughputRPS: 1e9 / cost, Verdicts: []string{}, Errors: map[string]int64{},
						ServerUsage:    &results.ServerUsage{ServerCPUPerRequest: cost},
						ConnectLatency: &results.Latency{P99: results.Nanos(1e3 * cost)},
					}
					if !valid(i, n, payload) {
						trial.Verdicts = []string{results.Noisy}
						trial.Errors["refused"] = int64(n)
					}
					trials = append(trials, trial)
				}
				block++
			}
		}
	}
	return trials
}

func always(int, int, int) bool { return true }

func TestTuneFigures(t *testing.T) {
	const cpu, rps = "server_cpu_ns_per_request", "throughput_rps"
	storm := knob(results.ConnectP99.Name)
	storm.Frugal, storm.InFlight = false, map[int]int{64: 64, 512: 512}
	partly := func(value, _, payload int) bool { return value > 0 || payload < 1000 }
	for _, test := range []struct {
		name              string
		tuned             read.Tuned
		clients, payloads []int
		valid             func(value, clients, payload int) bool
		said, silent      []string
	}{
		{
			"payloads", knob(cpu), []int{256}, []int{64, 4096}, always,
			[]string{
				"goroutine: read-buffer by payload", "server CPU/req", "256 clients", "64 B", "4 KiB", "4 KiB *", "64 KiB", "best", "2.00×",
				"the best of the column", "3 times behind it", "* is the default.", "Marked is the value to set: 64 KiB.", "Xeon",
			},
			[]string{"Hatched", "∞"},
		},
		{"payloads, some not valid", knob(cpu), []int{16, 256}, []int{64, 4096}, partly, []string{"16 clients", "256 clients", "no valid trial", "Hatched cells are not to be ranked"}, nil},
		{
			"storms", storm, []int{64, 512}, []int{64}, func(value, clients, _ int) bool { return value > 0 || clients < 100 },
			[]string{"read-buffer by storm", "connect p99", "clients that connect at once", "512", "∞ is where one client in a hundred was not connected", "or never"}, []string{"256 clients"},
		},
		{
			"lines", knob(rps), []int{16, 256}, []int{64}, partly,
			[]string{"goroutine: read-buffer", "64 B payload", "16 clients", "256 clients", "4 KiB *", "bars are their 95 % intervals", "Marked is the value to set: 64 KiB"}, []string{"Hollow", "tie"},
		},
		{
			"lines, some not valid", knob(cpu), []int{16}, []int{4096}, func(value, _, _ int) bool { return value != 1 }, []string{"Hollow marks are not to be ranked"}, nil,
		},
		{"few trials", knob(cpu), []int{16}, []int{64}, nil, []string{"No value is recommended: too few valid trials"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var trials []results.Trial
			if test.valid == nil {
				trials = knobTrials(test.tuned, test.clients, test.payloads, always)[:4]
			} else {
				trials = knobTrials(test.tuned, test.clients, test.payloads, test.valid)
			}
			dir := t.ArtifactDir()
			paths, err := saved(dir)(drawer().Tune(read.Tune(test.tuned, trials)))
			if err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, paths, "tune-read-buffer.svg", "tune-read-buffer.png")
			wantText(t, paths[0], test.said, test.silent)
			wantPNG(t, paths[1])
		})
	}
	never := func(int, int, int) bool { return false }
	nothing := read.Tune(knob(cpu), knobTrials(knob(cpu), []int{16}, []int{64}, never))
	if figures, err := drawer().Tune(nothing); err != nil || len(figures) > 0 {
		t.Errorf("drew %v of nothing, error %v", figures, err)
	}
}

// Whoever sees no colours has the same order, and the text on each shade can be read.
func TestShades(t *testing.T) {
	luminance := func(v float64) float64 {
		r, g, b, _ := shadeOf(v).RGBA()
		linear := func(c uint32) float64 { return math.Pow(float64(c)/0xFFFF, 2.2) }
		return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	}
	last := math.Inf(1)
	for v := 0.0; v <= 1; v += 0.05 {
		y := luminance(v)
		if y >= last {
			t.Errorf("shade %.2f is not darker than that before: %v after %v", v, y, last)
		}
		last = y
		on := 0.0 // text is about black
		if v > darkFrom {
			on = 1
		}
		if contrast := (max(y, on) + 0.05) / (min(y, on) + 0.05); contrast < 4.5 {
			t.Errorf("text on shade %.2f has a contrast of %.1f, want 4.5", v, contrast)
		}
	}
	if shadeOf(-1) != shadeOf(0) || shadeOf(2) != shadeOf(1) {
		t.Error("what is beyond the scale has no shade of its end")
	}
}

func TestTimesText(t *testing.T) {
	var got []string
	for _, ratio := range []float64{0.814, 1, 9.994, 143.5, 8755.8} {
		got = append(got, timesText(ratio))
	}
	if want := []string{"0.81×", "1.00×", "9.99×", "144×", "8.76k×"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Each value of a knob tried with one payload has a dot of its own on the axis, with its bar, and the
// two of a switch no line between them.
func TestTunedDots(t *testing.T) {
	for _, n := range []int{2, 4} {
		k := knob("throughput_rps")
		k.Settings = k.Settings[:n]
		d := tunedDots(read.Tune(k, knobTrials(k, []int{16, 256}, []int{64}, always)))
		if len(d.rows) != n || len(d.columns) != 2 {
			t.Errorf("%d rows, %d columns", len(d.rows), len(d.columns))
		}
		for i, row := range d.rows {
			if row.marked != (i == n-1) {
				t.Errorf("%s is marked: %v", row.name, row.marked)
			}
			for column, cell := range row.cells {
				x := d.columns[column].x
				if !cell.thick || cell.low >= cell.high || cell.low < x.Min || cell.high > x.Max || cell.value <= cell.low || cell.value >= cell.high {
					t.Errorf("%s: %+v on an axis from %v to %v", row.name, cell, x.Min, x.Max)
				}
			}
		}
	}
	storm := knob(results.ConnectP99.Name)
	storm.InFlight = map[int]int{64: 64}
	d := tunedDots(read.Tune(storm, knobTrials(storm, []int{64}, []int{64}, func(value, _, _ int) bool { return value > 0 })))
	if cell := d.rows[0].cells[0]; !math.IsInf(cell.value, 1) || cell.text != "∞" || d.columns[0].x.Max > 1e12 {
		t.Errorf("what is never connected: %+v, on an axis to %v", cell, d.columns[0].x.Max)
	}
}

// A value that may be the best, and may be far behind it, is not called tied with the best.
func TestOpenIsNoTie(t *testing.T) {
	storm := knob(results.ConnectP99.Name)
	storm.InFlight = map[int]int{64: 64}
	first := func(row string, p99, behind, most float64) stats.Standing {
		return stats.Standing{Model: row, First: 1, Last: 1, Value: stats.Interval{Estimate: p99}, Best: &stats.Interval{Estimate: behind, Low: 1, High: most}}
	}
	p := &read.TunedPoint{
		Ranking: stats.Ranking{Metric: results.ConnectP99, Standings: []stats.Standing{
			first("read-buffer=4", 145e3, 1, 1.1), first("read-buffer=16", 153e3, 1.05, 1.25), first("read-buffer=64", 170e3, 1.2, 1.31),
			first("read-buffer=1", 1e9, 83.5, 6900),
		}},
		Alike: []string{"read-buffer=1", "read-buffer=4", "read-buffer=16", "read-buffer=64"},
	}
	for i, want := range []string{"best, tied", "best, tied", "open: ≤ 1.31×", "open: ≤ 6.9k×"} {
		cell := tunedCell(&read.Tuning{Tuned: storm}, p, &p.Standings[i], func(*read.TunedPoint, *stats.Standing) float64 { return 0 })
		if cell.below != want {
			t.Errorf("%s, %s: %q, want %q", p.Standings[i].Model, cell.text, cell.below, want)
		}
	}
	if got := tiedText(math.Inf(1)); got != "open" {
		t.Errorf("of too few trials: %q", got)
	}
}
