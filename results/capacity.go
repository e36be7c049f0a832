package results

import (
	"cmp"
	"slices"
	"strings"
)

// The probes that a trial of a table can be; see [Trial].
const (
	ProbeCapacity   = "capacity"   // does the server keep up with so many clients
	ProbeSaturation = "saturation" // what is its highest throughput
	ProbeHalf       = "half"       // what is its latency at half of that
)

// Goal is what a server has to keep to with so many clients.
type Goal struct {
	P99       Nanos  `json:"p99_ns"`           // that the 99th percentile of the response latency may reach
	OpenFiles uint64 `json:"limit_open_files"` // of a process
}

// Bound is what keeps a server from serving more clients.
type Bound string

// The bounds, in the order in which they are looked for.
const (
	Kept             Bound = "" // none: the server keeps up
	BoundFailure     Bound = "failure"
	BoundMemory      Bound = "memory"
	BoundPorts       Bound = "ports of the client"
	BoundDescriptors Bound = "descriptors"
	BoundThreads     Bound = "threads"
	BoundWorkers     Bound = "workers" // clients that nobody serves
	BoundErrors      Bound = "errors"
	BoundClient      Bound = "the client"
	BoundLatency     Bound = "latency"
	BoundSearch      Bound = "none found" // the search went no further
)

const (
	// SpareDescriptors is what a process needs beside its connections: standard streams,
	// epolls, the runtime's own.
	SpareDescriptors = 64
	// threadPerClient is from how many threads for each client on it is one for each.
	threadPerClient = 0.9
	// memoryExhausted is how the system says so.
	memoryExhausted = "cannot allocate memory"
)

// Passing reports whether the bound may be gone the next time.
func (b Bound) Passing() bool { return b == BoundLatency || b == BoundErrors || b == BoundClient }

// Bound says what kept the server from keeping the goal in a trial.
func (g Goal) Bound(t *Trial) Bound {
	served := t.ClientsServed >= t.ClientsActive
	switch {
	case strings.Contains(t.Failure, memoryExhausted):
		return BoundMemory
	case t.Failure != "":
		return BoundFailure
	case t.Errors["no_ports"] > 0:
		return BoundPorts
	case t.Errors["no_descriptors"] > 0:
		return BoundDescriptors
	case !served && t.backedOff() && float64(t.ServerThreads) > threadPerClient*float64(t.ClientsServed):
		return BoundThreads
	case !served && (t.backedOff() || uint64(t.Clients)+SpareDescriptors > g.OpenFiles && g.OpenFiles > 0):
		return BoundDescriptors
	case !served:
		return BoundWorkers
	case tooManyErrors(t):
		return BoundErrors
	case t.ResponseLatency.P99 <= g.P99 && !slices.Contains(t.Verdicts, MissedRate):
		return Kept
	case slices.Contains(t.Verdicts, ClientBound):
		return BoundClient
	}
	return BoundLatency
}

// backedOff reports whether the server says that it had to stop accepting.
func (t *Trial) backedOff() bool { return t.ServerUsage != nil && t.ServerCounters["backoff"] > 0 }

// Capacity is the most clients with which a row kept a goal.
type Capacity struct {
	Clients int    // 0 if not even one
	Bound   Bound  // what keeps it from more
	At      int    // with how many clients that was seen; 0 where nothing was found
	Trial   *Trial // the last one that kept the goal with so many, nil if none did
	Probes  int    // trials it rests on
}

// CapacityOf reads a row's capacity from its trials: the most clients that were kept
// and were not lost again when the same number was tried once more.
// Where it kept up with as many as a process may have files, that is its bound.
func (g Goal) CapacityOf(trials []*Trial) Capacity {
	c := Capacity{Bound: BoundSearch}
	last := map[int]*Trial{} // by clients: what holds is the last time
	for _, t := range trials {
		if t.Probe == ProbeCapacity {
			last[t.Clients] = t
			c.Probes++
		}
	}
	var kept, lost []*Trial
	for _, t := range last {
		if g.Bound(t) == Kept {
			kept = append(kept, t)
		} else {
			lost = append(lost, t)
		}
	}
	byClients := func(a, b *Trial) int { return cmp.Compare(a.Clients, b.Clients) }
	slices.SortFunc(kept, byClients)
	slices.SortFunc(lost, byClients)
	// A number beyond one that was lost in the end counts for nothing.
	if len(lost) > 0 {
		c.At, c.Bound = lost[0].Clients, g.Bound(lost[0])
		kept = slices.DeleteFunc(kept, func(t *Trial) bool { return t.Clients > c.At })
	}
	if len(kept) > 0 {
		c.Trial = kept[len(kept)-1]
		c.Clients = c.Trial.Clients
	}
	if c.Bound == BoundSearch && uint64(c.Clients)+SpareDescriptors >= g.OpenFiles && g.OpenFiles > 0 {
		c.Bound = BoundDescriptors
	}
	return c
}
