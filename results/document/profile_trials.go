package document

import (
	"cmp"
	"strconv"
	"strings"

	"connbench/results"
	"connbench/results/read"
)

// profileSource opens a row of a comparison table to all of its trials.
func profileSource(c *read.ComparisonTable, p *read.Profile) *Source {
	return &Source{Key: results.Key{Model: p.Model}, Trials: func(t *results.Trial) (its, rests bool) {
		return t.Model == p.Model, len(gives(c, p, t)) > 0
	}}
}

// probeColumns are of the trials below a row.
func probeColumns(c *read.ComparisonTable) []TrialColumn {
	columns := []TrialColumn{
		{"probe", func(t *results.Trial) string { return t.Probe }},
		{"clients", func(t *results.Trial) string { return strconv.Itoa(t.Clients) }},
		{"outcome", func(t *results.Trial) string { return probed(c, t) }},
	}
	columns = append(columns, ofTrials(results.Throughput, results.P99, results.ServerCPU, results.IdleRSS, results.Threads)...)
	return append(columns, TrialColumn{"gives", func(t *results.Trial) string {
		for i := range c.Profiles {
			if p := &c.Profiles[i]; p.Model == t.Model {
				return strings.Join(gives(c, p, t), ", ")
			}
		}
		return ""
	}})
}

// probed is what kept the server from the goal in a probe of capacity, if anything did.
func probed(c *read.ComparisonTable, t *results.Trial) string {
	if t.Probe != results.ProbeCapacity {
		return results.Absent
	}
	return cmp.Or(string(c.Goal.Bound(t)), "kept")
}

// gives are the figures of a row that rest on a trial of it.
func gives(c *read.ComparisonTable, p *read.Profile, t *results.Trial) []string {
	var all []string
	for _, figure := range []struct {
		name  string
		rests bool
	}{
		{"max clients", p.Capacity.Trial != nil && t.Trial == p.Capacity.Trial.Trial && t.Attempt == p.Capacity.Trial.Attempt},
		{"what bounds them", p.Capacity.At > 0 && t.Probe == results.ProbeCapacity && t.Clients == p.Capacity.At && c.Goal.Bound(t) == p.Capacity.Bound},
		{"requests a second of a CPU", t.Probe == results.ProbeSaturation && t.Valid()},
		{"p99 at half", t.Probe == results.ProbeHalf && t.Failure == "" && (t.Valid() || p.HalfAtMost != nil && read.OnlyDisturbed(t))},
	} {
		if figure.rests {
			all = append(all, figure.name)
		}
	}
	return all
}
