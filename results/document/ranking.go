package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// Rankings says which rows of each point differ and which do not. Points with a single row
// are left out.
func Rankings(rankings []stats.Ranking) Document {
	var d Document
	for i := range rankings {
		r := &rankings[i]
		switch {
		case len(r.Standings) < 2:
		case r.Ranked() == 0:
			d.Add(Heading(rankingHeading(r)), Lines("No row has a valid trial: none is ranked."))
		default:
			d.Add(Block{Heading: rankingHeading(r), Table: rankingTable(r)})
		}
	}
	if slices.ContainsFunc(rankings, func(r stats.Ranking) bool { return r.Ranked() > 1 }) {
		d.Add(Lines(
			"rank: the places that a row may have: before it are those that are better beyond chance, after it those that are worse",
			"× first: how many times the first row's figure, from the ratios within blocks; intervals hold with 95 % each",
			"beyond chance: at most 5 % of the differences that are called so are none (Wilcoxon within blocks, or of fewer than 8 Mann-Whitney; Benjamini-Hochberg over all pairs)"))
	}
	return d
}

func rankingHeading(r *stats.Ranking) string {
	return dotted("Who differs in "+r.Metric.Title, results.Plural(r.Clients, "client"), results.Bytes(int64(r.PayloadBytes)), asked(r.Key), r.Work, r.Knobs)
}

// asked is the rate of an open loop.
func asked(k results.Key) string {
	if k.Loop != results.OpenLoop {
		return ""
	}
	return results.Count(k.RateRPS) + " requests/s asked"
}

func rankingTable(r *stats.Ranking) *Table {
	t := &Table{Columns: []Column{
		{Title: "rank"}, modelColumn, {Title: r.Metric.Title, More: r.Metric.More}, {Title: "95 %", Left: true, Spare: 1},
		{Title: "× first"}, {Title: "95 %", Left: true}, {Title: "not told apart from", Left: true, Wrap: 12},
	}}
	for i := range r.Standings {
		s := &r.Standings[i]
		row := Row{Cells: place(s, r.Metric), Break: i == r.Ranked()}
		if s.First > 0 {
			row.Cells = append(row.Cells, Cell{Text: alike(s, r.Ranked()), Hint: strings.Join(s.Alike, ", ")})
		} else {
			row.Cells = append(row.Cells, Cell{Text: "not ranked: " + s.Why})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// place is a standing's cells: rank, row, figure, its interval, ratio and the ratio's.
func place(s *stats.Standing, m *results.Figure) []Cell {
	value := Cell{Text: m.Text(s.Value.Estimate), Value: s.Value.Estimate}
	if s.First == 0 {
		if s.Value.Estimate == 0 {
			value = none
		}
		return []Cell{words(flagMark), words(s.Model), value, {}, {}, {}}
	}
	ratio, between := Cell{Text: "1", Value: 1}, Cell{}
	if s.Best != nil {
		ratio, between = Cell{Text: results.Ratio(s.Best.Ratio.Estimate), Value: s.Best.Ratio.Estimate}, within(&s.Best.Ratio, results.Ratio)
		if s.Best.Trials == 0 { // in no block both were valid
			ratio = none
		}
	}
	return []Cell{{Text: rank(s), Value: s.First}, words(s.Model), value, within(&s.Value, m.Text), ratio, between}
}

// within is a cell of an interval.
func within(i *stats.Interval, write func(float64) string) Cell {
	return Cell{Text: i.Bounds(write), Value: finitely(i.Low)}
}

// rank is the places that a row may have: "3" or "3–5".
func rank(s *stats.Standing) string {
	if s.Last > s.First {
		return fmt.Sprintf("%d–%d", s.First, s.Last)
	}
	return strconv.Itoa(s.First)
}

const mostAlike = 5 // names; report.html has them all

func alike(s *stats.Standing, ranked int) string {
	switch n := len(s.Alike); {
	case n > 1 && n == ranked-1:
		return "any"
	case n > mostAlike:
		return fmt.Sprintf("%s and %d more", strings.Join(s.Alike[:mostAlike-1], ", "), n-mostAlike+1)
	}
	return strings.Join(s.Alike, ", ")
}
