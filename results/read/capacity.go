package read

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"connbench/results"
	"connbench/results/stats"
)

// Goal is what a server has to keep to with so many clients.
type Goal struct {
	P99       results.Nanos `json:"p99_ns"`               // that the 99th percentile of the response latency may reach
	OpenFiles uint64        `json:"limit_open_files"`     // of a process
	PIDs      int64         `json:"limit_pids,omitempty"` // see [results.ControlGroup]
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
	BoundLost        Bound = "lost connections" // which the server ended with no request open
	BoundIdle        Bound = "no requests"      // that came to an end: nothing was measured
	BoundClient      Bound = "the client"
	BoundLatency     Bound = "latency"
	BoundSearch      Bound = "none found" // the search went no further
)

const (
	// threadPerClient is from how many threads for each client on it is one for each.
	threadPerClient = 0.9
	// memoryExhausted is how the system says so.
	memoryExhausted = "cannot allocate memory"
)

// Passing reports whether the bound may be gone the next time. Connections that a server ends
// are no chance: it does so after some time or requests, which a probe lasts or does not.
func (b Bound) Passing() bool {
	return b == BoundLatency || b == BoundErrors || b == BoundIdle || b == BoundClient
}

// LeftOut reports whether the bound is that the server has no room for some clients,
// which are not served while others are.
func (b Bound) LeftOut() bool {
	return b == BoundWorkers || b == BoundThreads || b == BoundDescriptors
}

// Bound says what kept the server from keeping the goal in a trial.
func (g Goal) Bound(t *results.Trial) Bound {
	served := t.ClientsServed >= t.ClientsActive && !results.IdleLeftOut(t)
	switch {
	case strings.Contains(t.Failure, memoryExhausted), t.OutOfMemory() && (t.Failure != "" || !served || results.TooManyErrors(t)):
		return BoundMemory
	case t.Failure != "" && t.RefusedThreads():
		return BoundThreads
	case t.Failure != "":
		return BoundFailure
	case t.Errors["no_ports"] > 0:
		return BoundPorts
	case t.Errors["no_descriptors"] > 0:
		return BoundDescriptors
	case t.ClientsServed == 0 && t.ClientsActive > 0:
		return BoundErrors // and no workers are seen
	case !served && t.RefusedThreads(), !served && backedOff(t) && float64(t.ServerThreads) > threadPerClient*float64(t.ClientsServed):
		return BoundThreads
	case !served && (backedOff(t) || uint64(t.Clients)+results.SpareDescriptors > g.OpenFiles && g.OpenFiles > 0):
		return BoundDescriptors
	case !served && (t.Network == "udp" || !results.IdleLeftOut(t) && float64(t.ClientsServed) > nearlyAll*float64(t.ClientsActive)):
		return BoundErrors // some had no answer, as in any crowd: that is no lack of room
	case !served:
		return BoundWorkers
	case results.TooManyErrors(t):
		return BoundErrors
	case results.LostConnections(t):
		return BoundLost
	case t.ResponseLatency == nil:
		return BoundIdle
	case t.ResponseLatency.P99 <= g.P99 && !slices.Contains(t.Verdicts, results.MissedRate):
		return Kept
	case slices.Contains(t.Verdicts, results.ClientBound):
		return BoundClient
	}
	return BoundLatency
}

// backedOff reports whether the server says that it had to stop accepting.
func backedOff(t *results.Trial) bool { return t.ServerUsage != nil && t.ServerCounters["backoff"] > 0 }

// Doubtful reports whether it may not be the server that missed the goal in a trial: the
// client was late itself, or others had too much of the machine's time. In such a time
// clients are left out by chance too.
func (g Goal) Doubtful(t *results.Trial) bool {
	bound := g.Bound(t)
	return bound == BoundClient || (bound.Passing() || bound == BoundWorkers) && slices.Contains(t.Verdicts, results.Noisy)
}

// CapacityResolution is how close a capacity and the number of clients above it that
// was lost are, as a share of the capacity. Closer is not worth a probe: two searches on
// one machine differ by more.
const CapacityResolution = 0.1

// CapacityStep is CapacityResolution of a number of clients, at least one client.
func CapacityStep(clients int) int { return max(1, int(CapacityResolution*float64(clients))) }

// Capacity is with how many clients, or requests/s, a row keeps a goal: where a server has no
// room for more, with how many it did, and else with how many it does every second time.
type Capacity struct {
	Most    int            // 0 if not even one
	Within  stats.Interval // of the number, where it is an estimate, High infinite where that is beyond what could be tried; the zero value elsewhere
	Bound   Bound          // what keeps it from more
	Limit   string         // of a control group that is behind the bound, in words; empty if none is
	Why     string         // what a latency comes from, where counters tell; likewise
	At      int            // with how many that was seen; 0 where nothing was found
	Trial   *results.Trial // the last one that kept the goal with the most, nil if none did
	Probes  int            // trials that were made for it, 0 if none of them tells anything
	Implied bool           // they asked another question, and answer this one too

	ofRate bool // it is of requests/s
	served int  // clients, of those at At; 0 where all were
}

// BoundText is the bound for people, with the limit behind it.
func (c *Capacity) BoundText() string {
	behind := cmp.Or(c.Limit, c.Why)
	if behind == "" {
		return string(c.Bound)
	}
	return fmt.Sprintf("%s (%s)", c.Bound, behind)
}

// Estimated reports whether the number is an estimate.
func (c *Capacity) Estimated() bool { return c.Within != stats.Interval{} }

// CapacityOf reads a row's capacity from the probes of a question. Where
// what keeps it from more comes and goes, as latency does, it is an estimate from all in which
// the client and others on the machine did not matter (see [stats.Edge]). Else it is the most
// clients that were kept, where of the trials with the same number the last one counts. What
// keeps it from more is seen at the lowest number above it that was lost. Where it kept up
// with as many as a process may have files, that is its bound.
func (g Goal) CapacityOf(probes []*results.Trial) Capacity {
	if !slices.ContainsFunc(probes, g.Tells) {
		return Capacity{Bound: BoundSearch}
	}
	c := g.mostKept(probes)
	chance := c.At == 0 || c.Bound.Passing() && c.Bound != BoundClient // and no lack of room
	lost := slices.IndexFunc(probes, func(t *results.Trial) bool { return g.Tells(t) && g.Bound(t) != Kept })
	if c.Most == 0 || !chance || lost < 0 {
		return c
	}
	if c.At == 0 { // what was kept beyond a loss is not the end of it
		c.Bound = g.Bound(probes[lost])
	}
	c.Within = stats.EdgeOf(g.evidence(probes)).Interval()
	if room := float64(g.OpenFiles) - results.SpareDescriptors; room > 0 && c.Within.High > room && !c.ofRate {
		c.Within.High, c.Within.Estimate = math.Inf(1), min(c.Within.Estimate, room) // beyond nothing was tried
	}
	keptAt := func(t *results.Trial) bool { return asked(t) == c.At && g.Bound(t) == Kept }
	if c.At > 0 && c.Within.Estimate >= float64(c.At) && !slices.ContainsFunc(probes, keptAt) { // so many were never kept
		c.Within.Estimate = max(c.Within.Low, math.Sqrt(float64(c.Most)*float64(c.At)))
	}
	c.Most = max(1, int(math.Round(c.Within.Estimate)))
	if c.Bound == BoundLatency {
		c.Why = g.why(&c, probes)
	}
	return c
}

// evidence is what probes say of the server.
func (g Goal) evidence(trials []*results.Trial) []stats.Probe {
	var all []stats.Probe
	for _, t := range trials {
		if g.Tells(t) {
			all = append(all, stats.Probe{At: float64(asked(t)), Margin: g.margin(t)})
		}
	}
	return all
}

// Tells reports whether a probe says something of the server's capacity.
func (g Goal) Tells(t *results.Trial) bool { return !g.Doubtful(t) && g.Bound(t) != BoundIdle }

// margin is the logarithm of how many times as high the latency might be.
func (g Goal) margin(t *results.Trial) float64 {
	bound := g.Bound(t)
	if bound != Kept && bound != BoundLatency || t.ResponseLatency.P99 <= g.P99 != (bound == Kept) {
		return math.Inf(-1) // what was missed is not the latency
	}
	return math.Log(float64(g.P99) / max(1, float64(t.ResponseLatency.P99)))
}

// KnownWell is how far apart the ends of a capacity's interval are at the most from which on
// nobody asks for more: 15 % to either side.
const KnownWell = 1.3

// mostKept is the most that was kept, and what kept the row from more.
func (g Goal) mostKept(probes []*results.Trial) Capacity {
	c := Capacity{Bound: BoundSearch, Probes: len(probes), ofRate: len(probes) > 0 && probes[0].Probe == results.ProbeRate}
	last := map[int]*results.Trial{} // by what was asked
	for _, t := range probes {
		if g.Bound(t) == BoundClient || !g.Doubtful(t) { // what was lost while others had the machine keeps nothing
			last[asked(t)] = t
		}
	}
	for n, t := range last {
		if n > c.Most && g.Bound(t) == Kept {
			c.Most, c.Trial = n, t
		}
	}
	for n, t := range last {
		if n > c.Most && (c.At == 0 || n < c.At) {
			c.At, c.Bound, c.served = n, g.Bound(t), 0
			c.Limit = g.limit(t, c.Bound)
			if c.Bound.LeftOut() {
				c.served = t.ClientsServed
			}
		}
	}
	if c.Bound == BoundWorkers && c.served < c.Most {
		c.Bound, c.served = BoundErrors, 0 // more were served when there were fewer: it was a jam, and no room that has an end
	}
	if c.Bound == BoundSearch && g.full(c.Trial) {
		c.Bound = BoundDescriptors
	}
	return c
}

// full reports whether a trial has as many clients as a process may have connections.
func (g Goal) full(t *results.Trial) bool {
	return t != nil && t.Probe == results.ProbeCapacity && g.OpenFiles > 0 && uint64(t.Clients)+results.SpareDescriptors >= g.OpenFiles
}

// nearlyAll of the files that a process may have are what a row has that ends at them, and not at a
// limit of its own; and where nearly all clients are served, there is room.
const nearlyAll = 0.9

// Limits reports whether what binds a row is not its own limit, so that it may serve more
// elsewhere. Of descriptors it is the machine's where a process may not have more of them.
func (g Goal) Limits(c *Capacity) bool {
	switch c.Bound {
	case BoundSearch, BoundPorts, BoundMemory, BoundClient, BoundFailure, BoundIdle:
		return true
	case BoundDescriptors:
		return !c.ofRate && g.OpenFiles > 0 && float64(max(c.Most, c.served))+results.SpareDescriptors >= nearlyAll*float64(g.OpenFiles)
	}
	return false
}

// limit names what of a control group is behind a bound that was seen in a trial, empty
// where nothing is. A row that counts its threads stops below the limit, of which the
// kernel then knows nothing.
func (g Goal) limit(t *results.Trial, b Bound) string {
	s := t.Strain
	switch {
	case b == BoundThreads && g.PIDs > 0:
		return results.PIDsLimit(g.PIDs)
	case s == nil:
	case b == BoundMemory && s.MemoryLimitBytes > 0:
		return results.MemoryLimit(s.MemoryLimitBytes)
	case b == BoundThreads && s.PIDsLimit > 0:
		return results.PIDsLimit(s.PIDsLimit)
	}
	return ""
}
