package hosts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"connbench/loadgen/process"

	"github.com/nats-io/nats.go"
)

var (
	errNoLease = errors.New("its agent does not work for this controller any more")
	errEnded   = errors.New("the process has ended")
)

// mostProcesses is how many an agent runs at once.
const mostProcesses = 1024

// launch starts a real process.
func launch(command []string, cpus []int) (process.Peer, error) {
	p, err := process.Start(command, cpus)
	if err != nil {
		return nil, err // and no peer that is a nil process
	}
	return p, nil
}

// hosted is a process of an agent.
type hosted struct {
	peer  process.Peer
	in    *inbound
	out   outbound
	ended chan struct{} // closed when its end was told

	asked   atomic.Bool   // to end
	stopped chan struct{} // closed when that has been done, with stopErr
	stopErr error

	lost atomic.Pointer[error] // why what it says, or is told, is not whole
}

// start starts a process of one of the agent's kinds. It holds leasing, so that the lease
// is not ended between the two.
func (s *serving) start(ask start) error {
	kind, known := s.Kinds[ask.Kind]
	if !known {
		return fmt.Errorf("its agent starts no %q", ask.Kind)
	}
	s.leasing.Lock()
	defer s.leasing.Unlock()
	l := s.leaseOf(ask.Lease)
	if l == nil {
		return errNoLease
	}
	s.mu.Lock()
	_, has := l.processes[ask.Process]
	running := 0
	for _, h := range l.processes {
		if !h.over() {
			running++
		}
	}
	s.mu.Unlock()
	if has {
		return fmt.Errorf("process %d was started before", ask.Process)
	}
	if running >= mostProcesses {
		return fmt.Errorf("%d processes run already", running)
	}
	connbench := s.Program
	if l.programs != nil {
		connbench = filepath.Join(l.programs.Dir, programNames[0])
	}
	peer, err := s.Launch(kind(connbench))
	if err != nil {
		return err
	}
	h := &hosted{peer: peer, in: newInbound(), ended: make(chan struct{}), stopped: make(chan struct{})}
	h.out = outbound{ctx: context.Background(), process: ask.Process, bucket: bucketOf(s.Info.Name), prefix: fmt.Sprintf("%s.%d.out", l.id, ask.Process), objects: s.objects,
		publish: func(f frame) error { return s.say(l.id, saying{Frame: &f}) }}
	s.mu.Lock()
	l.processes[ask.Process] = h
	s.mu.Unlock()
	s.do(h.speak)
	s.do(func() { h.listen(s.objects) })
	return nil
}

func (s *serving) onFrame(m *nats.Msg) {
	var t telling
	if decode(m.Data, &t) != nil {
		return // its number is missed
	}
	l := s.leaseOf(t.Lease)
	if l == nil {
		return
	}
	s.mu.Lock()
	h := l.processes[t.Frame.Process]
	s.mu.Unlock()
	if h == nil {
		return
	}
	if err := h.in.put(t.Frame); err != nil {
		h.lose(err)
	}
	if t.Frame.Stop != nil {
		s.do(func() { h.stop(t.Frame.Stop.Grace) }) // before what it was told last, if it does not listen
	}
}

// lose ends a process of which not all lines have come, or gone.
func (h *hosted) lose(why error) {
	if h.lost.CompareAndSwap(nil, &why) {
		go h.stop(0)
	}
}

// stop ends the process. What the first stop came to is told.
func (h *hosted) stop(grace time.Duration) {
	if !h.asked.CompareAndSwap(false, true) {
		h.peer.Stop(grace)
		return
	}
	h.stopErr = h.peer.Stop(grace)
	close(h.stopped)
}

// over reports whether the end of the process was told.
func (h *hosted) over() bool {
	select {
	case <-h.ended:
		return true
	default:
		return false
	}
}

// lingering is how long a process may live that has nothing more to say.
const lingering = time.Second

// speak passes on what the process says, and in the end how it ended.
func (h *hosted) speak() {
	defer close(h.ended)
	var heard error
	for {
		var line json.RawMessage
		if heard = h.peer.Hear(&line); heard != nil {
			break
		}
		if h.lost.Load() != nil {
			continue
		}
		if err := h.out.line(line); err != nil {
			h.lose(err)
		}
	}
	h.in.end(errEnded)
	h.stop(lingering)
	<-h.stopped
	e := end{Heard: heard.Error(), Killed: errors.Is(h.stopErr, process.ErrKilled)}
	if h.stopErr != nil {
		e.Stop = h.stopErr.Error()
	}
	if lost := h.lost.Load(); lost != nil {
		e.Lost = (*lost).Error()
	}
	h.out.last(frame{End: &e}) // or the connection is closed, and the controller knows
}

// listen tells the process what comes for it.
func (h *hosted) listen(objects *objects) {
	for {
		f, err := h.in.take()
		if err != nil {
			return
		}
		line, err := f.line(h.out.ctx, objects, h.out.bucket)
		if err != nil {
			h.lose(err)
			return
		}
		h.peer.Tell(line) // one that has ended does not listen, which it says by itself
	}
}
