package models

import (
	"fmt"
	"slices"
	"strings"

	"connbench/models/kernel"
	"connbench/models/wire"
)

// Framing names the codec of package wire that streams are in: it says where a request
// ends, and what it is answered with.
type Framing string

const (
	Length   Framing = wire.LengthCodec
	Raw      Framing = wire.RawCodec
	Line     Framing = wire.LineCodec
	RESP     Framing = wire.RESPCodec
	Memcache Framing = wire.MemcacheCodec
	HTTP     Framing = wire.HTTPCodec
)

// Spread says how connections are spread over the loops of a reactor.
type Spread string

const (
	// SpreadAcceptor: one loop accepts, and gives connections to all in turn.
	SpreadAcceptor Spread = "acceptor"
	// SpreadReusePort: each loop accepts from a socket of its own on the same
	// address, among which the kernel chooses by a hash (SO_REUSEPORT). Each has
	// a backlog of the size given.
	SpreadReusePort Spread = "reuseport"
)

// Trigger says when epoll reports a connection.
type Trigger string

const (
	// TriggerLevel: as long as there is something to read.
	TriggerLevel Trigger = "level"
	// TriggerEdge: each time that something has arrived.
	TriggerEdge Trigger = "edge"
)

// Config is what a server is told. The zero value is not valid; start from
// [DefaultConfig].
type Config struct {
	Network string // tcp, unix or udp
	Address string // host:port, port 0 for any; a path for unix

	Framing      Framing
	MaxFrame     int // longest payload, in bytes
	ResponseSize int // of HTTP: the length of the reply to GET /, in bytes
	Work         Work
	Knobs

	perform func(request []byte) // Work; nil for nothing. See [Model.Listen]
	codec   wire.Codec           // of Framing
}

const (
	DefaultReadBuffer = 16 << 10 // bytes
	DefaultWorkers    = 64
)

// DefaultConfig is a TCP server on a free port of the loopback interface.
func DefaultConfig() Config {
	return Config{
		Network:  "tcp",
		Address:  "127.0.0.1:0",
		Framing:  Length,
		MaxFrame: wire.DefaultMaxPayload,
		Work:     Echo,
		Knobs:    DefaultKnobs(),
	}
}

// StreamKnobs are those of every stream server, and more.
func StreamKnobs(more ...Knob) []Knob {
	return append([]Knob{
		KnobFraming, KnobReadBuffer, KnobRecvBuffer, KnobSendBuffer, KnobBacklog,
		KnobNoDelay, KnobReuseAddr, KnobReusePort, KnobProcesses, KnobIdleTimeout,
	}, more...)
}

// NetConnKnobs are those of every server on net.Conn, which crypto/tls can wrap, and more.
func NetConnKnobs(more ...Knob) []Knob {
	return append(StreamKnobs(KnobTLS), more...)
}

// ConfigError is a Config that a model cannot run with.
type ConfigError struct {
	Knob    string // what
	Value   any    // what it was
	Allowed string // what it may be
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("%s: %v is not allowed (%s)", e.Knob, e.Value, e.Allowed)
}

var framingAllowed = strings.Join(wire.Names(), ", ")

// Check reports the first thing in cfg that the model cannot honour, as a
// [*ConfigError].
func (m Model) Check(cfg Config) error {
	if !slices.Contains(m.Networks, cfg.Network) {
		return &ConfigError{"network", cfg.Network, fmt.Sprintf("%s serves %s", m.Name, strings.Join(m.Networks, ", "))}
	}
	if cfg.Address == "" {
		return &ConfigError{"addr", `""`, "host:port, or a path on the unix network"}
	}
	if cfg.Network != "unix" && strings.Contains(cfg.Address, "/") {
		return &ConfigError{"addr", cfg.Address, "host:port; for a socket of that path add --network unix"}
	}
	if !slices.Contains(wire.Names(), string(cfg.Framing)) {
		return &ConfigError{"framing", cfg.Framing, framingAllowed}
	}
	if cfg.Processes > 1 && cfg.Network == "unix" {
		return &ConfigError{string(KnobProcesses), cfg.Processes, "one on the unix network, which has no SO_REUSEPORT"}
	}
	if cfg.Spread == SpreadReusePort && cfg.Network == "unix" {
		return &ConfigError{"spread", cfg.Spread, "acceptor, on the unix network"}
	}
	if _, _, ok := cfg.Work.split(); !ok {
		return &ConfigError{"work", cfg.Work, workAllowed}
	}
	if cfg.MaxFrame < 1 || cfg.MaxFrame > 1<<30 {
		return &ConfigError{"max-frame", cfg.MaxFrame, "1 byte to 1 GiB"}
	}
	if cfg.ResponseSize < 0 || cfg.ResponseSize > cfg.MaxFrame || cfg.ResponseSize > 0 && cfg.Framing != HTTP {
		return &ConfigError{"response-size", cfg.ResponseSize, fmt.Sprintf("of http, up to the maximum frame of %d bytes", cfg.MaxFrame)}
	}
	return m.checkKnobs(&cfg)
}

// SocketOptions are those of the listening socket, and of connections.
func (c *Config) SocketOptions() kernel.SocketOptions {
	return kernel.SocketOptions{
		RecvBuffer: c.RecvBuffer,
		SendBuffer: c.SendBuffer,
		Backlog:    c.Backlog,
		Nagle:      !c.NoDelay,
		ReuseAddr:  c.ReuseAddr,
		ReusePort:  c.ReusePort,
	}
}

// Perform does the Work for a request; it is nil where there is nothing to do, and
// before [Model.Listen].
func (c *Config) Perform() func(request []byte) { return c.perform }

// Codec is that of the Framing, or of datagrams, each of which is a request. After
// [Model.Listen] it is one for the whole server.
func (c *Config) Codec() wire.Codec {
	if c.codec != nil {
		return c.codec
	}
	return c.open()
}

func (c *Config) open() wire.Codec {
	framing := c.Framing
	if c.Network == "udp" {
		framing = Raw
	}
	return wire.Open(string(framing), wire.Options{MaxPayload: c.MaxFrame, Response: c.ResponseSize})
}
