package engines

import (
	"net"
	"os"
	"sync"
	"time"

	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// netpollListener is a listener as netpoll wants it: with a descriptor to poll, and
// whose Accept never waits. The descriptor is an epoll's that has the socket in it, so
// that accepting can pause and end while netpoll polls: by itself, netpoll pauses only
// the first time that it is out of descriptors, and accepts until it stops.
type netpollListener struct {
	engine *base
	addr   net.Addr
	epoll  int
	taken  signal // netpoll has the descriptor

	mu     sync.Mutex
	socket int // -1 when there is none any more
	closed bool
}

func newNetpollListener(e *base) (*netpollListener, error) {
	socket, addr, err := serving.ListenRaw(&e.cfg)
	if err != nil {
		return nil, err
	}
	l := &netpollListener{engine: e, addr: addr, epoll: -1, taken: newSignal(), socket: socket}
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err == nil {
		err = l.poll(unix.EPOLL_CTL_ADD, unix.EPOLLIN)
	}
	if err != nil {
		l.Close()
		return nil, os.NewSyscallError("epoll", err)
	}
	return l, nil
}

func (l *netpollListener) poll(op int, events uint32) error {
	return unix.EpollCtl(l.epoll, op, l.socket, &unix.EpollEvent{Events: events})
}

func (l *netpollListener) Addr() net.Addr { return l.addr }

// Fd is called by netpoll when it is about to poll.
func (l *netpollListener) Fd() int {
	l.taken.give()
	return l.epoll
}

// Accept returns nothing and no error when there is nothing to accept.
func (l *netpollListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket < 0 {
		return nil, nil
	}
	fd, _, err := unix.Accept4(l.socket, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	switch {
	case err == nil:
		return &netpollSocket{fd: fd, addr: l.addr}, nil
	case l.engine.outOfResources(err):
		l.poll(unix.EPOLL_CTL_MOD, 0)
		time.AfterFunc(acceptAgain, l.resume)
	}
	return nil, nil
}

func (l *netpollListener) resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.socket >= 0 {
		l.poll(unix.EPOLL_CTL_MOD, unix.EPOLLIN)
	}
}

// refuse stops accepting, and leaves netpoll with a descriptor on which nothing happens.
func (l *netpollListener) refuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	serving.CloseRaw(&l.socket, l.addr)
}

// Close is called by netpoll when it stops.
func (l *netpollListener) Close() error {
	l.refuse()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed && l.epoll >= 0 {
		unix.Close(l.epoll)
	}
	l.closed = true
	return nil
}

// netpollSocket hands over an accepted descriptor. netpoll asks for nothing else, and
// for the addresses only to print them.
type netpollSocket struct {
	net.Conn
	fd   int
	addr net.Addr
}

func (s *netpollSocket) Fd() int              { return s.fd }
func (s *netpollSocket) LocalAddr() net.Addr  { return s.addr }
func (s *netpollSocket) RemoteAddr() net.Addr { return s.addr }
