package document

import (
	"fmt"
	"math"
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
	for _, r := range results.Each(rankings) {
		if len(r.Standings) < 2 {
			continue
		}
		b := Block{Heading: rankingHeading(r), Lead: lead(r), Folded: fmt.Sprintf("All %d in tiers", len(r.Standings))}
		b.Lead = append(b.Lead, unplaced(r, points)...)
		if r.Ranked() > 0 {
			ranked++
			b.Table = rankingTable(r, points)
		}
		d.Add(b)
	}
	if ranked > 0 {
		d.Add(Lines(
			"tier: no two rows of one can be told apart; a row that may be in two is in the first of them, with the other after it",
			"× first: the figure over the mean of the first tier's; its interval is against whichever row is the best in truth",
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

// tierColumn is of the rows that cannot be told apart.
var tierColumn = Column{Title: "tier", Name: "tier", Only: People | Page, Order: true, Hint: "no two rows of one can be told apart"}

// pointOf is a row's at the point of a ranking; nil where it has none.
func pointOf(points []stats.Point, r *stats.Ranking, model string) *stats.Point {
	return results.Find(points, func(p *stats.Point) bool { return p.Model == model && p.Key.Shared() == r.Key })
}

func rankingTable(r *stats.Ranking, points []stats.Point) *Table {
	t := &Table{Columns: []Column{
		tierColumn, modelColumn, {Title: r.Metric.Title, Name: r.Metric.Name, More: r.Metric.More}, {Title: "95 %", Left: true, Spare: 1, Only: People},
		{Title: "× first", More: r.Metric.More}, {Title: "95 %", Left: true, Only: People}, {Title: "valid\ntrials", Spare: 2, Only: People}, {Title: "not placed", Left: true, Wrap: 20, Spare: 3, Only: People},
	}}
	for i, s := range results.Each(r.Standings) {
		row := Row{Cells: append(place(s, r.Metric), count(s.Trials), words(s.Why)), Break: i > 0 && r.Standings[i-1].First != s.First}
		if s.First == 0 {
			row.Cells[2].Below = s.Why
		}
		if p := pointOf(points, r, s.Model); p != nil {
			row.Source = &Source{Key: p.Key, Flagged: s.First == 0}
			if s.First == 0 && !p.Flagged() { // the mark has one meaning; this row has too few valid trials
				row.Cells[0] = none
			}
		}
		t.Rows = append(t.Rows, row)
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
	times := Cell{Text: results.Ratio(s.Best.Estimate), Value: s.Best.Estimate}
	if ratio.Text != "" {
		times = times.within(*s.Best, results.Ratio)
	}
	return []Cell{tierCell(s), words(s.Model), value.within(s.Value, m.Text), within(&s.Value, m.Text), times, ratio}
}

// within gives a cell the interval of its value, for the page, if that has both bounds and these can be
// told; one of zeros is none.
func (c Cell) within(i stats.Interval, write func(float64) string) Cell {
	if i.Bounded() && i != (stats.Interval{}) && write(i.High) != results.Untold {
		c.Below, c.Low, c.High = i.Bounds(write), i.Low, i.High
	}
	return c
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

// tierCell sorts by the first tier that a row may be in.
func tierCell(s *stats.Standing) Cell {
	c := Cell{Text: group(s), Value: s.First}
	if s.Last > s.First {
		c.Low, c.High = s.First, s.Last
	}
	return c
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
		if p := pointOf(points, r, s.Model); p != nil {
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

// Looks says at which points rows are not in all blocks, as the run itself decided between
// them.
func Looks(looks []results.Look) Document {
	var d Document
	var lines []string
	for _, of := range results.Grouped(looks, at) {
		left := results.Map(of, func(l results.Look) string {
			return fmt.Sprintf("%s after %d", results.Plural(len(l.Left), "row"), l.Blocks)
		})
		lines = append(lines, fmt.Sprintf("at %s: %s of %d blocks", At(at(of[0])), strings.Join(left, ", "), of[0].Planned))
	}
	if lines != nil {
		d.Add(Lines(append([]string{"Rows that left before the last block, since more trials of theirs would not change the answer (looks.jsonl says which and why; --no-racing measures all to the end):"}, lines...)...))
	}
	return d
}

// at is the point of a look.
func at(l results.Look) results.Key {
	k := results.Key{Clients: l.Clients, PayloadBytes: l.PayloadBytes, RateRPS: l.RateRPS, Loop: results.ClosedLoop}
	if l.RateRPS > 0 {
		k.Loop = results.OpenLoop
	}
	return k
}
