package loadgen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"connbench/loadgen/pace"
	"connbench/models/wire"
	"connbench/results"
)

func (s *Spec) validateLoop() error {
	switch {
	case s.ResponseBytes != 0 && (s.Network == "udp" || s.Framing != wire.LengthCodec && s.Framing != wire.HTTPCodec):
		return &SpecError{"response-size", s.ResponseBytes, "only on a stream with length framing, where a request has a field for it, or with http"}
	case s.ResponseBytes != 0 && s.Framing == wire.LengthCodec && s.shortest() < wire.SizeField:
		return &SpecError{"payload", s.payload(), fmt.Sprintf("at least %d bytes with --response-size, which is a field of the request", wire.SizeField)}
	case s.ResponseBytes < 0 || s.ResponseBytes > wire.MostReply(s.depth(), s.MaxFrame):
		return &SpecError{"response-size", s.ResponseBytes, fmt.Sprintf("with a pipeline of %d, up to %d bytes: the answers in flight fit the maximum frame", s.depth(), wire.MostReply(s.depth(), s.MaxFrame))}
	case s.FillBytes < 0 || s.FillBytes > wire.MostReply(s.depth(), s.MaxFrame):
		return &SpecError{"fill", s.FillBytes, fmt.Sprintf("with a pipeline of %d, up to %d bytes: the answers in flight fit the maximum frame", s.depth(), wire.MostReply(s.depth(), s.MaxFrame))}
	case s.Rate != 0 && s.constant().Validate(s.Duration) != "":
		return &SpecError{"rate", s.Rate, s.constant().Validate(s.Duration)}
	case s.Rate != 0 && !s.Profile.IsZero():
		return &SpecError{"rate", s.Rate, "none beside a profile, which has its own"}
	case !s.Profile.IsZero() && s.Profile.Validate(s.Duration) != "":
		return &SpecError{"rate", s.Profile, s.Profile.Validate(s.Duration)}
	case s.Arrivals != Constant && s.Arrivals != Poisson:
		return &SpecError{"arrivals", s.Arrivals, "constant or poisson"}
	case s.Slice < 0 || s.Slice > 0 && !(s.Slice >= time.Millisecond && s.InTurns()):
		return &SpecError{"slice", s.Slice, "0, or at least 1ms in a closed loop of one client process whose clients stay connected and do not pause"}
	case s.Open() && s.Think > 0:
		return &SpecError{"think", s.Think, "only in a closed loop, and --rate makes an open one"}
	case !(s.ConnectRate >= 0 && s.ConnectRate <= pace.MaxRate):
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
	case s.Network == "udp" && s.Pipeline > s.buffered():
		return &SpecError{"pipeline", s.Pipeline, fmt.Sprintf("at most %d datagrams of %s in the client's receive buffer of %s (net.core.rmem_default)",
			s.buffered(), results.Bytes(int64(s.longest().PayloadBytes)), results.Bytes(int64(socketBuffer())))}
	}
	return nil
}

// datagramOverhead is about what the kernel charges a receive buffer for a
// datagram beside its payload.
const datagramOverhead = 768

func (s *Spec) shortest() int {
	least, _ := s.Mix.Range(s.PayloadBytes)
	return least
}

// buffered is how many answers the receive buffer of a datagram socket has room for.
func (s *Spec) buffered() int { return socketBuffer() / (s.longest().PayloadBytes + datagramOverhead) }

// InTurns reports whether the load can take turns with others: when it rests nothing of it may
// be under way.
func (s *Spec) InTurns() bool {
	return !s.Open() && s.Think == 0 && s.RequestsPerConn == 0 && s.Slow == 0 && s.Processes() == 1
}

// What is discarded in the beginning of a turn: a server that has slept for a second finds nothing
// of its own in the CPU's caches, and clients that begin all at once take some twenty round trips to
// spread. With 5 ms at 256 clients a server of a thread each took 13 % less CPU a request than in
// whole trials, with 20 ms as much.
const (
	leastLead = 5 * time.Millisecond
	leadEach  = 80 * time.Microsecond // of the clients
)

func (s *Spec) lead() time.Duration { return max(leastLead, time.Duration(s.Clients)*leadEach) }

// turn is how long is measured in a turn: as long as is discarded, at the least.
func (s *Spec) turn() time.Duration {
	if s.Slice == 0 {
		return s.Duration
	}
	return min(max(s.Slice, s.lead()), s.Duration)
}

// Turns is in how many slices the load is measured.
func (s *Spec) Turns() int { return int((s.Duration + s.turn() - 1) / s.turn()) }

// Open reports whether the load is an open loop.
func (s *Spec) Open() bool { return s.Rate > 0 || !s.Profile.IsZero() }

func (s *Spec) depth() int {
	switch {
	case s.Pipeline > 0:
		return s.Pipeline
	case s.tabled():
		return 1
	case s.Open() && s.Network == "udp":
		return max(1, min(maxPipeline, s.buffered()))
	case s.Open() && s.Framing != wire.HTTPCodec: // whose clients seldom do
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
		d += pace.Seconds(float64(s.Clients) / s.ConnectRate)
	}
	return d
}

// calling is how long the idle clients may take to be answered, who are asked in the end.
func (s *Spec) calling() time.Duration {
	return s.Timeout + time.Duration(s.Clients-s.active())*time.Second/slowestConnects
}

// slowestFill is how many keys are put in a second, at least.
const slowestFill = 1000

// Longest is how long the load can take, whatever its server does: it connects,
// sends, and waits for the last answers. What the machine adds, to start a process or
// to merge its results, is not in it.
func (s *Spec) Longest() time.Duration {
	d := s.connecting()
	if s.probes() {
		d += s.ConnectTimeout + s.Timeout
	}
	if s.FillBytes > 0 {
		d += s.ConnectTimeout + s.Timeout + time.Duration(s.Message().KeySpace())*time.Second/slowestFill
	}
	if s.active() < s.Clients {
		d += s.calling()
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

// Arrivals is how the requests of an open loop are spread in time.
type Arrivals = pace.Arrivals

const (
	Constant = pace.Constant
	Poisson  = pace.Poisson
)

// Schedule is the share of the given clients in the open loop; see [pace.New].
func (s *Spec) Schedule(total int, clients []int) *pace.Schedule {
	return pace.New(s.Arrivals, s.curve(), total, clients, s.Seed)
}

func (s *Spec) constant() pace.Profile { return pace.Profile{Rate: s.Rate} }

// curve is the requests of an open loop over time, from its warm-up on.
func (s *Spec) curve() pace.Curve {
	if s.Profile.IsZero() {
		return s.constant().Curve(s.Warmup)
	}
	return s.Profile.Curve(s.Warmup)
}

const never = pace.Never
