package loadgen

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"connbench/loadgen/message"
	"connbench/loadgen/process"
	"connbench/models/wire"
	"connbench/results"

	"golang.org/x/sys/unix"
)

// Clients are client processes that run one load together.
type Clients []Client

// Client is one of them, on this host or on another.
type Client struct {
	process.Peer
	Host  string        // that it is on; "" for this one
	Clock process.Clock // of that host
}

// StartClients starts n client processes, each by the command of one; see [Serve].
// The caller calls Stop.
func StartClients(command []string, n int, cpus []int) (Clients, error) {
	var clients Clients
	for range n {
		p, err := process.Start(command, cpus)
		if err != nil {
			clients.Stop(0)
			return nil, err
		}
		clients = append(clients, Client{Peer: p})
	}
	return clients, nil
}

// PIDs are the numbers of those of this host.
func (c Clients) PIDs() (pids []int) {
	for _, one := range c {
		if p, here := one.Peer.(*process.Process); here {
			pids = append(pids, p.PID())
		}
	}
	return pids
}

// Stop ends the processes; see [process.Process.Stop].
func (c Clients) Stop(grace time.Duration) {
	for _, p := range c {
		p.Stop(grace)
	}
}

// Run runs a valid Spec, each process with its part of the clients, and returns what
// they measured together. They begin to send together, when all are connected, and on other
// hosts at one instant, each by its host's clock. It
// stops waiting, not the processes, when ctx ends, one of them fails, or one takes
// longer than the load can; see [Spec.Longest].
func (c Clients) Run(ctx context.Context, s Spec, stages Stages) (*Result, error) {
	type answer struct {
		from   int
		result *Result
		err    error
	}
	start := c.instant(&stages)
	limit := s.Longest() + cmp.Or(stages.Slack, clientSlack)
	parts, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	each := stages.of(parts, len(c))
	answers := make(chan answer, len(c))
	for i, p := range c {
		part := s
		part.Part, part.Parts = i, len(c)
		own := each
		if i > 0 {
			own.Servers = nil // the first one reads for all
		}
		go func() {
			err := p.Tell(part)
			if err != nil {
				answers <- answer{i, nil, gone(p, err)}
				return
			}
			result, err := follow(parts, p, own, start)
			answers <- answer{i, result, err}
		}()
	}
	var whole *Result
	interrupt := stages.Interrupt
	for left := len(c); left > 0; {
		select {
		case <-interrupt:
			interrupt = nil
			for _, p := range c {
				p.Tell(command{Interrupt: true}) // or it has ended, which is noticed
			}
		case a := <-answers:
			left--
			switch {
			case a.err != nil && interrupt == nil && stages.Interrupt != nil:
				return nil, context.Canceled
			case a.err != nil:
				return nil, a.err
			case whole == nil:
				whole = a.result
				whole.from(&c[a.from])
			default:
				a.result.from(&c[a.from])
				if err := whole.Merge(a.result); err != nil {
					return nil, err
				}
			}
		case <-parts.Done():
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("client process: no result within %v", limit)
		}
	}
	slices.SortFunc(whole.Hosts, func(a, b results.Host) int { return cmp.Compare(a.Name, b.Name) })
	return whole, nil
}

// startLead is the least time between the word to start at an instant and that instant, beside what
// the word takes on its way.
const startLead = 5 * time.Millisecond

// instant has the load of clients of other hosts begin at one instant, which is chosen when all are
// connected. The function says when that is by the monotonic clock of a client's host; nil
// stands for at once, when the word comes.
func (c Clients) instant(stages *Stages) func(Client) *time.Duration {
	lead := time.Duration(0)
	for _, one := range c {
		if one.Host != "" {
			lead = max(lead, startLead+4*one.Clock.RoundTrip)
		}
	}
	if lead == 0 {
		return func(Client) *time.Duration { return nil }
	}
	var start time.Duration
	told := *stages
	stages.Reached = func(stage Stage) error {
		err := told.reach(stage)
		if stage == StageConnected {
			start = process.Monotonic() + lead
		}
		return err
	}
	return func(of Client) *time.Duration {
		at := start + of.Clock.Offset
		return &at
	}
}

// clientSlack is the [Stages.Slack] of who names none.
const clientSlack = 30 * time.Second

// maxProcesses keeps a slip of the pen in a number of clients from filling the
// machine with processes.
const maxProcesses = 64

// Processes is how many client processes run the load: those asked for, or, unless one can
// have them all in tables, as many as the limit of descriptors makes necessary.
func (s *Spec) Processes() int {
	if s.Parts != 0 {
		return s.Parts
	}
	limit, err := descriptorLimit()
	if err != nil || limit <= results.SpareDescriptors {
		return 1
	}
	each := int(limit - results.SpareDescriptors)
	if s.Clients > each && s.fitsTables() {
		return 1
	}
	return min(maxProcesses, max(1, (s.Clients+each-1)/each))
}

// tabled reports whether this process has more clients than it may have descriptors, and
// keeps them in tables of io_uring; see [Spec.Validate].
func (s *Spec) tabled() bool {
	limit, err := descriptorLimit()
	beyond := err == nil && limit > results.SpareDescriptors && uint64(s.size())+results.SpareDescriptors > limit
	return (beyond || alwaysTabled) && s.fitsTables()
}

// alwaysTabled is set by tests.
var alwaysTabled bool

// fitsTables reports whether the clients' requests are such as a table can send, one at a
// time and in one piece, and this kernel has tables.
func (s *Spec) fitsTables() bool {
	return s.IO == AutoIO && s.Network != "udp" && !s.TLS && s.Slow == 0 && s.Pipeline <= 1 &&
		message.Size(s.longest()) <= ringSend && (s.Clients-1)/max(1, s.Parts) < mostTabled() && hasTables()
}

const (
	// tablePayload is the longest payload of clients in tables, with length framing.
	tablePayload = 4 << 10
	// ringSend is the longest request that is sent by a ring: one that surely fits the empty
	// send buffer of a client that has no other open.
	ringSend = tablePayload + wire.HeaderSize
)

// maxTabled keeps a slip of the pen from filling the machine with sockets: some 10 GiB of
// them, and as many of the server.
const maxTabled = 2 << 20

// mostTabled is how many clients a process can have in tables. Each of these has as many places
// as the process may have descriptors, and takes two of them, where most are for connecting.
func mostTabled() int {
	limit, err := descriptorLimit()
	if err != nil || limit >= maxTabled {
		return maxTabled
	}
	return min(maxTabled, int(limit*limit/8))
}

// descriptorLimit is how many files this process may have open. The Go runtime
// has raised it to the hard limit by the time anybody asks.
func descriptorLimit() (uint64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return limit.Cur, nil
}
