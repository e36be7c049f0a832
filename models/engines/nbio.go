package engines

import "connbench/models"

// Nbio is the engine with epoll loops that read and call back in their own
// goroutine; the standard library's listener accepts.
//
// It is for TCP alone: on a Unix socket, v1.6.12 loses what the socket has no room
// for. At the end of a stream it drops the requests beyond three reads, and the
// replies for which the socket has no room.
var Nbio = models.Model{
	Name:     "nbio",
	Summary:  "third-party: epoll loops that call back, a goroutine that accepts",
	Networks: []string{"tcp"},
	Unit:     "loop for many connections",
	Knobs:    models.StreamKnobs(models.KnobLoops),
	Engine:   "github.com/lesismal/nbio v1.6.12",
	Lacks: map[string]string{
		"Reset":                "a reset may look like an end to nbio: one of 40 did, on a busy machine",
		"NeverReadsIsHeldBack": "nbio reads on while replies wait for room: a client with 64 MiB of them is cut off",
	},
	Open: openNbio,
}
