package page

import (
	"cmp"
	"slices"

	"connbench/plots/look"
	"connbench/results"
)

// filters are what the rows of the page can be narrowed to, wherever they stand.
type filters struct {
	Table   string // the section whose rows are counted
	Names   []rowName
	Choices []choice
}

// rowName is a row's as its key has it, and for people.
type rowName struct{ Value, Text string }

// choice is one value of several, or all of them.
type choice struct {
	Name    string // of the key's field
	Param   string // of the page's address
	Title   string
	Options []option
}

type option struct {
	by          float64 // what they are sorted by
	Value, Text string
}

// narrow gives the page filters of the rows that it has so far, the names in an order; those of the last
// section are counted.
func (p *page) narrow(order look.Order) {
	f := &filters{Table: p.Sections[len(p.Sections)-1].ID, Names: results.Distinct(p.Data.Rows, func(r rowData) rowName { return rowName{r.Key.Model, r.name} })}
	slices.SortStableFunc(f.Names, func(a, b rowName) int { return order.Compare(a.Value, b.Value) })
	number := func(v float64, text string) option { return option{v, results.Shortest(v), text} }
	for _, c := range []struct {
		name, param, title string
		of                 func(results.Key) option
	}{
		{"Knobs", "knobs", "Knobs", func(k results.Key) option { return option{0, k.Knobs, cmp.Or(k.Knobs, "none")} }},
		{"Work", "work", "Work", func(k results.Key) option { return option{0, k.Work, k.Work} }},
		{"Clients", "clients", "Clients", func(k results.Key) option { return number(float64(k.Clients), results.Count(float64(k.Clients))) }},
		{"PayloadBytes", "payload", "Payload", func(k results.Key) option {
			return number(float64(k.PayloadBytes), k.Payload())
		}},
		{"RateRPS", "rate", "Offered requests/s", func(k results.Key) option { return number(k.RateRPS, results.Count(k.RateRPS)) }},
	} {
		options := results.Distinct(p.Data.Rows, func(r rowData) option { return c.of(r.Key) })
		slices.SortStableFunc(options, func(a, b option) int { return cmp.Compare(a.by, b.by) })
		if len(options) > 1 {
			f.Choices = append(f.Choices, choice{c.name, c.param, c.title, options})
		}
	}
	p.Filters = f
}
