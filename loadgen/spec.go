// Package loadgen drives a server at any address and measures what it does. It
// knows no model.
//
//   - [Spec] says what to send. [Run] sends it: a few locked threads, each with
//     an epoll and, where there are some to have, io_urings, its own connections,
//     its own histograms and nothing shared while it runs.
//   - Package pace is when requests of an open loop are due.
//   - Package message is what a request looks like on the wire, and its answer.
//   - [Result] is what one process measured. Results of several processes merge,
//     and become a [results.Trial].
//   - [Serve] and [Clients] carry a Spec to a process of its own and a Result back.
//
// A request belongs to the measured window if it was due inside it, whenever its
// answer came; in a steady state what the window's end cuts off and what its
// beginning lets in cancel out. A failure belongs to the window if it was seen
// after the warm-up, so that clients which starve from the first moment on are
// not overlooked.
package loadgen

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"connbench/loadgen/message"
	"connbench/loadgen/pace"
	"connbench/models/wire"
	"connbench/results"
)

// Spec is a load: what one process, or several together, send to a server. It
// travels as JSON to the process that runs it; durations are in nanoseconds there.
type Spec struct {
	Network string `json:"network"` // tcp, unix or udp
	Address string `json:"address"` // host:port, or a path
	TLS     bool   `json:"tls"`     // over the stream; any certificate will do
	Framing string `json:"framing"` // the codec of package wire; on udp a datagram is the request

	Request string   `json:"request,omitempty"` // of http: method and path; "" for GET /
	Headers []string `json:"headers,omitempty"` // of http: each "NAME: VALUE"
	Command string   `json:"command,omitempty"` // of resp or memcache, in words; "" for ECHO {payload} or set key:{n} {payload}
	Keys    int      `json:"keys,omitempty"`    // from which {n} of those is drawn; 0 for 10,000

	Clients       int         `json:"clients"`              // connections, or sockets on udp
	PayloadBytes  int         `json:"payload_bytes"`        // of each request, if it has one; see [message.Request.Carries]
	Mix           message.Mix `json:"mix,omitempty"`        // instead, of which the seed draws each request's; PayloadBytes is its mean then
	ResponseBytes int         `json:"response_bytes"`       // of each answer; 0 for the request's own. With length framing only models of ours honour it
	FillBytes     int         `json:"fill_bytes,omitempty"` // of the value that is put under each key before the load, of one that gets them; 0 for none
	MaxFrame      int         `json:"max_frame"`            // the longest payload that the server takes
	Pipeline      int         `json:"pipeline"`             // requests a client may have unanswered; 0 for 1 in a closed loop, 64 in an open one of clients that have descriptors
	Threads       int         `json:"threads"`              // that drive the clients; 0 for one a CPU
	IO            IO          `json:"io"`                   // how they do it

	Rate            float64       `json:"rate"`              // requests a second of an open loop; 0 for a closed loop
	Profile         pace.Profile  `json:"profile,omitzero"`  // instead, of a rate that changes over the window
	Arrivals        Arrivals      `json:"arrivals"`          // of an open loop
	Think           time.Duration `json:"think"`             // of a closed loop: from an answer to the client's next request
	Resend          time.Duration `json:"resend"`            // on udp: until a request without an answer is sent again, see [DefaultSpec]; 0 for never
	RequestsPerConn int           `json:"requests_per_conn"` // after which a client connects anew; 0 for never
	ConnectRate     float64       `json:"connect_rate"`      // connections a second in the beginning; 0 for as fast as they come
	Active          float64       `json:"active"`            // share of the clients that send; the others, whom the seed draws, are connected and idle, and ask once when the load is over
	Slow            float64       `json:"slow"`              // share of those that send and read slowly, in a closed loop of their own

	Warmup         time.Duration `json:"warmup"`          // discarded
	Duration       time.Duration `json:"duration"`        // measured
	Slice          time.Duration `json:"slice,omitempty"` // of a closed loop that takes turns with others: how much of Duration is measured in each turn, see [Stages]; 0 for all
	Timeout        time.Duration `json:"timeout"`         // for an answer
	ConnectTimeout time.Duration `json:"connect_timeout"` // for a connection

	Live time.Duration `json:"live"` // between two looks at what it comes to while it runs, see [Stages]; 0 for none

	Seed uint64 `json:"seed"` // of payloads and of everything drawn

	// Of Parts processes that run this load together this one is number Part,
	// from 0, and has every Parts-th client; Clients and Rate are of all. Parts is 0
	// for as many as needed, see [Spec.Processes].
	Part  int `json:"part"`
	Parts int `json:"parts"`
}

// IO is how a thread reaches its connections.
type IO string

const (
	AutoIO  IO = "auto"     // by io_uring where the kernel has it and clients are many enough, with epoll for the rest
	EpollIO IO = "epoll"    // by epoll and a system call a message, everywhere
	UringIO IO = "io_uring" // what auto came to; not to be asked for
)

// DefaultSpec is a closed loop of one client. On udp it sends a request again as a resolver
// does: after 50 ms, the least that the resolver Unbound waits for an unknown server, and
// when round trips are known, after a timeout from those (RFC 6298) of 5 ms at least; with
// up to a quarter of jitter, and doubled each time. Payloads of less than 4 bytes are not
// sent again: a late answer could be taken for another's.
func DefaultSpec() Spec {
	return Spec{
		Network:        "tcp",
		Framing:        "length",
		Clients:        1,
		PayloadBytes:   64,
		MaxFrame:       wire.DefaultMaxPayload,
		Arrivals:       Poisson,
		Resend:         50 * time.Millisecond,
		Active:         1,
		IO:             AutoIO,
		Warmup:         500 * time.Millisecond,
		Duration:       5 * time.Second,
		Timeout:        5 * time.Second,
		ConnectTimeout: 5 * time.Second,
		Seed:           1,
	}
}

const (
	maxDatagram = 65507 // payload of UDP over IPv4
	// maxPipeline keeps the requests in flight within what a one-byte sequence
	// number can tell apart, with room for late answers.
	maxPipeline = 64
)

// SpecError is a Spec that cannot be run: what, what it was and what it may be.
type SpecError message.Error

func (e *SpecError) Error() string { return (*message.Error)(e).Error() }

// Message is what the load asks for.
func (s *Spec) Message() *message.Request {
	return &message.Request{
		Network: s.Network, Address: s.Address, Framing: s.Framing,
		Line: s.Request, Headers: s.Headers, Command: s.Command, Keys: s.Keys,
		PayloadBytes: s.PayloadBytes, ResponseBytes: s.ResponseBytes, FillBytes: s.FillBytes, Seed: s.Seed,
	}
}

// Validate reports the first thing in s that cannot be run here, as a
// [*SpecError].
func (s *Spec) Validate() error {
	if err := s.validateAddress(); err != nil {
		return err
	}
	if !slices.Contains(wire.Names(), s.Framing) {
		return &SpecError{"framing", s.Framing, strings.Join(wire.Names(), ", ")}
	}
	if err := s.Message().Validate(); err != nil {
		return (*SpecError)(err)
	}
	if s.IO != AutoIO && s.IO != EpollIO {
		return &SpecError{"client-io", s.IO, "auto or epoll"}
	}
	if err := s.validatePayloads(); err != nil {
		return err
	}
	for _, n := range []struct {
		field           string
		value, min, max int
		allowed         string
	}{
		{"max-frame", s.MaxFrame, 1, 1 << 30, "1 byte to 1 GiB"},
		{"pipeline", s.Pipeline, 0, maxPipeline, "0 for the loop's default, or 1 to 64 requests"},
		{"requests-per-conn", s.RequestsPerConn, 0, 1 << 30, "0 for no limit, or at least 1"},
		{"threads", s.Threads, 0, 1024, "0 for one a CPU, or 1 to 1024"},
	} {
		if n.value < n.min || n.value > n.max {
			return &SpecError{n.field, n.value, n.allowed}
		}
	}
	for _, d := range []struct {
		field           string
		value, min, max time.Duration
	}{
		{"warmup", s.Warmup, 0, longestLoad},
		{"duration", s.Duration, time.Millisecond, longestLoad},
		{"think", s.Think, 0, results.MaxLatency},
		{"resend", s.Resend, 0, results.MaxLatency},
		{"live", s.Live, 0, results.MaxLatency},
		{"timeout", s.Timeout, time.Millisecond, results.MaxLatency},
		{"connect-timeout", s.ConnectTimeout, time.Millisecond, results.MaxLatency},
	} {
		if d.value < d.min || d.value > d.max {
			return &SpecError{d.field, d.value, fmt.Sprintf("%v to %v", d.min, d.max)}
		}
	}
	if err := s.validateLoop(); err != nil {
		return err
	}
	return s.validateClients()
}

// validatePayloads reports payloads that a request cannot have, and a mix that cannot be.
func (s *Spec) validatePayloads() error {
	longest, why := s.MaxFrame, fmt.Sprintf("1 byte to the maximum frame of %s, which --max-frame sets", results.Bytes(int64(s.MaxFrame)))
	if s.Network == "udp" && longest > maxDatagram {
		longest, why = maxDatagram, "1 to 65507 bytes in a datagram"
	}
	least, most := s.Mix.Range(s.PayloadBytes)
	switch {
	case least < 1 && s.Message().Carries() || least < 0 || most > longest:
		return &SpecError{"payload", s.payload(), why}
	case len(s.Mix) > 0 && s.Mix.Validate() != "":
		return &SpecError{"payload", s.payload(), s.Mix.Validate()}
	case len(s.Mix) > 0 && !s.Message().Carries():
		return &SpecError{"payload", s.payload(), "one size with '" + s.Message().Asks() + "', whose answer it is"}
	}
	return nil
}

func (s *Spec) payload() any {
	if len(s.Mix) > 0 {
		return s.Mix
	}
	return s.PayloadBytes
}

func (s *Spec) longest() *message.Request {
	r := s.Message()
	_, r.PayloadBytes = s.Mix.Range(s.PayloadBytes)
	return r
}

// longestLoad is a week: what is tested for longer is in use.
const longestLoad = 7 * 24 * time.Hour

// longestPath is what the kernel's address of a Unix socket has room for.
const longestPath = 107

func (s *Spec) validateAddress() error {
	switch s.Network {
	case "tcp", "udp":
		if strings.Contains(s.Address, "/") {
			return &SpecError{"address", s.Address, "host:port; for the socket of that path add --network unix"}
		}
		if _, _, err := net.SplitHostPort(s.Address); err != nil {
			return &SpecError{"address", s.Address, "host:port"}
		}
	case "unix":
		if s.Address == "" {
			return &SpecError{"address", `""`, "the path of a socket"}
		}
		if len(s.Address) > longestPath {
			return &SpecError{"address", s.Address, fmt.Sprintf("a path of up to %d bytes, where this has %d", longestPath, len(s.Address))}
		}
	default:
		return &SpecError{"network", s.Network, "tcp, unix or udp"}
	}
	return nil
}

func (s *Spec) validateClients() error {
	if s.Clients < 1 {
		return &SpecError{"clients", s.Clients, "at least 1"}
	}
	if s.Parts < 0 || s.Parts > maxProcesses {
		return &SpecError{"client-processes", s.Parts, fmt.Sprintf("0 for as many as needed, or up to %d", maxProcesses)}
	}
	if parts := s.Processes(); s.Part < 0 || s.Part >= parts || parts > s.Clients {
		return &SpecError{"client-processes", parts, "at most one a client"}
	}
	limit, err := descriptorLimit()
	switch {
	case err != nil || uint64(s.size())+results.SpareDescriptors <= limit || s.tabled():
		return nil
	case limit <= results.SpareDescriptors:
		return &SpecError{"clients", s.Clients, fmt.Sprintf(
			"none here: a process may open %d files and needs %d for itself; `ulimit -n` raises the limit up to the hard one", limit, results.SpareDescriptors)}
	}
	return &SpecError{"clients", s.Clients, fmt.Sprintf(
		"at most %d in a process: it may open %d files here and needs %d for itself; `ulimit -n` raises the limit up to the hard one, "+
			"and io_uring goes beyond it, up to %d, on streams without TLS, slow clients, --pipeline or requests over %s",
		limit-results.SpareDescriptors, limit, results.SpareDescriptors, mostTabled(), results.Bytes(tablePayload))}
}
