package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"


	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// shadedTable is a heat map of the values of a knob and the points at which they were
// measured: the further behind the best of its point a value is, the stronger is its cell.
type shadedTable struct {
	Corner string
	Metric string
	Heads  []string
	Rows   []shadedRow
	Hollow bool // some cell has no valid trial
}

type shadedRow struct {
	Value string
	Tags  []string
	Cells []shadedCell
}

// shadedCell is a value at a point.
type shadedCell struct {
	Text   string
	Tip    string // its lines, with line breaks between them
	Behind int    // 0 of the best to 100 of one that is fullyBehind or more
	Alike  bool   // it may be the best
	Hollow bool   // no valid trial stands behind it
}

// fullyBehind is from how many times behind the best on a cell has the strongest colour.
const fullyBehind = 4

func (p *tunePart) shades() shadedTable {
	t := shadedTable{Corner: p.Knob, Metric: p.figures[0].title}
	for i := range p.Points {
		t.Heads = append(t.Heads, p.short(&p.Points[i]))
	}
	for _, s := range p.Settings {
		r := shadedRow{Value: s.Value, Tags: p.tags(s.Row)}
		for i := range p.Points {
			c := p.shade(s, &p.Points[i])
			t.Hollow = t.Hollow || c.Hollow
			r.Cells = append(r.Cells, c)
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// short names a point by its clients, and where connecting is not all by its payload.
func (p *tunePart) short(at *read.TunedPoint) string {
	if p.InFlight != nil {
		return counted(at.Clients, "client") + " at once"
	}
	return counted(at.Clients, "client") + ", " + results.Bytes(int64(at.PayloadBytes))
}

func (p *tunePart) shade(s read.Setting, at *read.TunedPoint) shadedCell {
	point := p.point(s.Row, at)
	place := slices.IndexFunc(at.Standings, func(o stats.Standing) bool { return o.Model == s.Row })
	if point == nil || place < 0 {
		return shadedCell{Text: absent, Tip: p.Knob + " " + s.Value + "\nnot measured at " + p.where(at), Hollow: true}
	}
	standing, f := &at.Standings[place], &p.figures[0]
	c := shadedCell{Text: absent, Hollow: standing.First == 0, Alike: slices.Contains(at.Alike, s.Row)}
	if v, has := p.median(f, point); has {
		c.Text = textOf(f.name, v)
	}
	tip := []string{p.Knob + " " + s.Value, "at " + p.where(at), f.title + ": " + c.Text}
	if c.Hollow {
		tip = append(tip, "not ranked: "+standing.Why)
	} else {
		c.Behind = behindShare(p.behind(at, standing))
		tip = append(tip, p.standingLines(at, standing, c.Alike)...)
	}
	if lines := p.lines(point); len(lines) > 0 {
		tip = append(tip, "median over "+linesText(lines)+" of trials.jsonl")
	}
	c.Tip = strings.Join(tip, "\n")
	return c
}

// standingLines is what is said of a row that is ranked.
func (p *tunePart) standingLines(at *read.TunedPoint, s *stats.Standing, alike bool) []string {
	between := tooFew
	if value := p.endless(s.Value); value.Bounded() {
		between = bounds(p.Metric, value)
	}
	lines := []string{"95 % interval of the median: " + between}
	if s.Best != nil {
		times := longRatio(p.ratio(at, s)) + " times that of the first"
		if s.Best.Ratio.Bounded() && !math.IsInf(p.ratio(at, s), 0) {
			times += fmt.Sprintf(" (%s to %s)", longRatio(s.Best.Ratio.Low), longRatio(s.Best.Ratio.High))
		}
		lines = append(lines, times)
	}
	rank := "place " + rankText(s)
	if alike {
		rank += ": it may be the best"
	}
	return append(lines, rank)
}

// behind is how many times worse than the first a row is.
func (p *tunePart) behind(at *read.TunedPoint, s *stats.Standing) float64 {
	ratio := p.ratio(at, s)
	if p.figures[0].more && ratio > 0 {
		return 1 / ratio
	}
	return ratio
}

// behindShare is how far behind, on a logarithmic scale, in per cent of the strongest colour.
func behindShare(times float64) int {
	return int(math.Round(100 * min(1, max(0, math.Log(times)/math.Log(fullyBehind)))))
}
