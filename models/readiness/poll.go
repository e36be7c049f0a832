package readiness

import "connbench/models"

// Poll is [Reactor] on poll(2): no limit on descriptors, but each look at the
// connections costs as much as there are.
var Poll = models.Model{
	Name:     "poll",
	Summary:  "one loop on poll(2), which goes through all connections each time",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for all connections",
	Blocking: false,
	Knobs:    models.StreamKnobs(),
	Open:     openPoll,
}
