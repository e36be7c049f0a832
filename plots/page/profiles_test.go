package page

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"connbench/plots/figures"
	"connbench/results"
	"connbench/results/read"
)

func tableHTML(t *testing.T, run *results.Run, trials []results.Trial, c *read.ComparisonTable) string {
	t.Helper()
	all := drawn(t)(figures.Drawer{Env: c.Env, Order: run.Models}.Table(c))
	return written(t, newTablePage(run, trials, c, run.Models, all), "table.txt")
}

func TestTableHTMLSays(t *testing.T) {
	run, trials, c := tabled()
	page := tableHTML(t, run, trials, c)
	text, _, _ := strings.Cut(page, `<script type="application/json"`)
	clients := results.Map(c.Profiles, func(p read.Profile) string { return results.Count(float64(p.Capacity.Most)) })
	for _, s := range []string{
		"The tutorial says “tens of thousands” of clients: python-asyncio (" + clients[4] + ", bound by latency) serves fewer; goroutine (19.9k or more) serves as many.",
		"The tutorial says “hundreds” of clients: thread (" + clients[1] + ") serves more, up to 7.2 times as many as that can mean.",
		"The tutorial says “thousands” of clients: select (" + clients[3] + ") serves as many.",
		"Of all 5 rows, goroutine serves the most clients, 19.9k or more; sequential serves the fewest, 1.",
		"How many clients python-threading can serve is not known",
		">descriptors: ", ">NOISY: others took", `<span class="said">“medium-high”</span>`, "with 1 request a second of each, all connected and served, p99 of the response within 10 ms",
		`<a href="table.txt">`,
	} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if strings.Index(text, "“hundreds” of") > strings.Index(text, "“thousands” of") {
		t.Error("what is as the tutorial says comes before what is not")
	}
	if strings.Contains(tagText.ReplaceAllString(text, ""), "none found") {
		t.Error("the page speaks of a search that went no further")
	}
}

// Each kind of value in the table is that of the lines which the page
// names beside it.
func TestTableHTMLFiguresAreThoseOfTheirLines(t *testing.T) {
	run, trials, c := tabled()
	page := tableHTML(t, run, trials, c)
	d := dataIn(t, page)
	for i, p := range d.Rows {
		if p.Key.Model != "thread" {
			continue
		}
		cells := cellsOf(t, page, "table-0", i+1)
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
		for _, what := range []string{"clients at 1/s", "memory"} {
			if n := len(giving(p.Trials, what)); n != 4 {
				t.Errorf("%s rests on %d lines", what, n)
			}
		}
		for _, test := range []struct {
			cell int
			want string
		}{
			{1, results.Count(float64(c.Profiles[1].Capacity.Most))},
			{2, "latency"},
			{3, results.Count(middle(perCPU))},
			{4, results.Nanos(middle(half)).String()},
			{5, results.Bytes(int64(c.Profiles[1].Idle.ResidentBytes))},
			{6, strconv.Itoa(int(one("threads", "server_threads")))},
		} {
			if !strings.HasPrefix(cells[test.cell], test.want) {
				t.Errorf("column %d has %q, its lines %s", test.cell, cells[test.cell], test.want)
			}
		}
		if within := c.Profiles[1].Capacity.Within.Bounds(results.Count); !strings.Contains(page, `<span class="below">`+tight(within)+"</span>") {
			t.Errorf("the page does not have the interval %s", within)
		}
		if at := one("what bounds them", "clients"); at != 8400 {
			t.Errorf("bound at %v", at)
		}
	}
}

// giving are the trials that give a figure, by their last column.
func giving(trials []behind, what string) []behind {
	return slices.DeleteFunc(slices.Clone(trials), func(b behind) bool { return !slices.Contains(strings.Split(b.Texts[len(b.Texts)-1], ", "), what) })
}
