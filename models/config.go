package models

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"connbench/models/kernel"
	"connbench/models/wire"
)

// Framing says where a request ends in a stream.
type Framing string

const (
	// Length: each request and reply is a frame of package wire.
	Length Framing = "length"
	// Raw: bytes go back as they come, so that any echo client works.
	Raw Framing = "raw"
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

	Framing    Framing
	MaxFrame   int // longest payload, in bytes
	ReadBuffer int // bytes asked for in one read, and held for it

	RecvBuffer int  // SO_RCVBUF in bytes, 0 for the kernel's default
	SendBuffer int  // SO_SNDBUF in bytes, 0 for the kernel's default
	Backlog    int  // connections not yet accepted, 0 for net.core.somaxconn
	NoDelay    bool // TCP_NODELAY
	ReuseAddr  bool // SO_REUSEADDR
	ReusePort  bool // SO_REUSEPORT

	IdleTimeout time.Duration // a connection without progress for this long is closed, 0 for never
	TLS         bool          // TLS 1.3, with a certificate of the server's own making

	Workers   int // of a pool, 0 for [DefaultWorkers]; most threads of one per connection, 0 for what the system has room for
	Loops     int // of a reactor, or sockets of udp-multi; 0 for one a core
	Processes int // of prefork, 0 for GOMAXPROCS
	Spread    Spread
	Trigger   Trigger
	Work      Work

	perform func(payload []byte) // Work; nil for nothing. See [Model.Listen]
}

// Sizes in bytes that hold where nobody says otherwise.
const (
	DefaultReadBuffer = 16 << 10
	DefaultWorkers    = 64
)

// DefaultConfig is a TCP server on a free port of the loopback interface.
func DefaultConfig() Config {
	return Config{
		Network:    "tcp",
		Address:    "127.0.0.1:0",
		Framing:    Length,
		MaxFrame:   wire.DefaultMaxPayload,
		ReadBuffer: DefaultReadBuffer,
		NoDelay:    true,
		ReuseAddr:  true,
		Work:       Echo,
		Spread:     SpreadAcceptor,
		Trigger:    TriggerLevel,
	}
}

// Knob names a field of Config as the command line does.
type Knob string

// The knobs that not every model honours. Network, Address, MaxFrame and Work
// are honoured by all.
const (
	KnobFraming     Knob = "framing"
	KnobReadBuffer  Knob = "read-buffer"
	KnobRecvBuffer  Knob = "rcvbuf"
	KnobSendBuffer  Knob = "sndbuf"
	KnobBacklog     Knob = "backlog"
	KnobNoDelay     Knob = "nodelay"
	KnobReuseAddr   Knob = "reuseaddr"
	KnobReusePort   Knob = "reuseport"
	KnobIdleTimeout Knob = "idle-timeout"
	KnobWorkers     Knob = "workers"
	KnobLoops       Knob = "loops"
	KnobProcesses   Knob = "processes"
	KnobSpread      Knob = "spread"
	KnobTrigger     Knob = "trigger"
	KnobTLS         Knob = "tls"
)

// StreamKnobs are those of every stream server, and more.
func StreamKnobs(more ...Knob) []Knob {
	return append([]Knob{
		KnobFraming, KnobReadBuffer, KnobRecvBuffer, KnobSendBuffer, KnobBacklog,
		KnobNoDelay, KnobReuseAddr, KnobReusePort, KnobIdleTimeout,
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

// numbers are the knobs with a range.
var numbers = []struct {
	knob     string
	value    func(*Config) int
	min, max int
	allowed  string
}{
	{"max-frame", func(c *Config) int { return c.MaxFrame }, 1, 1 << 30, "1 byte to 1 GiB"},
	{"read-buffer", func(c *Config) int { return c.ReadBuffer }, 1, 64 << 20, "1 byte to 64 MiB"},
	{"rcvbuf", func(c *Config) int { return c.RecvBuffer }, 0, 1 << 30, "0 for the kernel's default, or up to 1 GiB"},
	{"sndbuf", func(c *Config) int { return c.SendBuffer }, 0, 1 << 30, "0 for the kernel's default, or up to 1 GiB"},
	{"backlog", func(c *Config) int { return c.Backlog }, 0, 65535, "0 for net.core.somaxconn, or 1 to 65535"},
	{"workers", func(c *Config) int { return c.Workers }, 0, 1 << 20, "0 for the default, or 1 to 1048576"},
	{"loops", func(c *Config) int { return c.Loops }, 0, 1024, "0 for the default, or 1 to 1024"},
	{"processes", func(c *Config) int { return c.Processes }, 0, 1024, "0 for the default, or 1 to 1024"},
}

// optional reads each knob that a model may not honour.
var optional = []struct {
	knob  Knob
	value func(*Config) any
}{
	{KnobFraming, func(c *Config) any { return c.Framing }},
	{KnobReadBuffer, func(c *Config) any { return c.ReadBuffer }},
	{KnobRecvBuffer, func(c *Config) any { return c.RecvBuffer }},
	{KnobSendBuffer, func(c *Config) any { return c.SendBuffer }},
	{KnobBacklog, func(c *Config) any { return c.Backlog }},
	{KnobNoDelay, func(c *Config) any { return c.NoDelay }},
	{KnobReuseAddr, func(c *Config) any { return c.ReuseAddr }},
	{KnobReusePort, func(c *Config) any { return c.ReusePort }},
	{KnobIdleTimeout, func(c *Config) any { return c.IdleTimeout }},
	{KnobWorkers, func(c *Config) any { return c.Workers }},
	{KnobLoops, func(c *Config) any { return c.Loops }},
	{KnobProcesses, func(c *Config) any { return c.Processes }},
	{KnobSpread, func(c *Config) any { return c.Spread }},
	{KnobTrigger, func(c *Config) any { return c.Trigger }},
	{KnobTLS, func(c *Config) any { return c.TLS }},
}

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
	if cfg.Framing != Length && cfg.Framing != Raw {
		return &ConfigError{"framing", cfg.Framing, "length or raw"}
	}
	if cfg.Spread != SpreadAcceptor && cfg.Spread != SpreadReusePort {
		return &ConfigError{"spread", cfg.Spread, "acceptor or reuseport"}
	}
	if cfg.Spread == SpreadReusePort && cfg.Network == "unix" {
		return &ConfigError{"spread", cfg.Spread, "acceptor, on the unix network"}
	}
	if cfg.Trigger != TriggerLevel && cfg.Trigger != TriggerEdge {
		return &ConfigError{"trigger", cfg.Trigger, "level or edge"}
	}
	if _, _, ok := cfg.Work.split(); !ok {
		return &ConfigError{"work", cfg.Work, workAllowed}
	}
	for _, n := range numbers {
		if v := n.value(&cfg); v < n.min || v > n.max {
			return &ConfigError{n.knob, v, n.allowed}
		}
	}
	if cfg.IdleTimeout < 0 || cfg.IdleTimeout > 24*time.Hour {
		return &ConfigError{"idle-timeout", cfg.IdleTimeout, "0 for never, or up to 24h"}
	}
	standard := DefaultConfig()
	for _, k := range optional {
		if v := k.value(&cfg); v != k.value(&standard) && !slices.Contains(m.Knobs, k.knob) {
			return &ConfigError{string(k.knob), v, m.lacks(k.knob)}
		}
	}
	return nil
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
func (c *Config) Perform() func(payload []byte) { return c.perform }
