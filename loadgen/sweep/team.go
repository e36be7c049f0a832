package sweep

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/process"
	"connbench/results"
)

// Hosts are other machines, on which the servers and the clients of a run are. Errors of hosts that
// are gone, cut off or do not answer are [process.ErrLost], and name the host.
type Hosts interface {
	// Clients starts as many client processes as a load needs, one or more on each host of
	// clients that it has clients for.
	Clients(ctx context.Context, s *loadgen.Spec) (loadgen.Clients, error)
	// Attendant starts a process on the server's host that answers as [Attend] does.
	Attendant(ctx context.Context) (process.Peer, error)
	// Await waits until all of them are there, for as long as they are given. The error says which is not.
	Await(ctx context.Context) error
}

// Team is the hosts of a run, and an attendant that stays from trial to trial.
type Team struct {
	Hosts  Hosts
	Server string // the name of the server's host

	mu sync.Mutex
	at *there
}

// Close ends the attendant.
func (t *Team) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at != nil {
		t.at.end(defaultStopTimeout)
	}
}

// Lineup asks the server's host which rows of a plan it can make.
func (t *Team) Lineup(ctx context.Context, plan *Plan) (*Lineup, error) {
	at, err := t.attendant(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := at.attend(ctx, &ask{Lineup: plan})
	if err != nil {
		return nil, err
	}
	if answer.Lineup == nil {
		return nil, fmt.Errorf("host %s: it did not say which rows there are", t.Server)
	}
	return answer.Lineup, nil
}

// attendant is the one at hand, or a new one where that has failed.
func (t *Team) attendant(ctx context.Context) (*there, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at != nil && !t.at.failed() {
		return t.at, nil
	}
	peer, err := t.Hosts.Attendant(ctx)
	if err != nil {
		return nil, err
	}
	t.at = &there{host: t.Server, peer: peer, heard: make(chan reply), ended: make(chan struct{})}
	go t.at.listen()
	return t.at, nil
}

// note notes in a trial what the server's host did. What the worst of the hosts has lost to the
// hypervisor is what the trial has.
func (t *Team) note(trial *results.Trial) {
	server := results.Host{Name: t.Server, Role: results.ServerRole, StealFraction: trial.StealFraction}
	if trial.ServerUsage != nil {
		server.CPUFraction = trial.ServerCPUFraction
	}
	trial.Hosts = append([]results.Host{server}, trial.Hosts...)
	for i := range trial.Hosts {
		if h := &trial.Hosts[i]; h.StealFraction != nil && (trial.StealFraction == nil || *h.StealFraction > *trial.StealFraction) {
			trial.StealFraction = h.StealFraction
		}
	}
}

// there is an attendant on another host. One exchange that fails on the way ends it, since nobody
// knows then what it has done.
type there struct {
	host  string
	peer  process.Peer
	heard chan reply
	ended chan struct{} // closed when there is no more to hear
	why   error         // after that

	mu   sync.Mutex // of an exchange
	last int
	bad  bool
}

func (t *there) listen() {
	defer close(t.ended)
	for {
		var s reply
		if err := t.peer.Hear(&s); err != nil {
			t.why = err
			return
		}
		t.heard <- s
	}
}

// replySlack is how long an attendant may take for what is asked, beyond what that may take by itself.
const replySlack = 20 * time.Second

func (a *ask) takes() time.Duration {
	switch {
	case a.Lineup != nil:
		return time.Minute // a server's engines and interpreter are looked for
	case a.Begin != nil:
		return a.Begin.Timeout
	case a.Stop != nil:
		return a.Stop.Grace
	}
	return 0
}

func (t *there) failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bad
}

func (t *there) attend(ctx context.Context, a *ask) (*reply, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bad {
		return nil, t.lost(errors.New("its attendant has ended"))
	}
	t.last++
	numbered := *a
	numbered.ID = t.last
	if err := t.peer.Tell(numbered); err != nil {
		return nil, t.giveUp(err)
	}
	late := time.NewTimer(a.takes() + replySlack)
	defer late.Stop()
	for {
		select {
		case answer := <-t.heard:
			if answer.ID != t.last {
				continue // of a question that was given up
			}
			return answer.result(t.host)
		case <-t.ended:
			return nil, t.giveUp(t.why)
		case <-late.C:
			return nil, t.giveUp(fmt.Errorf("no answer within %v", a.takes()+replySlack))
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// result is the answer, with what it says of failure as an error.
func (s *reply) result(host string) (*reply, error) {
	if s.Error == "" {
		return s, nil
	}
	err := fmt.Errorf("host %s: %s", host, process.Plain(s.Error))
	if s.Usage {
		return nil, &UsageError{err}
	}
	return nil, err
}

// UsageError is something that the caller can put right, as another host says.
type UsageError struct{ error }

// giveUp ends an attendant of which nobody knows what it does.
func (t *there) giveUp(why error) error {
	t.bad = true
	go t.end(0)
	return t.lost(why)
}

func (t *there) lost(why error) error {
	if errors.Is(why, process.ErrLost) {
		return why // which names the host
	}
	return fmt.Errorf("host %s: %w: %w", t.host, process.ErrLost, why)
}

// end ends the process, and waits until there is no more to hear.
func (t *there) end(grace time.Duration) {
	go t.peer.Stop(grace)
	for {
		select {
		case <-t.heard:
		case <-t.ended:
			return
		}
	}
}
