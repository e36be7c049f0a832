package models

import "runtime"

// ReactorMulti is [Reactor] with several loops, one a core unless told otherwise. A
// connection stays with the loop that it is given to when accepted. The counters
// loop0, loop1 and so on are how many each loop was given.
var ReactorMulti = Model{
	Name:     "reactor-multi",
	Summary:  "epoll loops on raw descriptors, one a core",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for many connections",
	Blocking: false,
	Knobs:    with(streamKnobs, KnobLoops, KnobSpread, KnobTrigger),
	Open:     openReactorMulti,
}

func reactorLoops(cfg Config) int {
	if cfg.Loops == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return cfg.Loops
}
