package claims

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"

	"connbench/models/kernel"
	"connbench/results"
	"connbench/results/read"

	"golang.org/x/sys/unix"
)

var partial = experiment{
	number: "7",
	title:  "what one receive and one send move",
	words: []string{
		"A receive returns any number of bytes up to the limit.",
		"A send may be partial.",
	},
	method: fmt.Sprintf("Over a connection of TCP through loopback, messages of 1 to %d bytes, of which none is the size of another, are sent one after the other and received "+
		"with a limit of %d after every third. Then one non-blocking send of %s to a peer that does not read.", largestMessage, receiveLimit, results.Bytes(hugeSend)),
	run: func(*Bench, context.Context) ([]finding, error) { return partials() },
}

const (
	largestMessage = 6000
	messageStep    = 101
	receiveLimit   = 4096
	hugeSend       = 16 << 20
)

func partials() (findings []finding, err error) {
	err = between(true, func(here, there *net.TCPConn) error {
		received, err := receiveSizes(here, there)
		if err != nil {
			return err
		}
		taken, err := sendOnce(here, make([]byte, hugeSend))
		findings = []finding{readReceived(received), readSent(taken)}
		return err
	})
	return findings, err
}

// between does something with both ends of a connection, which it then closes, and the listener
// after them, which has SO_REUSEADDR or not.
func between(reuse bool, do func(client, served *net.TCPConn) error) error {
	l, err := kernel.Listen("tcp", "127.0.0.1:0", kernel.SocketOptions{ReuseAddr: reuse})
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		return err
	}
	defer s.Close()
	return do(c.(*net.TCPConn), s.(*net.TCPConn))
}

func receiveSizes(from, to *net.TCPConn) ([]int, error) {
	var sizes []int
	outstanding, buffer := 0, make([]byte, receiveLimit)
	for i, size := 0, 1; size <= largestMessage; i, size = i+1, size+messageStep {
		if _, err := from.Write(make([]byte, size)); err != nil {
			return nil, err
		}
		outstanding += size
		for i%3 == 2 && outstanding > 0 {
			n, err := to.Read(buffer)
			if err != nil {
				return nil, err
			}
			sizes, outstanding = append(sizes, n), outstanding-n
		}
	}
	return sizes, nil
}

func sendOnce(c *net.TCPConn, b []byte) (n int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var sent error
	err = raw.Control(func(fd uintptr) { n, sent = unix.Write(int(fd), b) })
	if errors.Is(sent, syscall.EAGAIN) {
		n, sent = 0, nil
	}
	return n, errors.Join(err, sent)
}

func readReceived(sizes []int) finding {
	slices.Sort(sizes)
	least, most, different := sizes[0], sizes[len(sizes)-1], len(slices.Compact(slices.Clone(sizes)))
	return finding{
		outcome:  confirmedIf(most <= receiveLimit && different > 1),
		sentence: fmt.Sprintf("%d receives returned %d different sizes from %d to %d bytes, whatever the messages were.", len(sizes), different, least, most),
		figures: []read.ClaimFigure{
			read.Figure("least that a receive returned", float64(least), "bytes"),
			read.Figure("most that one returned", float64(most), "bytes").Noted("the limit is %d", receiveLimit),
			read.Figure("different sizes", float64(different), "sizes").Noted("in %d receives", len(sizes)),
		},
	}
}

func readSent(taken int) finding {
	return finding{
		outcome:  confirmedIf(taken < hugeSend),
		sentence: fmt.Sprintf("Of %s one send took %s.", results.Bytes(hugeSend), results.Bytes(int64(taken))),
		figures:  []read.ClaimFigure{read.Figure("taken by one send of "+results.Bytes(hugeSend), float64(taken), "bytes")},
	}
}
