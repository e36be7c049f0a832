package doctor

import (
	"context"
	"os"
	"slices"
	"time"

	"connbench/loadgen/system"
	"connbench/results"
)

// Report is all that was found.
type Report struct {
	Environment results.Environment `json:"environment"`
	StartedAt   time.Time           `json:"started_at"`
	Checks      []Check             `json:"checks"`
	Noise       Noise               `json:"noise"`
	Verdict     Verdict             `json:"verdict"` // the worst of the checks
}

const (
	limitsGroup   = "Limits"
	settingsGroup = "Kernel settings"
	cpusGroup     = "CPUs"
	noiseGroup    = "Noise"
)

// Examine makes the report of a machine under valid options. It takes twice their
// duration, and fails only when ctx ends before that.
func Examine(ctx context.Context, o Options) (*Report, error) {
	m := machine{"/"}
	r := &Report{
		Environment: system.Describe(o.Allowed, o.Placement),
		StartedAt:   time.Now().UTC(),
	}
	r.add(limitsGroup, m.limits(os.Geteuid() == 0)...)
	r.add(settingsGroup, m.settings(os.Geteuid() == 0, o.Tried)...)
	r.add(cpusGroup, m.cpus(o.Allowed, o.Placement)...)
	load := m.loadAverage(len(o.Allowed)) // before we add to it
	noise, err := m.listen(ctx, o)
	if err != nil {
		return nil, err
	}
	r.Noise = *noise
	r.add(noiseGroup, append([]Check{load}, noise.checks(o.Allowed)...)...)
	return r, nil
}

func (r *Report) add(group string, checks ...Check) {
	r.Verdict = worst(r.Verdict, OK)
	for _, c := range checks {
		c.Group = group
		r.Checks = append(r.Checks, c)
		r.Verdict = worst(r.Verdict, c.Verdict)
	}
}

func (r *Report) of(v Verdict) []Check {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c Check) bool { return c.Verdict != v })
}
