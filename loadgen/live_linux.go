package loadgen

import (
	"time"

	"connbench/results"
)

// liveSlack is how long after a tick all threads have handed over what they have.
const liveSlack = 2 * maxScanPause

// watch tells f at each tick from start on what the threads did since the one before,
// until the function that it returns is called. That waits for the last call of f.
func (r *run) watch(start time.Duration, f func(Live)) (end func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := 1; ; tick++ {
			timer := time.NewTimer(start + time.Duration(tick)*r.spec.Live + liveSlack - time.Since(r.epoch))
			select {
			case <-timer.C:
				r.look(tick, f)
			case <-stop:
				timer.Stop()
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}

func (r *run) look(tick int, f func(Live)) {
	l := Live{Tick: tick, Latencies: Histogram{results.NewHistogram()}}
	any := false
	for _, w := range r.workers {
		any = w.rec.live.fetch(&l) || any
	}
	if any {
		f(l)
	}
}
