package loadgen

import (
	"time"

	"connbench/models/kernel"

	"golang.org/x/sys/unix"
)

// sampleEvery is of how many requests of the sampled client one is split. Each
// thread samples one client, so that of all requests so few are that it costs
// nothing.
const sampleEvery = 64

// sampler splits the round trip of some requests of one client, by the kernel's
// stamps of when the request left and the answer came. It samples requests that
// are alone on their connection, so that the stamps are theirs.
type sampler struct {
	stamper kernel.Stamper
	conn    *conn         // the sampled client, nil where the kernel has no stamps
	skip    int           // requests until the next sample
	sent    time.Duration // when the sampled request was sent, in real time; 0 for none under way
}

func (s *sampler) choose(w *worker) {
	for i := range w.conns {
		if c := &w.conns[i]; c.role == active && w.spec.Network == "tcp" && !w.spec.TLS {
			s.conn = c
			return
		}
	}
}

func (s *sampler) connected(c *conn) {
	s.sent = 0
	if kernel.EnableTimestamps(c.fd) != nil {
		s.conn = nil
	}
}

// send is [kernel.Send], with a stamp if out is a request to sample.
func (s *sampler) send(c *conn, out []byte, size int) (int, unix.Errno) {
	if s.skip--; s.skip > 0 || c.open != 1 || len(out) != size {
		return kernel.Send(c.fd, out)
	}
	s.skip = sampleEvery
	if s.sent != 0 { // of an answer that was too short; stamps that nobody fetches fill the socket's buffer
		s.stamper.Sent(c.fd)
	}
	s.sent = realTime()
	return s.stamper.Send(c.fd, out)
}

// recv is [kernel.Recv], and ends the sample under way if what came is the last of
// its answer.
func (s *sampler) recv(w *worker, c *conn, buf []byte) (int, unix.Errno) {
	if s.sent == 0 {
		return kernel.Recv(c.fd, buf)
	}
	n, came, errno := s.stamper.Recv(c.fd, buf)
	if errno != 0 || n < w.reading(c).AnswerSize()-c.got {
		return n, errno
	}
	left, begin, end := s.stamper.Sent(c.fd), s.sent, realTime()
	s.sent = 0
	// A stamp may be missing, or the system's clock may have been set meanwhile. What counts is when the
	// request was due, as in the whole.
	if begin <= left && left <= came && came <= end && w.rec.due(w.stamp(c, c.read).due) {
		w.rec.split(left-begin, came-left, end-came)
	}
	return n, 0
}

func realTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
