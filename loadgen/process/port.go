package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strconv"
	"syscall"
)

// Loopback is where servers listen unless they are told otherwise.
const Loopback = "127.0.0.1"

// Port is a port of one address of this host, for a server that is told where to listen.
type Port struct {
	Address string // host:port
	claim   io.Closer
}

// FreePort finds a port that a server of the network, tcp or udp, can listen on at an address of this host, which is the
// caller's until Release. Until the server has it nobody else gets it by chance, whom the
// clients would then take for the server: it is below those that the kernel hands out by itself
// (ip_local_port_range), and who asks here, in whatever process, gets another. The error is that
// of the last of many tries.
func FreePort(ctx context.Context, network, host string) (*Port, error) {
	const lowest, ports, tries = 20000, 12768, 100
	var last error
	for range tries {
		number := lowest + rand.IntN(ports)
		claim, err := claimPort(number)
		if err != nil {
			last = err
			continue
		}
		p := &Port{net.JoinHostPort(host, strconv.Itoa(number)), claim}
		if last = p.try(ctx, network); last == nil {
			return p, nil
		}
		p.Release()
	}
	return nil, fmt.Errorf("no free port of %s: %w", network, last)
}

// Release lets others have the port. It may be called again, and on nil.
func (p *Port) Release() {
	if p != nil {
		p.claim.Close()
	}
}

// claimPort keeps others that ask for a port off this one, by a name of Linux's abstract
// namespace (unix(7)): like a port it is of one network namespace, and free when its process ends.
func claimPort(number int) (io.Closer, error) {
	if runtime.GOOS != "linux" {
		return io.NopCloser(nil), nil
	}
	return net.Listen("unix", fmt.Sprintf("@connbench-port-%d", number))
}

func (p *Port) try(ctx context.Context, network string) error {
	var c io.Closer
	var err error
	if network == "udp" {
		c, err = net.ListenPacket(network, p.Address)
	} else {
		whole := net.ListenConfig{Control: withoutReuse}
		c, err = whole.Listen(ctx, network, p.Address)
	}
	if err != nil {
		return err
	}
	return c.Close()
}

// withoutReuse takes SO_REUSEADDR back, which Go sets: a server that does not set it
// cannot have a port on which old connections linger.
func withoutReuse(_, _ string, c syscall.RawConn) error {
	var err error
	controlled := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
	})
	return errors.Join(controlled, err)
}
