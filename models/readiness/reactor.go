// Package readiness has the models that ask the kernel which of many sockets are ready,
// and read and write without waiting.
package readiness

import "connbench/models"

// Reactor multiplexes all connections over one epoll loop on raw descriptors: reads
// and writes never wait, and a connection costs a small struct.
var Reactor = models.Model{
	Name:     "reactor",
	Summary:  "one epoll loop on raw descriptors, outside the runtime's poller",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for all connections",
	Blocking: false,
	Knobs:    models.StreamKnobs(models.KnobTrigger),
	Open:     openReactor,
}
