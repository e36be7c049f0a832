package loadgen

import (
	"time"

	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// recorder is what one thread has measured. Times are since the run's epoch.
type recorder struct {
	from, to time.Duration // the measured window

	service    *hdrhistogram.Histogram
	unanswered int64          // requests that failed; infinite in every percentile
	errors     [classes]int64 // requests, and attempts to connect, that failed
	datagrams  results.Datagrams
	refused    int64 // latencies that the histogram did not take
}

func newRecorder() recorder { return recorder{service: results.NewHistogram()} }

// due reports whether a request due at t belongs to the window.
func (r *recorder) due(t time.Duration) bool { return t >= r.from && t < r.to }

// answered records a request that belongs to the window.
func (r *recorder) answered(service time.Duration) {
	if err := r.service.RecordValue(int64(service)); err != nil {
		r.refused++
	}
}

// failed records n requests that nobody will answer, seen at time now. What
// fails during the warm-up is discarded with it.
func (r *recorder) failed(c class, n int64, now time.Duration) {
	if now < r.from {
		return
	}
	r.errors[c] += n
	r.unanswered += n
	if c == lost {
		r.datagrams.Lost += n
	}
}

// mismatched, duplicated and reordered record datagrams that are no failure of a
// request.
func (r *recorder) mismatched(now time.Duration) { r.count(&r.errors[mismatch], now) }
func (r *recorder) duplicated(now time.Duration) { r.count(&r.datagrams.Duplicated, now) }
func (r *recorder) reordered(now time.Duration)  { r.count(&r.datagrams.Reordered, now) }

func (r *recorder) count(n *int64, now time.Duration) {
	if now >= r.from {
		*n++
	}
}

// unconnected records an attempt to connect that failed, whenever that was.
func (r *recorder) unconnected(c class) { r.errors[c]++ }
