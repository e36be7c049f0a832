package main

import (
	"net"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// mute makes a server at $MUTE that takes connections and never says anything.
func muteServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: mute")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("MUTE", l.Addr().String())
	startedBy(ts).mute = l.(*net.TCPListener)
}

// called waits until somebody has connected to the mute server.
func awaitCall(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: called")
	}
	l := startedBy(ts).mute
	ts.Check(l.SetDeadline(time.Now().Add(patience)))
	c, err := l.Accept()
	ts.Check(err)
	ts.Defer(func() { c.Close() })
}
