package results

import (
	"encoding/json"
	"math"
)

// MarshalJSON writes what [WriteTunings] shows. What is unknown or endless is null.
func (t *Tuning) MarshalJSON() ([]byte, error) {
	type bounded struct {
		Estimate *float64 `json:"estimate"`
		Low      *float64 `json:"low"`
		High     *float64 `json:"high"`
	}
	between := func(i Interval) *bounded { return &bounded{finite(i.Estimate), finite(i.Low), finite(i.High)} }
	type value struct {
		Row     string              `json:"row"`
		Value   string              `json:"value"`
		First   int                 `json:"first_place,omitempty"`
		Last    int                 `json:"last_place,omitempty"`
		Why     string              `json:"not_ranked,omitempty"`
		Ranked  *bounded            `json:"ranked_by"`
		Ratio   *bounded            `json:"ratio_to_first,omitempty"`
		Figures map[string]*float64 `json:"figures"`
	}
	type point struct {
		Clients  int      `json:"clients"`
		Payload  int      `json:"payload_bytes"`
		InFlight int      `json:"handshakes_in_flight,omitempty"`
		Values   []value  `json:"values"`
		Alike    []string `json:"may_be_the_best"`
		Gain     *bounded `json:"ratio_to_default,omitempty"`
	}
	out := struct {
		Tuned
		Points      []point  `json:"points"`
		Recommended *Setting `json:"recommended"`
		Why         string   `json:"why,omitempty"`
		Idle        *bounded `json:"idle_connection_bytes_more,omitempty"`
		Loaded      *bounded `json:"server_rss_bytes_per_connection_more,omitempty"`
	}{Tuned: t.Tuned, Recommended: t.Advice.Setting, Why: t.Advice.Why}
	if t.Advice.Idle != nil {
		out.Idle = between(*t.Advice.Idle)
	}
	if t.Advice.Loaded != nil {
		out.Loaded = between(*t.Advice.Loaded)
	}
	for i := range t.Points {
		p := &t.Points[i]
		to := point{Clients: p.Clients, Payload: p.PayloadBytes, InFlight: t.InFlight[p.Clients], Alike: append([]string{}, p.Alike...)}
		if p.Gain != nil {
			to.Gain = between(p.Gain.Ratio)
		}
		for _, s := range p.Standings {
			v := value{Row: s.Model, Value: t.value(s.Model), First: s.First, Last: s.Last, Why: s.Why, Figures: map[string]*float64{}}
			if !t.endless(&s) {
				v.Ranked = between(s.Value)
			}
			if s.Best != nil {
				v.Ratio = between(s.Best.Ratio)
			}
			for _, f := range t.figures() {
				if figure, has := f.median(p.rows[s.Model]); has {
					v.Figures[f.name] = finite(figure)
				}
			}
			to.Values = append(to.Values, v)
		}
		out.Points = append(out.Points, to)
	}
	return json.Marshal(out)
}

// finite is nil for what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
