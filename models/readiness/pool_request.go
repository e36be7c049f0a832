package readiness

import "connbench/models"

// PoolRequest serves each request in one of a fixed number of workers, which gives
// the connection back when it has answered. A worker is never a client's own and
// never waits for one, so that clients beyond the workers wait for a request's
// length, not for another client's end.
var PoolRequest = models.Model{
	Name:     "pool-request",
	Summary:  "a bounded pool of workers, each taking one ready request (one-shot epoll)",
	Networks: []string{"tcp", "unix"},
	Unit:     "worker per ready request",
	Blocking: false,
	Knobs:    models.StreamKnobs(models.KnobWorkers),
	Open:     openPoolRequest,
}
