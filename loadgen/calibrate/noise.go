package calibrate

import (
	"fmt"
	"time"

	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Limits of a quiet repetition. They are narrow: noise that passes for quiet would
// pass for an error of the harness.
const (
	// MaxNoise is the share of the time that the hypervisor may take.
	MaxNoise = 0.01
	// maxDelay is by how much, as a share of the mean response time in theory, either
	// process may be late in the mean because others had its CPU. A share of the time
	// says too little of that: a server that is gone for 1 % of two seconds at once, at
	// a load of 0.8, makes one request in twenty wait for it.
	maxDelay = 0.01
	// maxLost is the share of its time that the server may not be run, and maxLate of
	// the requests that the client may look at more than lateness after they are due.
	// What hits three requests in 1000 makes a 99th percentile the 99.3th.
	maxLost  = 0.005
	maxLate  = 0.003
	lateness = 100 * time.Microsecond
	// maxWait is which share of its time the client may be ready and have no CPU.
	// Waking up counts as that, too: a client that sleeps between requests spends up
	// to 2 % so on a machine without any other process.
	maxWait = 0.025
	// maxPacingWait is that of one that never sleeps, and of which one request in a
	// hundred is looked at.
	maxPacingWait = 0.005
)

// bounds are what a repetition of a point may suffer and be quiet.
type bounds struct {
	wait  float64 // share of the time that the client is ready and has no CPU
	rho   float64 // load of the calibration server
	delay float64 // ns that either process may be late in the mean, 0 for any
}

func (r *Repetition) judge(b bounds) {
	if watched := float64(r.counter(counterWatched)); watched > 0 {
		lost := float64(r.counter(counterLost)) / watched
		r.ServerLost = &lost
		// A request that meets an interruption of length L waits for L/2 in the mean,
		// and those behind it for what has queued meanwhile.
		delay := float64(r.counter(counterLost2)) * 1e6 / (2 * watched * (1 - b.rho))
		r.ServerDelayNS = &delay
	}
	r.Noise = []string{}
	if r.pacing != nil && r.pacing.TotalCount() > 0 {
		late := float64(above(r.pacing, int64(lateness))) / float64(r.pacing.TotalCount())
		r.ClientLate = &late
	}
	noisy := func(format string, args ...any) { r.Noise = append(r.Noise, fmt.Sprintf(format, args...)) }
	if r.ResponseLatency == nil {
		noisy("no request in the window")
	}
	if v := r.StealFraction; v != nil && *v > MaxNoise {
		noisy("%.1f %% stolen by the hypervisor", 100**v)
	}
	if r.Client != nil && r.Client.WaitFraction > b.wait {
		noisy("client %.1f %% without a CPU", 100*r.Client.WaitFraction)
	}
	if v := r.ServerLost; v != nil && *v > maxLost {
		noisy("server %.1f %% without a CPU", 100**v)
	}
	if b.delay > 0 {
		r.judgeDelays(b.delay, noisy)
	}
	if failed := r.Failed(); failed > 0 {
		noisy("%d requests failed", failed)
	}
	if r.Path != nil && r.Path.Requests != r.Requests {
		noisy("%d requests of %d", r.Requests, r.Path.Requests)
	}
}

// judgeDelays is of a load on the calibration server: elsewhere the client's pacing
// is what is measured.
func (r *Repetition) judgeDelays(most float64, noisy func(format string, args ...any)) {
	if v := r.ServerDelayNS; v != nil && *v > most {
		noisy("server interrupted, %v late", results.Nanos(*v))
	}
	if r.Client != nil && r.Client.Pacing != nil && float64(r.Client.Pacing.Mean) > most {
		noisy("client interrupted, %v late", r.Client.Pacing.Mean)
	}
	if v := r.ClientLate; v != nil && *v > maxLate {
		noisy("client late with %.1f %% of the requests", 100**v)
	}
}

func above(h *hdrhistogram.Histogram, limit int64) int64 {
	var n int64
	for _, bar := range h.Distribution() {
		if bar.From > limit {
			n += bar.Count
		}
	}
	return n
}
