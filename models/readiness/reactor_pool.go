package readiness

import (
	"connbench/models"
)

// ReactorPool is [Reactor] whose loop reads and cuts the stream into requests, and
// leaves the work and the replies to a bounded pool of workers. At most one worker
// serves a connection at a time, so that replies keep the order of their requests; a
// request that takes long holds up those behind it on its connection, and no others
// while a worker is left.
//
// epoll is edge-triggered here: what is reported level-triggered would have to be
// switched off and on for each request.
var ReactorPool = models.Model{
	Name:     "reactor-pool",
	Summary:  "one epoll loop that reads, and a bounded pool of workers that answer",
	Networks: []string{"tcp", "unix"},
	Unit:     "worker per chunk of requests",
	Blocking: false,
	Knobs:    models.StreamKnobs(models.KnobWorkers),
	Open:     openReactorPool,
}

// workersPerCore is far more than one: workers are for work that blocks, and one that
// waits costs little more than its stack.
const workersPerCore = 32
