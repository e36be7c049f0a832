package calibrate

import (
	"fmt"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
)

type points struct {
	floors    []*point // by rho
	truths    []Truth  // without their repetitions
	truth     []*point // of them
	pacing    *point
	roundTrip *point
	capacity  *point
}

// points are what there is to measure here. Where server and client share their
// CPUs there is no ground truth: the calibration server takes all the time there is.
func (b *Bench) points() *points {
	o := &b.Options
	m := &points{
		pacing: b.echo("pacing", maxPacingWait, func(seed uint64) loadgen.Spec {
			return o.open(loadgen.Constant, pacingRate, seed)
		}),
		roundTrip: b.echo("round trip", maxWait, func(seed uint64) loadgen.Spec { return o.closed(1, seed) }),
		capacity:  b.echo("capacity", maxWait, func(seed uint64) loadgen.Spec { return o.closed(clients, seed) }),
	}
	if b.Placement.Shared() {
		return m
	}
	for _, rho := range rhos {
		floor := b.calibration("floor", Truth{Distribution: Fixed, RateRPS: o.rate(rho)}, 0)
		floor.bounds.delay = maxDelay * Sojourn(Fixed, o.Service, rho).Mean
		m.floors = append(m.floors, floor)
	}
	for d := range distributions {
		for _, rho := range rhos {
			t := Truth{Distribution: d, Rho: rho, RateRPS: o.rate(rho), Theory: Sojourn(d, o.Service, rho)}
			m.truths = append(m.truths, t)
			m.truth = append(m.truth, b.calibration(fmt.Sprintf("%s service, rho %v", d, rho), t, o.Service))
		}
	}
	return m
}

func (m *points) all() []*point {
	return append(slices.Concat(m.floors, m.truth), m.pacing, m.roundTrip, m.capacity)
}

func (b *Bench) echo(name string, wait float64, spec func(seed uint64) loadgen.Spec) *point {
	return &point{
		name:   name,
		row:    func(uint64) sweep.Row { return b.Echo },
		spec:   spec,
		bounds: bounds{wait: wait},
		wanted: b.Options.Repetitions,
	}
}

func (b *Bench) calibration(name string, t Truth, service time.Duration) *point {
	return &point{
		name: fmt.Sprintf("%s, %s/s", name, results.Count(t.RateRPS)),
		row: func(seed uint64) sweep.Row {
			return b.Calibration(ServerConfig{Distribution: t.Distribution, Service: service, Seed: seed})
		},
		spec:   func(seed uint64) loadgen.Spec { return b.Options.open(loadgen.Poisson, t.RateRPS, seed) },
		path:   func(s loadgen.Spec) Path { return samplePath(s, NewServices(t.Distribution, service, s.Seed)) },
		bounds: bounds{wait: maxWait, rho: t.Rho, delay: maxDelay * t.Theory.Mean},
		wanted: b.Options.Repetitions,
	}
}
