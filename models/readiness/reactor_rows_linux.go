package readiness

import (
	"cmp"
	"runtime"

	"connbench/models"
	"connbench/models/kernel"
)

type reactorKind struct {
	notifier func() (notifier, error)
	loops    int
	edge     bool // epoll reports changes
	atOnce   int  // connections; 0 for all
	workers  int  // that answer; 0 for the loop itself
}

func openReactor(cfg models.Config) (models.Server, error) {
	return newReactor(cfg, reactorKind{notifier: newEpoll, loops: 1, edge: cfg.Trigger == models.TriggerEdge})
}

func openReactorPool(cfg models.Config) (models.Server, error) {
	return newReactor(cfg, reactorKind{notifier: newEpoll, loops: 1, edge: true, workers: cmp.Or(cfg.Workers, workersPerCore*runtime.GOMAXPROCS(0))})
}

func openSelect(cfg models.Config, atOnce int) (models.Server, error) {
	return newReactor(cfg, reactorKind{
		notifier: func() (notifier, error) { return kernel.NewSelectSet() },
		loops:    1,
		atOnce:   atOnce,
	})
}

// The sets have room for as many as Select serves, and the process.
const _ = uint(kernel.SelectLimit - 16 - selectAtOnce)

func openPoll(cfg models.Config) (models.Server, error) {
	return newReactor(cfg, reactorKind{
		notifier: func() (notifier, error) { return kernel.NewPollSet() },
		loops:    1,
	})
}

// epoll is a Poller that need not be told of a descriptor that is about to be closed.
type epoll struct{ *kernel.Poller }

func newEpoll() (notifier, error) {
	p, err := kernel.NewPoller()
	return epoll{p}, err
}

func (epoll) Remove(int) error { return nil }
