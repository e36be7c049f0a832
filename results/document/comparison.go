package document

import (
	"fmt"

	"connbench/results"
	"connbench/results/stats"
)

// Comparison is how b differs from a, which are named as given.
func Comparison(all []stats.Compared, a, b string) Document {
	var d Document
	d.Add(Lines("A: "+a, "B: "+b))
	list := &Table{Columns: []Column{
		{Name: "model_a"}, {Name: "model_b"}, {Name: "network"}, {Name: "framing"}, {Name: "work"}, {Name: "knobs"}, {Name: "loop"}, {Name: "clients"},
		{Name: "payload_bytes"}, {Name: "rate_rps"}, {Name: "metric"}, {Name: "a"}, {Name: "b"}, {Name: "ratio"}, {Name: "ratio_low"}, {Name: "ratio_high"},
		{Name: "p_adjusted"}, {Name: "trials"}, {Name: "paired"}, {Name: "outcome"}, {Name: "why"},
	}}
	for i := 0; i < len(all); {
		t := &Table{Columns: []Column{
			{Title: "", Left: true}, {Title: "A"}, {Title: "B"}, {Title: "B / A"}, {Title: "95 %", Left: true}, {Title: "p", Spare: 2}, {Title: "trials", Spare: 1},
			{Title: "B is", Left: true, Wrap: 20},
		}}
		first := &all[i]
		for ; i < len(all) && all[i].A == first.A; i++ {
			t.add(comparedCells(&all[i])...)
			list.add(comparedValues(&all[i])...)
		}
		d.Add(Block{Heading: comparedHeading(first), Table: t})
	}
	d.Add(Lines(conclusion(all),
		"Medians of valid trials; the ratio's interval, with the drift of the machine taken out, holds with 95 % by itself; p is corrected for all comparisons (Holm), "+
			"so that in 95 of 100 cases not one difference is reported that is none. No difference is one within ±5 %, undecided all that the interval has."))
	d.Fields = []Field{{"a", a}, {"b", b}, {"comparisons", list}}
	return d
}

func comparedHeading(c *stats.Compared) string {
	model := c.A.Model
	if c.B.Model != model {
		model += " → " + c.B.Model
	}
	return Dotted(model, c.A.Transport(), c.A.Work, c.A.Knobs, results.Bytes(int64(c.A.PayloadBytes)), results.Plural(c.A.Clients, "client"), asked(c.A), c.A.LoopLabel())
}

func comparedCells(c *stats.Compared) []Cell {
	if c.Outcome == stats.NotCompared {
		return []Cell{words(c.Metric.Title), none, none, none, {}, {}, {}, words("not compared: " + c.Why)}
	}
	return []Cell{
		words(c.Metric.Title), words(c.Metric.Text(c.AValue.Estimate)), words(c.Metric.Text(c.BValue.Estimate)), words(results.Ratio(c.Effect.Ratio.Estimate)),
		words(c.Effect.Ratio.Bounds(results.Ratio)), words(probability(c.Adjusted)), count(c.Effect.Trials), words(c.Verdict()),
	}
}

// comparedValues are those of JSON, in the order of its columns. What is infinite, as the
// bounds of too few trials, is absent.
func comparedValues(c *stats.Compared) []Cell {
	values := []any{
		c.A.Model, c.B.Model, c.A.Network, c.A.Framing, c.A.Work, some(c.A.Knobs), c.A.Loop, c.A.Clients, c.A.PayloadBytes, some(c.A.RateRPS), c.Metric.Name,
	}
	if c.Outcome == stats.NotCompared {
		values = append(values, nil, nil, nil, nil, nil, nil)
	} else {
		r := c.Effect.Ratio
		values = append(values, finitely(c.AValue.Estimate), finitely(c.BValue.Estimate), finitely(r.Estimate), known(r.Low, r.Bounded()), known(r.High, r.Bounded()), c.Adjusted)
	}
	cells := make([]Cell, 0, len(values)+4)
	for _, v := range append(values, c.Effect.Trials, c.SameRun, c.Outcome, some(c.Why)) {
		cells = append(cells, Cell{Value: v})
	}
	return cells
}

func probability(p float64) string {
	if p < 0.001 {
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// conclusion counts what was found.
func conclusion(all []stats.Compared) string {
	n := map[stats.Outcome]int{}
	for i := range all {
		n[all[i].Outcome]++
	}
	said := fmt.Sprintf("%s: %d better, %d worse, %d no difference", results.Plural(len(all), "comparison"), n[stats.Better], n[stats.Worse], n[stats.NoDifference])
	if n := n[stats.Undecided]; n > 0 {
		said += fmt.Sprintf(", %d undecided", n)
	}
	if n := n[stats.NotCompared]; n > 0 {
		said += fmt.Sprintf(", %d not compared", n)
	}
	return said + "."
}
