package document

import (
	"fmt"
	"slices"
	"strconv"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Profiles is a comparison table, with what the tutorial says of its rows.
func Profiles(c *read.ComparisonTable) Document {
	t := profilesTable(c)
	return Document{
		Blocks: []Block{{Table: t}, Lines(profilesLegend(c)...)},
		Fields: []Field{{"slo_p99_ns", c.Goal.P99}, {"client_rate_rps", c.ClientRate}, {"saturating_clients", c.Saturating}, {"rows", t}},
	}
}

// profilesTable leaves out, where there is little room, first lines, then the p99 at half,
// threads and blocking threads.
func profilesTable(c *read.ComparisonTable) *Table {
	t := &Table{Columns: []Column{
		{Title: "model", Name: "model", Left: true},
		{Title: "max\nclients", Name: "max_clients", Wrap: 11},
		{Title: "bound by", Name: "bound", Left: true, Wrap: 12},
		{Name: "bound_limit", Only: JSON}, {Name: "bound_at_clients", Only: JSON}, {Name: "probes", Only: JSON},
		{Title: "req/s\na CPU", Name: "requests_per_cpu_second"},
		{Title: "p99\nat half", Name: "p99_at_half_ns", Spare: 3},
		{Name: "p99_at_half_at_most_ns", Only: CSV | JSON},
		{Title: "idle\nconn", Name: "idle_connection_bytes", Only: People | CSV},
		{Name: "idle_connection", Only: JSON},
		{Title: "threads", Name: "threads", Spare: 2},
		{Title: "block", Name: "threads_blocked", Spare: 1},
		{Title: "lines", Name: "lines", Spare: 4},
		{Name: "cyclomatic", Only: CSV | JSON}, // lines are enough for people
		{Title: "use, by these figures", Name: "use", Left: true, Wrap: 13},
		{Name: "because", Only: CSV | JSON}, // too wide for them
		{Name: "tutorial", Only: JSON}, {Name: "kept_in_trial", Only: JSON},
	}}
	for i := range c.Profiles {
		t.add(profileCells(c, &c.Profiles[i])...)
	}
	return t
}

func profileCells(c *read.ComparisonTable, p *read.Profile) []Cell {
	said, tutorial := c.Words[p.Model]
	var quoted, kept any
	if tutorial {
		quoted = said
	}
	if p.Capacity.Trial != nil {
		kept = p.Capacity.Trial.Trial
	}
	source, counted := c.Sources[p.Model]
	lines, idle := none, none
	if counted {
		lines = Cell{Text: strconv.Itoa(source.Lines), Value: some(source.Lines)}
	}
	if p.Idle != nil {
		idle = of(results.IdleRSS, p.Idle.ResidentBytes, true)
	}
	lines.Said = said.Complexity
	threads := none
	if p.Threads > 0 {
		threads = count(p.Threads)
	}
	return []Cell{
		words(p.Model),
		{Text: results.Count(float64(p.Capacity.Clients)), Value: p.Capacity.Clients, Said: said.Clients},
		{Text: boundText(&p.Capacity), Value: p.Capacity.Bound},
		{Value: some(p.Capacity.Limit)}, {Value: some(p.Capacity.At)}, {Value: p.Capacity.Probes},
		estimate(p.PerCore, results.Count), halfCell(p), {Value: nanosOf(p.HalfAtMost)}, idle, {Value: p.Idle}, threads,
		{Text: strconv.Itoa(p.Parked), Value: p.Parked, Said: said.Blocking},
		lines, {Value: some(source.Cyclomatic)},
		{Text: p.Advice.Use, Value: p.Advice.Use, Said: said.Use}, {Value: p.Advice.Because},
		{Value: quoted}, {Value: kept},
	}
}

func boundText(c *read.Capacity) string {
	if c.At == 0 {
		return c.BoundText()
	}
	return fmt.Sprintf("%s at %s", c.BoundText(), results.Count(float64(c.At)))
}

// estimate is a cell of a median, if there is one.
func estimate(i *stats.Interval, write func(float64) string) Cell {
	if i == nil {
		return none
	}
	return Cell{Text: write(i.Estimate), Value: i.Estimate}
}

func nanosOf(i *stats.Interval) any {
	if i == nil {
		return nil
	}
	return results.Nanos(i.Estimate)
}

// halfCell is a latency, or one that the server's is at most.
func halfCell(p *read.Profile) Cell {
	c := estimate(p.HalfP99, results.Nanoseconds.Text)
	c.Value = nanosOf(p.HalfP99)
	if p.HalfAtMost != nil {
		c.Text = "≤ " + results.Nanoseconds.Text(p.HalfAtMost.Estimate)
	}
	return c
}

func profilesLegend(c *read.ComparisonTable) []string {
	lines := []string{
		fmt.Sprintf("max clients: all connected and served, p99 of the response within %v at %s a second of each client, errors under 0.1 %%",
			c.Goal.P99, Requests(c.ClientRate)),
		fmt.Sprintf("bound by: what keeps it from more, at the number where that was seen, which the search brings to within %.0f %% of max clients", 100*read.CapacityResolution),
		fmt.Sprintf("req/s a CPU: at saturation by %s; p99 at half: at half of the throughput there", results.Plural(c.Saturating, "client")),
		"idle conn: resident memory of a connection that has sent nothing; block: threads that wait for one client each, of " + strconv.Itoa(c.Saturating) + " clients",
		"“…”: what the tutorial says",
	}
	if slices.ContainsFunc(c.Profiles, func(p read.Profile) bool { return p.HalfAtMost != nil }) {
		lines = slices.Insert(lines, 3, "≤: in each trial the client was late itself, or others had the machine; the server's own latency is at most that")
	}
	return append(lines, Where(c.Env)...)
}

// Requests is a number of requests in words.
func Requests(n float64) string {
	if n == 1 {
		return "1 request"
	}
	return results.Shortest(n) + " requests"
}
