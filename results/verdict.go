package results

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// The verdicts: reasons why a trial's figures must not be ranked.
const (
	ClientBound   = "CLIENT_BOUND"   // the client, not the server, set the limit
	MissedRate    = "MISSED_RATE"    // an open loop's rate was not reached
	NonStationary = "NON_STATIONARY" // the trial's end differs from its beginning
	NoRequests    = "NO_REQUESTS"    // of the window came to an end, so that nothing was measured
	Errors        = "ERRORS"         // too many requests failed
	Lost          = "LOST"           // the server ended connections on which no request was open
	UnservedIdle  = "UNSERVED"       // idle clients were connected, and not served when they asked
	Noisy         = "NOISY"          // the machine took too much time for others
	Little        = "LITTLE"         // the figures contradict Little's law
)

// The thresholds of the verdicts.
const (
	// A closed loop's client whose threads had a CPU for this share of the window has
	// nothing left to give. It limits the trial unless the server is saturated too,
	// which is the normal end of a closed loop on as many CPUs for each.
	saturatedFraction = 0.95
	// The server is saturated from less on: up to noisyFraction of all CPUs may have
	// been taken unnoticed, which is twice as much of the server's half.
	serverSaturatedFraction = 0.85
	// An open loop whose client looks at one request in a hundred later than this
	// share of the 99th percentile adds itself to the figure. Up to pacingFloor, what
	// a virtual CPU takes to wake up, it does so for every model alike.
	pacingShare = 0.10
	pacingFloor = 100e3 // ns
	// The rate counts as reached from this share on: a queue that keeps one request in
	// a hundred adds 10 ms to the latency in each second. Of a Poisson loop chance
	// alone moves the number by its square root, and up to missedSigmas of those are
	// allowed, which one good trial in 30,000 exceeds.
	reachedRate  = 0.99
	missedSigmas = 4
	// The halves of a closed loop's window differ by this share of the faster one only
	// if something happened: the differences worth ranking are smaller.
	stationaryRate = 0.25
	// The latencies of an open loop's halves differ by this factor where a queue has
	// grown all along, after a warm-up of up to a quarter of the window; it never
	// comes to 3. A stable M/M/1 queue gets there by chance in at most one of 50
	// trials of 1,000 requests at 0.7 of its capacity, 2,000 at 0.8 or 10,000 at 0.9.
	stationaryLatency = 2
	// Failures beyond this share decide what a 99.9th percentile is. Of lost connections
	// it is the share of the clients that may have one in a window, and likewise of idle ones.
	ToleratedErrors = 0.001
	// With more than this share of a CPU's time taken by the hypervisor, or of a
	// client's thread spent ready to run and not running, medians of an echo shift by
	// more than the differences between good models. The same holds of a server whose
	// threads wait for a CPU while others than server and client have it: one that waits
	// alone may do so for its own threads, and others may run while it has nothing to do.
	noisyFraction = 0.05
	// A server that rests uses a hundredth of a CPU, and one that polls all of it.
	restlessCPUs = 0.2
	// Clients times pipeline is throughput times mean latency in a saturated closed
	// loop, but for what the client spends between an answer and the next request.
	littleTolerance = 0.10
)

// Judge returns the verdicts on a trial that has figures, from what its client
// and the machine's counters recorded; what was not recorded is not held against it.
func Judge(t *Trial) []string {
	verdicts := []string{}
	for _, v := range judgements {
		if v.holds(t) {
			verdicts = append(verdicts, v.verdict)
		}
	}
	return verdicts
}

// judgements are all verdicts in order, with what each says to people.
var judgements = []struct {
	verdict string
	holds   func(*Trial) bool
	means   string
}{
	{ClientBound, clientBound, "the client was the limit, not the server: in a closed loop it had no CPU time left (give it more CPUs, or ask for less), in an open one it sent late"},
	{MissedRate, missedRate, "the rate asked for was not reached"},
	{NonStationary, nonStationary, "the second half of the trial differs from the first: measure longer, or warm up longer"},
	{NoRequests, noRequests, "no request of the window came to an end: nothing was measured; measure longer, or ask for more"},
	{Errors, TooManyErrors, "more than 0.1 % of the requests failed, or bytes came that are no answer"},
	{Lost, LostConnections, "the server ended connections between requests: raise its limit of idle time or of requests a connection"},
	{UnservedIdle, IdleLeftOut, "idle clients were connected, and had no answer when they asked in the end: the server has no room for so many at once"},
	{Noisy, noisy, "others took more than 5 % of a CPU's time: repeat on a quieter machine"},
	{Little, contradictsLittle, "throughput × mean latency is not the number of open requests: some had no answer in the trial, or the client was slow to send the next"},
}

func clientBound(t *Trial) bool { return ClientLimits(t) != nil }

func missedRate(t *Trial) bool {
	if t.Loop != OpenLoop || t.Client == nil {
		return false
	}
	asked := t.RateRPS * float64(t.DurationNS) / 1e9
	least := asked * reachedRate
	if t.Arrivals != "constant" {
		least -= missedSigmas * math.Sqrt(asked)
	}
	return float64(t.Client.Completed) < math.Floor(least)
}

// nonStationary compares the halves of the window: of a closed loop their rates,
// of an open one, whose rate is given, their latencies. Where the rate changes they have to differ.
func nonStationary(t *Trial) bool {
	switch {
	case t.Client == nil || len(t.Client.WindowRPS) < 2 || t.RateProfile != "":
		return false
	case t.Loop == OpenLoop:
		return latencyMoved(t.Client.WindowRPS, t.Client.WindowMeanNS)
	default:
		return rateMoved(t)
	}
}

// rateMoved lets every client have a round more in one half than in the other:
// all may be answered at the same moments, as by a server that sleeps.
func rateMoved(t *Trial) bool {
	rates := t.Client.WindowRPS
	half := len(rates) / 2
	first, second := stat.Mean(rates[:half], nil), stat.Mean(rates[half:], nil)
	round := float64(t.ClientsActive*t.Pipeline) / (float64(t.DurationNS) / 2e9)
	return math.Abs(first-second) > max(stationaryRate*max(first, second), round)
}

// latencyMoved asks for a change in the means of the halves and in their medians:
// one stall alone moves a mean, and stalls that come and go move a median. Parts
// without an answer have no latency and do not count.
func latencyMoved(rates, latencies []float64) bool {
	if len(rates) != len(latencies) {
		return false
	}
	half := len(rates) / 2
	apart := func(first, second float64) bool {
		return max(first, second) > stationaryLatency*min(first, second)
	}
	return apart(stat.Mean(latencies[:half], rates[:half]), stat.Mean(latencies[half:], rates[half:])) &&
		apart(medianAnswered(latencies[:half]), medianAnswered(latencies[half:]))
}

// medianAnswered is the median of the latencies that are not 0, NaN of none.
func medianAnswered(latencies []float64) float64 {
	answered := slices.DeleteFunc(slices.Clone(latencies), func(ns float64) bool { return ns == 0 })
	if len(answered) == 0 {
		return math.NaN()
	}
	slices.Sort(answered)
	return Median(answered)
}

func TooManyErrors(t *Trial) bool {
	return float64(t.Failed()) > ToleratedErrors*float64(t.Requests+t.Failed())
}

// noRequests says so of a trial in which nothing failed either.
func noRequests(t *Trial) bool { return t.Client != nil && t.Requests == 0 && t.Failed() == 0 }

func LostConnections(t *Trial) bool {
	return float64(t.Errors[ConnectionLost]) > ToleratedErrors*float64(t.Clients)
}

// IdleLeftOut reports whether idle clients had no answer when they asked in the end.
func IdleLeftOut(t *Trial) bool {
	return float64(t.Errors[IdleUnserved]) > ToleratedErrors*float64(t.Clients)
}

func noisy(t *Trial) bool {
	stolen := t.StealFraction != nil && *t.StealFraction > noisyFraction
	// On shared CPUs the client waits for our own server, which is no noise.
	waited := t.Client != nil && !t.CPUsShared && t.Client.WaitFraction > noisyFraction
	kept := func(h *Host) bool { return h.StealFraction != nil && *h.StealFraction > noisyFraction }
	return stolen || waited || t.hostIs(ServerRole, kept) || t.hostIs(ClientRole, kept) || t.Noise != nil && t.Noise.disturbs()
}

// Restless reports whether the server took CPU time from the others of its block while they had
// their slices; not where there were no others.
func Restless(t *Trial) bool {
	return t.Noise != nil && t.Noise.Restless != nil && t.ServerUsage != nil && t.ServerRestCPUs != nil && *t.ServerRestCPUs > restlessCPUs
}

// Starves reports whether the server had clients wait for longer than slices of a trial are, though it
// served them all: such waits are in no slice, and only a whole trial has them. Of a trial that was
// disturbed it cannot be told whose waits they were.
func Starves(t *Trial) bool {
	return t.ServerUsage != nil && t.ServerRestCPUs != nil && t.ClientsServed == t.ClientsActive &&
		slices.Contains(t.Verdicts, Little) && !slices.Contains(t.Verdicts, Noisy)
}

func (n *Noise) disturbs() bool {
	if n.Restless != nil && *n.Restless > noisyFraction {
		return true
	}
	if slices.ContainsFunc(n.CPUs, func(c CPUNoise) bool { return c.StealFraction > noisyFraction }) {
		return true
	}
	return n.ServerWait != nil && n.ServerOthers != nil && min(*n.ServerWait, *n.ServerOthers) > noisyFraction
}

// contradictsLittle checks L = λW (Little 1961) where it must hold: a closed loop
// that neither thinks nor connects anew always has as many requests open as its
// pipelines hold. A request more or less of each client at the window's ends is no
// contradiction.
func contradictsLittle(t *Trial) bool {
	open := float64(t.ClientsActive * t.Pipeline)
	if t.Loop != ClosedLoop || t.Slip != nil || t.RequestsPerConn > 0 || t.Requests == 0 || open == 0 || t.ServiceLatency == nil {
		return false
	}
	mean := float64(t.ServiceLatency.Mean)
	inferred := t.ThroughputRPS * mean / 1e9
	return math.Abs(inferred-open) > open*max(littleTolerance, mean/float64(t.DurationNS))
}
