package page

import (
	"slices"
	"strconv"
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
	return written(t, newTunePage(run, trials, tunings, all), "tune.txt")
}

func TestTuneHTMLSays(t *testing.T) {
	run, trials, tunings := tuned()
	page := tuneHTML(t, run, trials, tunings)
	text, _, _ := strings.Cut(page, `<script type="application/json"`)
	for _, s := range []string{
		"connbench: read-buffer and backlog of goroutine",
		"Recommended: read-buffer 4 KiB instead of 16 KiB, the default",
		">gain:</td>", ">memory:</td>", ">not told apart:</td>",
		">bufio.NewReaderSize(conn, 4KiB)</td>",
		`4 KiB</span></button> <span class="tag">recommended</span>`, `16 KiB*</span></button>`, "* the default",
		"64 clients connect at once, up to 64 handshakes in flight",
		"what became of their requests afterwards does not count",
		"no valid trial", ">NOISY: others took", ">∞</td>",
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
	for _, s := range []string{"This run is not complete: 0 of 88 trials.", "No read-buffer is recommended: no value has a valid trial"} {
		if !strings.Contains(page, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	dataIn(t, page)
}

// Each value of a row is the median of the lines that the page names beside it; the one that
// ranks, which is the map's too, is a level that lies among them.
func TestTuneHTMLFiguresAreThoseOfTheirLines(t *testing.T) {
	run, trials, tunings := tuned()
	page := tuneHTML(t, run, trials, tunings)
	d := dataIn(t, page)
	// Of the first column, and of some of those after the ratio to the first value's.
	names := map[string][]string{
		"table-0": {"server_cpu_ns_per_request", "throughput_rps", "response_latency_ns.p99", "server_rss_bytes"},
		"table-1": {"server_cpu_ns_per_request", "throughput_rps", "response_latency_ns.p99", "server_rss_bytes"},
		"table-2": {"connect_latency_ns.p99", "connect_latency_ns.p50", "kernel.listen_overflows"},
	}
	// A row without a valid trial has no value on the map; of storms of one size there is no map.
	for table, figures := range names {
		rows := rowsOf(t, page, table)
		if want := map[string]int{"table-0": 4, "table-1": 4, "table-2": 3}[table]; len(rows) != want {
			t.Errorf("table %s has %d rows, want %d", table, len(rows), want)
		}
		if table == "table-2" {
			rows = rows[:2] // the third is endless, as no field of its lines is
		}
		for _, i := range rows {
			cells := cellsOf(t, page, table, i)
			for j, name := range figures {
				lines, write := valuesIn(t, d.Rows[i-1].Trials, trials, name), results.FigureNamed(name).Text
				column := slices.Index(headsOf(page, table), results.FigureNamed(name).Title)
				if got, want := cells[column], write(middle(lines)); j > 0 && got != want {
					t.Errorf("%s of row %d: the page has %s, its lines %s", name, i, got, want)
				}
				if j > 0 {
					continue
				}
				level, _, _ := strings.Cut(cells[column], " ")
				of, _, _ := strings.Cut(write(middle(lines)), " ")
				if a, b := number(t, level), number(t, of); a < 0.97*b || a > 1.03*b {
					t.Errorf("%s of row %d: the page has %s, its lines %s", name, i, cells[column], write(middle(lines)))
				}
				if table != "table-2" && cells[0] != "!" && !strings.Contains(page, ">"+cells[column]+"</text>") {
					t.Errorf("the map has not %s", cells[column])
				}
			}
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
