package blocking

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

type threadServer struct {
	serving.Lifecycle
	serving.Tally
	cfg     models.Config
	addr    net.Addr
	slots   *threadSlots
	procs   processors
	threads sync.WaitGroup
	cutting atomic.Bool // Shutdown's time is up, or accepting has failed

	listening sync.Mutex // held to close the listener, and to shut it down
	listener  int        // -1 when closed
	conns     sync.Map   // the open ones, by *threadConn: threads wait for no common lock
}

func openThread(cfg models.Config) (models.Server, error) {
	slots, err := newThreadSlots(cfg)
	if err != nil {
		return nil, err
	}
	listener, addr, err := serving.ListenRaw(&cfg)
	if err != nil {
		return nil, err
	}
	return &threadServer{
		Lifecycle: serving.NewLifecycle(),
		cfg:       cfg,
		addr:      addr,
		listener:  listener,
		slots:     slots,
		procs:     processors{most: min(cap(slots.used), maxRuntimeThreads)},
	}, nil
}

func (s *threadServer) Addr() net.Addr { return s.addr }

func (s *threadServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	err := s.accept()
	s.closeListener()
	if err != nil {
		s.cutAll()
	}
	s.wakeAll()
	s.threads.Wait()
	s.procs.close()
	s.slots.close()
	return err
}

func (s *threadServer) Shutdown(ctx context.Context) error {
	return s.Finish(ctx, s.refuse, s.cutAll, s.closeListener)
}

// accept gives each connection a thread until Shutdown. It waits in the kernel too,
// and so in a thread, but in none of its own: from a locked one the runtime starts
// others in a roundabout way.
func (s *threadServer) accept() error {
	var pause serving.Backoff
	for s.slots.take(&s.Tally, s.Stop) {
		fd, errno := kernel.WaitAccept(s.listener)
		if errno == 0 {
			pause.Reset()
			s.procs.cover(len(s.slots.used))
			s.slots.beginning <- struct{}{}
			s.threads.Go(func() { s.serve(fd) })
			continue
		}
		s.slots.free()
		switch {
		case s.Stopping():
			return nil
		case errno == unix.ECONNABORTED:
		case serving.OutOfResources(errno):
			s.Backoff.Add(1)
			pause.Wait(s.Stop)
		default:
			return os.NewSyscallError("accept", errno)
		}
	}
	return nil
}

// refuse ends accept's wait: shutdown(2) wakes those that wait for a socket.
func (s *threadServer) refuse() {
	s.listening.Lock()
	defer s.listening.Unlock()
	if s.listener >= 0 {
		unix.Shutdown(s.listener, unix.SHUT_RDWR)
	}
}

func (s *threadServer) closeListener() {
	s.listening.Lock()
	defer s.listening.Unlock()
	serving.CloseRaw(&s.listener, s.addr)
}

// wakeAll interrupts the threads that wait for a request, to let them see that
// Shutdown has begun. shutdown(2) for reading would wake them as well, and keep the
// rest of a request that has just begun from arriving. A signal that comes a moment
// before the thread enters the kernel is lost, so all are sent until none waits. The
// signal is the one by which the runtime interrupts its own threads: nobody takes it
// for something else.
func (s *threadServer) wakeAll() {
	for pause := time.Millisecond; s.wake() > 0; pause = min(2*pause, time.Second) {
		time.Sleep(pause)
	}
}

// wake sends a signal to each thread that waits, and says how many those were.
func (s *threadServer) wake() (waiting int) {
	pid := os.Getpid()
	for c := range s.conns.Range {
		if c := c.(*threadConn); c.waiting.Load() {
			unix.Tgkill(pid, c.thread, unix.SIGURG)
			waiting++
		}
	}
	return waiting
}

// cutAll ends all reads and writes, those that wait included.
func (s *threadServer) cutAll() {
	s.cutting.Store(true)
	for c := range s.conns.Range {
		c.(*threadConn).cut()
	}
}

// track notes an open connection, unless Shutdown has begun. In this order, and
// cutAll's is the other way round.
func (s *threadServer) track(c *threadConn) bool {
	s.conns.Store(c, nil)
	return !s.Stopping() && !s.cutting.Load()
}

func (s *threadServer) drop(c *threadConn) {
	s.conns.Delete(c)
	c.close()
}

// ended counts the end of c for the reason given; a connection that is cut finds
// itself at the end of the stream.
func (s *threadServer) ended(c *threadConn, why error) {
	if s.cutting.Load() && !errors.Is(why, serving.ErrDrained) {
		why = net.ErrClosed
	}
	s.Tally.Ended(why, c.session.Partial())
}
