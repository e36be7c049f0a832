package blocking

import (
	"io"
	"net"
	"sync"
	"syscall"

	"connbench/models"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// GoroutineLean is [Goroutine] without the buffer of a connection that waits: the
// goroutine parks until its socket is readable, borrows a buffer and the state of a
// stream to answer what there is, and gives both back before it parks again. Only
// inside a request, of which a part has arrived, does it keep them.
//
// What is left of an idle connection is 2 KiB of stack and less than 1 KiB of heap, half
// of which is the goroutine itself and most of the rest package net's. The runtime's
// poller needs another half KiB, as for any connection on it (Go 1.26, amd64).
var GoroutineLean = models.Model{
	Name:     "goroutine-lean",
	Summary:  "a goroutine per connection that holds no buffer while it waits",
	Networks: []string{"tcp", "unix"},
	Unit:     "goroutine per connection",
	Blocking: true,
	Knobs:    models.StreamKnobs(),
	Open:     openGoroutineLean,
}

func openGoroutineLean(cfg models.Config) (models.Server, error) {
	s, err := newStreamServer(cfg, new(sync.WaitGroup))
	if err != nil {
		return nil, err
	}
	kits := &sync.Pool{New: func() any {
		return &leanKit{session: serving.NewSession(&s.cfg), buf: make([]byte, s.cfg.ReadBuffer)}
	}}
	s.talk = func(c net.Conn) (bool, error) { return s.talkLean(c, kits) }
	return s, nil
}

// leanKit is what serving a connection takes, between two waits.
type leanKit struct {
	session serving.Session
	buf     []byte
	n       int   // bytes of buf that were read last
	err     error // of that
}

// leanSource is what a connection has while it waits.
type leanSource struct {
	raw  syscall.RawConn
	take func(fd uintptr) bool
	kits *sync.Pool
	kit  *leanKit // nil between requests
}

// talkLean is converse with a kit that comes and goes. Its frames and those below fit
// into the smallest stack that a goroutine has.
func (s *streamServer) talkLean(c net.Conn, kits *sync.Pool) (bool, error) {
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return false, err
	}
	src := &leanSource{raw: raw, kits: kits}
	src.take = src.readable
	looks := 0
	for {
		chunk, err := s.read(c, src, src.partial(), &looks)
		if err == nil {
			err = answer(c, &src.kit.session, chunk)
		}
		partial := src.partial()
		if err != nil && src.kit != nil {
			src.kit.session = serving.NewSession(&s.cfg) // that of a stream which has ended is of no use
		}
		src.giveBack()
		if err != nil {
			return partial, err
		}
	}
}

// readable reads from fd. Where nothing has arrived it returns false, and is called
// again when the poller says that something has.
func (l *leanSource) readable(fd uintptr) bool {
	kit := l.kit
	if kit == nil {
		kit = l.kits.Get().(*leanKit)
	}
	kit.n, kit.err = unix.Read(int(fd), kit.buf)
	if kit.err == unix.EAGAIN {
		if l.kit == nil {
			l.kits.Put(kit)
		}
		return false
	}
	l.kit = kit
	return true
}

func (l *leanSource) next() ([]byte, error) {
	if err := l.raw.Read(l.take); err != nil {
		return nil, err
	}
	return l.chunk()
}

func (l *leanSource) arrived() ([]byte, error) {
	found := false
	if err := l.raw.Control(func(fd uintptr) { found = l.readable(fd) }); err != nil {
		return nil, err
	}
	if !found {
		return nil, serving.ErrDrained
	}
	return l.chunk()
}

func (l *leanSource) chunk() ([]byte, error) {
	switch {
	case l.kit.err != nil:
		return nil, l.kit.err
	case l.kit.n == 0:
		return nil, io.EOF
	}
	return l.kit.buf[:l.kit.n], nil
}

func (l *leanSource) begun() bool { return false }

func (l *leanSource) partial() bool { return l.kit != nil && l.kit.session.Partial() }

// giveBack returns the kit, unless it holds a part of a request.
func (l *leanSource) giveBack() {
	if l.kit != nil && !l.partial() {
		l.kits.Put(l.kit)
		l.kit = nil
	}
}
