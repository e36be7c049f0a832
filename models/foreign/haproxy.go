package foreign

import (
	"fmt"
	"strings"

	"connbench/models/wire"
)

const (
	// usualBuffer is what haproxy has for a request or an answer, and aroundAnswer what of that
	// an answer's payload leaves to its head and to what rules may add.
	usualBuffer  = 16 << 10
	aroundAnswer = 4 << 10
)

// haproxy answers by itself (http-request return), without a server behind it: in one process
// (-db), with a thread for each worker. Its answer is read from a file once, and has to fit in a
// buffer, of which each busy connection has one or two.
func haproxy(o *Options) arrangement {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("global")
	line("    nbthread %d", o.workers())
	line("    maxconn %d", o.room())
	line("    no strict-limits") // it serves as many as it has descriptors for
	line("    tune.bufsize %d", max(usualBuffer, o.Response+aroundAnswer))
	line("defaults")
	line("    mode http")
	line("    option http-keep-alive")
	for _, patience := range []string{"client", "http-request", "http-keep-alive", "connect", "server"} {
		line("    timeout %s %s", patience, patienceOfHAProxy)
	}
	line("frontend connbench")
	line("    maxconn %d", o.room())
	line("    bind %s backlog %d", haproxyBind(o), o.backlog())
	line("    http-request return status 200 content-type application/octet-stream file answer if { path / }")
	line("    http-request return status 404")
	return arrangement{
		map[string][]byte{"haproxy.cfg": []byte(b.String()), "answer": wire.AppendFill(nil, o.Response)},
		[]string{"haproxy", "-db", "-f", "haproxy.cfg"},
	}
}

// patienceOfHAProxy is close to the longest that it takes, 24 days.
const patienceOfHAProxy = "24d"

func haproxyBind(o *Options) string {
	switch {
	case o.unix():
		return "unix@" + o.Address
	case o.workers() > 1:
		return o.Address + " shards by-thread" // a socket for each, as several processes of ours have
	}
	return o.Address
}
