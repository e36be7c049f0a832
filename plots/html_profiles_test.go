package plots

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"


	"connbench/results"
	"connbench/results/read"
)

func tableHTML(t *testing.T, run *results.Run, trials []results.Trial, c *results.ComparisonTable) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTableHTML(&b, run, trials, c, []string{"table.txt"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTableHTMLSays(t *testing.T) {
	run, trials, c := tabled()
	page := tableHTML(t, run, trials, c)
	text, _, _ := strings.Cut(page, `<script type="application/json"`)
	for _, s := range []string{
		"The tutorial says “tens of thousands” of clients: python-asyncio (700, bound by latency) serves fewer; goroutine (19.9k or more) serves as many.",
		"The tutorial says “hundreds” of clients: thread (8.1k) serves more, up to 8.1 times as many as that can mean.",
		"The tutorial says “thousands” of clients: select (2.4k) serves as many.",
		"Of all 5 rows, goroutine serves the most clients, 19.9k; sequential serves the fewest, 1.",
		"no capacity was looked for of python-threading",
		"<dt>descriptors</dt>", "<dt>NOISY</dt>", `<span class="said">“medium-high”</span>`, "within 10 ms at 1 request a second",
		`<a href="table.txt">`,
	} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if strings.Index(text, "“hundreds” of") > strings.Index(text, "“thousands” of") {
		t.Error("what is as the tutorial says comes before what is not")
	}
	if strings.Contains(text, "none found") {
		t.Error("the page speaks of a search that went no further")
	}
}

func TestCompareWithSaid(t *testing.T) {
	for _, test := range []struct {
		clients int
		bound   read.Bound
		want    against
		factor  float64
	}{
		{0, read.BoundLatency, fewer, 100},
		{50, read.BoundLatency, fewer, 2},
		{50, read.BoundClient, notDecided, 2},
		{20, read.BoundMemory, notDecided, 5},
		{99, read.BoundSearch, notDecided, 100. / 99},
		{99, read.BoundDescriptors, fewer, 100. / 99}, // its own
		{100, read.BoundLatency, asSaid, 1},
		{999, read.BoundDescriptors, asSaid, 1},
		{1000, read.BoundLatency, more, 1},
		{5000, read.BoundSearch, more, 5},
	} {
		c := &read.Capacity{Clients: test.clients, Bound: test.bound}
		if got := compareWithSaid(c, read.Goal{OpenFiles: 164}, 100, 999); got != test.want {
			t.Errorf("%d clients, bound by %s: %v, want %v", test.clients, test.bound, got, test.want)
		}
		if got := factor(test.clients, 100, 999); got != test.factor {
			t.Errorf("%d clients: %v times, want %v", test.clients, got, test.factor)
		}
	}
}

func TestTableAnswerOfNothing(t *testing.T) {
	c := &results.ComparisonTable{Profiles: []read.Profile{{Model: "a"}, {Model: "b"}}}
	if got := tableAnswer(c); got != nil {
		t.Errorf("of rows without a trial: %q", got)
	}
	for i := range c.Profiles {
		c.Profiles[i].Capacity = read.Capacity{Clients: 7, Probes: 1}
	}
	if got := tableAnswer(c); !slices.Equal(got, []string{"All 2 rows serve 7 clients."}) {
		t.Errorf("of rows that are alike: %q", got)
	}
}

// Each kind of figure of the table, and each mark, is that of the lines which the page
// names beside it.
func TestTableHTMLFiguresAreThoseOfTheirLines(t *testing.T) {
	run, trials, c := tabled()
	page := tableHTML(t, run, trials, c)
	d := dataIn(t, page)
	for i, p := range d.Points {
		if d.Models[p.Model].Name != "thread" {
			continue
		}
		cells := cellsOf(t, page, "profiles", i)
		one := func(what, field string) float64 {
			v := valuesIn(t, giving(p.Trials, what), trials, field)
			if len(v) != 1 {
				t.Fatalf("%d lines give %s", len(v), what)
			}
			return v[0]
		}
		perCPU := valuesIn(t, giving(p.Trials, "requests a second of a CPU"), trials, "server_cpu_ns_per_request")
		for j, v := range perCPU {
			perCPU[j] = 1e9 / v
		}
		half := valuesIn(t, giving(p.Trials, "p99 at half"), trials, "response_latency_ns.p99")
		idle := one("max clients", "server_idle_connection.resident_bytes")
		for _, test := range []struct {
			cell int
			want string
		}{
			{1, results.Count(one("max clients", "clients"))},
			{2, "latency"},
			{3, results.Count(middle(perCPU))},
			{4, results.Nanos(middle(half)).String()},
			{5, results.Bytes(int64(idle))},
			{6, strconv.Itoa(int(one("max clients", "server_threads")))},
		} {
			if !strings.HasPrefix(cells[test.cell], test.want) {
				t.Errorf("column %d has %q, its lines %s", test.cell, cells[test.cell], test.want)
			}
		}
		for j, want := range []float64{one("max clients", "clients"), idle, middle(perCPU), middle(half)} {
			chart := d.Chapters[0].Charts[j]
			k := slices.IndexFunc(chart.Dots, func(s spot) bool { return s.Point == i })
			if got := float64(chart.Dots[k].Y); got != want {
				t.Errorf("%s: the mark is at %v, its lines at %v", chart.Title, got, want)
			}
		}
		if at := one("what bounds them", "clients"); !strings.Contains(cells[2], fmt.Sprintf("at %.0f clients", at)) {
			t.Errorf("bound by %q, which its line saw at %v", cells[2], at)
		}
	}
}

// giving are the trials that give a figure, by their notes.
func giving(trials []trialData, what string) []trialData {
	return slices.DeleteFunc(slices.Clone(trials), func(t trialData) bool { return !strings.Contains(t.Notes, what) })
}
