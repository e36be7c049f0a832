package sweep

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"connbench/loadgen/process"
)

// startForeign starts a row that is told where to listen, and waits until it does.
func startForeign(ctx context.Context, row Row, cpus []int, timeout time.Duration) (*Server, error) {
	address, port, err := row.freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := process.StartForeign(row.told(address), cpus, row.Profiles)
	if err != nil {
		port.Release()
		return nil, err
	}
	s := &Server{process: p, address: address, port: port, foreign: true, profiles: row.Profiles}
	err = s.awaitListening(ctx, row.Network, timeout)
	if err == nil {
		err = s.join(ctx, row, cpus, timeout)
	}
	if err != nil {
		s.Kill()
		return nil, err
	}
	return s, nil
}

// freeAddress is one that the row can listen on, and its port if it has one, which is to be
// released: new each time, because a server may be of those that cannot come back soon to a port that was
// in use.
func (r Row) freeAddress(ctx context.Context) (string, *process.Port, error) {
	if r.Network == "unix" {
		path := filepath.Join(r.Sockets, r.Name+".sock")
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, err // one that was killed may have left its own
		}
		return path, nil, nil
	}
	port, err := process.FreePort(ctx, r.Network, cmp.Or(r.Host, process.Loopback))
	if err != nil {
		return "", nil, err
	}
	return port.Address, port, nil
}

func (r Row) told(address string) []string {
	host, port, _ := net.SplitHostPort(address) // empty for a path, with which there are no such marks
	marks := strings.NewReplacer(addrMark, address, hostMark, host, portMark, port)
	command := make([]string, len(r.Command))
	for i, word := range r.Command {
		command[i] = marks.Replace(word)
	}
	return command
}

// awaitListening waits until the server takes a connection, which is closed again
// without a word, or answers a datagram.
func (s *Server) awaitListening(ctx context.Context, network string, timeout time.Duration) error {
	const pause = 10 * time.Millisecond
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		answers := s.answers(limited, network)
		select {
		case <-s.process.Done(): // also where somebody else has answered
			return fmt.Errorf("it did not listen on %s: %w", s.address, s.death(0))
		default:
		}
		if answers {
			return nil
		}
		select {
		case <-s.process.Done():
		case <-time.After(pause):
		case <-limited.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s.process.Stop(0)
			return fmt.Errorf("it did not listen on %s within %v, and said %s", s.address, timeout, said(s.process))
		}
	}
}

func (s *Server) answers(ctx context.Context, network string) bool {
	c, err := new(net.Dialer).DialContext(ctx, network, s.address)
	if err != nil {
		return false
	}
	defer c.Close()
	return network != "udp" || echoes(c)
}

func echoes(c net.Conn) bool {
	const soon = 50 * time.Millisecond
	datagram := []byte("is anybody there?")
	c.SetDeadline(time.Now().Add(soon))
	if _, err := c.Write(datagram); err != nil {
		return false
	}
	answer := make([]byte, len(datagram)+1)
	n, err := c.Read(answer)
	return err == nil && bytes.Equal(answer[:n], datagram)
}

// said is what a process that has ended said.
func said(p *process.Process) string {
	if text := p.Said(); text != "" {
		return text
	}
	return "nothing"
}
