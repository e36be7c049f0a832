package hosts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"connbench/loadgen/process"

	"github.com/nats-io/nats.go"
)

// Host is a claimed agent.
type Host struct {
	c    *Controller
	name string

	claiming sync.Mutex // is held by who claims it anew

	mu        sync.Mutex
	info      Info
	lease     string
	sayings   *nats.Subscription
	leased    context.Context // ends when it is lost
	end       func()
	lost      error           // nil while it is claimed
	unheard   time.Time       // when the first renewal was sent of which there is no answer; zero if there is none
	last      int             // the number of the process that was started last
	processes map[int]*remote // that have not ended
}

// Info is what its agent said when it was claimed.
func (h *Host) Info() Info {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.info
}

// adopt begins a lease, which is renewed from now on.
func (h *Host) adopt(info Info, lease string) error {
	sayings, err := h.c.conn.Subscribe(fromAgent(h.name, lease), func(m *nats.Msg) { h.onSaying(lease, m) })
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.info, h.lease, h.sayings, h.lost, h.unheard = info, lease, sayings, nil, time.Time{}
	h.leased, h.end = context.WithCancel(context.Background())
	h.c.remember(h)
	return nil
}

func (h *Host) onSaying(lease string, m *nats.Msg) {
	var s saying
	err := decode(m.Data, &s)
	h.mu.Lock()
	current := h.lease == lease && h.lost == nil
	var p *remote
	if current && s.Frame != nil {
		p = h.processes[s.Frame.Process]
	}
	h.mu.Unlock()
	switch {
	case !current:
	case err != nil:
		h.lose(fmt.Sprintf("it said what is not understood: %v", err))
	case s.Gone != nil:
		h.lose(process.Plain(*s.Gone))
	case s.Beat != nil:
		h.onBeat(s.Beat)
	case p != nil:
		p.onFrame(s.Frame)
	}
}

func (h *Host) onBeat(b *beat) {
	h.mu.Lock()
	h.unheard = time.Time{}
	processes := maps.Clone(h.processes)
	h.mu.Unlock()
	for id, said := range b.Said {
		if p := processes[id]; p != nil {
			if err := p.in.whole(said); err != nil {
				p.lose(err)
			}
		}
	}
}

// renew keeps the lease, unless its agent has not answered for too long.
func (h *Host) renew(now time.Time) {
	h.mu.Lock()
	if h.lost != nil {
		h.mu.Unlock()
		return
	}
	silent := !h.unheard.IsZero() && now.Sub(h.unheard) > h.c.options.Silence
	r := renewal{Lease: h.lease, Said: map[int]uint64{}}
	for id, p := range h.processes {
		r.Said[id] = p.out.sent.Load()
	}
	if h.unheard.IsZero() {
		h.unheard = now
	}
	h.mu.Unlock()
	if silent {
		h.lose(fmt.Sprintf("its agent has not answered for %v", h.c.options.Silence))
		return
	}
	data, err := encode(r)
	if err == nil {
		err = h.c.conn.Publish(toAgent(h.name, tellRenew), data)
	}
	if err != nil {
		h.lose(err.Error())
	}
}

// lose gives up what runs there, and returns why: the first reason stays.
func (h *Host) lose(reason string) error {
	h.mu.Lock()
	if h.lost != nil {
		defer h.mu.Unlock()
		return h.lost
	}
	lost := lostError(h.name, reason)
	processes := h.processes
	h.lost, h.processes = lost, map[int]*remote{}
	h.sayings.Unsubscribe()
	h.end()
	lease := h.lease
	h.mu.Unlock()
	if given, err := encode(release{lease}); err == nil {
		h.c.conn.Publish(toAgent(h.name, askRelease), given) // if its agent is there after all
	}
	for _, p := range processes {
		p.finish(lost, lost)
	}
	return lost
}

// Await waits until a host that is lost is back, and claims it anew; what ran there is
// ended. The error says why that cannot be, or ctx's end with what was in the way.
func (h *Host) Await(ctx context.Context) error {
	h.claiming.Lock()
	defer h.claiming.Unlock()
	h.mu.Lock()
	lost := h.lost
	h.mu.Unlock()
	if lost == nil {
		return nil
	}
	return h.claimUntil(ctx, ctx, func(r *refusedError) bool { return r.again })
}

// releasePause is how long to wait for an answer before a lease is given back again: an agent
// that has just died takes the first question with it.
const releasePause = time.Second

func (h *Host) askRelease(ctx context.Context, lease string) error {
	for {
		limited, cancel := context.WithTimeout(ctx, releasePause)
		var a answer
		err := h.c.ask(limited, h.name, askRelease, release{lease}, &a)
		cancel()
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// release gives the lease back. When it returns nothing runs there any more that was
// started under it, or the error says that the host did not say so.
func (h *Host) release() error {
	h.mu.Lock()
	leased, lease := h.leased, h.lease
	h.mu.Unlock()
	h.c.forget(h)
	if leased.Err() == nil && !h.c.conn.IsConnected() {
		h.lose("the connection to the server is cut off")
		return fmt.Errorf("host %s: the server is not there to tell its agent that the work is over: it will find out by itself", h.name)
	}
	ctx, cancel := context.WithTimeout(leased, requestTimeout+2*leaseGrace)
	defer cancel()
	err := h.askRelease(ctx, lease)
	if leased.Err() != nil {
		return nil // it is lost, and its agent ends what runs there when the lease is over
	}
	h.lose("it was released")
	removing, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	h.c.objects.remove(removing, bucketOf(h.name))
	if err != nil {
		return fmt.Errorf("host %s: its agent did not say that all has ended there: %w", h.name, err)
	}
	return nil
}
