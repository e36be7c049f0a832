package results

import (
	"fmt"
	"slices"
	"strings"
)

// ClientLimit is one reason why the client, not the server, limited a trial, or several.
type ClientLimit struct {
	Host string  // of several, that is the reason; empty for all clients
	Late Nanos   // by which one request in a hundred was looked at after it was due, or more; 0 of a closed loop
	Busy float64 // the share of the time for which its threads had a CPU, 1 = all of it

	Noisy bool // others had the machine too; of several trials in each
	Worst bool // of several trials
}

// ClientLimits are the reasons for [ClientBound] in a trial, nil of one that its client does not limit.
func ClientLimits(t *Trial) []ClientLimit {
	if t.Client == nil {
		return nil
	}
	var limits []ClientLimit
	noisy := slices.Contains(t.Verdicts, Noisy)
	limited := func(host string, busy float64, late *Nanos) {
		switch {
		case t.Loop != OpenLoop:
			if busy >= saturatedFraction {
				limits = append(limits, ClientLimit{Host: host, Busy: busy, Noisy: noisy})
			}
		case late != nil && tooLate(t, *late):
			limits = append(limits, ClientLimit{Host: host, Late: *late, Busy: busy, Noisy: noisy})
		}
	}
	if t.Loop != OpenLoop && t.ServerUsage != nil && t.ServerCPUFraction >= serverSaturatedFraction {
		return nil
	}
	for _, h := range t.Hosts {
		if h.Role == ClientRole {
			limited(h.Name, h.CPUFraction, h.PacingP99)
		}
	}
	if limits == nil { // else it follows from its hosts
		var late *Nanos
		if p := t.Client.Pacing; p != nil {
			late = &p.P99
		}
		limited("", t.Client.CPUFraction, late)
	}
	return limits
}

// tooLate reports whether requests that are looked at so late add to an open loop's figures.
func tooLate(t *Trial, p99 Nanos) bool {
	response, _ := P99.Of(t)
	return float64(p99) > max(pacingFloor, pacingShare*response)
}

// MergeLimits is each reason as it was in the worst trial, in the order in which these come first.
func MergeLimits(all []ClientLimit) []ClientLimit {
	var merged []ClientLimit
	for _, l := range all {
		m := Find(merged, func(m *ClientLimit) bool { return m.Host == l.Host && (m.Late > 0) == (l.Late > 0) })
		if m == nil {
			merged = append(merged, l)
			continue
		}
		noisy := m.Noisy && l.Noisy
		if l.Late > m.Late || l.Late == m.Late && l.Busy > m.Busy {
			*m = l
		}
		m.Worst, m.Noisy = true, noisy
	}
	return merged
}

// busyFrom is from which share of its time on a client that is late lacks CPU time of its own.
const busyFrom = 0.8

// String says in words what limits, and what to do.
func (l ClientLimit) String() string {
	who := "the client"
	if l.Host != "" {
		who = "host " + l.Host + " of the clients"
	}
	if l.Worst {
		who = "in the worst trial " + who
	}
	more := "give it more CPUs, or ask for less"
	if l.Noisy {
		more = "others had the machine too, measure again when it is quiet"
	}
	busy := fmt.Sprintf("its threads had a CPU for %.0f %% of the time", 100*l.Busy)
	switch {
	case l.Late == 0:
		return fmt.Sprintf("%s was the limit, not the server, as %s: %s", who, busy, more)
	case l.Busy >= busyFrom:
		return fmt.Sprintf("%s sent one request in a hundred %v late or later, as %s: %s", who, l.Late, busy, more)
	}
	return fmt.Sprintf("%s sent one request in a hundred %v late or later, though %s: more CPUs would not help, others kept it from its own or it woke late; connbench doctor says what does",
		who, l.Late, busy)
}

// Explain says what a verdict means, for people: of [ClientBound] by what limits, where that is known.
func Explain(verdict string, limits ...ClientLimit) string {
	if verdict == ClientBound && len(limits) > 0 {
		return strings.Join(Map(MergeLimits(limits), ClientLimit.String), "; ")
	}
	for _, j := range judgements {
		if j.verdict == verdict {
			return j.means
		}
	}
	return verdict
}

// Explanations are lines on the verdicts that occur, each with its name.
func Explanations(occurs func(verdict string) bool, limits []ClientLimit) []string {
	var lines []string
	for _, j := range judgements {
		if occurs(j.verdict) {
			lines = append(lines, j.verdict+": "+Explain(j.verdict, limits...))
		}
	}
	return lines
}

// OtherProtocol says what may be wrong with a load of a framing of which no request was answered,
// by the classes of its errors: that the server speaks another. It is empty where they do not
// point to that, and of datagrams, which have no framing.
func OtherProtocol(framing string, errors map[string]int64) string {
	does := ""
	switch {
	case framing == Datagram:
	case errors["mismatch"] > 0:
		does = "what the server sends is no answer to"
	case errors["closed"] > 0 || errors["reset"] > 0 || errors["short"] > 0:
		does = "the server ends connections at"
	case errors["read_timeout"] > 0:
		does = "the server leaves unanswered"
	}
	if does == "" {
		return ""
	}
	return fmt.Sprintf("%s requests in %s framing: it may speak another, or TLS", does, framing)
}
