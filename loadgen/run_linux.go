package loadgen

import (
	"context"
	"runtime"
	"sync"
	"time"

	"connbench/loadgen/message"
	"connbench/loadgen/process"
	"connbench/results"
)

// Run puts the load of a valid s on its server and returns what it measured. It
// fails when no client can connect, and with the context's error when that ends
// first; a load that goes badly is not a failure but a result.
func Run(ctx context.Context, s Spec, stages Stages) (*Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := make(chan *run, 1)
	go heed(ctx, cancel, stages.Interrupt, begun)
	asked := s.Address
	var err error
	if s.Address, err = resolve(ctx, &s); err != nil {
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
	begun <- r

	// First, since a sequential server would not get to it behind the clients.
	if err := probe(ctx, &s); err != nil {
		return nil, err
	}
	if err := fill(ctx, &s); err != nil {
		return nil, err
	}
	if err := r.connect(stages.Connecting); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.anybody(); err != nil {
		return nil, err
	}
	if err := stages.reach(StageConnected); err != nil {
		return nil, err
	}
	return r.measure(ctx, stages)
}

type run struct {
	spec    *Spec
	asked   string // as the address, which spec has resolved
	epoch   time.Time
	cpus    []int // that this process may use
	workers []*worker
	rests   *rests
	stop    chan struct{}
	early   chan struct{} // closed when the window ends early, or with stop
	once    sync.Once

	mu       sync.Mutex
	from, to time.Duration // the window, when it is known
	cut      time.Duration // its early end, if that is known; fixed when early is closed
	closed   bool

	connecting time.Duration // all the clients
	processors int           // GOMAXPROCS before
}

func newRun(s *Spec) (*run, error) {
	cpus, err := process.AllowedCPUs()
	if err != nil {
		return nil, err
	}
	r := &run{spec: s, epoch: time.Now(), cpus: cpus, stop: make(chan struct{}), early: make(chan struct{})}
	layouts := message.NewMix(s.Message(), s.Mix)
	threads := s.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	threads = min(threads, s.size())
	ranks := s.ranks()
	r.processors = runtime.GOMAXPROCS(max(threads+1, runtime.GOMAXPROCS(0))) // the threads keep theirs
	for i := range threads {
		w, err := newWorker(s, layouts, r.epoch, s.own(i, threads), ranks)
		if err != nil {
			r.close()
			return nil, err
		}
		r.workers = append(r.workers, w)
	}
	r.rests = &rests{threads: len(r.workers)}
	r.rests.met = sync.NewCond(&r.rests.mu)
	r.schedule(never / 2) // far off, until all are connected
	return r, nil
}

func (r *run) schedule(start time.Duration) {
	from := start + r.spec.Warmup
	for _, w := range r.workers {
		w.turns = r.spec.Turns()
		w.end = from + r.spec.turn()
		w.rec.from, w.rec.to, w.rec.planned = from, w.end, time.Duration(w.turns)*r.spec.turn()
		w.patience = r.spec.Timeout
		w.nextScan = 0
	}
	r.workers[0].nextEdge = from
}

func (r *run) abort() {
	r.once.Do(func() {
		close(r.stop)
		r.rests.end()
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.cut == 0 {
			close(r.early)
		}
		r.wake()
	})
}

// wake has the workers look around; the caller holds mu.
func (r *run) wake() {
	if r.closed {
		return
	}
	for _, w := range r.workers {
		w.poller.Wake()
	}
}

// heed ends the window of the run that has begun when interrupt is closed, or what comes
// before it.
func heed(ctx context.Context, cancel func(), interrupt <-chan struct{}, begun <-chan *run) {
	select {
	case <-ctx.Done():
		return
	case <-interrupt:
	}
	select {
	case r := <-begun:
		r.interrupt(cancel)
	default:
		cancel()
	}
}

// interrupt ends the window, or cancels the run if it has none yet.
func (r *run) interrupt(cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stopped(r.stop) {
		return
	}
	end := time.Since(r.epoch) + maxScanPause // when all threads know
	switch {
	case r.to == 0 || end <= r.from+maxScanPause:
		cancel()
	case end < r.to:
		r.cut = end
		close(r.early)
		r.wake()
	}
}

func (r *run) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
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
		w.tasks <- func() { done <- f(w) }
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

func (r *run) measure(ctx context.Context, stages Stages) (*Result, error) {
	if stages.Servers != nil {
		r.workers[0].servers = stages.Servers()
	}
	start := time.Since(r.epoch)
	r.schedule(start)
	from := start + r.spec.Warmup
	r.rests.rest = func() error { return stages.reach(StageRest) }
	r.mu.Lock()
	r.from, r.to = from, from+r.spec.Duration
	r.mu.Unlock()
	done := make(chan error, 1)
	var driven sync.WaitGroup
	finished := make(chan struct{})
	driven.Add(len(r.workers))
	go func() {
		done <- r.each(func(w *worker) error {
			err := w.drive(start, r.early, r.stop, &r.cut, r.rests)
			driven.Done()
			if err != nil {
				return err
			}
			select {
			case <-finished:
			case <-r.stop:
				return nil
			}
			return w.callIdle(r.stop)
		})
	}()
	if r.spec.Live > 0 && stages.Live != nil {
		watched := r.watch(start, stages.Live)
		defer watched()
	}

	r.sleepUntil(from, r.stop)
	before := r.usage()
	if ctx.Err() == nil {
		stages.reach(StageMeasuring)
	}
	var interrupted bool
	to := from + r.workers[0].rec.planned
	if r.spec.Turns() > 1 {
		driven.Wait()
		before.wait = nil // of the rests too, in which others have the CPU
	} else {
		to, interrupted = r.sleepUntilEnd()
	}
	after := r.usage()
	if ctx.Err() == nil {
		stages.reach(StageMeasured)
	}
	driven.Wait()
	if !stopped(r.stop) {
		stages.reach(StageFinished)
	}
	close(finished)
	if err := <-done; err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	result, err := r.collect()
	if err != nil {
		return nil, err
	}
	result.Window, result.Interrupted = to-from, interrupted
	after.fill(result, before, len(r.cpus))
	fillEdges(result, r.workers[0].edges)
	result.RestCPU = r.workers[0].rested.cpus()
	return result, nil
}

func (r *run) sleepUntil(t time.Duration, early <-chan struct{}) {
	timer := time.NewTimer(t - time.Since(r.epoch))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-early:
	}
}

// sleepUntilEnd sleeps until the window's end, which it returns, or until the end of
// the run.
func (r *run) sleepUntilEnd() (end time.Duration, interrupted bool) {
	r.sleepUntil(r.to, r.early)
	r.mu.Lock()
	cut := r.cut
	r.mu.Unlock()
	if cut == 0 {
		return r.to, false
	}
	r.sleepUntil(cut, r.stop)
	return cut, true
}

func (r *run) collect() (*Result, error) {
	result := NoResult()
	result.Clients, result.Address, result.Connecting = r.spec.size(), r.spec.Address, r.connecting
	for _, w := range r.workers {
		own := w.rec.result()
		own.IO = w.io()
		if err := result.Merge(own); err != nil {
			return nil, err
		}
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
	return result, nil
}

// liveSlack is how long after a tick all threads have handed over what they have.
const liveSlack = 2 * maxScanPause

// watch tells f at each tick from start on what the threads did since the one before,
// until the function that it returns is called. That waits for the last call of f.
func (r *run) watch(start time.Duration, f func(Live)) (end func()) {
	tick := 0
	return every(start+r.spec.Live+liveSlack-time.Since(r.epoch), r.spec.Live, func() {
		tick++
		r.look(tick, f)
	})
}

func (r *run) look(tick int, f func(Live)) {
	l := Live{Tick: tick, Latencies: Histogram{Histogram: results.NewHistogram()}}
	any := false
	for _, w := range r.workers {
		any = w.rec.live.fetch(&l) || any
	}
	if any {
		f(l)
	}
}

// every calls f after a first pause and then again and again, until the function that it returns
// is called. That waits for the last call of f.
func every(first, pause time.Duration, f func()) (end func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for at := time.Now().Add(first); ; at = at.Add(pause) {
			select {
			case <-time.After(time.Until(at)):
				f()
			case <-stop:
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}
