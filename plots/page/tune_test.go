package page

import (
	"strings"
	"testing"

	"connbench/plots/figures"
	"connbench/plots/look"
	"connbench/results"
	"connbench/results/read"
)

func tuneHTML(t *testing.T, run *results.Run, trials []results.Trial, tunings []*read.Tuning) string {
	t.Helper()
	var all []look.Figure
	for _, tuning := range tunings {
		all = append(all, drawn(t)(figures.Drawer{Env: &run.Environment}.Tune(tuning))...)
	}
	return written(t, newTunePage(run, trials, tunings, all), tuneKind, "tune.txt")
}

func TestTuneHTMLSays(t *testing.T) {
	run, trials, tunings := tuned()
	page := tuneHTML(t, run, trials, tunings)
	text, _, _ := strings.Cut(page, `<script type="application/json"`)
	for _, s := range []string{
		"connbench: read-buffer and backlog of goroutine",
		"Recommended: read-buffer 4 KiB instead of 16 KiB, the default.",
		"<dt>Gain</dt>", "<dt>It takes</dt>", "<dt>Not told apart</dt>",
		"<code>bufio.NewReaderSize(conn, 4KiB)</code>",
		`4 KiB</span></button> <span class="tag">recommended</span>`, `16 KiB</span></button> <span class="tag">default</span>`,
		"at 64 clients at once, up to 64 handshakes in flight",
		"Of clients that connect at once only connecting counts",
		"no valid trial", "<dt>NOISY</dt>", ">∞</td>",
	} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if strings.Contains(text, results.NonStationary) {
		t.Error("the page speaks of a verdict that does not count")
	}
}

func TestTuneHTMLOfNothing(t *testing.T) {
	run, _, tunings := tuned()
	for i, tuning := range tunings {
		tunings[i] = read.Tune(tuning.Tuned, nil)
	}
	page := tuneHTML(t, run, nil, tunings)
	for _, s := range []string{"This run is not complete: 0 of 88 trials.", "no read-buffer: no value has a valid trial"} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	dataIn(t, page)
}

// Each value of a row, and of the map's cell, is the median of the lines that the
// page names beside it.
func TestTuneHTMLFiguresAreThoseOfTheirLines(t *testing.T) {
	run, trials, tunings := tuned()
	page := tuneHTML(t, run, trials, tunings)
	d := dataIn(t, page)
	names := map[string][]string{
		"point-0-0": {"server_cpu_ns_per_request", "", "", "", "", "throughput_rps", "response_latency_ns.p99", "server_rss_bytes"},
		"point-0-1": {"server_cpu_ns_per_request", "", "", "", "", "throughput_rps", "response_latency_ns.p99", "server_rss_bytes"},
		"point-1-0": {"connect_latency_ns.p99", "", "", "", "", "connect_latency_ns.p50", "", "kernel.listen_overflows"},
	}
	// Row 7 has no valid trial, and so no value on the map; of storms of one size there is no map.
	for table, rows := range map[string][]int{"point-0-0": {0, 1, 2, 3}, "point-0-1": {4, 5, 6, 7}, "point-1-0": {9, 10}} {
		for _, i := range rows {
			cells := cellsOf(t, page, table, i)
			for j, name := range names[table] {
				if name == "" {
					continue
				}
				value := middle(valuesIn(t, d.Points[i].Trials, trials, name))
				if got, want := cells[1+j], results.FigureNamed(name).Text(value); got != want {
					t.Errorf("%s of row %d: the page has %s, its lines %s", name, i, got, want)
				}
				if j == 0 && strings.HasPrefix(table, "point-0") && i != 7 && !strings.Contains(page, ">"+results.FigureNamed(name).Text(value)+"</text>") {
					t.Errorf("the map has not %s", results.FigureNamed(name).Text(value))
				}
			}
		}
	}
}
