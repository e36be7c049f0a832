package loadgen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"connbench/models/wire"
	"connbench/results"
)

const (
	maxRate = 1e8  // beyond what any one machine sends
	minRate = 1e-6 // a request in 12 days, which is longer than any load
)

func (s *Spec) validateLoop() error {
	switch {
	case s.ResponseBytes != 0 && (s.Network == "udp" || s.Framing != "length"):
		return &SpecError{"response-size", s.ResponseBytes, "only with length framing on a stream, where a request has a field for it"}
	case s.ResponseBytes != 0 && s.PayloadBytes < wire.SizeField:
		return &SpecError{"payload", s.PayloadBytes, fmt.Sprintf("at least %d bytes with --response-size, which is a field of the request", wire.SizeField)}
	case s.ResponseBytes < 0 || s.ResponseBytes > wire.MostReply(s.depth(), s.MaxFrame):
		return &SpecError{"response-size", s.ResponseBytes, fmt.Sprintf("with a pipeline of %d, up to %d bytes: the answers in flight fit the maximum frame", s.depth(), wire.MostReply(s.depth(), s.MaxFrame))}
	case s.Rate != 0 && !(s.Rate >= minRate && s.Rate <= maxRate):
		return &SpecError{"rate", s.Rate, "from 1e-6 up to 1e8 requests/s; without one the loop is closed"}
	case s.Arrivals != Constant && s.Arrivals != Poisson:
		return &SpecError{"arrivals", s.Arrivals, "constant or poisson"}
	case s.Open() && s.Think > 0:
		return &SpecError{"think", s.Think, "only in a closed loop, and --rate makes an open one"}
	case !(s.ConnectRate >= 0 && s.ConnectRate <= maxRate):
		return &SpecError{"connect-rate", s.ConnectRate, "0 for as fast as they come, up to 1e8 connections/s"}
	case s.ConnectRate > 0 && float64(s.Clients)/s.ConnectRate > results.MaxLatency.Seconds():
		return &SpecError{"connect-rate", s.ConnectRate, fmt.Sprintf("enough to connect %d clients within %v", s.Clients, results.MaxLatency)}
	case !(s.Active > 0 && s.Active <= 1):
		return &SpecError{"active", s.Active, "a share of the clients: more than 0, up to 1 for all"}
	case !(s.Slow >= 0 && s.Slow < 1):
		return &SpecError{"slow", s.Slow, "a share of the active clients: 0 to less than 1"}
	case s.Slow > 0 && s.slow() == s.active():
		return &SpecError{"slow", s.Slow, "less, so that of the active clients one is not slow"}
	case s.Network == "udp" && s.TLS:
		return &SpecError{"tls", s.TLS, "only on streams, which udp is not"}
	case s.Network == "udp" && s.Slow > 0:
		return &SpecError{"slow", s.Slow, "only on streams: a datagram comes as a whole"}
	case s.Network == "udp" && s.RequestsPerConn > 0:
		return &SpecError{"requests-per-conn", s.RequestsPerConn, "only on streams: udp has no connections"}
	case s.Network == "udp" && s.Pipeline*(s.PayloadBytes+datagramOverhead) > socketBuffer():
		return &SpecError{"pipeline", s.Pipeline, fmt.Sprintf("at most %d datagrams of %s in the client's receive buffer of %s (net.core.rmem_default)",
			socketBuffer()/(s.PayloadBytes+datagramOverhead), results.Bytes(int64(s.PayloadBytes)), results.Bytes(int64(socketBuffer())))}
	}
	return nil
}

// datagramOverhead is about what the kernel charges a receive buffer for a
// datagram beside its payload.
const datagramOverhead = 768

// Open reports whether the load is an open loop.
func (s *Spec) Open() bool { return s.Rate > 0 }

func (s *Spec) depth() int {
	switch {
	case s.Pipeline > 0:
		return s.Pipeline
	case s.Open() && s.Network == "udp":
		return max(1, min(maxPipeline, socketBuffer()/(s.PayloadBytes+datagramOverhead)))
	case s.Open():
		return maxPipeline
	}
	return 1
}

// ranks is the place of each client in the order of roles: the first are active, the last
// of those slow, and all others idle. The seed draws it, since a server may treat those
// better that connect first. Where all do the same it is nil, for the order of their numbers.
func (s *Spec) ranks() []int32 {
	if s.active() == s.Clients && s.slow() == 0 {
		return nil
	}
	ranks := make([]int32, s.Clients)
	for i := range ranks {
		ranks[i] = int32(i)
	}
	rand.New(rand.NewPCG(^s.Seed, 0)).Shuffle(len(ranks), func(i, j int) { ranks[i], ranks[j] = ranks[j], ranks[i] })
	return ranks
}

// active is how many of the clients send; see ranks.
func (s *Spec) active() int { return max(1, int(math.Round(s.Active*float64(s.Clients)))) }

// slow is how many of the active clients are slow; see ranks.
func (s *Spec) slow() int { return int(math.Ceil(s.Slow * float64(s.active()))) }

// own lists the clients of this process's thread number thread of threads.
func (s *Spec) own(thread, threads int) []int {
	var clients []int
	parts := s.Processes()
	for c := s.Part + parts*thread; c < s.Clients; c += parts * threads {
		clients = append(clients, c)
	}
	return clients
}

func (s *Spec) size() int {
	parts := s.Processes()
	return (s.Clients - s.Part + parts - 1) / parts
}

// connectsAtOnce bounds the handshakes in flight of one thread, below the backlog
// that servers usually have.
const connectsAtOnce = 64

// slowestConnects is how many clients connect in a second, at least, or are not waited for:
// a server that takes fewer has no room for them, as one of 64 threads for 8,000, of which
// the backlog lets in a few each time that a SYN is sent again.
const slowestConnects = 1000

// connecting is how long the clients may take to connect, whatever their server does:
// one round of handshakes after the other if one thread makes them and each runs into
// the timeout, but no longer than one timeout beyond what the slowest take.
func (s *Spec) connecting() time.Duration {
	each := (s.Clients + s.Processes() - 1) / s.Processes()
	rounds := (each + connectsAtOnce - 1) / connectsAtOnce
	d := min(time.Duration(rounds)*s.ConnectTimeout, s.ConnectTimeout+time.Duration(s.Clients)*time.Second/slowestConnects)
	if s.ConnectRate > 0 {
		d += seconds(float64(s.Clients) / s.ConnectRate)
	}
	return d
}

// Longest is how long the load can take, whatever its server does: it connects,
// sends, and waits for the last answers. What the machine adds, to start a process or
// to merge its results, is not in it.
func (s *Spec) Longest() time.Duration {
	d := s.connecting()
	if s.ResponseBytes > 0 { // the probe
		d += s.ConnectTimeout + s.Timeout
	}
	if s.active() < s.Clients { // the idle ones are asked in the end
		d += s.Timeout
	}
	return d + s.Warmup + s.Duration + s.Timeout
}

// socketBuffer is the receive buffer that a datagram socket gets here, in bytes:
// the system's default, or Linux's own where that cannot be read.
func socketBuffer() int {
	b, err := os.ReadFile("/proc/sys/net/core/rmem_default")
	if err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			return n
		}
	}
	return 212992
}
