package document

import (
	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// tuningData is a tuning in JSON. What is unknown or endless is null.
func tuningData(t *read.Tuning) Document {
	points := results.Map(t.Points, func(p read.TunedPoint) Document { return tunedData(t, &p) })
	return Document{Fields: []Field{
		{"model", t.Model}, {"knob", t.Knob}, {"settings", t.Settings}, {"default", t.Default}, {"metric", t.Metric}, {"frugal", some(t.Frugal)},
		{"measures", some(t.Kind)}, {"in_flight", some(t.InFlight)}, {"cut", some(t.Cut)},
		{"points", points}, {"recommended", setting(t.Advice.Setting)}, {"why", some(t.Advice.Why)},
		{"idle_connection_bytes_more", bounded(t.Advice.Idle)}, {"server_rss_bytes_per_connection_more", bounded(t.Advice.Loaded)},
	}}
}

func tunedData(t *read.Tuning, p *read.TunedPoint) Document {
	rows := &Table{Columns: data("row", "value", "first_place", "last_place", "not_ranked", "ranked_by", "ratio_to_first", "figures")}
	for i := range p.Standings {
		s := &p.Standings[i]
		ranked := any(null)
		if !t.Endless(s) {
			ranked = bounded(&s.Value)
		}
		figures := map[string]any{}
		for _, f := range tunedFigures(&t.Tuned) {
			if v, has := p.Median(f, s.Model); has {
				figures[f.Name] = finite(v)
			}
		}
		rows.add(values(s.Model, t.Value(s.Model), some(s.First), some(s.Last), some(s.Why), ranked, bounded(s.Best), figures)...)
	}
	var gain any
	if p.Gain != nil {
		gain = bounded(&p.Gain.Ratio)
	}
	return Document{Fields: []Field{
		{"clients", p.Clients}, {"payload_bytes", p.PayloadBytes}, {"handshakes_in_flight", some(t.InFlight[p.Clients])}, {"values", rows},
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
