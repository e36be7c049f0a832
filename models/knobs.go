package models

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Knobs are what a server is told that not every model honours. The tags of a field are all
// there is to say of a knob: its flag (name, default, help and the like, as kong reads them;
// type size for bytes), and what it may be: choices, or from min to max, which allowed has in
// words. See the package's doc for how to add one.
type Knobs struct {
	ReadBuffer  int           `name:"read-buffer" type:"size" default:"16KiB" min:"1" max:"64MiB" allowed:"1 byte to 64 MiB" help:"The server's user buffer for one read."`
	RecvBuffer  int           `name:"rcvbuf" type:"size" default:"0" max:"1GiB" allowed:"0 for the kernel's default, or up to 1 GiB" help:"SO_RCVBUF of the server's sockets; 0 for the kernel's default."`
	SendBuffer  int           `name:"sndbuf" type:"size" default:"0" max:"1GiB" allowed:"0 for the kernel's default, or up to 1 GiB" help:"SO_SNDBUF of the server's sockets; 0 for the kernel's default."`
	Backlog     int           `name:"backlog" default:"0" max:"65535" allowed:"0 for net.core.somaxconn, or 1 to 65535" help:"Connections not yet accepted; 0 for net.core.somaxconn."`
	NoDelay     bool          `name:"nodelay" default:"true" negatable:"" help:"TCP_NODELAY; on by default."`
	ReuseAddr   bool          `name:"reuseaddr" default:"true" negatable:"" help:"SO_REUSEADDR; on by default."`
	ReusePort   bool          `name:"reuseport" help:"SO_REUSEPORT; off by default."`
	IdleTimeout time.Duration `name:"idle-timeout" default:"0" max:"24h" allowed:"0 for never, or up to 24h" help:"Close a connection without progress after this; 0 for never."`
	Workers     int           `name:"workers" default:"0" max:"1048576" allowed:"0 for the default, or 1 to 1048576" help:"Workers of a pool, or the most threads of a row with one per connection; 0 for its default, which for threads is what the system has room for."`
	Loops       int           `name:"loops" default:"0" max:"1024" allowed:"0 for the default, or 1 to 1024" help:"Loops that serve; 0 for one a core, of third-party engines for one."`
	Spread      Spread        `name:"spread" default:"acceptor" choices:"acceptor,reuseport" placeholder:"acceptor|reuseport" help:"How connections are spread over loops: by one acceptor in turn, or by the kernel to sockets with SO_REUSEPORT. By default acceptor."`
	Trigger     Trigger       `name:"trigger" default:"level" choices:"level,edge" placeholder:"level|edge" help:"When epoll reports a connection: level, as long as there is something to read, or edge, each time that something has arrived. By default level."`
	Processes   int           `name:"processes" default:"0" max:"1024" allowed:"0 for the default, or 1 to 1024" help:"Processes that share the port by SO_REUSEPORT, each the same server; 0 for one, and of prefork for as many as there are CPUs to run on."`
	Direct      bool          `name:"direct" help:"Of uring: connections as direct descriptors in tables of files, one with a ring of its own for as many as a process may have descriptors; off by default."`
	TLS         bool          `name:"tls" help:"TLS 1.3, with a certificate of the server's own making; off by default."`
}

// Knob names a field of [Knobs] as the command line does, or the framing of a [Config].
type Knob string

// KnobFraming is that of the framing.
const KnobFraming Knob = "framing"

// The knobs that are told apart by name. Network, Address, MaxFrame and Work are honoured by
// all models.
const (
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
	KnobDirect      Knob = "direct"
	KnobTLS         Knob = "tls"
)

// knob is a field of Knobs as its tags have it.
type knob struct {
	Knob
	field    int
	standard string
	choices  []string // of a text
	min, max int64    // of a number
	allowed  string
}

var knobs = func() (all []knob) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Knobs]()) {
		k := knob{Knob: Knob(f.Tag.Get("name")), field: f.Index[0], standard: f.Tag.Get("default"), allowed: f.Tag.Get("allowed")}
		switch f.Type.Kind() {
		case reflect.Bool:
			k.allowed = "true or false"
		case reflect.String:
			k.choices = strings.Split(f.Tag.Get("choices"), ",")
			k.allowed = strings.Join(k.choices, " or ")
		default:
			k.min, k.max = number(f.Tag.Get("min")), number(f.Tag.Get("max"))
		}
		all = append(all, k)
	}
	return all
}()

// number reads one of a tag, of bytes as 16KiB, or a duration; 0 where there is none.
func number(text string) int64 {
	if d, err := time.ParseDuration(text); err == nil {
		return int64(d)
	}
	shift := 0
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			text, shift = digits, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && text != "" {
		panic("models: " + err.Error())
	}
	return n << shift
}

// DefaultKnobs are what holds where nobody says otherwise.
func DefaultKnobs() (defaults Knobs) {
	for _, k := range knobs {
		switch v := reflect.ValueOf(&defaults).Elem().Field(k.field); v.Kind() {
		case reflect.Bool:
			v.SetBool(k.standard == "true")
		case reflect.String:
			v.SetString(k.standard)
		default:
			v.SetInt(number(k.standard))
		}
	}
	return defaults
}

func (k *knob) check(v reflect.Value) error {
	if k.choices != nil && !slices.Contains(k.choices, v.String()) || v.CanInt() && (v.Int() < k.min || v.Int() > k.max) {
		return &ConfigError{string(k.Knob), v.Interface(), k.allowed}
	}
	return nil
}

// checkKnobs reports the first knob that is turned to what nobody allows, or that the model
// has not.
func (m Model) checkKnobs(cfg *Config) error {
	if m.Framings == nil && cfg.Framing != Length && !m.Honours(KnobFraming) {
		return &ConfigError{string(KnobFraming), cfg.Framing, m.lacks(KnobFraming)}
	}
	if m.Framings != nil && !slices.Contains(m.Framings, cfg.Framing) {
		return &ConfigError{string(KnobFraming), cfg.Framing, m.speaks()}
	}
	told, standard := reflect.ValueOf(cfg.Knobs), reflect.ValueOf(DefaultKnobs())
	for _, k := range knobs {
		if err := k.check(told.Field(k.field)); err != nil {
			return err
		}
	}
	for _, k := range knobs {
		if v := told.Field(k.field); !v.Equal(standard.Field(k.field)) && !m.Honours(k.Knob) {
			return &ConfigError{string(k.Knob), v.Interface(), m.lacks(k.Knob)}
		}
	}
	return nil
}

// Allowed says what the knob may be set to, in a few words.
func (k Knob) Allowed() string {
	if k == KnobFraming {
		return framingAllowed
	}
	for _, other := range knobs {
		if other.Knob == k {
			return other.allowed
		}
	}
	return ""
}

// AllKnobs lists the knobs that not every model honours.
func AllKnobs() []Knob {
	all := []Knob{KnobFraming}
	for _, k := range knobs {
		all = append(all, k.Knob)
	}
	return all
}

// Honours reports whether the model has a knob.
func (m Model) Honours(k Knob) bool { return slices.Contains(m.Knobs, k) }

func (m Model) speaks() string {
	names := make([]string, len(m.Framings))
	for i, f := range m.Framings {
		names[i] = string(f)
	}
	return m.Name + " speaks " + strings.Join(names, ", ")
}

func (m Model) lacks(k Knob) string {
	switch {
	case k != KnobTLS:
		return m.Name + " has no such knob"
	case slices.Contains(m.Networks, "tcp"):
		return m.Name + " reads its descriptors itself, beneath crypto/tls"
	default:
		return m.Name + " serves datagrams, and TLS is of streams"
	}
}
