package loadgen

import (
	"cmp"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"connbench/results"
)

// Live is what a load came to lately, for people who watch it: of the active clients,
// the warm-up too. It is no result: nothing is made of it.
type Live struct {
	Tick          int       `json:"tick"` // which one it is, from 1
	ThroughputRPS float64   `json:"throughput_rps"`
	Failed        int64     `json:"failed"`    // requests that nobody will answer
	Latencies     Histogram `json:"latencies"` // from the intended send, in nanoseconds
}

// P99 is the 99th percentile of the latencies, in which those of failed requests are
// infinite; not a number where there were no requests.
func (l *Live) P99() results.Nanos {
	return results.Percentile(l.Latencies.Histogram, l.Failed, 99)
}

// merge adds what another process had at the same tick.
func (l *Live) merge(o *Live) {
	l.ThroughputRPS += o.ThroughputRPS
	l.Failed += o.Failed
	l.Latencies.Merge(o.Latencies.Histogram)
}

// liveDigits is how exact live latencies are: to a hundredth.
const liveDigits = 2

// reading is what one thread did between two times since the run's epoch.
type reading struct {
	from, to  time.Duration
	failed    int64
	latencies *hdrhistogram.Histogram
}

func newReading() *reading {
	return &reading{latencies: hdrhistogram.New(1, int64(results.MaxLatency), liveDigits)}
}

// meter counts what one thread does, and hands that over now and then. The thread
// counts in a reading that is its own, so that a request costs it no more than an
// entry in a histogram; there are two of them, which change hands.
type meter struct {
	every, next time.Duration
	own         *reading
	full, empty atomic.Pointer[reading] // handed over, and given back
}

func newMeter(every time.Duration) *meter {
	m := &meter{every: every, next: math.MaxInt64, own: newReading()}
	m.empty.Store(newReading())
	return m
}

// begin lets the first reading begin at a time.
func (m *meter) begin(start time.Duration) { m.own.from, m.next = start, start+m.every }

// turn hands over what is there, if it is time. What is not fetched before the next
// time joins what comes then.
func (m *meter) turn(now time.Duration) {
	if now < m.next {
		return
	}
	m.next += m.every
	next := m.empty.Swap(nil)
	if next == nil {
		return
	}
	m.own.to, next.from = now, now
	m.full.Store(m.own)
	m.own = next
}

// fetch adds to l what the thread has handed over, and reports whether it has.
func (m *meter) fetch(l *Live) bool {
	r := m.full.Swap(nil)
	if r == nil {
		return false
	}
	l.ThroughputRPS += float64(r.latencies.TotalCount()) / (r.to - r.from).Seconds()
	l.Failed += r.failed
	l.Latencies.Merge(r.latencies)
	r.latencies.Reset()
	r.failed = 0
	m.empty.Store(r)
	return true
}

// combined is a Live hook for each of n processes that run a load: it calls f with
// what all of them had at a tick, or with what is there of it when the next one comes.
func combined(n int, f func(Live)) func(Live) {
	var mu sync.Mutex
	var sum Live
	parts := 0
	flush := func() {
		if parts > 0 {
			f(sum)
		}
		parts = 0
	}
	return func(l Live) {
		mu.Lock()
		defer mu.Unlock()
		switch cmp.Compare(l.Tick, sum.Tick) {
		case -1:
			return // late, and of no use any more
		case 0:
			sum.merge(&l)
		case 1:
			flush()
			sum = l
		}
		if parts++; parts == n {
			flush()
		}
	}
}
