package results

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Key names a point: what a trial measured, without when.
type Key struct {
	Model        string
	Network      string
	Framing      string
	Request      string // where the protocol has more than one
	Work         string
	Knobs        string
	Loop         Loop
	PayloadBytes int    // the mean of a mix
	PayloadMix   string // of which payloads it is, where it is a mix
	Clients      int
	RateRPS      float64 // asked for; 0 of a closed loop, and the mean where it changes
	RateProfile  string  // how it changes, where it does
	Arrivals     string  // of an open loop
	Manner       Manner
}

// Key is the point the trial belongs to.
func (t *Trial) Key() Key {
	return Key{t.Model, t.Network, t.Framing, t.Request, t.Work, t.Knobs, t.Loop, t.PayloadBytes, t.PayloadMix, t.Clients, t.RateRPS, t.RateProfile, t.Arrivals, t.manner()}
}

// Manner is what clients of a closed loop do other than to have one request open all the time, on one
// connection each. The zero value is that they do not.
type Manner struct {
	ThinkNS         int64 // from an answer to a client's next request
	Pipeline        int   // requests of a client that are open, of several
	RequestsPerConn int   // of each connection
}

func (t *Trial) manner() (m Manner) {
	if t.Loop != ClosedLoop {
		return m
	}
	if m.ThinkNS, m.RequestsPerConn = t.ThinkNS, t.RequestsPerConn; t.Pipeline > 1 {
		m.Pipeline = t.Pipeline
	}
	return m
}

func (m Manner) String() string {
	var said Sentences
	said.When(m.ThinkNS > 0, fmt.Sprintf("%v from an answer to the next request", time.Duration(m.ThinkNS)))
	said.When(m.Pipeline > 0, fmt.Sprintf("%d requests of a client open", m.Pipeline))
	said.When(m.RequestsPerConn > 0, "a connection for "+Plural(m.RequestsPerConn, "request"))
	return strings.Join(said, ", ")
}

// Paced reports whether clients pause between requests, so that a closed loop is no measure of capacity.
func (k Key) Paced() bool { return k.Manner.ThinkNS > 0 }

// Shared is the part of a key that the rows of a block have in common.
func (k Key) Shared() Key {
	k.Model, k.Network, k.Framing, k.Request = "", "", "", ""
	return k
}

// CompareLoad orders by what is asked of rows, and CompareRow by what differs between those of a block.
func (k Key) CompareLoad(o Key) int {
	return cmp.Or(
		cmp.Compare(k.Work, o.Work), cmp.Compare(k.Knobs, o.Knobs), cmp.Compare(k.Loop, o.Loop), cmp.Compare(k.Arrivals, o.Arrivals),
		cmp.Compare(k.PayloadBytes, o.PayloadBytes), cmp.Compare(k.PayloadMix, o.PayloadMix), cmp.Compare(k.Clients, o.Clients),
		cmp.Compare(k.RateRPS, o.RateRPS), cmp.Compare(k.RateProfile, o.RateProfile),
	)
}

func (k Key) CompareRow(o Key) int {
	return cmp.Or(cmp.Compare(k.Model, o.Model), cmp.Compare(k.Network, o.Network), cmp.Compare(k.Framing, o.Framing), cmp.Compare(k.Request, o.Request))
}

// Payload is the payload for people, of a mix what it is of.
func (k Key) Payload() string {
	if k.PayloadMix != "" {
		return k.PayloadMix
	}
	return Bytes(int64(k.PayloadBytes))
}

// Transport is network and framing, for people.
func (k Key) Transport() string {
	if k.Framing == Datagram {
		return k.Network + ", datagrams"
	}
	if k.Request != "" {
		return k.Network + ", " + k.Framing + ", " + k.Request
	}
	return k.Network + ", " + k.Framing + " framing"
}

// Label is what a reader must know of a row or figure made with this loop.
func (l Loop) Label() string {
	if l == ClosedLoop {
		return "saturated throughput (closed loop)"
	}
	return "latency at the asked rate (open loop)"
}

// LoopLabel is the loop's label with the arrivals of an open one, and the manner of a closed one.
func (k Key) LoopLabel() string {
	switch {
	case k.Paced():
		return "closed loop, " + k.Manner.String()
	case k.Manner != Manner{}:
		return strings.TrimSuffix(k.Loop.Label(), ")") + ", " + k.Manner.String() + ")"
	case k.Loop == ClosedLoop || k.Arrivals == "":
		return k.Loop.Label()
	}
	if k.RateProfile != "" {
		return fmt.Sprintf("latency at a rate that changes (open loop, %s arrivals)", k.Arrivals)
	}
	return fmt.Sprintf("latency at the asked rate (open loop, %s arrivals)", k.Arrivals)
}

// Final drops the attempts at a trial that were repeated: what stands is the last. Those at which
// another host was lost never stand.
func Final(trials []Trial) []Trial {
	last := LastAttempts(trials)
	return slices.DeleteFunc(slices.Clone(trials), func(t Trial) bool { return t.HostLost || t.Attempt < last[t.Trial] })
}

// LastAttempts are the attempts that stand, by the numbers of the trials.
func LastAttempts(trials []Trial) map[int]int {
	last := map[int]int{}
	for i := range trials {
		if t := &trials[i]; !t.HostLost {
			last[t.Trial] = max(last[t.Trial], t.Attempt)
		}
	}
	return last
}

// Finished counts the trials that are there, however often each was tried.
func Finished(trials []Trial) int {
	return len(LastAttempts(trials))
}
