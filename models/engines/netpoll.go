package engines

import "connbench/models"

// Netpoll is the engine with a poller that reads ahead and a goroutine of a pool for
// each connection that has something to answer, which waits until it is sent.
//
// Pollers are of the process and never end. The read buffer is what the first read
// of a connection asks for; it doubles each time that it is filled. The engine's idle
// timeout is TCP's keep-alive, which is something else, so that it has none.
var Netpoll = models.Model{
	Name:     "netpoll",
	Summary:  "third-party: epoll loops that read ahead, pooled goroutines that answer; no idle-timeout",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per busy connection",
	Blocking: true,
	Knobs: []models.Knob{
		models.KnobFraming, models.KnobReadBuffer, models.KnobRecvBuffer, models.KnobSendBuffer, models.KnobBacklog,
		models.KnobNoDelay, models.KnobReuseAddr, models.KnobReusePort, models.KnobProcesses, models.KnobLoops,
	},
	Engine: "github.com/cloudwego/netpoll v0.7.2",
	Lacks: map[string]string{
		"HalfClose":                  "netpoll takes the end of a client's half for the end of the connection, and drops what is not yet answered",
		"Garbage":                    "as HalfClose",
		"NeverReadsIsHeldBack":       "netpoll reads on while a reply waits for room, without a bound",
		"unix/GoneWithRepliesUnread": "netpoll keeps the error that ended a connection to itself; TCP's state tells a reset, a Unix socket's does not",
		"unix/ResetWhileAnswered":    "as GoneWithRepliesUnread",
	},
	Open: openNetpoll,
}
