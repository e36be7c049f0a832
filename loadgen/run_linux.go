package loadgen

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Run puts the load of a valid s on its server and returns what it measured. It
// fails when no client can connect, and with the context's error when that ends
// first; a load that goes badly is not a failure but a result.
func Run(ctx context.Context, s Spec, stages Stages) (*Result, error) {
	asked := s.Address
	var err error
	if s.Address, err = resolve(ctx, &s); err != nil {
		return nil, err
	}
	// First, since a sequential server would not get to it behind the clients.
	if err := probe(ctx, &s); err != nil {
		return nil, err
	}
	r, err := newRun(&s)
	if err != nil {
		return nil, err
	}
	defer r.close()
	r.asked = asked
	stop := context.AfterFunc(ctx, r.abort)
	defer stop()

	if err := r.each(func(w *worker) error { return w.connectAll(r.stop) }); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.anybody(); err != nil {
		return nil, err
	}
	if stages.Connected != nil {
		if err := stages.Connected(); err != nil {
			return nil, err
		}
	}
	return r.measure(ctx, stages)
}

// run is a load under way in this process.
type run struct {
	spec    *Spec
	asked   string // as the address, which spec has resolved
	epoch   time.Time
	cpus    []int // that this process may use
	workers []*worker
	stop    chan struct{}
	once    sync.Once

	processors int // GOMAXPROCS before
}

func newRun(s *Spec) (*run, error) {
	cpus, err := AllowedCPUs()
	if err != nil {
		return nil, err
	}
	r := &run{spec: s, epoch: time.Now(), cpus: cpus, stop: make(chan struct{})}
	layout := newLayout(s)
	threads := s.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	threads = min(threads, s.size())
	r.processors = runtime.GOMAXPROCS(max(threads+1, runtime.GOMAXPROCS(0))) // the threads keep theirs
	for i := range threads {
		w, err := newWorker(s, layout, r.epoch, s.own(i, threads))
		if err != nil {
			r.close()
			return nil, err
		}
		r.workers = append(r.workers, w)
	}
	r.schedule(never / 2) // far off, until all are connected
	return r, nil
}

// schedule sets when the load begins, counted from the epoch.
func (r *run) schedule(start time.Duration) {
	from := start + r.spec.Warmup
	for _, w := range r.workers {
		w.end = from + r.spec.Duration
		w.rec.from, w.rec.to = from, w.end
		w.nextScan = 0
	}
}

func (r *run) abort() {
	r.once.Do(func() {
		close(r.stop)
		for _, w := range r.workers {
			w.poller.Wake()
		}
	})
}

func (r *run) close() {
	runtime.GOMAXPROCS(r.processors)
	for _, w := range r.workers {
		w.close()
	}
}

// each runs f for all workers at once, each on its thread; one that fails stops
// the others.
func (r *run) each(f func(*worker) error) error {
	done := make(chan error)
	for _, w := range r.workers {
		locked(func() error { return f(w) }, done)
	}
	var first error
	for range r.workers {
		if err := <-done; err != nil && first == nil {
			first = err
			r.abort()
		}
	}
	return first
}

// anybody returns an error if no client is connected: why, as most of them found.
func (r *run) anybody() error {
	var failures [counted]int64
	for _, w := range r.workers {
		for i := range w.conns {
			if w.conns[i].state >= up {
				return nil
			}
		}
		for c, n := range w.failures {
			failures[c] += n
		}
	}
	worst := class(0)
	for c, n := range failures {
		if n > failures[worst] {
			worst = class(c)
		}
	}
	return fmt.Errorf("%s %s: %w: %s: %s", r.spec.Network, r.asked, errNobody, worst, worst.advice())
}

func (r *run) measure(ctx context.Context, stages Stages) (*Result, error) {
	start := time.Since(r.epoch)
	r.schedule(start)
	w := r.workers[0]
	from, to := w.rec.from, w.rec.to
	done := make(chan error, 1)
	go func() { done <- r.each(func(w *worker) error { return w.drive(start, r.stop) }) }()
	if r.spec.Live > 0 && stages.Live != nil {
		watched := r.watch(start, stages.Live)
		defer watched()
	}

	r.sleepUntil(from)
	before := r.usage()
	if stages.Measuring != nil && ctx.Err() == nil {
		stages.Measuring()
	}
	r.sleepUntil(to)
	after := r.usage()
	if stages.Measured != nil && ctx.Err() == nil {
		stages.Measured()
	}
	if err := <-done; err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result := r.collect()
	after.fill(result, before, len(r.cpus))
	return result, nil
}

// sleepUntil sleeps until t after the epoch, or the end of the run.
func (r *run) sleepUntil(t time.Duration) {
	timer := time.NewTimer(t - time.Since(r.epoch))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.stop:
	}
}

// collect merges what the workers have recorded.
func (r *run) collect() *Result {
	result := NoResult()
	result.Window, result.Clients, result.Address = r.spec.Duration, r.spec.size(), r.spec.Address
	for _, w := range r.workers {
		result.add(&w.rec)
		result.IO = max(result.IO, w.io())
		for i := range w.conns {
			c := &w.conns[i]
			if c.role == active {
				result.Active++
				result.Answers.add(c.answers)
				if w.schedule != nil && !c.asked {
					result.Unasked++
				}
			}
		}
	}
	result.Requests = int64(result.Answers.Sum)
	return result
}
