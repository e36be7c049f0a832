package engines

import "connbench/models"

// Gnet is the engine with the event loops of a reactor: a loop accepts, others read
// and call back in their own goroutine.
//
// What it has no option for is left out: the backlog is always somaxconn, and there
// is no idle timeout. It rounds the read buffer up to a power of two, of 1 KiB or
// more. At the end of a stream it drops the replies for which the socket has no room.
var Gnet = models.Model{
	Name:     "gnet",
	Summary:  "third-party: epoll loops that call back, one that accepts; no backlog, no idle-timeout",
	Networks: []string{"tcp", "unix"},
	Unit:     "loop for many connections",
	Knobs: []models.Knob{
		models.KnobFraming, models.KnobReadBuffer, models.KnobRecvBuffer, models.KnobSendBuffer,
		models.KnobNoDelay, models.KnobReuseAddr, models.KnobReusePort, models.KnobProcesses, models.KnobLoops,
	},
	Engine: "github.com/panjf2000/gnet/v2 v2.10.0",
	Lacks: map[string]string{
		"ListensAsAsked":        "gnet takes [::] for IPv6 alone",
		"OutOfDescriptors":      "gnet ends when accepting fails, whatever the reason",
		"ManyOutOfDescriptors":  "as OutOfDescriptors",
		"ShutdownRefusesOthers": "gnet accepts until it stops: whoever comes during Shutdown is let go at once",
		"NeverReadsIsHeldBack":  "gnet reads on while replies wait for room: a client with 64 MiB of them is cut off",
	},
	Open: openGnet,
}

const gnetMaxLoops = 256
