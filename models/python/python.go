// Package python has the servers of the tutorial that this project starts from, in
// Python as it teaches them, on the standard library alone. Each is a row that is
// started like any other foreign server: it is told where to listen, and echoes. Two are of
// what people use for HTTP.
//
//   - [Rows] lists them.
//   - [Find] finds an interpreter that can run them, or says why there is none.
//   - [Install] writes the programs into a folder, and [Row.Command] is what starts
//     one from there.
package python

import (
	"embed"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

//go:embed *.py
var programs embed.FS

// Row is one server.
type Row struct {
	Name     string
	Summary  string   // one line
	Networks []string // of "tcp", "unix", "udp"
	Framings []string // of streams: "length", "raw", "http"
	Unit     string   // of concurrency: what each client gets
	AtOnce   int      // connections that are served at the same time; 0 for all
	Blocking bool     // whether serving a client can hold up a thread

	program string
	flags   []string
}

// Rows lists the servers, in the order in which they are shown.
func Rows() []Row { return slices.Clone(rows) }

var (
	streams = []string{"tcp", "unix"}
	echoes  = []string{"length", "raw"}
	web     = []string{"http"}
)

var rows = []Row{
	{
		Name: "python-sequential", Summary: "Python: one client after the other", Networks: streams, Framings: echoes,
		Unit: "none: one client at a time", AtOnce: 1, Blocking: true, program: "sequential.py",
	},
	{
		Name: "python-threading", Summary: "Python: a thread per client, one at a time running bytecode", Networks: streams, Framings: echoes,
		Unit: "thread per client", Blocking: true, program: "threading_.py",
	},
	{
		Name: "python-selectors", Summary: "Python: non-blocking sockets behind a selector, one thread", Networks: streams, Framings: echoes,
		Unit: "none: one thread serves all", Blocking: false, program: "selectors_.py",
	},
	{
		Name: "python-asyncio", Summary: "Python: asyncio's streams, one thread", Networks: streams, Framings: echoes,
		Unit: "coroutine per client", Blocking: false, program: "asyncio_.py",
	},
	{
		Name: "python-socketserver", Summary: "Python: the library's TCPServer, one client after the other", Networks: streams, Framings: echoes,
		Unit: "none: one client at a time", AtOnce: 1, Blocking: true, program: "socketserver_.py",
	},
	{
		Name: "python-socketserver-threading", Summary: "Python: the library's ThreadingTCPServer", Networks: streams, Framings: echoes,
		Unit: "thread per client", Blocking: true, program: "socketserver_.py", flags: []string{"--threading"},
	},
	{
		Name: "python-http-server", Summary: "Python: the library's ThreadingHTTPServer", Networks: streams, Framings: web,
		Unit: "thread per client", Blocking: true, program: "http_server.py",
	},
	{
		Name: "python-asyncio-http", Summary: "Python: HTTP on asyncio's streams, one thread", Networks: streams, Framings: web,
		Unit: "coroutine per client", Blocking: false, program: "asyncio_http.py",
	},
	{
		Name: "python-udp", Summary: "Python: one socket, a datagram is a request", Networks: []string{"udp"},
		Unit: "none: one thread serves all", Blocking: false, program: "udp.py",
	},
}

// Names lists the names of rows.
func Names(rows []Row) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name
	}
	return names
}

// Install writes the programs into a folder, which is there.
func Install(dir string) error { return os.CopyFS(dir, programs) }

// Options are what a server is told beside its address.
type Options struct {
	Framing   string // of a stream, one of the row's
	MaxFrame  int    // longest payload, in bytes
	Size      string // of http: the length of what is at /, in bytes, or what will stand for it
	ReusePort bool   // others may have the port too (SO_REUSEPORT), which is not of Unix sockets
}

// Command starts the row's program, installed in dir, with an interpreter that
// [Find] has found. Its last argument is address: host:port, or the path of a Unix
// socket, which has a slash.
func (r Row) Command(interpreter, dir, address string, o Options) []string {
	// Bytecode is not left in dir, and the user's own modules and settings of the
	// interpreter are left out.
	command := []string{interpreter, "-B", "-E", "-s", filepath.Join(dir, r.program), "--max-frame", strconv.Itoa(o.MaxFrame)}
	command = append(command, r.flags...)
	switch o.Framing {
	case "raw":
		command = append(command, "--raw")
	case "http":
		command = append(command, "--response-size", o.Size)
	}
	if o.ReusePort {
		command = append(command, "--reuseport")
	}
	return append(command, address)
}
