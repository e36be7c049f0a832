package page

import (
	"cmp"
	"slices"
	"strconv"

	"connbench/plots/look"
	"connbench/results"
	"connbench/results/stats"
)

// filters are what the rows of the page can be narrowed to.
type filters struct {
	Legend  string // of the models
	Models  []rowName
	Choices []choice
}

// rowName is that of a model, as the data has it, and for people.
type rowName struct{ Value, Text string }

// choice is one value of several, or all of them.
type choice struct {
	Name    string // of the rows' attribute
	Title   string
	Options []option
}

type option struct {
	value       float64
	Value, Text string
}

func filtersOf(points []stats.Point, order look.Order) filters {
	f := filters{Legend: "Models"}
	for _, name := range modelsOf(points, order) {
		f.Models = append(f.Models, rowName{name, name})
	}
	f.addChoices(points)
	return f
}

// addChoices are of what the points differ in.
func (f *filters) addChoices(points []stats.Point) {
	for _, c := range []struct {
		name, title string
		of          func(*stats.Point) float64
		text        func(float64) string
	}{
		{"clients", "Clients", func(p *stats.Point) float64 { return float64(p.Clients) }, func(v float64) string { return strconv.Itoa(int(v)) }},
		{"payload", "Payload", func(p *stats.Point) float64 { return float64(p.PayloadBytes) }, func(v float64) string { return results.Bytes(int64(v)) }},
		{"rate", "Offered requests/s", func(p *stats.Point) float64 { return p.RateRPS }, results.Count},
	} {
		var options []option
		for i := range points {
			v := c.of(&points[i])
			options = append(options, option{v, number(v).String(), c.text(v)})
		}
		slices.SortFunc(options, func(a, b option) int { return cmp.Compare(a.value, b.value) })
		if options = slices.Compact(options); len(options) > 1 {
			f.Choices = append(f.Choices, choice{c.name, c.title, options})
		}
	}
}

// modelsOf are the models in the order of the legends.
func modelsOf(points []stats.Point, order look.Order) []string {
	var models []string
	for i := range points {
		if !slices.Contains(models, points[i].Model) {
			models = append(models, points[i].Model)
		}
	}
	slices.SortStableFunc(models, order.Compare)
	return models
}
