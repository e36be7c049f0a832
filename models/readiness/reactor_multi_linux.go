package readiness

import (
	"cmp"
	"fmt"
	"runtime"

	"connbench/models"
)

func openReactorMulti(cfg models.Config) (models.Server, error) {
	s, err := newReactor(cfg, reactorKind{notifier: newEpoll, loops: cmp.Or(cfg.Loops, runtime.GOMAXPROCS(0)), edge: cfg.Trigger == models.TriggerEdge})
	if err != nil {
		return nil, err
	}
	return reactorMultiServer{s}, nil
}

// reactorMultiServer says how the connections were spread.
type reactorMultiServer struct{ *reactorServer }

func (s reactorMultiServer) Counters() map[string]int64 {
	counts := s.reactorServer.Counters()
	for i, l := range s.loops {
		counts[fmt.Sprintf("loop%d", i)] = l.accepted.Load()
	}
	return counts
}
