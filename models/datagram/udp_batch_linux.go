package datagram

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"connbench/models"
	"connbench/models/kernel"
	"connbench/models/serving"
)

const (
	// datagramBatch is the most messages to a call. Of the call's own cost, some
	// tenths of a microsecond, little is left for each of 8; 32 have room for those
	// that a few clients have in flight, which can be answered in one message each.
	// More was not measurably cheaper, and the first would wait for the last.
	datagramBatch = 32
	// gatherPause is how long datagrams are let arrive, see [gathering]. A busy
	// client sends one every 2 to 4 µs. Twice the time saves little more CPU, and
	// all wait longer.
	gatherPause = 25 * time.Microsecond
	// longestHold is how long an answer waits for the work on others in its batch.
	longestHold = 100 * time.Microsecond
)

// udpBatchServer is one goroutine, which waits in the kernel. It is not locked to a
// thread, for the reason that the loop of a reactor is not.
type udpBatchServer struct {
	serving.Lifecycle
	serving.Tally
	batchCounters
	session  serving.Session
	maxFrame int
	addr     net.Addr
	conn     *kernel.BatchConn
	timer    *kernel.Timer
	gather   gathering
	before   kernel.BatchSent // as of the batch before
	cutting  atomic.Bool      // Shutdown's time is up
}

func openUDPBatch(cfg models.Config) (models.Server, error) {
	c, err := kernel.ListenPacket(cfg.Address, cfg.SocketOptions())
	if err != nil {
		return nil, err
	}
	s := &udpBatchServer{
		Lifecycle: serving.NewLifecycle(),
		session:   serving.NewSession(&cfg),
		maxFrame:  cfg.MaxFrame,
		addr:      c.LocalAddr(),
	}
	if s.conn, err = kernel.NewBatchConn(c, datagramBatch); err != nil {
		return nil, err
	}
	if s.timer, err = kernel.NewTimer(); err != nil {
		s.conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *udpBatchServer) Addr() net.Addr { return s.addr }

func (s *udpBatchServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	defer s.close()
	for {
		n, err := s.conn.Receive()
		if n > 0 && s.gather.next(s.answer(n)) {
			s.pauses.Add(1)
			s.timer.Pause(gatherPause)
		}
		switch {
		case s.Stopping():
			return nil
		case err == nil:
		case errors.Is(err, syscall.ECONNREFUSED): // the echo of an answer to a client that is gone
		default:
			return err
		}
	}
}

// Shutdown answers the batch at hand; datagrams still in the socket's buffer are
// lost, as datagrams may be.
func (s *udpBatchServer) Shutdown(ctx context.Context) error {
	cut := func() {
		s.cutting.Store(true)
		s.conn.Cut()
	}
	return s.Finish(ctx, s.conn.Interrupt, cut, s.close)
}

func (s *udpBatchServer) close() {
	s.conn.Close()
	s.timer.Close()
}

func (s *udpBatchServer) answer(messages int) batch {
	datagrams := 0
	began := s.clock()
	for i := range messages {
		rest, segment := s.conn.Message(i)
		for more := true; more; more = len(rest) > 0 {
			size := min(segment, len(rest))
			s.reply(i, rest[:size:size])
			rest = rest[size:]
			datagrams++
			if now := s.clock(); now.Sub(began) > longestHold {
				s.conn.Flush()
				began = now
			}
		}
	}
	s.conn.Flush()
	return s.count(messages, datagrams)
}

// clock is the time where it matters: without work, nobody waits for long.
func (s *udpBatchServer) clock() (now time.Time) {
	if s.session.Work != nil {
		now = time.Now()
	}
	return now
}

func (s *udpBatchServer) reply(i int, datagram []byte) {
	switch {
	case len(datagram) > s.maxFrame:
		s.Oversized.Add(1)
	case s.cutting.Load():
		s.Cut.Add(1)
	default:
		_, reply, _ := s.session.Replies(datagram)
		s.conn.Reply(i, reply)
	}
}

func (s *udpBatchServer) count(messages, datagrams int) batch {
	sent, before := s.conn.Sent(), s.before
	s.before = sent
	s.note(messages, datagrams, sent)
	if unsent := sent.Failed - before.Failed; s.cutting.Load() {
		s.Cut.Add(unsent)
	} else {
		s.Failed.Add(unsent)
	}
	return batch{
		messages: messages,
		replies:  int(sent.Datagrams - before.Datagrams),
		joined:   int(sent.Messages - before.Messages),
	}
}

// Counters adds those of batchCounters and of the kernel's drops, see
// [udpServer.Counters].
func (s *udpBatchServer) Counters() map[string]int64 {
	m := s.Tally.Counters()
	s.batchCounters.add(m)
	if n, err := s.conn.Drops(); err == nil {
		m["dropped"] = n
	}
	return m
}
