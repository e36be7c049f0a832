package document

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Profiles is a comparison table, with what the tutorial says of its rows.
func Profiles(c *read.ComparisonTable) Document {
	t := profilesTable(c)
	return Document{
		Verdict: profilesVerdict(c),
		Blocks:  []Block{{Table: t}, Lines(profilesLegend(c)...)},
		Fields:  []Field{{"slo_p99_ns", c.Goal.P99}, {"client_rate_rps", c.ClientRate}, {"saturating_clients", c.Saturating}, {"rows", t}},
	}
}

// profilesTable has too many columns for most terminals, none of which is to be spared.
func profilesTable(c *read.ComparisonTable) *Table {
	t := &Table{Columns: slices.Concat(
		[]Column{{Title: "model", Name: "model", Left: true, Names: true, Hint: "name of the row"}},
		answerColumns(c, read.Plain, "max_clients"),
		[]Column{
			{Title: "95 %", Left: true, Only: People},
			{Title: "bound by", Name: "bound", Left: true, Wrap: 12, Hint: "what keeps it from more, and if that is a limit with how many clients it was seen"},
			{Name: "bound_limit", Only: JSON}, {Name: "bound_why", Only: JSON}, {Name: "bound_at_clients", Only: JSON}, {Name: "probes", Only: JSON},
		},
		answerColumns(c, read.Busy, "busy_clients"),
		answerColumns(c, read.Quiet, "quiet_clients"),
		answerColumns(c, read.RateOfFew, "rate_of_few_rps"),
		answerColumns(c, read.RateOfMany, "rate_of_many_rps"),
		[]Column{
			{Title: "req/s\na CPU", Name: "requests_per_cpu_second", Hint: "requests a second of CPU time, at saturation", More: true},
			{Title: "p99\nat half", Only: People | Page, Hint: "99th percentile of the response at half of the highest throughput"},
			{Name: "p99_at_half_ns", Only: CSV | JSON},
			{Name: "p99_at_half_at_most_ns", Only: CSV | JSON},
			{Title: "idle\nconn", Name: "idle_connection_bytes", Only: People | Page | CSV, Hint: "resident memory of one more that has sent nothing"},
			{Name: "idle_connection", Only: JSON},
			{Title: "threads", Name: "threads", Hint: "of the server with the most clients"},
			{Title: "block", Name: "threads_blocked", Hint: "threads that wait for one client each"},
			{Title: "lines", Name: "lines", Hint: "of source"},
			{Name: "cyclomatic", Only: CSV | JSON}, // lines are enough for people
			{Title: "use, by these figures", Name: "use", Left: true, Wrap: 17, Hint: "what follows from them"},
			{Title: "because", Name: "because", Left: true, Wrap: 13, Only: CSV | JSON | Page, Hint: "what the use rests on"}, // too wide for a terminal
			{Name: "tutorial", Only: JSON}, {Name: "kept_in_trial", Only: JSON},
		}), Trials: probeColumns(c), Continued: true}
	if !slices.ContainsFunc(c.Profiles, estimated) {
		t.Columns[4].Only = JSON // where it has no name
	}
	for i := range c.Profiles {
		t.Rows = append(t.Rows, Row{Cells: profileCells(c, &c.Profiles[i]), Source: profileSource(c, &c.Profiles[i])})
	}
	return t
}

func estimated(p read.Profile) bool { return p.Capacity.Estimated() }

// asks says of what a question asks, in a column's two lines.
func asks(q read.Question) string {
	if q.ClientRate > 0 {
		return "clients\nat " + results.Shortest(q.ClientRate) + "/s"
	}
	return "req/s of\n" + results.Count(float64(q.Clients)) + " clients"
}

// answerColumns are those of the answers to a question; see answerCells.
func answerColumns(c *read.ComparisonTable, question int, name string) []Column {
	q := c.Questions[question]
	if !slices.ContainsFunc(c.Profiles, func(p read.Profile) bool { return p.Answers[question].Probes > 0 && !p.Answers[question].Implied }) {
		return named(name, name+"_low", name+"_high") // nobody has asked
	}
	hint := "that are all served"
	if q.ClientRate == 0 {
		hint = "that are served in time"
	}
	return append([]Column{{Title: asks(q), Name: name, Wrap: 11, Hint: hint, More: true}}, named(name+"_low", name+"_high")...)
}

func answerCells(a *read.Capacity, goal read.Goal, unit string) []Cell {
	c := Cell{Text: atLeast(a, goal), Value: a.Most, Hint: results.Plural(a.Most, unit) + ": " + boundText(a)}
	low, high := Cell{}, Cell{}
	switch {
	case a.Probes == 0:
		return []Cell{none, low, high}
	case a.Most == 0:
		c.Text = results.Absent
	case a.Implied:
		c.Hint = "as with more requests of each"
	case a.Estimated():
		c.Hint += "; with 95 % " + within95(a)
		c.Below, c.Low = within95(a), math.Round(a.Within.Low)
		low.Value = c.Low
		if a.Within.Bounded() {
			c.High = math.Round(a.Within.High)
			high.Value = c.High
		}
	}
	return []Cell{c, low, high}
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
	lines, idle, threads := none, none, none
	if counted {
		lines = Cell{Text: strconv.Itoa(source.Lines), Value: some(source.Lines), Hint: fmt.Sprintf("cyclomatic complexity %d", source.Cyclomatic)}
	}
	if p.Idle != nil {
		idle = of(results.IdleRSS, p.Idle.ResidentBytes, true)
		idle.Hint = idleHint(p)
	}
	lines.Said = said.Complexity
	if p.Threads > 0 {
		threads = count(p.Threads)
	}
	clients, within := answerCells(&p.Capacity, c.Goal, "client"), Cell{}
	clients[0].Said = said.Clients
	if p.Capacity.Estimated() {
		within = words(within95(&p.Capacity))
	}
	bound := Cell{Text: boundText(&p.Capacity), Value: p.Capacity.Bound}
	parked := Cell{Text: strconv.Itoa(p.Parked), Value: p.Parked, Said: said.Blocking}
	use, because := Cell{Text: p.Advice.Use, Value: p.Advice.Use, Said: said.Use}, words(p.Advice.Because)
	switch {
	case p.Capacity.Probes == 0: // the run ended before, or all probes were disturbed
		bound.Text, parked.Text, use.Text, because.Text = "not known", results.Absent, results.Absent, results.Absent
	case p.Capacity.Most == 0:
		clients[0].Text = "0"
	}
	return slices.Concat(
		[]Cell{words(p.Model)}, clients,
		[]Cell{within, bound, {Value: some(p.Capacity.Limit)}, {Value: some(p.Capacity.Why)}, {Value: some(p.Capacity.At)}, {Value: p.Capacity.Probes}},
		answerCells(&p.Answers[read.Busy], c.Goal, "client"), answerCells(&p.Answers[read.Quiet], c.Goal, "client"),
		answerCells(&p.Answers[read.RateOfFew], c.Goal, "request"), answerCells(&p.Answers[read.RateOfMany], c.Goal, "request"),
		[]Cell{
			estimate(p.PerCore, results.Number), halfCell(p), {Value: nanosOf(p.HalfP99)}, {Value: nanosOf(p.HalfAtMost)}, idle, {Value: p.Idle}, threads,
			parked,
			lines, {Value: some(source.Cyclomatic)},
			use, because,
			{Value: quoted}, {Value: kept},
		})
}

// atLeast is how many a row serves: "≥ 19.9k" where what stopped it was not its own limit.
func atLeast(c *read.Capacity, goal read.Goal) string {
	n := results.Count(float64(c.Most))
	if c.Most > 0 && goal.Limits(c) {
		return "≥ " + n
	}
	return n
}

// within95 is between which numbers an estimate is.
func within95(c *read.Capacity) string {
	if !c.Within.Bounded() {
		return results.Count(c.Within.Low) + " or more"
	}
	return c.Within.Bounds(results.Count)
}

func boundText(c *read.Capacity) string {
	if c.At == 0 || c.Estimated() {
		return c.BoundText()
	}
	return fmt.Sprintf("%s at %s", c.BoundText(), results.Count(float64(c.At)))
}

func estimate(i *stats.Interval, unit results.Unit) Cell {
	if i == nil {
		return none
	}
	c := Cell{Text: unit.Text(i.Estimate), Value: i.Estimate, Hint: "too few trials for an interval"}
	if i.Bounded() {
		c.Hint = ""
	}
	return c.within(*i, unit.Text)
}

// idleHint says of what the memory of a connection is a part.
func idleHint(p *read.Profile) string {
	m := p.Idle
	hint := "of " + results.Plural(m.Connections, "connection")
	if p.IdleFrom > 0 {
		hint = fmt.Sprintf("of each more, from %d to %s", p.IdleFrom, results.Plural(m.Connections, "connection"))
	}
	for _, part := range []struct {
		name string
		of   *float64
	}{{"Go's heap", m.HeapBytes}, {"Go's stacks", m.StackBytes}, {"beside it the kernel's", m.KernelBytes}} {
		if part.of != nil {
			hint += "; " + part.name + " " + results.ByteCount.Text(*part.of)
		}
	}
	return hint
}

func nanosOf(i *stats.Interval) any {
	if i == nil {
		return nil
	}
	return results.Nanos(i.Estimate)
}

// halfCell is a latency, or one that the server's is at most, by which it is sorted too.
func halfCell(p *read.Profile) Cell {
	c := estimate(p.HalfP99, results.Nanoseconds)
	if p.HalfAtMost != nil {
		c.Value = p.HalfAtMost.Estimate
		c.Text = "≤ " + results.Nanoseconds.Text(p.HalfAtMost.Estimate)
		c.Hint = "of trials in which the client or others on the machine were in the way: none was without"
	}
	return c
}

// isOf reports whether a trial is the one that a capacity names.
func isOf(c *read.Capacity, t *results.Trial) bool {
	return c.Trial != nil && t.Trial == c.Trial.Trial && t.Attempt == c.Trial.Attempt
}

func profilesLegend(c *read.ComparisonTable) []string {
	var lines []string
	where := func(any func(read.Profile) bool, line string) {
		if slices.ContainsFunc(c.Profiles, any) {
			lines = append(lines, line)
		}
	}
	lines = append(lines, fmt.Sprintf("clients at %s/s: with %s a second of each, all connected and served, p99 of the response within %v, errors under 0.1 %%; other numbers likewise",
		results.Shortest(c.ClientRate), Requests(c.ClientRate), c.Goal.P99))
	where(estimated, "95 %: where latency or errors end it, chance decides near the edge; then a number is with how many it is kept every second time, and this between which numbers that is")
	where(func(p read.Profile) bool { return c.Goal.Limits(&p.Capacity) }, "≥: what stopped it was not its own limit")
	lines = append(lines, "bound by: what keeps it from more, and if that is a limit at which number it was seen")
	where(func(p read.Profile) bool { return p.HalfAtMost != nil }, "≤: in each trial the client was late itself, or others had the machine; the server's own latency is at most that")
	lines = append(lines,
		fmt.Sprintf("req/s a CPU: at saturation by %s; p99 at half: at half of the row's throughput then, which may be more than its req/s: these keep the limit of latency", results.Plural(c.Saturating, "client")),
		"idle conn: resident memory of each connection more that has sent nothing; block: threads that wait for one client each, of "+strconv.Itoa(c.Saturating)+" clients",
		"“…”: what the tutorial says")
	where(func(p read.Profile) bool { return p.Idle != nil && p.Idle.ResidentBytes < 1 }, results.UntoldMeaning)
	return append(lines, Where(c.Env)...)
}

// Requests is a number of requests in words.
func Requests(n float64) string {
	if n == 1 {
		return "1 request"
	}
	return results.Shortest(n) + " requests"
}

// profileSource opens a row of a comparison table to all of its trials.
func profileSource(c *read.ComparisonTable, p *read.Profile) *Source {
	return &Source{Key: results.Key{Model: p.Model}, Trials: func(t *results.Trial) (its, rests bool) {
		return t.Model == p.Model, len(gives(c, p, t)) > 0
	}}
}

// probeColumns are of the trials below a row.
func probeColumns(c *read.ComparisonTable) []TrialColumn {
	columns := []TrialColumn{
		{"probe", func(t *results.Trial) string { return t.Probe }},
		{"clients", func(t *results.Trial) string { return strconv.Itoa(t.Clients) }},
		{"rate", func(t *results.Trial) string { return results.Count(t.RateRPS) }},
		{"outcome", func(t *results.Trial) string { return probed(c, t) }},
	}
	columns = append(columns, ofTrials(results.Throughput, results.P99, results.ServerCPU, results.IdleRSS, results.Threads)...)
	return append(columns, TrialColumn{"gives", func(t *results.Trial) string {
		for _, p := range results.Each(c.Profiles) {
			if p.Model == t.Model {
				return strings.Join(gives(c, p, t), ", ")
			}
		}
		return ""
	}})
}

// probed is what kept the server from the goal in a probe of capacity, if anything did.
func probed(c *read.ComparisonTable, t *results.Trial) string {
	if t.Probe != results.ProbeCapacity && t.Probe != results.ProbeRate {
		return results.Absent
	}
	return cmp.Or(string(c.Goal.Bound(t)), "kept")
}

// gives are the figures of a row that rest on a trial of it.
func gives(c *read.ComparisonTable, p *read.Profile, t *results.Trial) []string {
	var all results.Sentences
	for i, q := range c.Questions {
		a := &p.Answers[i]
		if len(q.Of([]*results.Trial{t})) == 0 {
			continue
		}
		all.When(a.Estimated() && c.Goal.Tells(t) || isOf(a, t), strings.ReplaceAll(asks(q), "\n", " "))
		all.When(i == read.Plain && a.At > 0 && t.Clients == a.At && c.Goal.Bound(t) == a.Bound, "what bounds them")
	}
	for _, figure := range []struct {
		name  string
		rests bool
	}{
		{"memory", p.Idle != nil && read.TellsIdle(t) && (p.IdleFrom > 0 || t.Clients == p.Idle.Connections)},
		{"threads", isOf(&p.Capacity, t)},
		{"requests a second of a CPU", t.Probe == results.ProbeSaturation && t.Valid()},
		{"p99 at half", t.Probe == results.ProbeHalf && t.Failure == "" && (t.Valid() || p.HalfAtMost != nil && read.OnlyDisturbed(t))},
	} {
		all.When(figure.rests, figure.name)
	}
	return all
}
