package models

// Reactor multiplexes all connections over one epoll loop on raw descriptors: reads
// and writes never wait, and a connection costs a small struct.
var Reactor = Model{
	Name:     "reactor",
	Summary:  "one epoll loop on raw descriptors, outside the runtime's poller",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for all connections",
	Blocking: false,
	Knobs:    with(streamKnobs, KnobTrigger),
	Open:     openReactor,
}
