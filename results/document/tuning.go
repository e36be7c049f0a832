package document

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Tunings is what to set of each knob, and a table for each point, of all trials of a run.
func Tunings(tunings []*read.Tuning, trials []results.Trial, env *results.Environment) Document {
	d := Join(TuningsAnswer(tunings), TuningsTables(tunings, trials))
	d.Add(Lines(Where(env)...))
	d.Main = tuningRows(tunings)
	if len(tunings) > 1 {
		d.Verdict = "Of " + tunings[0].Model + ": " + strings.Join(results.Map(tunings, func(t *read.Tuning) string { return t.Words().Lead }), "; ") + "."
	}
	d.Fields = []Field{{"tunings", append([]Document{}, results.Map(tunings, tuningData)...)}}
	return d
}

// TuningsAnswer is what to set alone, and TuningsTables what that rests on.
func TuningsAnswer(tunings []*read.Tuning) Document {
	var d Document
	for _, t := range tunings {
		d.Add(advice(t))
	}
	return d
}

// TuningsTables are those of each knob and point, with what their words mean.
func TuningsTables(tunings []*read.Tuning, trials []results.Trial) Document {
	var d Document
	for _, t := range tunings {
		d.Add(tuningTables(t)...)
	}
	d.Add(Lines(tuningLegend(tunings)...))
	return Join(d, unsliced(trials))
}

func tuningTables(t *read.Tuning) []Block {
	blocks := make([]Block, len(t.Points))
	for i := range t.Points {
		blocks[i] = Block{Heading: tuningHeading(t, &t.Points[i]), Table: tuningTable(t, &t.Points[i])}
	}
	return blocks
}

func tuningLegend(tunings []*read.Tuning) []string {
	lines := results.Sentences{
		"* the default",
		"tier: no two values of one can be told apart, by the third column; a value between two has both",
		"× first: the figure over the mean of the first tier's; its interval, of 95 %, is against whichever value is the best in truth",
	}
	if slices.ContainsFunc(tunings, func(t *read.Tuning) bool { return t.Storm() }) {
		lines = append(lines,
			"connect p99: ∞ where one client in a hundred was not connected; what became of their requests afterwards does not count",
			"lost: attempts to connect that were refused, reset or timed out; overflows: connections that found the backlog full; "+
				"SYNs again: SYNs, and answers to them, that were sent once more. The last two are the kernel's, of the whole host")
	}
	lines.When(slices.ContainsFunc(tunings, untold), results.UntoldMeaning)
	return append(lines, results.Explanations(func(v string) bool {
		return slices.ContainsFunc(tunings, func(t *read.Tuning) bool { return t.Judged(v) })
	}, slices.Concat(results.Map(tunings, (*read.Tuning).ClientLimits)...))...)
}

// untold reports whether the memory of idle connections came to nothing for a value.
func untold(t *read.Tuning) bool {
	return !t.Storm() && slices.ContainsFunc(t.Points, func(p read.TunedPoint) bool {
		return slices.ContainsFunc(t.Settings, func(s read.Setting) bool {
			v, known := p.Median(results.IdleRSS, s.Row)
			return known && v < 1
		})
	})
}

func tuningHeading(t *read.Tuning, p *read.TunedPoint) string {
	what := t.Model + ": " + t.Knob
	if t.Storm() {
		return Dotted(what, fmt.Sprintf("%s connect at once, up to %d handshakes in flight", results.Plural(p.Clients, "client"), t.InFlight[p.Clients]))
	}
	flight := ""
	if n := p.Pipeline(); n > 1 {
		flight = fmt.Sprintf("%d requests in flight each", n)
	}
	return Dotted(what, results.Plural(p.Clients, "client"), results.Bytes(int64(p.PayloadBytes)), flight, p.Work, p.Loop.Label())
}

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
	heading := "Recommended: " + w.Lead
	if t.Advice.Setting == nil {
		heading = "No " + t.Knob + " is recommended: " + t.Advice.Why
	}
	b := Block{Heading: heading, Indent: 1}
	if list.Rows != nil {
		b.Table = list
	}
	return b
}

// tunedFigures are those beside the one that ranks.
func tunedFigures(t *read.Tuned) []*results.Figure {
	all := []*results.Figure{results.ServerCPU, results.Throughput, results.P99, results.ServerRSS, results.IdleRSS}
	if t.Storm() {
		all = []*results.Figure{results.ConnectP50, results.Unconnected, results.Overflows, results.SYNsAgain, results.ServerRSS}
	}
	return slices.DeleteFunc(all, func(f *results.Figure) bool { return f.Name == t.Metric })
}

func tuningTable(t *read.Tuning, p *read.TunedPoint) *Table {
	metric, figures := figureColumn(p.Metric, 0), tunedFigures(&t.Tuned)
	metric.Title = p.Metric.Title
	table := &Table{Columns: []Column{
		{Title: "tier", Order: true, Hint: "no two values of one can be told apart"}, {Title: t.Knob, Names: true, Hint: "value"},
		metric,
		{Title: "× first", Hint: "how many times the mean of the first tier's", More: p.Metric.More},
		{Title: "95 %", Left: true, Wrap: 18, Hint: "interval against whichever is the best"},
	}}
	for i, f := range figures {
		table.Columns = append(table.Columns, figureColumn(f, i+1))
	}
	table.Trials = ofTrials(append([]*results.Figure{p.Metric}, figures...)...)
	table.Columns = append(table.Columns, Column{Title: "valid\ntrials", Hint: "those without a verdict", More: true},
		Column{Title: "notes", Left: true, Wrap: 15, Only: Page, Hint: "errors, verdicts, failures"})
	for i, s := range results.Each(p.Standings) {
		cells := tuningPlace(t, p, s)
		for _, f := range figures {
			v, has := p.Median(f, s.Model)
			cells = append(cells, of(f, v, has))
		}
		point := *p.Of(s.Model)
		if s.First == 0 {
			point.Verdicts = nil // stand where its ratio would
		}
		cells = append(cells, Cell{Text: strconv.Itoa(point.Valid), Value: point.Valid, Hint: "of " + strconv.Itoa(point.Trials)}, words(notes(&point)))
		table.Rows = append(table.Rows, Row{Cells: cells, Break: i == p.Ranked() && i > 0, Source: tunedSource(t, p, s)})
	}
	return table
}

// tunedSource is where the figures of a value come from. Of a storm only connecting counts,
// whatever the verdicts on what came after it.
func tunedSource(t *read.Tuning, p *read.TunedPoint, s *stats.Standing) *Source {
	source := sourceOf(p.Of(s.Model))
	source.Name = t.Knob + " " + t.Value(s.Model)
	source.Flagged, source.Key.Knobs = s.First == 0, t.Knob
	if t.Advice.Setting != nil && t.Advice.Setting.Row == s.Model {
		source.Tag = "recommended"
	}
	if t.Storm() {
		its := source.Trials
		source.Trials = func(t *results.Trial) (bool, bool) { own, _ := its(t); return own, t.Failure == "" }
	}
	return source
}

// tuningPlace is a standing's cells: tier, value, figure, ratio and the ratio's interval, or why there
// is none.
func tuningPlace(t *read.Tuning, p *read.TunedPoint, s *stats.Standing) []Cell {
	cells := place(s, p.Metric)
	group, figure, ratio, between := cells[0], cells[2], cells[4], Cell{}
	value := Cell{Text: t.Value(s.Model), Value: t.Place(s.Model)}
	if s.Model == t.Default {
		value.Text += "*"
	}
	switch {
	case s.First == 0:
		v, has := p.Median(p.Metric, s.Model)
		figure, between = of(p.Metric, v, has), words(s.Why)
		if verdicts := p.Of(s.Model).Verdicts; len(verdicts) > 0 {
			between = words(s.Why + ": " + strings.Join(verdicts, ", "))
		}
	case t.Endless(s) && !t.Endless(&p.Standings[0]):
		ratio = Cell{Text: "∞", Value: math.Inf(1)}
	default:
		ratio = Cell{Text: results.Times(s.Best.Estimate), Value: s.Best.Estimate}
		if s.Best.Low < s.Best.High { // not of a row alone
			between = within(s.Best, results.Times)
		}
	}
	if t.Endless(s) {
		figure.Below, figure.Low, figure.High = "", nil, nil
	}
	return []Cell{group, value, figure, ratio, between}
}

// tuningRows are all values at all points in one table, for CSV.
func tuningRows(tunings []*read.Tuning) *Table {
	table := &Table{Columns: named("model", "knob", "value", "recommended", "clients", "payload_bytes", "first_place", "last_place", "not_ranked", "metric", "ranked_by", "low", "high", "ratio_to_first")}
	for _, t := range tunings {
		for _, p := range t.Points {
			for _, s := range p.Standings {
				recommended := t.Advice.Setting != nil && t.Advice.Setting.Row == s.Model
				row := values(t.Model, t.Knob, t.Value(s.Model), recommended, p.Clients, p.PayloadBytes, some(s.First), some(s.Last), some(s.Why), t.Metric)
				if s.First > 0 && !t.Endless(&s) {
					row = append(row, values(s.Value.Estimate, known(s.Value.Low, s.Value.Bounded()), known(s.Value.High, s.Value.Bounded()), s.Best.Estimate)...)
				} else {
					row = append(row, values(nil, nil, nil, nil)...)
				}
				table.add(row...)
			}
		}
	}
	return table
}

// tuningData is a tuning in JSON. What is unknown or endless is null.
func tuningData(t *read.Tuning) Document {
	points := results.Map(t.Points, func(p read.TunedPoint) Document { return tunedData(t, &p) })
	recommended := any(null)
	if s := t.Advice.Setting; s != nil {
		recommended = s
	}
	return Document{Fields: []Field{
		{"model", t.Model}, {"knob", t.Knob}, {"settings", t.Settings}, {"default", t.Default}, {"metric", t.Metric}, {"frugal", some(t.Frugal)},
		{"measures", some(t.Kind)}, {"in_flight", some(t.InFlight)}, {"cut", some(t.Cut)},
		{"points", points}, {"recommended", recommended}, {"why", some(t.Advice.Why)},
		{"idle_connection_bytes_more", bounded(t.Advice.Idle)}, {"server_rss_bytes_per_connection_more", bounded(t.Advice.Loaded)},
	}}
}

func tunedData(t *read.Tuning, p *read.TunedPoint) Document {
	rows := &Table{Columns: data("row", "value", "first_place", "last_place", "not_ranked", "ranked_by", "ratio_to_first", "figures")}
	for _, s := range results.Each(p.Standings) {
		ranked := any(null)
		if !t.Endless(s) {
			ranked = bounded(&s.Value)
		}
		figures := map[string]any{}
		for _, f := range tunedFigures(&t.Tuned) {
			if v, has := p.Median(f, s.Model); has {
				figures[f.Name] = finite(v)
			}
		}
		rows.add(values(s.Model, t.Value(s.Model), some(s.First), some(s.Last), some(s.Why), ranked, bounded(s.Best), figures)...)
	}
	var gain any
	if p.Gain != nil && p.Gain.Ratio.Bounded() {
		gain = bounded(&p.Gain.Ratio)
	}
	return Document{Fields: []Field{
		{"clients", p.Clients}, {"payload_bytes", p.PayloadBytes}, {"handshakes_in_flight", some(t.InFlight[p.Clients])}, {"values", rows},
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
