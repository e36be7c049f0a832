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

// Rankings says which rows of each point differ and which do not: in sentences, the groups of
// rows that cannot be told apart, and in a table all of them. Points with a single row are
// left out.
func Rankings(rankings []stats.Ranking, points []stats.Point) Document {
	var d Document
	ranked := 0
	for i := range rankings {
		r := &rankings[i]
		if len(r.Standings) < 2 {
			continue
		}
		b := Block{Heading: rankingHeading(r), Lead: lead(r), Folded: fmt.Sprintf("All %d in groups by %s", len(r.Standings), phraseOf(r.Metric).noun)}
		b.Lead = append(b.Lead, unplaced(r, points)...)
		if r.Ranked() > 0 {
			ranked++
			b.Table = rankingTable(r)
		}
		d.Add(b)
	}
	if summary := summaryOf(rankings); ranked > 1 && summary != nil {
		d.Blocks = slices.Insert(d.Blocks, 0, Lines(summary...))
	}
	if ranked > 0 {
		d.Add(Lines(
			"group: no two rows of one can be told apart; a row that may be in two is in the first of them, with the other after it",
			"× first: the figure over the mean of the first group's; its interval is against whichever row is the best in truth",
			"values are levels over all blocks, the drift of the machine taken out; intervals hold with 95 %, and of all differences called so in this run at most 5 % are none (Benjamini-Hochberg). All is this machine's"))
	}
	return d
}

func rankingHeading(r *stats.Ranking) string {
	return Dotted("Who differs in "+r.Metric.Title, results.Plural(r.Clients, "client"), r.Payload(), asked(r.Key), r.Work, r.Knobs)
}

// asked is the rate of an open loop.
func asked(k results.Key) string {
	if k.Loop != results.OpenLoop {
		return ""
	}
	if k.RateProfile != "" {
		return k.RateProfile + " requests/s asked"
	}
	return results.Count(k.RateRPS) + " requests/s asked"
}

func rankingTable(r *stats.Ranking) *Table {
	t := &Table{Columns: []Column{
		{Title: "group"}, modelColumn, {Title: r.Metric.Title, More: r.Metric.More}, {Title: "95 %", Left: true, Spare: 1},
		{Title: "× first"}, {Title: "95 %", Left: true}, {Title: "valid\ntrials", Spare: 2, More: true}, {Title: "not placed", Left: true, Wrap: 20},
	}}
	for i := range r.Standings {
		s := &r.Standings[i]
		t.Rows = append(t.Rows, Row{
			Cells: append(place(s, r.Metric), count(s.Trials), words(s.Why)),
			Break: i > 0 && r.Standings[i-1].First != s.First,
		})
	}
	return t.without(func(i int, c Column) bool { return c.Title == "not placed" && r.Ranked() == len(r.Standings) })
}

// place is a standing's cells: group, row, figure, its interval, ratio and the ratio's.
func place(s *stats.Standing, m *results.Figure) []Cell {
	value := Cell{Text: m.Text(s.Value.Estimate), Value: s.Value.Estimate}
	if s.Value.Estimate == 0 {
		value = none
	}
	if s.First == 0 {
		return []Cell{{Text: flagMark}, words(s.Model), value, {}, {}, {}}
	}
	ratio := within(s.Best, results.Ratio)
	if s.Best.Low == s.Best.High {
		ratio = Cell{} // a row alone
	}
	return []Cell{
		{Text: group(s), Value: s.First}, words(s.Model), value, within(&s.Value, m.Text),
		{Text: results.Ratio(s.Best.Estimate), Value: s.Best.Estimate}, ratio,
	}
}

func within(i *stats.Interval, write func(float64) string) Cell {
	return Cell{Text: i.Bounds(write), Value: finitely(i.Low)}
}

// group is the groups that a row may be in: "3", or "3–4" where that is open.
func group(s *stats.Standing) string {
	if s.Last > s.First {
		return fmt.Sprintf("%d–%d", s.First, s.Last)
	}
	return strconv.Itoa(s.First)
}

// RankingsData are which rows differ at the points of all parts, in JSON.
func RankingsData(parts []read.Reading) []Document {
	all := []Document{}
	for i := range parts {
		for k := range parts[i].Rankings {
			all = append(all, rankingData(&parts[i].Rankings[k]))
		}
	}
	return all
}

func rankingData(r *stats.Ranking) Document {
	rows := &Table{Columns: data("model", "placed", "tier", "last_tier", "value", "low", "high", "why")}
	for _, s := range r.Standings {
		v := s.Value
		rows.add(values(s.Model, s.First > 0, some(s.First), some(s.Last), known(v.Estimate, v.Estimate > 0 && !math.IsInf(v.Estimate, 1)),
			known(v.Low, v.Bounded()), known(v.High, v.Bounded()), some(s.Why))...)
	}
	return Document{Fields: []Field{
		{"clients", r.Clients}, {"payload_bytes", r.PayloadBytes}, {"payload_mix", some(r.PayloadMix)}, {"rate_rps", some(r.RateRPS)}, {"rate_profile", some(r.RateProfile)}, {"work", r.Work}, {"knobs", some(r.Knobs)},
		{"metric", r.Metric.Name}, {"pairs", r.Pairs}, {"pairs_apart", r.Apart}, {"rows", rows},
	}}
}

// unplaced are sentences on rows that have no group, those for the same reason together.
func unplaced(r *stats.Ranking, points []stats.Point) []string {
	whyOf := func(s stats.Standing) string {
		why := s.Why
		if p := results.Find(points, func(p *stats.Point) bool { return p.Model == s.Model && p.Key.Shared() == r.Key }); p != nil {
			if !p.HasFigures() {
				why += ": " + results.OneLine(p.Failures[0])
			}
			if len(p.Verdicts) > 0 {
				why += " (" + strings.Join(p.Verdicts, " ") + ")"
			}
		}
		return why
	}
	return results.Map(results.Grouped(r.Standings[r.Ranked():], whyOf), func(alike []stats.Standing) string {
		return "Not placed: " + Enumerate(results.Map(alike, modelOf)) + ", " + whyOf(alike[0])
	})
}

func modelOf(s stats.Standing) string { return s.Model }
