package hosts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"connbench/loadgen/process"
)

// remote is a process on another host, as a controller sees it.
type remote struct {
	h   *Host
	id  int
	in  *inbound
	out outbound

	mu      sync.Mutex
	lost    error         // why what it says, or was told, is not whole
	over    bool          // it has ended, or its host is lost
	stopErr error         // after that, what Stop returns
	ended   chan struct{} // closed then
}

var _ process.Peer = (*remote)(nil)

// Start starts a process of a kind that the agent knows. The caller calls Stop.
func (h *Host) Start(ctx context.Context, kind string) (process.Peer, error) {
	h.mu.Lock()
	if h.lost != nil {
		defer h.mu.Unlock()
		return nil, h.lost
	}
	h.last++
	lease, leased := h.lease, h.leased
	p := &remote{h: h, id: h.last, in: newInbound(), ended: make(chan struct{})}
	p.out = outbound{ctx: leased, process: p.id, bucket: bucketOf(h.name), prefix: fmt.Sprintf("%s.%d.in", lease, p.id), objects: h.c.objects,
		publish: func(f frame) error { return h.tell(lease, f) }}
	h.processes[p.id] = p
	h.mu.Unlock()
	// Whether ctx ends or not, it is to be known whether the process runs.
	limited, cancel := context.WithTimeout(leased, startTimeout)
	defer cancel()
	var a answer
	if err := h.c.ask(limited, h.name, askStart, start{lease, p.id, kind}, &a); err != nil {
		return nil, h.lose(fmt.Sprintf("its agent did not say that it had started a %s: %v", kind, err))
	}
	if a.Error != "" {
		h.mu.Lock()
		delete(h.processes, p.id)
		h.mu.Unlock()
		return nil, fmt.Errorf("host %s: %s", h.name, process.Plain(a.Error))
	}
	if err := ctx.Err(); err != nil {
		p.Stop(0)
		return nil, err
	}
	return p, nil
}

const startTimeout = 10 * time.Second

func (h *Host) tell(lease string, f frame) error {
	data, err := encode(telling{lease, f})
	if err != nil {
		return err
	}
	return h.c.conn.Publish(toAgent(h.name, tellFrame), data)
}

// Tell implements [process.Peer].
func (p *remote) Tell(v any) error {
	p.mu.Lock()
	lost, over := p.lost, p.over
	p.mu.Unlock()
	switch {
	case lost != nil:
		return lost
	case over:
		return fmt.Errorf("host %s: %w", p.h.name, errEnded)
	}
	err := p.out.line(v)
	var unsuitable *json.UnsupportedTypeError
	if err != nil && !errors.As(err, &unsuitable) {
		return p.lose(err)
	}
	return err
}

// Hear implements [process.Peer].
func (p *remote) Hear(v any) error {
	f, err := p.in.take()
	if err != nil {
		return err
	}
	line, err := f.line(p.out.ctx, p.h.c.objects, p.out.bucket)
	if err != nil {
		return p.lose(err)
	}
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("host %s: %w", p.h.name, err)
	}
	return nil
}

// Stop implements [process.Peer].
func (p *remote) Stop(grace time.Duration) error {
	select {
	case <-p.ended:
	default:
		p.out.last(frame{Stop: &stop{grace}})
		late := time.NewTimer(grace + stopSlack)
		defer late.Stop()
		select {
		case <-p.ended:
		case <-late.C:
			return p.lose(errors.New("its end was not told"))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopErr
}

func (p *remote) onFrame(f *frame) {
	if err := p.in.put(*f); err != nil {
		p.lose(err)
	}
	if f.End != nil {
		p.onEnd(f.End)
	}
}

// onEnd is for the last frame.
func (p *remote) onEnd(e *end) {
	p.h.mu.Lock()
	delete(p.h.processes, p.id)
	p.h.mu.Unlock()
	if e.Lost != "" {
		p.lose(errors.New(process.Plain(e.Lost)))
	}
	var stopErr error
	switch {
	case e.Killed:
		stopErr = &hostError{fmt.Sprintf("host %s: %s", p.h.name, process.Plain(e.Stop)), process.ErrKilled}
	case e.Stop != "":
		stopErr = fmt.Errorf("host %s: %s", p.h.name, process.Plain(e.Stop))
	}
	p.finish(fmt.Errorf("host %s: %s", p.h.name, process.Plain(e.Heard)), stopErr)
}

// finish says how it ended: what Hear returns when there is no line left, and what Stop
// returns. That it was lost before comes first.
func (p *remote) finish(heard, stopErr error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.over = true
	if p.lost == nil && errors.Is(heard, process.ErrLost) {
		p.lost = heard
	}
	if p.lost != nil {
		heard, stopErr = p.lost, p.lost
	}
	p.stopErr = stopErr
	p.in.end(heard)
	close(p.ended)
}

// lose gives the process up, not all of whose lines have come or gone, and has it ended.
// It returns what to say of it.
func (p *remote) lose(why error) error {
	p.mu.Lock()
	first := p.lost == nil && !p.over
	if first {
		p.lost = lostError(p.h.name, "not all lines came through: "+why.Error())
	}
	err := p.lost
	p.mu.Unlock()
	if first {
		p.in.end(err)
		p.out.last(frame{Stop: &stop{}})
	}
	if err == nil {
		err = lostError(p.h.name, why.Error())
	}
	return err
}
