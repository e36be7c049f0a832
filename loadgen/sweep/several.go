package sweep

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"connbench/loadgen/process"
	"connbench/loadgen/sample"

	"github.com/prometheus/procfs"
)

// join starts the other processes of a foreign row beside the first, which listens, and waits
// until each has a socket of its own on the port. That takes SO_REUSEPORT, which the command sets.
func (s *Server) join(ctx context.Context, row Row, cpus []int, timeout time.Duration) error {
	const pause = 10 * time.Millisecond
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for range row.Processes - 1 {
		p, err := process.StartForeign(row.told(s.address), cpus, row.Profiles)
		if err != nil {
			return err
		}
		s.beside = append(s.beside, p)
	}
	for !s.shared(row.Network) {
		if death := s.death(0); death != nil {
			return fmt.Errorf("%w; to share %s the server has to set SO_REUSEPORT", death, s.address)
		}
		select {
		case <-time.After(pause):
		case <-limited.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%d processes did not listen on %s together within %v; the server has to set SO_REUSEPORT", row.Processes, s.address, timeout)
		}
	}
	return nil
}

// shared reports whether each process, or one that it has started, has a socket of its own on
// the port of the server.
func (s *Server) shared(network string) bool {
	if len(s.beside) == 0 {
		return true
	}
	_, text, _ := net.SplitHostPort(s.address)
	port, _ := strconv.ParseUint(text, 10, 64)
	sockets := socketsOn(network, port)
	return !slices.ContainsFunc(s.all(), func(p *process.Process) bool { return !holds(p.PID(), sockets) })
}

// socketsOn lists the sockets that take what comes to a port, as links to descriptors name them.
func socketsOn(network string, port uint64) (all []string) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return nil
	}
	const listens = 10 // the state of a TCP socket
	note := func(local, state, inode uint64) {
		if local == port && (network == "udp" || state == listens) {
			all = append(all, fmt.Sprintf("socket:[%d]", inode))
		}
	}
	if network == "udp" {
		v4, _ := fs.NetUDP()
		v6, _ := fs.NetUDP6()
		for _, l := range slices.Concat(v4, v6) {
			note(l.LocalPort, l.St, l.Inode)
		}
		return all
	}
	v4, _ := fs.NetTCP()  //lint:ignore SA1019 slow with many connections, of which there are none yet
	v6, _ := fs.NetTCP6() //lint:ignore SA1019 likewise
	for _, l := range slices.Concat(v4, v6) {
		note(l.LocalPort, l.St, l.Inode)
	}
	return all
}

// holds reports whether a process, or one that it has started, has one of the sockets open.
func holds(root int, sockets []string) bool {
	return slices.ContainsFunc(sample.Tree(root), func(pid int) bool {
		p, err := procfs.NewProc(pid)
		if err != nil {
			return false
		}
		open, err := p.FileDescriptorTargets()
		return err == nil && slices.ContainsFunc(open, func(target string) bool { return slices.Contains(sockets, target) })
	})
}
