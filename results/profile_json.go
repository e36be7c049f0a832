package results

import (
	"encoding/json"
	"io"
)

// profileJSON is a row of [ComparisonTable.WriteJSON]. What is not known is absent.
type profileJSON struct {
	Model      string      `json:"model"`
	MaxClients int         `json:"max_clients"`
	Bound      Bound       `json:"bound"`
	Limit      string      `json:"bound_limit,omitempty"`      // of a control group
	BoundAt    int         `json:"bound_at_clients,omitempty"` // with how many it was seen
	Probes     int         `json:"probes"`
	PerCore    *float64    `json:"requests_per_cpu_second,omitempty"`
	HalfP99    *Nanos      `json:"p99_at_half_ns,omitempty"`
	HalfAtMost *Nanos      `json:"p99_at_half_at_most_ns,omitempty"` // where no trial was valid for the other
	Idle       *IdleMemory `json:"idle_connection,omitempty"`
	Threads    int         `json:"threads,omitempty"`
	Parked     int         `json:"threads_blocked"`
	Lines      int         `json:"lines,omitempty"`
	Cyclomatic int         `json:"cyclomatic,omitempty"`
	Advice                 // use and because
	Tutorial   *Words      `json:"tutorial,omitempty"`
	LastKept   *int        `json:"kept_in_trial,omitempty"` // the number of the trial that kept the most clients
}

// WriteJSON writes the table as one JSON object.
func (c *ComparisonTable) WriteJSON(w io.Writer) error {
	rows := make([]profileJSON, len(c.Profiles))
	for i := range c.Profiles {
		rows[i] = c.rowJSON(&c.Profiles[i])
	}
	return json.NewEncoder(w).Encode(struct {
		SLO        Nanos         `json:"slo_p99_ns"`
		ClientRate float64       `json:"client_rate_rps"`
		Saturating int           `json:"saturating_clients"`
		Rows       []profileJSON `json:"rows"`
	}{c.Goal.P99, c.ClientRate, c.Saturating, rows})
}

func (c *ComparisonTable) rowJSON(p *Profile) profileJSON {
	source := c.Sources[p.Model]
	row := profileJSON{
		Model: p.Model, MaxClients: p.Capacity.Clients, Bound: p.Capacity.Bound, Limit: p.Capacity.Limit, BoundAt: p.Capacity.At, Probes: p.Capacity.Probes,
		Idle: p.Idle, Threads: p.Threads, Parked: p.Parked, Lines: source.Lines, Cyclomatic: source.Cyclomatic, Advice: p.Advice,
	}
	if p.PerCore != nil {
		row.PerCore = &p.PerCore.Estimate
	}
	if p.HalfP99 != nil {
		row.HalfP99 = (*Nanos)(&p.HalfP99.Estimate)
	}
	if p.HalfAtMost != nil {
		row.HalfAtMost = (*Nanos)(&p.HalfAtMost.Estimate)
	}
	if words, said := c.Words[p.Model]; said {
		row.Tutorial = &words
	}
	if t := p.Capacity.Trial; t != nil {
		row.LastKept = &t.Trial
	}
	return row
}
