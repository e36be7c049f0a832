package plots

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"


	"connbench/results"
	"connbench/results/stats"
)

// data is what the page's script works with.
type data struct {
	Models   []modelData       `json:"models"`
	Points   []pointData       `json:"points"`
	Columns  []string          `json:"columns"` // of the texts of trials
	Tables   map[string][2]int `json:"tables"`  // by their IDs: from which to which of the columns their trials have
	Chapters []chapter         `json:"chapters"`
	Verdicts map[string]string `json:"verdicts"`
}

// newData has no null, which the script would have to look for.
func newData() data {
	return data{
		Models: []modelData{}, Points: []pointData{}, Columns: []string{},
		Tables: map[string][2]int{}, Chapters: []chapter{}, Verdicts: map[string]string{},
	}
}

// modelData is how a model looks.
type modelData struct {
	Name   string `json:"name"`
	Colour int    `json:"colour"` // place in the palette
	Dashes string `json:"dashes"`
	Marker string `json:"marker"` // a path around 0, 0
}

// pointData is a row of the page's tables, and what they can be narrowed to.
type pointData struct {
	Model   int         `json:"model"`
	At      string      `json:"at"`    // for people
	About   string      `json:"about"` // what its figures rest on
	Knob    int         `json:"knob,omitempty"`
	Clients int         `json:"clients"`
	Payload int         `json:"payload"`
	Rate    number      `json:"rate"`
	Flagged bool        `json:"flagged,omitempty"`
	Valid   int         `json:"valid"`
	Trials  []trialData `json:"trials"`
}

func (d *data) addModels(names []string) {
	for _, m := range names {
		d.Models = append(d.Models, modelDataOf(m))
	}
}

// explain gives the script the meanings of the verdicts that occur.
func (d *data) explain(trials []results.Trial) {
	for _, v := range verdictsIn(trials) {
		d.Verdicts[v.Name] = v.Meaning
	}
}

// addPoints adds a row for each point, with its trials.
func (d *data) addPoints(points []stats.Point, columns []column, records []record) {
	models := modelsOf(points)
	d.addModels(models)
	for _, c := range columns {
		d.Columns = append(d.Columns, c.Title)
	}
	groups := byKey(records)
	for i := range points {
		p := &points[i]
		point := pointData{
			Model: slices.Index(models, p.Model), At: whereOf(p.Key), Clients: p.Clients, Payload: p.PayloadBytes, Rate: number(p.RateRPS),
			Flagged: p.Flagged(), Valid: p.Valid, Trials: trialsOf(p, groups[p.Key], func(l *record) []string { return l.texts(columns) }),
		}
		point.About = fmt.Sprintf("%s at %s: its figures are medians over the %s in full colour.", p.Model, point.At, counted(point.used(), "trial"))
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

// number is a float that JSON can hold: infinity is a string, as JavaScript reads it.
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

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(n), 0) {
		return json.Marshal(n.String())
	}
	return json.Marshal(float64(n))
}
