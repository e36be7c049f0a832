package processes

import (
	"fmt"
	"net"
	"os"

	"connbench/models"

	"golang.org/x/sys/unix"
)

// childControl is the descriptor that a child is started with, beside the standard ones.
const childControl = 3

type childSpec struct {
	Model  string
	Config models.Config
}

// preforkOrder is what the parent tells a child, a line of JSON.
type preforkOrder struct {
	Do string
	ID int `json:",omitempty"` // of a question, for its answer
}

const (
	orderCount = "count" // say how the counters stand
	orderDrain = "drain" // finish what has begun, and end
	orderCut   = "cut"   // drop what is left, and end
)

// preforkReport is what a child says: when it serves, when it is asked, and in the end.
type preforkReport struct {
	ID       int              `json:",omitempty"` // of the question
	Counters map[string]int64 `json:",omitempty"` // from when it serves
	Final    bool             `json:",omitempty"`
	Error    string           `json:",omitempty"` // why it ends; empty if it was told to
}

// controlPair is a connection between the parent and a child. The end of one process
// is the end of the stream to the other.
func controlPair() (ours net.Conn, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	theirs = os.NewFile(uintptr(pair[1]), "control")
	if ours, err = controlConn(pair[0]); err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// controlConn makes a connection of a socket's descriptor, which is its own from then
// on. One that is no socket is left alone.
func controlConn(fd int) (net.Conn, error) {
	if _, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, err)
	}
	f := os.NewFile(uintptr(fd), "control")
	defer f.Close()
	return net.FileConn(f)
}
