package loadgen

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"connbench/results"

	"golang.org/x/sys/unix"
)

// Run puts the load of a valid s on its server and returns what it measured. It
// fails when no client can connect, and with the context's error when that ends
// first; a load that goes badly is not a failure but a result.
func Run(ctx context.Context, s Spec, stages Stages) (*Result, error) {
	r, err := newRun(&s)
	if err != nil {
		return nil, err
	}
	defer r.close()
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
	epoch   time.Time
	workers []*worker
	stop    chan struct{}
	once    sync.Once
}

func newRun(s *Spec) (*run, error) {
	r := &run{spec: s, epoch: time.Now(), stop: make(chan struct{})}
	layout := newLayout(s.PayloadBytes, s.Framing == "length" && s.Network != "udp", s.Seed)
	threads := s.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	threads = min(threads, s.Clients)
	for i := range threads {
		w, err := newWorker(s, layout, r.epoch)
		if err != nil {
			r.close()
			return nil, err
		}
		var clients []int
		for c := i; c < s.Clients; c += threads {
			clients = append(clients, c)
		}
		w.addClients(clients)
		r.workers = append(r.workers, w)
	}
	r.schedule(results.MaxLatency) // far off, until all are connected
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
	var failures [classes]int64
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
	return fmt.Errorf("%s %s: %w: %s", r.spec.Network, r.spec.Address, errNobody, worst)
}

func (r *run) measure(ctx context.Context, stages Stages) (*Result, error) {
	r.schedule(time.Since(r.epoch))
	w := r.workers[0]
	from, to := w.rec.from, w.rec.to
	done := make(chan error, 1)
	go func() { done <- r.each(func(w *worker) error { return w.drive(r.stop) }) }()

	r.sleepUntil(from)
	started := time.Now()
	cpu := processCPU()
	if stages.Measuring != nil && ctx.Err() == nil {
		stages.Measuring()
	}
	r.sleepUntil(to)
	cpus := float64(processCPU()-cpu) / float64(time.Since(started))
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
	result.StartedAt, result.CPU = started, cpus
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
	result := &Result{
		Window:  r.spec.Duration,
		Clients: r.spec.Clients,
		Errors:  map[string]int64{},
		Service: Histogram{results.NewHistogram()},
	}
	for _, w := range r.workers {
		result.Service.Merge(w.rec.service)
		result.Unanswered += w.rec.unanswered
		result.Datagrams.Lost += w.rec.datagrams.Lost
		result.Datagrams.Duplicated += w.rec.datagrams.Duplicated
		result.Datagrams.Reordered += w.rec.datagrams.Reordered
		for c, n := range w.rec.errors {
			if n > 0 {
				result.Errors[class(c).String()] += n
			}
		}
		for i := range w.conns {
			result.Answers.add(w.conns[i].answers)
		}
	}
	result.Requests = int64(result.Answers.Sum)
	return result
}

// processCPU is the time that all threads of this process have had a CPU.
func processCPU() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
