package loadgen

import (
	"fmt"

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

// classNames are the names of classes, as results have them, and what to try.
var classNames = [classes]struct{ name, advice string }{
	refused:        {"refused", "nobody listens there"},
	noSocket:       {"no_socket", "there is no such socket"},
	wrongSocket:    {"wrong_socket", "that socket is not one of a stream: its server is to listen with SOCK_STREAM"},
	denied:         {"denied", "this user may not: look at the permissions of the socket and of the folders above it, or at the firewall"},
	unreachable:    {"unreachable", "there is no route to it: look at `ip route get`, and whether the interface is up"},
	reset:          {"reset", "the server reset each connection"},
	closed:         {"closed", "the server closed each connection at once"},
	connectTimeout: {"connect_timeout", "nobody answered in time: look at the address and the firewall, or give it longer with --connect-timeout"},
	noTLS:          {"no_tls", "the server does not speak TLS there: leave out --tls, or take its other port"},
	readTimeout:    {"read_timeout", "nobody answered in time"},
	short:          {"short", "the stream ended inside an answer"},
	mismatch:       {"mismatch", "what came is not what was asked for"},
	connectionLost: {results.ConnectionLost, "the server ends connections on which no request is open"},
	idleUnserved:   {results.IdleUnserved, "the server has no room for so many connections at once"},
	lost:           {"lost", "no datagram was answered"},
	unsent:         {"unsent", "too many requests were due at once"},
	noDescriptors:  {"no_descriptors", "this process may open no more files: raise `ulimit -n`"},
	noPorts:        {"no_ports", "no port is free: wait a minute for those in TIME_WAIT, or widen net.ipv4.ip_local_port_range"},
	noMemory:       {"no_memory", "the kernel has no memory left for sockets: fewer clients, or a higher net.ipv4.tcp_mem"},
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

// advice says more of a class, and what to try.
func (c class) advice() string {
	if c < classes {
		return classNames[c].advice
	}
	return c.errno().Error()
}

// classOf sorts the error of a system call.
func classOf(errno unix.Errno) class {
	switch errno {
	case unix.ECONNREFUSED:
		return refused
	case unix.ENOENT, unix.ENOTDIR:
		return noSocket
	case unix.EPROTOTYPE:
		return wrongSocket
	case unix.EACCES, unix.EPERM:
		return denied
	case unix.ENETUNREACH, unix.EHOSTUNREACH, unix.ENETDOWN, unix.EHOSTDOWN:
		return unreachable
	case unix.ECONNRESET, unix.EPIPE:
		return reset
	case unix.ETIMEDOUT:
		return connectTimeout
	case unix.EPROTO: // see errnoOf
		return noTLS
	case unix.EMFILE, unix.ENFILE:
		return noDescriptors
	case unix.EADDRNOTAVAIL:
		return noPorts
	case unix.ENOBUFS, unix.ENOMEM:
		return noMemory
	}
	return classes + min(class(errno), maxErrno-1)
}
