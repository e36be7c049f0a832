package blocking

import "connbench/models"

// Thread serves each connection in a thread of its own, which blocks in read(2) and
// write(2): the classic server, on descriptors that the runtime's poller never sees.
// The kernel alone decides whose turn it is: GOMAXPROCS is raised while there are
// threads, so that none waits for another to give up its processor; see processors.
//
// A thread begins and ends with its connection, as in a server that calls
// pthread_create for each, so that a new connection costs what a thread costs. With
// reuse, threads left idle by a peak would stay for good, for the runtime ends none.
//
// Each connection has its thread's stacks, of which the runtime's own take some 50 KiB
// of address space, and its read buffer. How many threads there can be is bounded; see
// [ThreadRoom]. Beyond them clients wait in the backlog, which counts as backoff.
var Thread = models.Model{
	Name:         "thread",
	Summary:      "a thread per connection, blocked in read(2) and write(2)",
	Networks:     []string{"tcp", "unix"},
	Unit:         "thread per connection",
	Blocking:     true,
	Knobs:        models.StreamKnobs(models.KnobWorkers),
	ServesAtOnce: threadsAtOnce,
	Open:         openThread,
}
