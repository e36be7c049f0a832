package figures

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connbench/results"
	"connbench/results/stats"
)

// serving adds what is known of the servers.
func serving(p *stats.Point) {
	p.Figures[results.ServerCPU] = around(1e9/p.Median(results.Throughput), 0.05)
	if p.Clients >= 256 {
		resident := 2000 * float64(len(p.Model))
		p.Figures[results.IdleRSS], p.Figures[results.IdleKernel] = around(resident, 0.1), around(2300, 0)
	}
}

// bounded adds intervals to the medians.
func bounded(p *stats.Point) {
	p.Intervals = map[*results.Figure]stats.Interval{}
	for _, f := range []*results.Figure{results.Throughput, results.P99, results.ServerCPU} {
		if s, known := p.Of(f); known {
			p.Intervals[f] = stats.Interval{Estimate: s.Median, Low: s.Min, High: s.Max}
		}
	}
}

// Which figures there are follows from what the points have.
func TestFiguresByMetric(t *testing.T) {
	fair := []string{"goroutine", "pool", "reactor"}
	for _, test := range []struct {
		name   string
		points []stats.Point
		want   []string
	}{
		{"nothing of the servers", sweep(fair, allClients, allPayloads[:1]), []string{"throughput", "p99"}},
		{"few connections", change(sweep(fair, allClients[:3], allPayloads[:1]), serving), []string{"throughput", "p99", "cpu"}},
		{"many connections", change(sweep(fair, allClients, allPayloads[:1]), serving), []string{"throughput", "p99", "cpu", "memory"}},
		{"somebody is not served", sweep(allModels, allClients, allPayloads), []string{"throughput", "p99", "fairness", "served"}},
		{"rates", change(rateSweep(fair, []int{64}, []int{64}, allRates), serving), []string{"rate-p99", "rate-throughput", "rate-cpu"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, s := range drawer().sheets(test.points) {
				got = append(got, s.name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("figures %v, want %v", got, test.want)
			}
		})
	}
}

func TestFigureTexts(t *testing.T) {
	var many []string
	for _, model := range rows {
		if model != "sequential" {
			many = append(many, model)
		}
	}
	both := func(p *stats.Point) { serving(p); bounded(p) }
	for _, test := range []struct {
		name, figure string
		points       []stats.Point
		said, silent []string
	}{
		{
			"bands", "throughput", change(sweep(allModels, allClients, allPayloads[:1]), both),
			[]string{"Medians of 5 trials a point, bands are their 95 % intervals.", "goroutine"}, []string{"minimum"},
		},
		{
			"bands and bars", "p99", change(sweep(allModels, allClients, allPayloads[:1]), both), // udp's interval is not bounded
			[]string{"bands are their 95 % intervals, thin bars, where trials are too few for one"}, nil,
		},
		{
			"a band of one count", "throughput", change(sweep(allModels, allClients[:1], allPayloads), both),
			[]string{"bands and thick bars are their 95 % intervals", "Throughput against clients"}, nil,
		},
		{
			"one point", "throughput", change(sweep(allModels, allClients[:1], allPayloads[:1]), both),
			[]string{"Throughput tcp", "64 B payload, 1 client", "bars are their 95 % intervals", "best of the last column"}, []string{"against"},
		},
		{
			"CPU", "cpu", change(sweep(allModels, allClients, allPayloads), both),
			[]string{"Server CPU per request against clients", "user and system together", "µs"}, nil,
		},
		{
			"memory at one count", "memory", change(sweep(allModels, allClients, allPayloads), both),
			[]string{"256 connections", "17.6 KiB + 2.25 KiB", "5.86 KiB + 2.25 KiB", "from 256 connections on"}, []string{"64 B payload"},
		},
		{
			"memory at several", "memory", change(sweep(allModels, []int{64, 256, 1024, 4096}, allPayloads), both),
			[]string{"64 B payload", "256", "4096", "resident memory of the server", "the kernel's: sockets"}, []string{"4 KiB payload"},
		},
		{
			"fairness", "fairness", sweep(allModels, allClients, allPayloads), []string{"Jain's index over the clients' answers"}, nil,
		},
		{
			"many models at two counts", "throughput", change(sweep(many, []int{16, 256}, allPayloads[:1]), both),
			[]string{"64 B payload, 16 clients", "64 B payload, 256 clients", "best of the last column", "python-asyncio", "bars are their 95 % intervals"}, []string{"side by side"},
		},
		{
			"many models, one of them without a value", "p99", change(sweep(many, []int{16, 256}, allPayloads[:1]), func(p *stats.Point) {
				if both(p); p.Model == "pool" && p.Clients == 16 {
					*p = noFigures(*p)
				}
			}),
			[]string{"pool –", "Tried, without figures to draw: pool at 16 clients"}, nil,
		},
		{
			"many models at many counts", "cpu", change(sweep(many, allClients, allPayloads[:1]), both),
			[]string{"Thin grey lines are the other models", "python-asyncio"}, []string{"side by side", "own vertical"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.ArtifactDir(), "figures")
			paths := some(t, dir, drawer().sheets(test.points), test.figure)
			wantFiles(t, dir, paths, test.figure+".svg", test.figure+".png")
			wantText(t, paths[0], test.said, test.silent)
			wantPNG(t, paths[1])
		})
	}
}

// The memory of a row that left clients out is not ranked, nor one that came to nothing.
func TestMemoryOfThoseThatServe(t *testing.T) {
	models := []string{"goroutine", "pool", "reactor"}
	points := change(sweep(models, []int{256}, allPayloads[:1]), func(p *stats.Point) {
		serving(p)
		switch p.Model {
		case "pool":
			p.Figures[results.IdleRSS], p.Figures[results.Unserved] = around(3, 0), around(192, 0)
		case "reactor":
			p.Figures[results.IdleRSS] = around(-11, 0)
		}
	})
	for _, s := range drawer().sheets(points) {
		if s.name != "memory" {
			continue
		}
		for _, row := range s.body.(*dotChart).rows {
			if row.cells[0].value > 0 != (row.name == "goroutine") {
				t.Errorf("%s is drawn: %+v", row.name, row.cells)
			}
		}
		for _, said := range []string{"without figures to draw: pool at 256", "below what can be told: reactor at 256"} {
			if !strings.Contains(s.caption, said) {
				t.Errorf("%q is not in %q", said, s.caption)
			}
		}
		return
	}
	t.Error("there is no figure")
}

func TestRankedOrder(t *testing.T) {
	var many []string
	for i := range 9 {
		many = append(many, string(rune('a'+i)))
	}
	points := change(sweep(many, []int{1, 16}, []int{64}), func(p *stats.Point) {
		place := float64(strings.Index("gacbdefhi", p.Model) + 1)
		p.Figures[results.P99], p.Figures[results.Throughput] = around(1e6*place, 0), around(1e5/place, 0)
		switch p.Model {
		case "a":
			p.Valid, p.Verdicts = 0, []string{"NOISY"}
		case "g":
			if p.Clients == 16 {
				*p = noFigures(*p)
			}
		}
	})
	for _, m := range metrics[:2] {
		d := drawer().newFigure(m, points).body.(*dotChart)
		var got string
		for _, row := range d.rows {
			got += row.name
		}
		if want := "cbdefhiag"; got != want {
			t.Errorf("%s: rows %s, want %s", m.name, got, want)
		}
		if len(d.columns) != 2 || d.rows[8].cells[1].text != "–" {
			t.Errorf("%s: %d columns, and the last cell of the last row is %q", m.name, len(d.columns), d.rows[8].cells[1].text)
		}
	}
}

func TestBoundedRuns(t *testing.T) {
	var c curve
	for _, bounded := range []bool{true, true, false, true, false, false, true} {
		c.marks = append(c.marks, mark{bounded: bounded})
	}
	var got []int
	for _, run := range c.bounded() {
		got = append(got, len(run))
	}
	if want := []int{2, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("runs of %v, want %v", got, want)
	}
}

// added is the worked example of the package's documentation.
var added = []metric{
	{Figure: results.Involuntary, name: "preempted", title: "Preemptions against clients", axis: "switches", against: &byClients},
}

// The worked example is Go, and is all that a figure takes.
func TestMetricOfTheDocumentation(t *testing.T) {
	const here = "metrics_test.go"
	_, documented, found := strings.Cut(contentOf(t, "doc.go"), "//\t{Figure: ")
	documented, _, _ = strings.Cut(documented, "\n")
	if !found || !strings.Contains(contentOf(t, here), "\t{Figure: "+documented+"\n") {
		t.Fatalf("%s does not have the example of doc.go: {Figure: %s", here, documented)
	}
	points := change(sweep(allModels, allClients, allPayloads), func(p *stats.Point) {
		p.Figures[results.Involuntary] = around(float64(100*p.Clients), 0.1)
	})
	s := drawer().newFigure(added[0], points)
	if s == nil {
		t.Fatal("nothing is drawn")
	}
	f, err := s.figure()
	if err != nil || f.Name != "preempted" || !strings.Contains(string(f.SVG), "Preemptions against clients") {
		t.Errorf("%s: %v", f.Name, err)
	}
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
