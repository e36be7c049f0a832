package page

import (
	"fmt"
	"math"
	"strconv"

	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

// data is what the page's script works with.
type data struct {
	Points   []pointData       `json:"points"`
	Columns  []string          `json:"columns"` // of the texts of trials
	Tables   map[string][2]int `json:"tables"`  // by their IDs: from which to which of the columns their trials have
	Verdicts map[string]string `json:"verdicts"`
}

// newData has no null, which the script would have to look for.
func newData() data {
	return data{
		Points: []pointData{}, Columns: []string{}, Tables: map[string][2]int{}, Verdicts: map[string]string{},
	}
}

// pointData is a row of the page's tables, and what they can be narrowed to.
type pointData struct {
	Model   string      `json:"model"`
	About   string      `json:"about"` // what its figures rest on
	Knob    int         `json:"knob,omitempty"`
	Clients int         `json:"clients"`
	Payload int         `json:"payload"`
	Rate    float64     `json:"rate"`
	Trials  []trialData `json:"trials"`
}

// explain gives the script the meanings of the verdicts that occur.
func (d *data) explain(trials []results.Trial) {
	for _, v := range verdictsIn(trials) {
		d.Verdicts[v.Name] = v.Meaning
	}
}

// addPoints adds a row for each point, with its trials.
func (d *data) addPoints(points []stats.Point, columns []*results.Figure, records []record) {
	for _, c := range columns {
		d.Columns = append(d.Columns, c.Title)
	}
	groups := byKey(records)
	for i := range points {
		p := &points[i]
		point := pointData{
			Model: p.Model, Clients: p.Clients, Payload: p.PayloadBytes, Rate: p.RateRPS,
			Trials: trialsOf(p, groups[p.Key], func(l *record) []string { return l.texts(columns) }),
		}
		point.About = fmt.Sprintf("%s at %s: its figures are medians over the %s in full colour.", p.Model, document.At(p.Key), results.Plural(point.used(), "trial"))
		d.Points = append(d.Points, point)
	}
}

// used is how many trials the point's figures rest on.
func (p *pointData) used() int {
	n := 0
	for _, t := range p.Trials {
		if t.Used {
			n++
		}
	}
	return n
}

// number is a float as JavaScript reads it, also infinity.
type number float64

func (n number) String() string {
	if v := float64(n); !math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	if n < 0 {
		return "-Infinity"
	}
	return "Infinity"
}
