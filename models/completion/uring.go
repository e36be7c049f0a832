// Package completion has the model that hands operations to the kernel and is told when
// they have come to an end.
package completion

import "connbench/models"

// Uring serves all connections from one io_uring: what arrives comes as completions of
// accepts and receives that are asked for once, and the replies to one batch of them
// are handed to the kernel in the one system call that brings the next.
var Uring = models.Model{
	Name:     "uring",
	Summary:  "one io_uring: multishot receive, and a system call for many requests",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for all connections",
	Blocking: false,
	Knobs:    models.StreamKnobs(models.KnobDirect),
	Open:     openUring,
}
