package readiness

import (
	"connbench/models"
)

// ReactorMulti is [Reactor] with several loops, one a core unless told otherwise. A
// connection stays with the loop that it is given to when accepted. The counters
// loop0, loop1 and so on are how many each loop was given.
var ReactorMulti = models.Model{
	Name:     "reactor-multi",
	Summary:  "epoll loops on raw descriptors, one a core",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for many connections",
	Blocking: false,
	Knobs:    models.StreamKnobs(models.KnobLoops, models.KnobSpread, models.KnobTrigger),
	Open:     openReactorMulti,
}
