package foreign

import (
	"fmt"
	"strings"
)

// redis is one process with one thread for requests, whatever it is told. What is set is kept in
// memory alone.
func redis(o *Options) arrangement {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if o.unix() {
		line("port 0")
		line("unixsocket %s", o.Address)
	} else {
		host, port := o.hostPort()
		line("bind %s", host)
		line("port %s", port)
	}
	line("tcp-backlog %d", o.backlog())
	line("maxclients %d", o.room())
	line("timeout 0")
	line("tcp-keepalive 0")
	line("daemonize no")
	line("supervised no")
	line("dir .")
	line(`save ""`)
	line("appendonly no")
	line("loglevel warning")
	line(`logfile ""`)
	return arrangement{map[string][]byte{"redis.conf": []byte(b.String())}, []string{"redis-server", "redis.conf"}}
}
