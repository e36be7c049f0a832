package document

import (
	"connbench/results/read"
	"connbench/results/stats"
)

// tuningData is a tuning in JSON. What is unknown or endless is null.
func tuningData(t *read.Tuning) Document {
	points := make([]Document, len(t.Points))
	for i := range t.Points {
		points[i] = tunedData(t, &t.Points[i])
	}
	return Document{Fields: []Field{
		{"model", t.Model}, {"knob", t.Knob}, {"settings", t.Settings}, {"default", t.Default}, {"metric", t.Metric}, {"frugal", some(t.Frugal)},
		{"measures", some(t.Kind)}, {"in_flight", some(t.InFlight)}, {"cut", some(t.Cut)},
		{"points", points}, {"recommended", setting(t.Advice.Setting)}, {"why", some(t.Advice.Why)},
		{"idle_connection_bytes_more", bounded(t.Advice.Idle)}, {"server_rss_bytes_per_connection_more", bounded(t.Advice.Loaded)},
	}}
}

func tunedData(t *read.Tuning, p *read.TunedPoint) Document {
	values := &Table{Columns: []Column{
		{Name: "row"}, {Name: "value"}, {Name: "first_place"}, {Name: "last_place"}, {Name: "not_ranked"}, {Name: "ranked_by"}, {Name: "ratio_to_first"}, {Name: "figures"},
	}}
	for i := range p.Standings {
		s := &p.Standings[i]
		ranked, ratio := any(null), any(nil)
		if !t.Endless(s) {
			ranked = bounded(&s.Value)
		}
		if s.Best != nil {
			ratio = bounded(s.Best)
		}
		figures := map[string]any{}
		for _, f := range tunedFigures(&t.Tuned) {
			if v, has := p.Median(f, s.Model); has {
				figures[f.Name] = finite(v)
			}
		}
		values.add(Cell{Value: s.Model}, Cell{Value: t.Value(s.Model)}, Cell{Value: some(s.First)}, Cell{Value: some(s.Last)}, Cell{Value: some(s.Why)},
			Cell{Value: ranked}, Cell{Value: ratio}, Cell{Value: figures})
	}
	var gain any
	if p.Gain != nil {
		gain = bounded(&p.Gain.Ratio)
	}
	return Document{Fields: []Field{
		{"clients", p.Clients}, {"payload_bytes", p.PayloadBytes}, {"handshakes_in_flight", some(t.InFlight[p.Clients])}, {"values", values},
		{"may_be_the_best", append([]string{}, p.Alike...)}, {"ratio_to_default", gain},
	}}
}

// bounded is an interval as an object, nil of none.
func bounded(i *stats.Interval) any {
	if i == nil {
		return nil
	}
	return Document{Fields: []Field{{"estimate", i.Estimate}, {"low", i.Low}, {"high", i.High}}}
}

// setting is the value to set, null where there is none.
func setting(s *read.Setting) any {
	if s == nil {
		return null
	}
	return s
}
