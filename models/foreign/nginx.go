package foreign

import (
	"fmt"
	"os"
	"strings"

	"connbench/models/wire"
)

const (
	// longestParameter is what a parameter of nginx's configuration has room for, whose
	// reader has a buffer of 4096 bytes for it and what is around it.
	longestParameter = 4000
	// never is longer than any load.
	never = "30d"
	// always is more requests than a connection will ever see.
	always = "1000000000000"
)

// nginx serves what is at / from its configuration (return), as long as it fits in there: the
// answer is in memory then and goes out in one system call, as ours does. What is longer is a file
// that is kept open and that the kernel sends (sendfile), as nginx is mostly used for; its head
// waits for it (tcp_nopush) instead of being a packet of its own.
//
// It closes idle connections when only a sixteenth of the room is left; see [Options.room].
func nginx(o *Options) arrangement {
	files := map[string][]byte{}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("daemon off;")
	if os.Geteuid() == 0 { // or the worker would be somebody who may not look into the folder
		line("user root;")
	}
	line("worker_processes %d;", o.workers())
	line("pid nginx.pid;")
	line("error_log stderr error;")
	line("events {")
	line("    worker_connections %d;", o.room())
	line("}")
	line("http {")
	line("    access_log off;")
	line("    log_not_found off;")
	line("    default_type application/octet-stream;")
	line("    sendfile on;")
	line("    tcp_nopush on;")
	line("    tcp_nodelay on;")
	line("    keepalive_requests %s;", always)
	for _, patience := range []string{"keepalive_timeout", "keepalive_time", "client_header_timeout", "client_body_timeout", "send_timeout"} {
		line("    %s %s;", patience, never)
	}
	line("    open_file_cache max=16 inactive=%s;", never)
	line("    open_file_cache_valid %s;", never)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		line("    %s_temp_path %s;", kind, kind)
	}
	line("    server {")
	line("        listen %s;", nginxListen(o))
	line("        root .;")
	line("        index answer;")
	fill := wire.AppendFill(nil, o.Response)
	if len(fill) <= longestParameter {
		line("        location = / {")
		line("            return 200 %q;", fill)
		line("        }")
	} else {
		files["answer"] = fill
	}
	line("    }")
	line("}")
	files["nginx.conf"] = []byte(b.String())
	return arrangement{files, []string{"nginx", "-p", "./", "-c", "nginx.conf", "-e", "stderr"}}
}

func nginxListen(o *Options) string {
	if o.unix() {
		return fmt.Sprintf("unix:%s backlog=%d", o.Address, o.backlog())
	}
	listen := fmt.Sprintf("%s backlog=%d", o.Address, o.backlog())
	if o.workers() > 1 {
		listen += " reuseport"
	}
	return listen
}
