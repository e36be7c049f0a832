package plots

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"connbench/results"
)

// data is what the page's script works with.
type data struct {
	Models   []modelData       `json:"models"`
	Points   []pointData       `json:"points"`
	Columns  []string          `json:"columns"` // of the texts of trials
	Tables   map[string][2]int `json:"tables"`  // from which to which of them
	Chapters []chapter         `json:"chapters"`
	Verdicts map[string]string `json:"verdicts"`
}

// modelData is how a model looks.
type modelData struct {
	Name   string `json:"name"`
	Colour int    `json:"colour"` // place in the palette
	Dashes string `json:"dashes"`
	Marker string `json:"marker"` // a path around 0, 0
}

type pointData struct {
	Model   int         `json:"model"`
	At      string      `json:"at"` // for people
	Clients int         `json:"clients"`
	Payload int         `json:"payload"`
	Rate    number      `json:"rate"`
	Flagged bool        `json:"flagged,omitempty"`
	Valid   int         `json:"valid"`
	Trials  []trialData `json:"trials"`
}

func dataOf(points []results.Point, columns []column, records []record, verdicts []verdict) data {
	own := len(columnsFor(points))
	d := data{
		Models: []modelData{}, Points: []pointData{}, Columns: []string{}, Verdicts: map[string]string{},
		Tables:   map[string][2]int{"points": {0, own}, "resources": {own, len(columns)}},
		Chapters: []chapter{},
	}
	models := modelsOf(points)
	for _, m := range models {
		d.Models = append(d.Models, modelDataOf(m))
	}
	for _, c := range columns {
		d.Columns = append(d.Columns, c.Title)
	}
	for _, v := range verdicts {
		d.Verdicts[v.Name] = v.Meaning
	}
	groups := byKey(records)
	for i := range points {
		p := &points[i]
		d.Points = append(d.Points, pointData{
			Model: slices.Index(models, p.Model), At: whereOf(p.Key), Clients: p.Clients, Payload: p.PayloadBytes, Rate: number(p.RateRPS),
			Flagged: p.Flagged(), Valid: p.Valid, Trials: trialsOf(p, groups[p.Key], columns),
		})
	}
	d.Chapters = append(d.Chapters, chaptersOf(points)...)
	return d
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
