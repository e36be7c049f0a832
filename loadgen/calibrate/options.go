package calibrate

import (
	"slices"
	"time"

	"connbench/loadgen"
)

// Options are how long and how often to measure.
type Options struct {
	Service     time.Duration // mean service time of the calibration server, well above the 10 µs that it spends on a request itself
	Duration    time.Duration // of a repetition, without the tenth before it that warms up
	Repetitions int           // quiet ones wanted of each point
	Seed        uint64
}

// DefaultOptions take three and a half minutes on a quiet machine and up to thirteen on a noisy
// one; see [Bench.Takes]. A millisecond of service is twenty times what a request spends on
// the way between two virtual CPUs, and what interrupts these is short beside it:
// with 200 µs there was hardly a quiet repetition on machines where this is decidable.
func DefaultOptions() Options {
	return Options{Service: time.Millisecond, Duration: 2 * time.Second, Repetitions: 5, Seed: 1}
}

// QuickOptions take one minute, or up to three.
func QuickOptions() Options {
	o := DefaultOptions()
	o.Duration, o.Repetitions = 600*time.Millisecond, 3
	return o
}

const attempts = 3

const (
	clients      = 64
	payloadBytes = 64
	pacingRate   = 50_000.0 // requests/s
)

var rhos = []float64{0.3, 0.5, 0.7, 0.8}

// Limits within which the harness counts as exact; the project's own measures.
const (
	MaxMeanDeviation = 5.0  // per cent
	MaxP99Deviation  = 10.0 // per cent
	MaxPacingP99     = 20e3 // ns, at pacingRate
	MaxCPURatio      = 1.0  // of the client's CPU time a request to the server's
	// minQuiet is how many quiet repetitions an interval takes that says anything.
	minQuiet = 3
)

func (o *Options) spec(seed uint64) loadgen.Spec {
	s := loadgen.DefaultSpec()
	s.Clients, s.PayloadBytes, s.Threads = clients, payloadBytes, 1
	s.Warmup, s.Duration, s.Seed = o.Duration/10, o.Duration, seed
	return s
}

func (o *Options) open(arrivals loadgen.Arrivals, rate float64, seed uint64) loadgen.Spec {
	s := o.spec(seed)
	s.Arrivals, s.Rate = arrivals, rate
	return s
}

// rate is what loads the calibration server to rho.
func (o *Options) rate(rho float64) float64 { return rho / o.Service.Seconds() }

func (o *Options) closed(clients int, seed uint64) loadgen.Spec {
	s := o.spec(seed)
	s.Clients = clients
	return s
}

// distributions in the order of the report.
var distributions = slices.Values([]Distribution{Fixed, Exponential})
