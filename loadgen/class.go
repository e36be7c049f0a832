package loadgen

import (
	"connbench/results"

	"golang.org/x/sys/unix"
)

// class is why a connection or a request failed.
type class int

const (
	refused        class = iota // nobody listens there
	reset                       // the server reset the connection
	closed                      // the server closed it with requests unanswered
	connectTimeout              // no connection in time
	readTimeout                 // no answer in time
	short                       // the stream ended inside an answer
	mismatch                    // bytes that are not the answer's, or that nobody asked for
	connectionLost              // the server ended a connection on which no request was open
	lost                        // a datagram was not answered in time
	unsent                      // due, and too many others waited before it for their clients
	noDescriptors               // this process has none left
	noPorts                     // the source address has no free port left
	other
	classes // their number
)

var classNames = [classes]string{
	refused:        "refused",
	reset:          "reset",
	closed:         "closed",
	connectTimeout: "connect_timeout",
	readTimeout:    "read_timeout",
	short:          "short",
	mismatch:       "mismatch",
	connectionLost: results.ConnectionLost,
	lost:           "lost",
	unsent:         "unsent",
	noDescriptors:  "no_descriptors",
	noPorts:        "no_ports",
	other:          "other",
}

func (c class) String() string { return classNames[c] }

// classOf sorts the error of a system call.
func classOf(errno unix.Errno) class {
	switch errno {
	case unix.ECONNREFUSED, unix.ENOENT:
		return refused
	case unix.ECONNRESET, unix.EPIPE:
		return reset
	case unix.ETIMEDOUT:
		return connectTimeout
	case unix.EMFILE, unix.ENFILE:
		return noDescriptors
	case unix.EADDRNOTAVAIL:
		return noPorts
	}
	return other
}
