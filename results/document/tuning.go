package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Tunings is what became of each knob: a table for each point, and what to set.
func Tunings(tunings []*read.Tuning, env *results.Environment) Document {
	var d Document
	for _, t := range tunings {
		for i := range t.Points {
			d.Add(Block{Heading: tuningHeading(t, &t.Points[i]), Table: tuningTable(t, &t.Points[i])})
		}
		d.Add(advice(t))
	}
	d.Add(Lines(append(tuningLegend(tunings), Where(env)...)...))
	data := make([]Document, len(tunings))
	for i, t := range tunings {
		data[i] = tuningData(t)
	}
	d.Fields = []Field{{"tunings", data}}
	return d
}

func tuningLegend(tunings []*read.Tuning) []string {
	lines := []string{
		"* the default",
		"group: no two values of one can be told apart, by the third column; a value between two has both",
		"× first: the figure over the mean of the first group's; its interval, of 95 %, is against whichever value is the best in truth",
	}
	if slices.ContainsFunc(tunings, func(t *read.Tuning) bool { return t.Storm() }) {
		lines = append(lines,
			"connect p99: ∞ where one client in a hundred was not connected; what became of their requests afterwards does not count",
			"lost: attempts to connect that were refused, reset or timed out; overflows: connections that found the backlog full; "+
				"SYNs again: SYNs, and answers to them, that were sent once more. The last two are the kernel's, of the whole host")
	}
	return append(lines, results.Explanations(func(v string) bool {
		return slices.ContainsFunc(tunings, func(t *read.Tuning) bool { return t.Judged(v) })
	})...)
}

func tuningHeading(t *read.Tuning, p *read.TunedPoint) string {
	what := t.Model + ": " + t.Knob
	if t.Storm() {
		return dotted(what, fmt.Sprintf("%s connect at once, up to %d handshakes in flight", results.Plural(p.Clients, "client"), t.InFlight[p.Clients]))
	}
	flight := ""
	if n := p.Pipeline(); n > 1 {
		flight = fmt.Sprintf("%d requests in flight each", n)
	}
	return dotted(what, results.Plural(p.Clients, "client"), results.Bytes(int64(p.PayloadBytes)), flight, p.Work, p.Loop.Label())
}

// advice is what to set, and what that gives and takes.
func advice(t *read.Tuning) Block {
	w := t.Words()
	list := &Table{Bare: true, Columns: []Column{{Left: true}, {Left: true, Wrap: 40}}}
	add := func(title string, lines ...string) {
		for _, line := range lines {
			list.add(words(title), words(line))
			title = ""
		}
	}
	if w.But != "" {
		add("but:", w.But)
	}
	add("gain:", w.Gain...)
	add("memory:", w.Memory...)
	add("not told apart:", w.Alike...)
	add("the kernel:", w.Cut...)
	if w.Go != "" {
		add("in Go:", w.Go)
	}
	b := Block{Heading: "recommended: " + w.Lead, Indent: 1}
	if list.Rows != nil {
		b.Table = list
	}
	return b
}

// TunedFigures are those beside the one that ranks.
func TunedFigures(t *read.Tuned) []*results.Figure {
	all := []*results.Figure{results.ServerCPU, results.Throughput, results.P99, results.ServerRSS, results.IdleRSS}
	if t.Storm() {
		all = []*results.Figure{results.ConnectP50, results.Unconnected, results.Overflows, results.SYNsAgain, results.ServerRSS}
	}
	return slices.DeleteFunc(all, func(f *results.Figure) bool { return f.Name == t.Metric })
}

func tuningTable(t *read.Tuning, p *read.TunedPoint) *Table {
	table := &Table{Columns: []Column{{Title: "group"}, {Title: t.Knob}, {Title: p.Metric.Title}, {Title: "× first"}, {Title: "95 %", Left: true, Wrap: 18}}}
	figures := TunedFigures(&t.Tuned)
	for i, f := range figures {
		table.Columns = append(table.Columns, Column{Title: f.Column(), Long: f.Title, Spare: i + 1})
	}
	table.Columns = append(table.Columns, Column{Title: "valid\ntrials"})
	for i := range p.Standings {
		s := &p.Standings[i]
		cells := tuningPlace(t, p, s)
		for _, f := range figures {
			v, has := p.Median(f, s.Model)
			cells = append(cells, of(f, v, has))
		}
		table.Rows = append(table.Rows, Row{Cells: append(cells, count(p.ValidTrials(s.Model))), Break: i == p.Ranked() && i > 0})
	}
	return table
}

// tuningPlace is a standing's cells: rank, value, figure, ratio and the ratio's interval,
// or why there is none.
func tuningPlace(t *read.Tuning, p *read.TunedPoint, s *stats.Standing) []Cell {
	cells := place(s, p.Metric)
	rank, figure, ratio, between := cells[0], cells[2], cells[4], cells[5]
	value := t.Value(s.Model)
	if s.Model == t.Default {
		value += "*"
	}
	switch {
	case s.First == 0:
		v, has := p.Median(p.Metric, s.Model)
		figure, between = of(p.Metric, v, has), words(s.Why)
		if verdicts := p.Verdicts(s.Model); len(verdicts) > 0 {
			between = words(s.Why + ": " + strings.Join(verdicts, ", "))
		}
	case t.Endless(s) && !t.Endless(&p.Standings[0]):
		ratio, between = words("∞"), Cell{}
	default:
		ratio, between = words(results.Times(s.Best.Estimate)), words(s.Best.Bounds(results.Times))
	}
	return []Cell{rank, words(value), figure, ratio, between}
}

// tuningData is a tuning in JSON. What is unknown or endless is null.
func tuningData(t *read.Tuning) Document {
	points := make([]Document, len(t.Points))
	for i := range t.Points {
		points[i] = tunedData(t, &t.Points[i])
	}
	return Document{Fields: []Field{
		{"model", t.Model}, {"knob", t.Knob}, {"settings", t.Settings}, {"default", t.Default}, {"metric", t.Metric}, {"frugal", some(t.Frugal)},
		{"measures", some(t.Kind)}, {"in_flight", some(t.InFlight)}, {"cut", some(t.Cut)},
		{"points", points}, {"recommended", setting(t.Advice.Setting)}, {"why", some(t.Advice.Why)},
		{"idle_connection_bytes_more", bounded(t.Advice.Idle)}, {"server_rss_bytes_per_connection_more", bounded(t.Advice.Loaded)},
	}}
}

func tunedData(t *read.Tuning, p *read.TunedPoint) Document {
	values := &Table{Columns: []Column{
		{Name: "row"}, {Name: "value"}, {Name: "first_place"}, {Name: "last_place"}, {Name: "not_ranked"}, {Name: "ranked_by"}, {Name: "ratio_to_first"}, {Name: "figures"},
	}}
	for i := range p.Standings {
		s := &p.Standings[i]
		ranked, ratio := any(null), any(nil)
		if !t.Endless(s) {
			ranked = bounded(&s.Value)
		}
		if s.Best != nil {
			ratio = bounded(s.Best)
		}
		figures := map[string]any{}
		for _, f := range TunedFigures(&t.Tuned) {
			if v, has := p.Median(f, s.Model); has {
				figures[f.Name] = finite(v)
			}
		}
		values.add(Cell{Value: s.Model}, Cell{Value: t.Value(s.Model)}, Cell{Value: some(s.First)}, Cell{Value: some(s.Last)}, Cell{Value: some(s.Why)},
			Cell{Value: ranked}, Cell{Value: ratio}, Cell{Value: figures})
	}
	var gain any
	if p.Gain != nil {
		gain = bounded(&p.Gain.Ratio)
	}
	return Document{Fields: []Field{
		{"clients", p.Clients}, {"payload_bytes", p.PayloadBytes}, {"handshakes_in_flight", some(t.InFlight[p.Clients])}, {"values", values},
		{"may_be_the_best", append([]string{}, p.Alike...)}, {"ratio_to_default", gain},
	}}
}

// bounded is an interval as an object, nil of none.
func bounded(i *stats.Interval) any {
	if i == nil {
		return nil
	}
	return Document{Fields: []Field{{"estimate", i.Estimate}, {"low", i.Low}, {"high", i.High}}}
}

// setting is the value to set, null where there is none.
func setting(s *read.Setting) any {
	if s == nil {
		return null
	}
	return s
}
