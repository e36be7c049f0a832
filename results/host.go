package results

import (
	"fmt"
	"strings"
)

// The roles of hosts.
const (
	ServerRole = "server"
	ClientRole = "clients"
)

// Host is what one of several hosts did in a trial.
type Host struct {
	Name          string   `json:"name"`
	Role          string   `json:"role"`                         // server, or clients
	Requests      int64    `json:"requests,omitempty"`           // of clients, that were answered
	Threads       int      `json:"threads,omitempty"`            // of clients, that drive them
	CPUFraction   float64  `json:"cpu_fraction"`                 // of the time of the threads, or of the server's CPUs; 1 = all of it
	WaitFraction  float64  `json:"run_queue_fraction,omitempty"` // of clients: that the worst thread was ready and had no CPU
	StealFraction *float64 `json:"steal_fraction,omitempty"`     // of its CPUs, by the hypervisor; the worst process's
	PacingP99     *Nanos   `json:"pacing_p99_ns,omitempty"`      // of an open loop's clients: how late they looked at a request that was due; the worst process's
	StartLateNS   *Nanos   `json:"start_late_ns,omitempty"`      // that its clients began after the instant at which all hosts' were to
	// ClockUncertaintyNS is by how much its clock may differ either way from what it was taken for.
	// Only the instant of the start rests on it: no latency is of two clocks.
	ClockUncertaintyNS *Nanos `json:"clock_uncertainty_ns,omitempty"`
}

// Merge adds what another process of the same host and role did at the same time.
func (h *Host) Merge(o *Host) {
	threads := float64(h.Threads + o.Threads)
	if threads > 0 {
		h.CPUFraction = (h.CPUFraction*float64(h.Threads) + o.CPUFraction*float64(o.Threads)) / threads
	}
	h.Threads += o.Threads
	h.Requests += o.Requests
	h.WaitFraction = max(h.WaitFraction, o.WaitFraction)
	h.StealFraction = larger(h.StealFraction, o.StealFraction)
	h.PacingP99 = larger(h.PacingP99, o.PacingP99)
	h.StartLateNS = larger(h.StartLateNS, o.StartLateNS)
	h.ClockUncertaintyNS = larger(h.ClockUncertaintyNS, o.ClockUncertaintyNS)
}

func larger[N ~float64](a, b *N) *N {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// StartSkew is by how much the clients of the hosts may have begun apart, at the most; nil of a
// trial on one host.
func (t *Trial) StartSkew() *Nanos {
	var first, last, uncertain *Nanos
	for _, h := range t.Hosts {
		if h.StartLateNS != nil && h.ClockUncertaintyNS != nil {
			last, uncertain = larger(last, h.StartLateNS), larger(uncertain, h.ClockUncertaintyNS)
			if first == nil || *h.StartLateNS < *first {
				first = h.StartLateNS
			}
		}
	}
	if first == nil {
		return nil
	}
	skew := *last - *first + 2**uncertain
	return &skew
}

// hostIs reports whether a host of that role is like that.
func (t *Trial) hostIs(role string, like func(*Host) bool) bool {
	return Find(t.Hosts, func(h *Host) bool { return h.Role == role && like(h) }) != nil
}

// Member is a host of a run that has several, and how it is reached.
type Member struct {
	Name        string      `json:"name"`
	Role        string      `json:"role"`
	Address     string      `json:"address"`             // of its agent, to which servers bind
	Interface   string      `json:"interface,omitempty"` // that has the address; absent where that is not known, as all that follows
	MTU         int         `json:"mtu,omitempty"`       // in bytes
	LinkMbps    int         `json:"link_mbps,omitempty"`
	RoundTripNS Nanos       `json:"round_trip_ns"` // of a message of the controller, the fastest of many
	Environment Environment `json:"environment"`
}

// link is what is known of the network by which a host is reached, in words.
func (m *Member) link() string {
	var parts []string
	if m.MTU > 0 {
		parts = append(parts, fmt.Sprintf("MTU %d", m.MTU))
	}
	switch {
	case m.LinkMbps >= 1000:
		parts = append(parts, fmt.Sprintf("%g Gbit/s", float64(m.LinkMbps)/1000))
	case m.LinkMbps > 0:
		parts = append(parts, fmt.Sprintf("%d Mbit/s", m.LinkMbps))
	}
	return strings.Join(parts, ", ")
}

// Where says on how many hosts server and clients are, and of several how they are reached:
// "same-host", or "3 hosts: server a (10.0.0.1), clients b (10.0.0.2), c (10.0.0.3); MTU 1500, round
// trip 31 to 38 µs".
func (e *Environment) Where() string {
	if len(e.Hosts) == 0 {
		return "same-host"
	}
	common := e.Hosts[0].link()
	for i := range e.Hosts {
		if e.Hosts[i].link() != common {
			common = ""
		}
	}
	least, most, role := Infinite, Nanos(0), ""
	var all []string
	for i := range e.Hosts {
		m := &e.Hosts[i]
		least, most = min(least, m.RoundTripNS), max(most, m.RoundTripNS)
		how := m.Address
		if link := m.link(); link != common {
			how += ", " + link
		}
		name := fmt.Sprintf("%s (%s)", m.Name, how)
		if m.Role != role {
			name, role = m.Role+" "+name, m.Role
		}
		all = append(all, name)
	}
	trip := fmt.Sprintf("round trip %v", least)
	if most > least {
		trip += fmt.Sprintf(" to %v", most)
	}
	if common != "" {
		trip = common + ", " + trip
	}
	return fmt.Sprintf("%s: %s; %s", Plural(len(e.Hosts), "host"), strings.Join(all, ", "), trip)
}

// Roles are the hosts as --hosts names them: server=a,clients=b+c.
func (e *Environment) Roles() string {
	var b strings.Builder
	for i, m := range e.Hosts {
		switch {
		case i > 0 && m.Role == e.Hosts[i-1].Role:
			b.WriteString("+" + m.Name)
		case i > 0:
			b.WriteString("," + m.Role + "=" + m.Name)
		default:
			b.WriteString(m.Role + "=" + m.Name)
		}
	}
	return b.String()
}

// fields are what an environment has, laid flat, but for what is measured anew in each session. Each
// host's are told apart by its name, if wanted; its software is that of the environment.
func (e *Environment) fields(hosts bool) map[string]string {
	own := *e
	own.Hosts = nil
	flat := fieldsOf(&own)
	flat["hosts"] = e.Roles()
	for i := range e.Hosts {
		m := e.Hosts[i]
		m.RoundTripNS = 0
		for field, value := range fieldsOf(&m) {
			if hosts && isSerious(strings.TrimPrefix(field, "environment.")) {
				flat["hosts."+m.Name+"."+field] = value
			}
		}
	}
	return flat
}
