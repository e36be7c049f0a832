package calibrate

import (
	"math"

	"connbench/results"
)

// Tail is what is said of a distribution of times in nanoseconds: medians over
// repetitions.
type Tail struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Pacing is how punctually an open loop sends.
type Pacing struct {
	RateRPS float64   `json:"rate_rps"`
	Pacing  Tail      `json:"pacing_ns"`               // from when a request is due to when it is looked at
	Slip    Tail      `json:"slip_ns"`                 // from when it is due to when it is sent
	P99     *Interval `json:"pacing_p99_ns,omitempty"` // geometric mean over the quiet repetitions
	Repetitions
}

// RoundTrip is the least that a request takes: one client, one request at a time.
type RoundTrip struct {
	Latency Tail `json:"response_latency_ns"`
	Repetitions
}

// Capacity is what the client costs beside the server that it is compared with.
type Capacity struct {
	ThroughputRPS float64   `json:"throughput_rps"` // of both together
	ClientCPU     float64   `json:"client_cpu_ns_per_request"`
	ServerCPU     float64   `json:"server_cpu_ns_per_request"`
	PerClientCPU  float64   `json:"requests_per_client_cpu_second"`
	CPURatio      *Interval `json:"client_to_server_cpu,omitempty"` // over the quiet repetitions
	Repetitions
}

func pacingOf(all []Repetition) Pacing {
	some, best := quiet(all), usable(all)
	pacing := func(r *Repetition) *results.Latency {
		if r.Client == nil {
			return nil
		}
		return r.Client.Pacing
	}
	return Pacing{
		RateRPS: pacingRate,
		Pacing:  tail(best, pacing),
		Slip:    tail(best, func(r *Repetition) *results.Latency { return r.Slip }),
		P99: geometric(each(some, func(r *Repetition) float64 {
			return float64(pacing(r).P99)
		})),
		Repetitions: repetitionsOf(all),
	}
}

func capacityOf(all []Repetition) Capacity {
	some, best := quiet(all), usable(all)
	c := Capacity{
		ThroughputRPS: median(each(best, func(r *Repetition) float64 { return r.ThroughputRPS })),
		ClientCPU:     median(each(best, clientCPU)),
		ServerCPU:     median(each(best, serverCPU)),
		Repetitions:   repetitionsOf(all),
	}
	if c.ClientCPU > 0 {
		c.PerClientCPU = 1e9 / c.ClientCPU
	}
	if ratio := interval(each(some, cpuRatio)); ratio != nil && finite(ratio) {
		c.CPURatio = ratio
	}
	return c
}

func clientCPU(r *Repetition) float64 {
	if r.ClientCPUPerRequest == nil {
		return 0
	}
	return *r.ClientCPUPerRequest
}

func serverCPU(r *Repetition) float64 {
	if r.ServerUsage == nil {
		return 0
	}
	return r.ServerCPUPerRequest
}

func cpuRatio(r *Repetition) float64 { return clientCPU(r) / serverCPU(r) }

func finite(i *Interval) bool { return !math.IsNaN(i.High-i.Low) && !math.IsInf(i.High-i.Low, 0) }

func tail(all []Repetition, latency func(*Repetition) *results.Latency) Tail {
	of := func(figure func(*results.Latency) results.Nanos) float64 {
		return median(each(all, func(r *Repetition) float64 {
			if l := latency(r); l != nil {
				return min(math.MaxFloat64, float64(figure(l)))
			}
			return 0
		}))
	}
	return Tail{
		P50: of(func(l *results.Latency) results.Nanos { return l.P50 }),
		P99: of(func(l *results.Latency) results.Nanos { return l.P99 }),
		Max: of(func(l *results.Latency) results.Nanos { return l.Max }),
	}
}

func responseTail(all []Repetition) Tail {
	return tail(all, func(r *Repetition) *results.Latency { return r.latency() })
}
