package hosts

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"connbench/loadgen/process"
	"connbench/results"

	"github.com/nats-io/nats.go"
)

// lease is what an agent does for one controller.
type lease struct {
	id         string
	controller string
	holder     Holder // of which nothing changes
	renewed    time.Time
	programs   *results.Folder // of shipped programs; nil if there are none
	processes  map[int]*hosted // until the controller knows that they have ended
}

// onMessage is called for one message after the other. What takes time, or waits for
// another message, goes on by itself.
func (s *serving) onMessage(m *nats.Msg) {
	word := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	switch word {
	case tellFrame:
		s.onFrame(m)
	case tellRenew:
		s.onRenew(m)
	case askInfo:
		s.onInfo(m)
	case askClaim:
		s.do(func() { s.onClaim(m) })
	case askRelease:
		s.do(func() { s.onRelease(m) })
	case askStart:
		s.do(func() { fulfil(s, m, s.start) })
	case askProgram:
		s.do(func() { fulfil(s, m, s.install) })
	}
}

// fulfil does what a message asks for, and answers what came of it.
func fulfil[T any](s *serving, m *nats.Msg, what func(T) error) {
	var asked T
	err := decode(m.Data, &asked)
	if err == nil {
		err = what(asked)
	}
	var a answer
	if err != nil {
		a.Error = err.Error()
	}
	s.respond(m, a)
}

func (s *serving) onClock(m *nats.Msg) {
	m.Respond(strconv.AppendInt(nil, int64(process.Monotonic()), 10))
}

func (s *serving) onInfo(m *nats.Msg) {
	info := s.Info
	info.Now = time.Now().UTC()
	s.mu.Lock()
	if s.lease != nil {
		info.Busy = &s.lease.holder
	}
	s.mu.Unlock()
	s.respond(m, info)
}

// leaseOf is the lease, if it has that number.
func (s *serving) leaseOf(id string) *lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lease == nil || s.lease.id != id {
		return nil
	}
	return s.lease
}

func (s *serving) onClaim(m *nats.Msg) {
	var c claim
	if err := decode(m.Data, &c); err != nil {
		s.respond(m, claimed{Error: fmt.Sprintf("not understood: %v", err)})
		return
	}
	if c.Protocol != Protocol {
		s.respond(m, claimed{Error: fmt.Sprintf("it speaks version %d of the agents' protocol, not %d", Protocol, c.Protocol)})
		return
	}
	s.leasing.Lock()
	defer s.leasing.Unlock()
	s.mu.Lock()
	left, held := s.left, s.lease
	s.mu.Unlock()
	switch {
	case left:
		return
	case held != nil && held.controller != c.Controller:
		s.respond(m, claimed{Busy: &held.holder})
		return
	}
	s.endLease("") // of the same controller
	now := time.Now()
	l := &lease{id: rand.Text(), controller: c.Controller, holder: Holder{c.Who, now.UTC()}, renewed: now, processes: map[int]*hosted{}}
	s.mu.Lock()
	s.lease = l
	s.mu.Unlock()
	s.Say(fmt.Sprintf("agent %s works for %s", s.Info.Name, c.Who))
	s.respond(m, claimed{Lease: l.id})
}

func (s *serving) onRelease(m *nats.Msg) {
	var r release
	if decode(m.Data, &r) != nil {
		return
	}
	s.leasing.Lock()
	defer s.leasing.Unlock()
	if s.leaseOf(r.Lease) != nil {
		s.endLease("")
		s.Say("agent " + s.Info.Name + " is free")
	}
	s.respond(m, answer{})
}

// endOrphans ends what runs for a controller that is not heard of any more.
func (s *serving) endOrphans() {
	if !s.leasing.TryLock() {
		return // whoever has it will see to it
	}
	defer s.leasing.Unlock()
	s.mu.Lock()
	orphan := s.lease != nil && time.Since(s.lease.renewed) > s.OrphanAfter
	s.mu.Unlock()
	if orphan {
		s.endLease(fmt.Sprintf("its agent had not heard of the controller for %v, and ended what it had started", s.OrphanAfter))
		s.Say(fmt.Sprintf("agent %s is free: its controller was not heard of for %v", s.Info.Name, s.OrphanAfter))
	}
}

// leaseGrace is how long what runs under a lease may take to end when that is over.
const leaseGrace = 2 * time.Second

// endLease ends what runs under the lease, if there is one, and tells the controller why
// unless it knows. The caller holds leasing.
func (s *serving) endLease(reason string) {
	s.mu.Lock()
	l := s.lease
	s.lease = nil
	var running []*hosted
	if l != nil {
		s.ending = l.id
		for _, h := range l.processes {
			running = append(running, h)
		}
	}
	s.mu.Unlock()
	if l == nil {
		return
	}
	if reason != "" { // first, or that its processes end would be news of their own
		s.say(l.id, saying{Gone: &reason})
	}
	var ending sync.WaitGroup
	for _, h := range running {
		ending.Go(func() {
			h.peer.Stop(leaseGrace)
			<-h.ended
		})
	}
	ending.Wait()
	if l.programs != nil {
		removeFolder(l.programs)
	}
	s.mu.Lock()
	s.ending = ""
	s.mu.Unlock()
}

// say tells the controller that has, or had, a lease.
func (s *serving) say(lease string, what saying) error {
	data, err := encode(what)
	if err != nil {
		return err
	}
	return s.conn.Publish(fromAgent(s.Info.Name, lease), data)
}

func (s *serving) onRenew(m *nats.Msg) {
	var r renewal
	if decode(m.Data, &r) != nil || !validName.MatchString(r.Lease) {
		return
	}
	s.mu.Lock()
	l := s.lease
	switch {
	case s.ending == r.Lease:
		s.mu.Unlock()
		return // it will hear of it
	case l == nil || l.id != r.Lease:
		s.mu.Unlock()
		gone := "its agent was started anew, or had not heard of the controller for too long"
		s.say(r.Lease, saying{Gone: &gone})
		return
	}
	b := beat{Said: map[int]uint64{}}
	l.renewed = time.Now()
	for id, h := range l.processes {
		said, known := r.Said[id]
		if !known && h.over() {
			delete(l.processes, id)
			continue
		}
		if err := h.in.whole(said); err != nil {
			h.lose(err)
		}
		b.Said[id] = h.out.sent.Load()
	}
	s.mu.Unlock()
	s.say(r.Lease, saying{Beat: &b})
}
