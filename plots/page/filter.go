package page

import (
	"cmp"
	"slices"

	"connbench/plots/look"
	"connbench/results"
)

// filters are what the rows of the page can be narrowed to.
type filters struct {
	Names   []rowName
	Choices []choice
}

// rowName is a row's as its key has it, and for people.
type rowName struct{ Value, Text string }

// choice is one value of several, or all of them.
type choice struct {
	Name    string // of the key's field
	Title   string
	Options []option
}

type option struct {
	by          float64 // what they are sorted by
	Value, Text string
}

// narrow gives the last section filters of its rows, the names in an order.
func (p *page) narrow(order look.Order) {
	f := &filters{Names: results.Distinct(p.Data.Rows, func(r rowData) rowName { return rowName{r.Key.Model, r.name} })}
	slices.SortStableFunc(f.Names, func(a, b rowName) int { return order.Compare(a.Value, b.Value) })
	number := func(v float64, text string) option { return option{v, results.Shortest(v), text} }
	for _, c := range []struct {
		name, title string
		of          func(results.Key) option
	}{
		{"Knobs", "Knobs", func(k results.Key) option { return option{0, k.Knobs, cmp.Or(k.Knobs, "none")} }},
		{"Work", "Work", func(k results.Key) option { return option{0, k.Work, k.Work} }},
		{"Clients", "Clients", func(k results.Key) option { return number(float64(k.Clients), results.Count(float64(k.Clients))) }},
		{"PayloadBytes", "Payload", func(k results.Key) option {
			return number(float64(k.PayloadBytes), k.Payload())
		}},
		{"RateRPS", "Offered requests/s", func(k results.Key) option { return number(k.RateRPS, results.Count(k.RateRPS)) }},
	} {
		options := results.Distinct(p.Data.Rows, func(r rowData) option { return c.of(r.Key) })
		slices.SortStableFunc(options, func(a, b option) int { return cmp.Compare(a.by, b.by) })
		if len(options) > 1 {
			f.Choices = append(f.Choices, choice{c.name, c.title, options})
		}
	}
	p.Sections[len(p.Sections)-1].Filters = f
}
