package loadgen

import (
	"fmt"
	"slices"

	"connbench/results"

	"golang.org/x/sys/unix"
)

// class is why a connection or a request failed: one of those named here, or from
// classes on an error of the system that has no other name than its own.
type class int

const (
	refused        class = iota // nobody listens there
	noSocket                    // there is no such socket
	wrongSocket                 // the socket is of another kind
	denied                      // this user may not
	unreachable                 // no way there
	reset                       // the server reset the connection
	closed                      // the server closed it with requests unanswered
	connectTimeout              // no connection in time
	noTLS                       // the handshake failed, or what came was no TLS
	readTimeout                 // no answer in time
	short                       // the stream ended inside an answer
	mismatch                    // bytes that are not the answer's, or that nobody asked for
	status3xx                   // of HTTP: it is elsewhere
	status4xx                   // the request is wrong
	status5xx                   // the server is
	respError                   // of RESP or memcached: the command failed
	connectionLost              // the server ended a connection on which no request was open
	idleUnserved                // an idle client that asked when the load was over had no answer
	lost                        // a datagram was not answered in time
	unsent                      // due, and too many others waited before it for their clients
	noDescriptors               // this process has none left
	noPorts                     // the source address has no free port left
	noMemory                    // the kernel has none left for sockets
	classes                     // their number

	maxErrno = 256                // no error of the system's has a higher number
	counted  = classes + maxErrno // of classes with those of the system
)

// classNames are the names of classes, as results have them, what to try, and which errors of
// the system they are; EPROTO is that of TLS, see errnoOf.
var classNames = [classes]struct {
	name, advice string
	errnos       []unix.Errno
}{
	refused:        {"refused", "nobody listens there", []unix.Errno{unix.ECONNREFUSED}},
	noSocket:       {"no_socket", "there is no such socket", []unix.Errno{unix.ENOENT, unix.ENOTDIR}},
	wrongSocket:    {"wrong_socket", "that socket is not one of a stream: its server is to listen with SOCK_STREAM", []unix.Errno{unix.EPROTOTYPE}},
	denied:         {"denied", "this user may not: look at the permissions of the socket and of the folders above it, or at the firewall", []unix.Errno{unix.EACCES, unix.EPERM}},
	unreachable:    {"unreachable", "there is no route to it: look at `ip route get`, and whether the interface is up", []unix.Errno{unix.ENETUNREACH, unix.EHOSTUNREACH, unix.ENETDOWN, unix.EHOSTDOWN}},
	reset:          {"reset", "the server reset each connection", []unix.Errno{unix.ECONNRESET, unix.EPIPE}},
	closed:         {"closed", "the server closed each connection at once", nil},
	connectTimeout: {"connect_timeout", "nobody answered in time: look at the address and the firewall, or give it longer with --connect-timeout", []unix.Errno{unix.ETIMEDOUT}},
	noTLS:          {"no_tls", "the server does not speak TLS there: leave out --tls, or take its other port", []unix.Errno{unix.EPROTO}},
	readTimeout:    {"read_timeout", "nobody answered in time", nil},
	short:          {"short", "the stream ended inside an answer", nil},
	mismatch:       {"mismatch", "what came is not what was asked for", nil},
	status3xx:      {"status_3xx", "the server says that it is elsewhere: look at the path of --request", nil},
	status4xx:      {"status_4xx", "the server refuses the request: look at --request and --header", nil},
	status5xx:      {"status_5xx", "the server failed: look at its log", nil},
	respError:      {"resp_error", "the server refuses the command: look at --command", nil},
	connectionLost: {results.ConnectionLost, "the server ends connections on which no request is open", nil},
	idleUnserved:   {results.IdleUnserved, "the server has no room for so many connections at once", nil},
	lost:           {"lost", "no datagram was answered", nil},
	unsent:         {"unsent", "too many requests were due at once", nil},
	noDescriptors:  {"no_descriptors", "this process may open no more files: raise `ulimit -n`", []unix.Errno{unix.EMFILE, unix.ENFILE}},
	noPorts:        {"no_ports", "no port is free: wait a minute for those in TIME_WAIT, or widen net.ipv4.ip_local_port_range", []unix.Errno{unix.EADDRNOTAVAIL}},
	noMemory:       {"no_memory", "the kernel has no memory left for sockets: fewer clients, or a higher net.ipv4.tcp_mem", []unix.Errno{unix.ENOBUFS, unix.ENOMEM}},
}

func (c class) String() string {
	if c < classes {
		return classNames[c].name
	}
	if name := unix.ErrnoName(c.errno()); name != "" {
		return name
	}
	return fmt.Sprintf("errno_%d", int(c.errno()))
}

// errno is the error of the system that a class above the named ones is.
func (c class) errno() unix.Errno { return unix.Errno(c - classes) }

func (c class) advice() string {
	if c < classes {
		return classNames[c].advice
	}
	return c.errno().Error()
}

func classOf(errno unix.Errno) class {
	for c := range classNames {
		if slices.Contains(classNames[c].errnos, errno) {
			return class(c)
		}
	}
	return classes + min(class(errno), maxErrno-1)
}
