package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/read"
	"connbench/results/stats"
)

// table has all values at one point; their trials go to the data.
func (p *tunePart) table(id string, at *read.TunedPoint, knob int, d *data) table {
	t := table{ID: id, Label: "Values at " + p.where(at), Heads: []head{{Title: p.Knob, Hint: "value"}}}
	for i, f := range p.figures {
		t.Heads = append(t.Heads, headOf(f))
		if i == 0 {
			t.Heads = append(t.Heads, head{"95 %", "interval of the median before it", true, false},
				head{"rank", "the places that a value may have", true, false},
				head{"× first", "how many times the first value's, as the median of the ratios within blocks", true, f.More},
				head{"95 %", "interval of the ratio before it", true, false})
		}
	}
	t.Heads = append(t.Heads, head{"valid trials", "those without a verdict", true, true}, head{Title: "notes", Hint: "verdicts, errors, failures"})
	for i, s := range p.Settings {
		place := slices.IndexFunc(at.Standings, func(o stats.Standing) bool { return o.Model == s.Row })
		point := p.point(s.Row, at)
		if place < 0 || point == nil {
			continue
		}
		r := row{Point: len(d.Points), Name: s.Value, Sort: strconv.Itoa(i), Tags: p.tags(s.Row), Flagged: at.Standings[place].First == 0}
		r.Cells = p.cells(at, &at.Standings[place], point)
		t.Rows = append(t.Rows, r)
		d.Points = append(d.Points, p.data(s, at, point, knob, d))
	}
	return t
}

// tags say what is special about a value.
func (p *tunePart) tags(row string) []string {
	var tags []string
	if p.Advice.Setting != nil && p.Advice.Setting.Row == row {
		tags = append(tags, "recommended")
	}
	if row == p.Default {
		tags = append(tags, "default")
	}
	return tags
}

func (p *tunePart) cells(at *read.TunedPoint, s *stats.Standing, point *stats.Point) []cell {
	var cells []cell
	for i, f := range p.figures {
		c := cell{Text: results.Absent}
		if v, has := at.Median(f, s.Model); has {
			c = cell{Value: number(v).String(), Text: f.Text(v)}
		}
		if cells = append(cells, c); i == 0 {
			cells = append(cells, p.ranked(at, s)...)
		}
	}
	why := slices.DeleteFunc([]string{s.Why, noted(point)}, func(s string) bool { return s == "" })
	return append(cells, validCell(point), cell{Value: strconv.Itoa(len(point.Verdicts)), Text: strings.Join(why, ", "), Verdicts: point.Verdicts, Wide: true})
}

// ranked are the cells on a row's place: interval, rank, ratio and its interval.
func (p *tunePart) ranked(at *read.TunedPoint, s *stats.Standing) []cell {
	none := cell{Text: results.Absent}
	cells := []cell{none, none, none, none}
	if s.First == 0 {
		return cells
	}
	if s.Value.Bounded() {
		cells[0] = cell{Value: number(s.Value.Low).String(), Text: s.Value.Bounds(at.Metric.Text)}
	}
	ratio := p.ratio(at, s)
	cells[1] = cell{Value: strconv.Itoa(s.First), Text: document.Group(s)}
	cells[2] = cell{Value: number(ratio).String(), Text: results.Times(ratio)}
	if s.Best != nil && s.Best.Bounded() && !math.IsInf(ratio, 0) {
		cells[3] = cell{Value: number(s.Best.Low).String(), Text: s.Best.Bounds(results.Times)}
	}
	return cells
}

// ratio is how many times the first row's a row's figure is, infinite where that is.
func (p *tunePart) ratio(at *read.TunedPoint, s *stats.Standing) float64 {
	switch {
	case s.Best == nil:
		return 1
	case p.Endless(s) && !p.Endless(&at.Standings[0]):
		return math.Inf(1)
	}
	return s.Best.Estimate
}

// data is a row with its trials.
func (p *tunePart) data(s read.Setting, at *read.TunedPoint, point *stats.Point, knob int, d *data) pointData {
	texts := func(l *record) []string {
		return append(slices.Repeat([]string{results.Absent}, len(d.Columns)-len(p.figures)), l.texts(p.figures)...)
	}
	row := pointData{
		Model: s.Row, Knob: knob,
		Clients: at.Clients, Payload: at.PayloadBytes, Rate: at.RateRPS,
		Trials: trialsOf(point, p.records[point.Key], texts),
	}
	row.About = fmt.Sprintf("%s %s at %s: its figures are medians over the %s in full colour.", p.Knob, s.Value, p.where(at), results.Plural(row.used(), "trial"))
	return row
}
