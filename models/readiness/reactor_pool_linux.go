package readiness

import (
	"io"
	"net"
	"sync"

	"connbench/models/kernel"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// reactorPool is the workers of a loop. The loop reads into a job and hands it over,
// and the connection with it, until the worker has answered. Nothing but the
// connection's state tells the loop that this has happened, so that neither waits for
// the other, unless there is something that only the loop can do: then the worker
// gives the job back to it.
//
// There are jobsPerWorker as many jobs as workers, which bounds the memory of requests
// that wait for a worker. When all are in use the loop reads no more, and goes on with
// everything else, until half of them are free.
type reactorPool struct {
	loop    *loop
	workers sync.WaitGroup
	count   int // of workers
	stopped bool

	jobs    chan *job // handed over; has room for all
	spare   *job      // one that the loop has taken and not used
	waiting []int     // descriptors to read from when there are jobs again
	turn    bool      // those have their turn; else what is ready goes behind them
	handed  bool      // a job, since the loop has slept

	mu     sync.Mutex
	free   []*job // the one used last, whose memory is near, comes first
	back   []*job
	kept   [][]byte // to be given back to the loop's scratch
	hungry bool     // the loop wants to be woken when half of the jobs are free
}

const (
	jobsPerWorker = 4
	mostKept      = 16 // of which each may be as long as the longest request
)

// The states of a connection. The worker changes busy to idle, the loop the others.
const (
	connIdle   = iota // the loop may use it
	connBusy          // a worker may
	connWanted        // a worker may, and gives it back to the loop
)

// job is what a worker gets to do.
type job struct {
	fd       int
	conn     *reactorConn
	buf      []byte
	requests serving.Requests // in buf, but for the first
	err      error            // what ends the connection
}

func newReactorPool(l *loop, workers int) *reactorPool {
	jobs := jobsPerWorker * workers
	p := &reactorPool{loop: l, count: workers, jobs: make(chan *job, jobs)}
	for range jobs {
		p.free = append(p.free, new(job))
	}
	return p
}

// claim reports whether the loop may use c. Otherwise a worker will give it back.
func (p *reactorPool) claim(c *reactorConn) bool {
	return c.state.Load() == connIdle || !c.state.CompareAndSwap(connBusy, connWanted) && c.state.Load() == connIdle || p.stopped
}

// read hands what has arrived to the workers: the requests of one chunk, which are
// more than one where the client pipelines.
func (p *reactorPool) read(fd int, c *reactorConn, ended bool) {
	l := p.loop
	for range readsPerEvent {
		var j *job
		if len(p.waiting) == 0 || p.turn {
			j = p.take()
		}
		if j == nil {
			p.wait(fd, c)
			return
		}
		n, errno := kernel.Recv(fd, j.buf)
		if n <= 0 || errno != 0 {
			p.spare = j
			p.unread(fd, c, errno)
			return
		}
		more := n == len(j.buf) || ended
		c.session.Take(j.buf[:n], &j.requests)
		if j.requests.Some() {
			p.hand(j, fd, c, more)
			return
		}
		p.spare = j // the beginning of a request, or a part
		if !more {
			l.emptied(fd, c)
			return
		}
	}
	l.later(fd, c)
}

// unread deals with a read that has brought nothing.
func (p *reactorPool) unread(fd int, c *reactorConn, errno unix.Errno) {
	switch errno {
	case 0:
		p.loop.end(fd, c, io.EOF)
	case unix.EAGAIN:
		p.loop.emptied(fd, c)
	default:
		p.loop.end(fd, c, errno)
	}
}

// hand hands a job to the workers. If there is more to read, the connection comes back
// for that; else the next event finds it idle.
func (p *reactorPool) hand(j *job, fd int, c *reactorConn, more bool) {
	l := p.loop
	if j.requests.First != nil {
		l.shared.Frames.Keep()
	}
	state := uint32(connBusy)
	if more || l.draining {
		state = connWanted
	}
	if l.draining {
		c.looks++
	}
	j.fd, j.conn = fd, c
	c.state.Store(state)
	p.handed = true
	p.jobs <- j
}

// take is a job that is free, nil if there is none.
func (p *reactorPool) take() *job {
	j := p.spare
	p.spare = nil
	if j != nil {
		return j
	}
	p.mu.Lock()
	if last := len(p.free) - 1; last >= 0 {
		j = p.free[last]
		p.free = p.free[:last]
	}
	for _, b := range p.kept {
		p.loop.shared.Frames.GiveBack(b)
	}
	clear(p.kept)
	p.kept = p.kept[:0]
	p.mu.Unlock()
	if j != nil && j.buf == nil {
		j.buf = make([]byte, p.loop.server.cfg.ReadBuffer)
	}
	return j
}

// wait lists a connection to be read from when there are jobs again.
func (p *reactorPool) wait(fd int, c *reactorConn) {
	if !c.again {
		c.again = true
		p.waiting = append(p.waiting, fd)
	}
}

// readOn reads from those that wait for jobs, once half of them are free.
func (p *reactorPool) readOn() {
	for len(p.waiting) > 0 {
		p.mu.Lock()
		hungry := !p.halfFree()
		p.hungry = hungry
		p.mu.Unlock()
		if hungry {
			return // a worker wakes the loop
		}
		listed := p.waiting
		p.waiting, p.turn = nil, true
		p.loop.readListed(listed)
		p.turn = false
	}
}

// halfFree reports whether enough jobs are free to go on reading. mu is held.
func (p *reactorPool) halfFree() bool { return len(p.free) >= cap(p.jobs)/2 }

// takeBack goes on with the connections that the workers have given back.
func (p *reactorPool) takeBack() {
	p.mu.Lock()
	back := p.back
	p.back = nil
	p.mu.Unlock()
	l := p.loop
	for _, j := range back {
		fd, c, err := j.fd, j.conn, j.err
		p.release(j)
		c.state.Store(connIdle)
		c.active = l.Now
		switch {
		case l.server.cutting.Load():
			l.end(fd, c, net.ErrClosed)
		case err != nil:
			l.end(fd, c, err)
		case c.pending != nil:
			l.poller.Modify(fd, kernel.Writable|l.edge)
		case c.looks > serving.LastLooks && !c.session.Partial():
			l.end(fd, c, serving.ErrDrained)
		default:
			p.read(fd, c, true)
		}
	}
}

// release frees a job, and wakes the loop if it waits for that.
func (p *reactorPool) release(j *job) {
	kept := j.requests.First
	j.conn, j.requests, j.err = nil, serving.Requests{}, nil
	p.mu.Lock()
	p.free = append(p.free, j)
	if kept != nil && len(p.kept) < mostKept {
		p.kept = append(p.kept, kept)
	}
	wake := p.hungry && p.halfFree()
	if wake {
		p.hungry = false
	}
	p.mu.Unlock()
	if wake {
		p.loop.poller.Wake()
	}
}

// stop waits for the workers. The loop may use all connections then.
func (p *reactorPool) stop() {
	close(p.jobs)
	p.workers.Wait()
	p.stopped = true
}

func (p *reactorPool) work() {
	s := p.loop.server
	shared := serving.NewScratch(&s.cfg)
	for j := range p.jobs {
		if s.cutting.Load() {
			j.err = net.ErrClosed
		} else {
			first, whole, err := shared.Answer(&j.requests)
			j.err = j.conn.reply(j.fd, first, whole, err)
		}
		p.done(j)
	}
}

func (p *reactorPool) done(j *job) {
	l := p.loop
	if j.err == nil && j.conn.pending == nil {
		if l.server.cfg.IdleTimeout > 0 {
			j.conn.active = l.Elapsed()
		}
		if j.conn.state.CompareAndSwap(connBusy, connIdle) {
			p.release(j)
			return
		}
	}
	p.mu.Lock()
	p.back = append(p.back, j)
	p.mu.Unlock()
	l.poller.Wake()
}
