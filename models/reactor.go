package models

// Reactor multiplexes all connections over an epoll loop, or several, on raw
// descriptors: reads and writes never wait, and a connection costs a small
// struct. One acceptor hands connections to the loops in turn.
var Reactor = Model{
	Name:     "reactor",
	Summary:  "epoll loops on raw descriptors, outside the runtime's poller",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for many connections",
	Blocking: false,
	Knobs:    with(streamKnobs, KnobLoops),
	Open:     openReactor,
}
