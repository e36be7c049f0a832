package document

import (
	"fmt"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// Changes says what has changed over the runs of a series, or why that cannot be told.
func Changes(h *read.History, s *read.Series) Document {
	first, last := &h.Runs[s.Runs[0]], &h.Runs[s.Runs[len(s.Runs)-1]]
	b := Block{Heading: Dotted("History", results.Plural(len(s.Runs), "run"), first.Name+" to "+last.Name, first.Run.Environment.Machine())}
	b.Lead = []string{seriesVerdict(s)}
	if len(s.Changed()) == 0 && len(s.Runs) >= s.Needed() {
		b.Lead = append(b.Lead, unseen(s)...)
	}
	groups := results.Grouped(changesOf(s.Changed()), func(c changeOf) changeAt { return changeAt{c.Key, c.Since(&c.Change)} })
	for i, group := range groups {
		if i == maxChanges {
			b.Lead = append(b.Lead, fmt.Sprintf("And %s, which the page and --json have.", results.Plural(len(groups)-i, "more")))
			break
		}
		b.Lead = append(b.Lead, changeWords(h, group))
	}
	return Document{Blocks: []Block{b}}
}

// seriesVerdict is how many figures of a series have changed, of which rows, or why that cannot be told.
func seriesVerdict(s *read.Series) string {
	changed, figures := s.Changed(), results.Plural(s.Tested, "figure")
	switch {
	case s.Tested == 0:
		return "Nothing can be told: no row has a figure in two of these runs that may be ranked."
	case len(s.Runs) < s.Needed():
		return fmt.Sprintf("Nothing can be told yet of %s: with %s to watch, a change can be told from chance from %d runs on.", results.Plural(len(s.Runs), "run"), figures, s.Needed())
	case len(changed) == 0:
		return fmt.Sprintf("No change beyond chance in %s over %s.", figures, results.Plural(len(s.Runs), "run"))
	}
	rows := results.Distinct(changed, func(l *read.Line) string { return l.Model })
	return fmt.Sprintf("%d of %s changed beyond chance over %s, of %s.", len(changed), figures, results.Plural(len(s.Runs), "run"), several(rows))
}

// maxChanges is how many are named.
const maxChanges = 12

// unseen is how large a change of the figures would have to be to be found.
func unseen(s *read.Series) []string {
	var parts []string
	for _, of := range results.Grouped(s.Lines, func(l *read.Line) *results.Figure { return l.Figure }) {
		var scatters []float64
		for i := range of {
			if v, known := of[i].Scatter(); known && of[i].Tested && v > 0 {
				scatters = append(scatters, v)
			}
		}
		if len(scatters) > 0 {
			slices.Sort(scatters)
			parts = append(parts, fmt.Sprintf("%s %s", of[0].Figure.Title, percent(3*results.Median(scatters))))
		}
	}
	if parts == nil {
		return nil
	}
	return []string{"Less than three times the scatter from run to run may not show: " + strings.Join(parts, ", ") + "."}
}

func percent(share float64) string {
	if share < 1e-6 { // by rounding
		return "0 %"
	}
	if share < 0.1 {
		return fmt.Sprintf("%.2g %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// changeOf is a change of a line.
type changeOf struct {
	*read.Line
	stats.Change
}

// changeAt is a row, a point and a run from which on something is different.
type changeAt struct {
	results.Key
	run int
}

// changesOf are those of lines one by one.
func changesOf(lines []*read.Line) (all []changeOf) {
	for _, l := range lines {
		for _, c := range l.Changes {
			all = append(all, changeOf{l, c})
		}
	}
	return all
}

// changeWords says what of a row at a point is different from a run on.
func changeWords(h *read.History, group []changeOf) string {
	slices.SortStableFunc(group, func(a, b changeOf) int {
		return slices.Index(results.Metrics, a.Figure) - slices.Index(results.Metrics, b.Figure)
	})
	first := group[0]
	run, before := &h.Runs[first.Since(&first.Change)], &h.Runs[first.Until(&first.Change)]
	parts := strings.Join(results.Map(group, changeOf.words), "; ")
	return fmt.Sprintf("%s at %s since %s%s: %s.%s", first.Model, At(first.Key), run.Name, commits(before, run), parts, besideWords(group))
}

// commits are those of the software before and after, where they differ.
func commits(before, after *read.Past) string {
	switch a, b := before.Commit(), after.Commit(); {
	case a == b:
		return ""
	case a == "" || b == "":
		return " (another build)"
	default:
		return fmt.Sprintf(" (commit %s → %s)", a, b)
	}
}

// words is how much another a figure is, and what it was as measured.
func (c changeOf) words() string {
	outcome := "worse"
	if c.Figure.Better(c.Ratio.Estimate) {
		outcome = "better"
	}
	said := fmt.Sprintf("%s %s times", c.Figure.Title, results.Ratio(c.Ratio.Estimate))
	if c.Ratio.Bounded() {
		said += " (" + c.Ratio.Bounds(results.Ratio) + ")"
	}
	before, after := c.Measured(c.From, c.Change.At), c.Measured(c.Change.At, c.To)
	return said + fmt.Sprintf(", %s, from %s to %s as measured", outcome, c.Figure.Text(before), c.Figure.Text(after))
}

// besideWords is what the row was held against, and what that leaves open.
func besideWords(group []changeOf) string {
	var all []string
	for _, of := range results.Grouped(group, func(c changeOf) string { return strings.Join(c.Beside, "\x00") }) {
		c := of[0]
		switch {
		case len(c.Beside) == 0:
			all = append(all, "No other row stood beside it: whether the server or the machine has changed is not known.")
		case c.Either:
			all = append(all, fmt.Sprintf("It is held against %s: which of the two has changed two rows cannot tell.", c.Beside[0]))
		default:
			all = append(all, fmt.Sprintf("It is held against %s.", several(c.Beside)))
		}
	}
	return " " + strings.Join(slices.Compact(all), " ")
}

// HistoryTable is the table of all figures of a series.
func HistoryTable(h *read.History, s *read.Series) *Table {
	t := &Table{Columns: []Column{
		{Title: "row", Name: "model", Left: true, Names: true}, {Title: "at", Left: true}, {Name: "clients", Only: JSON}, {Name: "payload_bytes", Only: JSON}, {Name: "rate_rps", Only: JSON}, {Name: "work", Only: JSON},
		{Title: "figure", Left: true}, {Name: "metric", Only: JSON}, {Title: "runs", Name: "runs"}, {Title: "first", Name: "first"}, {Title: "last", Name: "last"},
		{Title: "scatter", Name: "scatter", Hint: "standard deviation from run to run of what is tested, changes taken out"}, {Title: "held against", Name: "beside", Left: true, Wrap: 12},
		{Title: "p", Name: "p_adjusted", Hint: "of the clearest change, among all figures of the series"}, {Title: "changes", Left: true, Wrap: 16}, {Name: "changes", Only: JSON}, {Name: "values", Only: JSON},
	}}
	for _, l := range s.Lines {
		first, last := l.Values[0].Estimate, l.Values[len(l.Values)-1].Estimate
		scatter, p, beside := none, none, fewOf(l.Beside, "other row", strings.Join(l.Beside, ", "))
		if v, known := l.Scatter(); known {
			scatter = Cell{Text: percent(v), Value: v}
		}
		switch {
		case l.Tested:
			p = Cell{Text: probability(l.Adjusted), Value: l.Adjusted}
		case len(l.Relative) > 1:
			beside = Cell{Text: "others are held against it"}
		}
		values := results.Map(l.Runs, func(run int) string { return h.Runs[run].Name })
		t.add(words(l.Model), Cell{Text: At(l.Key), Value: l.Clients}, Cell{Value: l.Clients}, Cell{Value: l.PayloadBytes}, Cell{Value: some(l.RateRPS)}, Cell{Value: l.Work},
			words(l.Figure.Title), words(l.Figure.Name), count(len(l.Runs)), Cell{Text: l.Figure.Text(first), Value: first}, Cell{Text: l.Figure.Text(last), Value: last},
			scatter, beside, p, words(strings.Join(results.Map(changesOf([]*read.Line{l}), func(c changeOf) string {
				return fmt.Sprintf("%s times since %s", results.Ratio(c.Ratio.Estimate), h.Runs[c.Since(&c.Change)].Name)
			}), "; ")),
			Cell{Value: some(results.Map(l.Changes, func(c stats.Change) Document { return changeData(h, l, c) }))},
			Cell{Value: lineData(values, l.Values)})
	}
	return t
}

func changeData(h *read.History, l *read.Line, c stats.Change) Document {
	low, high := known(c.Ratio.Low, c.Ratio.Bounded()), known(c.Ratio.High, c.Ratio.Bounded())
	return Document{Fields: []Field{{"since", h.Runs[l.Since(&c)].Name}, {"ratio", c.Ratio.Estimate}, {"ratio_low", low}, {"ratio_high", high}, {"p", c.P}}}
}

// lineData are the values by run.
func lineData(runs []string, values []stats.Interval) []Document {
	var all []Document
	for i, v := range values {
		all = append(all, Document{Fields: []Field{{"run", runs[i]}, {"value", v.Estimate}, {"low", known(v.Low, v.Bounded())}, {"high", known(v.High, v.Bounded())}}})
	}
	return all
}

func seriesData(h *read.History, s *read.Series) Document {
	return Document{Fields: []Field{
		{"machine", h.Runs[s.Runs[0]].Run.Environment.Machine()}, {"runs", results.Map(s.Runs, func(i int) string { return h.Runs[i].Name })},
		{"tested", s.Tested}, {"runs_needed", s.Needed()}, {"lines", HistoryTable(h, s)},
	}}
}
