package loadgen

import (
	"cmp"
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Stage is a moment of a run, in this order.
type Stage string

const (
	// StageConnected: every client is connected or has failed to.
	StageConnected Stage = "connected"
	// StageMeasuring and StageMeasured: the window begins, and ends. What is done then takes
	// the time of the clients, some of which still wait for answers.
	StageMeasuring Stage = "measuring"
	StageMeasured  Stage = "measured"
	// StageRest: a turn but the last of a load in slices is over, see [Spec.Slice], and nothing
	// is unanswered or that has been waited for. What follows a rest is discarded for a moment,
	// until the server is at work again.
	StageRest Stage = "rest"
	// StageFinished: the last answer has come, or is given up. No connection is closed, and no
	// idle client asks, before it is over.
	StageFinished Stage = "finished"
)

// holds reports whether all clients wait until what is done at the stage is over.
func (s Stage) holds() bool { return s != StageMeasuring && s != StageMeasured }

// Stages lets the caller follow a run and hold it back. Any may be nil.
type Stages struct {
	// Connecting is called every second until then with the number of clients that
	// are connected, and of client processes by each.
	Connecting func(connected int)
	// Reached is called at each stage, and the load goes on when it returns. An error ends it,
	// but at the window's ends and when all is over.
	Reached func(Stage) error
	// Servers lists, when the clients are connected, the processes of the server, which are
	// on this host. A thread that drives clients, of several client processes one of the
	// first, reads their CPU clocks at the window's two ends, for [Result.ServerCPU].
	Servers func() []int
	// Live is called every [Spec.Live] of the load, if that is more than 0. Of client
	// processes that are given up it may come late, when their Run has returned.
	Live func(Live)

	// Interrupt ends the window when it is closed, so that the result is of a shorter
	// one; before the window it is [context.Canceled]. What is unanswered then has
	// [Spec.Timeout] left, up to a second. May be nil.
	Interrupt <-chan struct{}

	// Slack is how long client processes may take beyond what their load can, on a
	// machine that is busy, before they are taken for hanging; 0 for 30 s.
	Slack time.Duration
}

func (s *Stages) reach(stage Stage) error {
	if s.Reached == nil {
		return nil
	}
	return s.Reached(stage)
}

var errNobody = errors.New("no client could connect")

// of is the stages of n parts of a load as one part sees them: each is reached with the last of
// them, and one that holds does so until then, or until ctx ends; Servers is as it is. Connecting
// takes how many clients more are connected. None but Servers is nil.
func (s Stages) of(ctx context.Context, n int) Stages {
	var mu sync.Mutex
	meet := func(stage Stage) func() error {
		left, passed := n, make(chan struct{})
		var err error
		return func() error {
			mu.Lock()
			if left--; left == 0 {
				err = s.reach(stage)
				close(passed)
			}
			mu.Unlock()
			if !stage.holds() {
				return nil
			}
			select {
			case <-passed:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	meetings := map[Stage]func() error{StageRest: func() error { return s.reach(StageRest) }} // of one process alone
	for _, stage := range []Stage{StageConnected, StageMeasuring, StageMeasured, StageFinished} {
		meetings[stage] = meet(stage)
	}
	connected := 0
	return Stages{
		Connecting: func(more int) {
			mu.Lock()
			defer mu.Unlock()
			if connected += more; s.Connecting != nil {
				s.Connecting(connected)
			}
		},
		Reached: func(stage Stage) error {
			if meeting := meetings[stage]; meeting != nil {
				return meeting()
			}
			return nil
		},
		Servers: s.Servers,
		Live:    combined(n, s.Live),
	}
}

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

func (l *Live) merge(o *Live) {
	l.ThroughputRPS += o.ThroughputRPS
	l.Failed += o.Failed
	l.Latencies.Merge(o.Latencies.Histogram)
}

// liveDigits is how exact live latencies are: to a hundredth.
const liveDigits = 2

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
		if parts > 0 && f != nil {
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
