package main

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/models"
	"connbench/models/kernel"

	"github.com/alecthomas/kong"
)

// serverKnobs are the flags of a server's Config that not every row has, of serve and
// of run.
type serverKnobs struct {
	ReadBuffer  sweep.Size    `group:"Knobs of servers" help:"The server's user buffer for one read." default:"16KiB"`
	RecvBuffer  sweep.Size    `name:"rcvbuf" group:"Knobs of servers" help:"SO_RCVBUF of the server's sockets; 0 for the kernel's default." default:"0"`
	SendBuffer  sweep.Size    `name:"sndbuf" group:"Knobs of servers" help:"SO_SNDBUF of the server's sockets; 0 for the kernel's default." default:"0"`
	Backlog     int           `group:"Knobs of servers" help:"Connections not yet accepted; 0 for net.core.somaxconn." default:"0"`
	NoDelay     bool          `name:"nodelay" group:"Knobs of servers" help:"TCP_NODELAY; on by default." default:"true" negatable:""`
	ReuseAddr   bool          `name:"reuseaddr" group:"Knobs of servers" help:"SO_REUSEADDR; on by default." default:"true" negatable:""`
	ReusePort   bool          `name:"reuseport" group:"Knobs of servers" help:"SO_REUSEPORT; off by default."`
	IdleTimeout time.Duration `group:"Knobs of servers" help:"Close a connection without progress after this; 0 for never." default:"0"`
	Workers     int           `group:"Knobs of servers" help:"Workers of a pool, or the most threads of a row with one per connection; 0 for its default, which for threads is what the system has room for." default:"0"`
	Loops       int           `group:"Knobs of servers" help:"Loops that serve; 0 for one a core, of third-party engines for one." default:"0"`
	Spread      string        `group:"Knobs of servers" help:"How connections are spread over loops: by one acceptor in turn, or by the kernel to sockets with SO_REUSEPORT. By default acceptor." default:"acceptor" placeholder:"acceptor|reuseport"`
	Trigger     string        `group:"Knobs of servers" help:"When epoll reports a connection: level, as long as there is something to read, or edge, each time that something has arrived. By default level." default:"level" placeholder:"level|edge"`
	Processes   int           `group:"Knobs of servers" help:"Processes of prefork; 0 for as many as there are CPUs to run on." default:"0"`
	TLS         bool          `name:"tls" group:"Knobs of servers" help:"TLS 1.3, with a certificate of the server's own making; off by default."`
}

// values are the knobs by the names of their flags.
func (k *serverKnobs) values() map[models.Knob]any {
	all := map[models.Knob]any{}
	eachFlag(reflect.ValueOf(k).Elem(), func(name, _ string, value reflect.Value) { all[models.Knob(name)] = value.Interface() })
	return all
}

// set puts each knob into the field of a Config that has its name.
func (k *serverKnobs) set(cfg *models.Config) {
	to := reflect.ValueOf(cfg).Elem()
	eachFlag(reflect.ValueOf(k).Elem(), func(_, field string, value reflect.Value) {
		f := to.FieldByName(field)
		f.Set(value.Convert(f.Type()))
	})
}

// text is a knob as its flag takes it.
func (k *serverKnobs) text(knob models.Knob) string {
	value := k.values()[knob]
	if size, ok := value.(encoding.TextMarshaler); ok {
		text, _ := size.MarshalText()
		return string(text)
	}
	return fmt.Sprint(value)
}

// putKnobs puts those that are given into a plan.
func (k *serverKnobs) putKnobs(plan *sweep.Plan, given []string) {
	for knob := range k.values() {
		if !slices.Contains(given, string(knob)) {
			continue
		}
		if plan.Knobs == nil {
			plan.Knobs = map[string]string{}
		}
		plan.Knobs[string(knob)] = k.text(knob)
	}
}

// read takes the knobs from a plan, in which they are afterwards as text writes them.
func (k *serverKnobs) read(plan *sweep.Plan) error {
	known := k.values()
	for name := range plan.Knobs {
		if _, ok := known[models.Knob(name)]; !ok {
			allowed := "of " + list(slices.Sorted(maps.Keys(known)))
			return &models.ConfigError{Knob: "knobs", Value: name, Allowed: allowed}
		}
	}
	parser, err := kong.New(k)
	if err == nil {
		_, err = parser.Parse(knobFlags(plan.Knobs))
	}
	if err != nil {
		return usage(err)
	}
	for name := range plan.Knobs {
		plan.Knobs[name] = k.text(models.Knob(name))
	}
	return nil
}

// knobFlags are a plan's knobs as flags of serve.
func knobFlags(knobs map[string]string) []string {
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(knobs)) {
		flags = append(flags, "--"+name+"="+knobs[name])
	}
	return flags
}

// lackError is that a model has no such knob, where others have.
type lackError struct{ *models.ConfigError }

func (e *lackError) Unwrap() error { return e.ConfigError }

// lacks marks the error of a Config that a model cannot run with, if it is one.
func lacks(m models.Model, err error) error {
	var config *models.ConfigError
	if !errors.As(err, &config) {
		return err
	}
	knob := models.Knob(config.Knob)
	if slices.Contains(models.Knobs(), knob) && knob != models.KnobFraming && !m.Honours(knob) {
		return &lackError{config}
	}
	return err
}

func list[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}

// askedOf is what a Config asks of the kernel that it may cut.
func askedOf(cfg *models.Config) kernel.SocketOptions {
	return kernel.SocketOptions{RecvBuffer: cfg.RecvBuffer, SendBuffer: cfg.SendBuffer, Backlog: cfg.Backlog}
}

// effective is what a server that listens has of the kernel, nil where that is not known:
// buffers where they were asked for, and of a stream its backlog.
func effective(cfg *models.Config, server models.Server) *kernel.Effective {
	tried, err := kernel.Try(cfg.Network, askedOf(cfg))
	if err != nil {
		return nil
	}
	came, err := kernel.ReadBack(cfg.Network, server.Addr())
	if err != nil {
		came = tried // as of prefork, whose children have the socket
	}
	came.Backlog = cmp.Or(came.Backlog, tried.Backlog)
	if cfg.RecvBuffer == 0 {
		came.RecvBuffer = 0
	}
	if cfg.SendBuffer == 0 {
		came.SendBuffer = 0
	}
	return &came
}

// cuts says which of a plan's knobs the kernel cuts on its network, as far as it says so.
func cuts(plan *sweep.Plan) []string {
	var knobs serverKnobs
	cfg := models.DefaultConfig()
	if knobs.read(plan) != nil {
		return nil // which the rows have refused
	}
	knobs.set(&cfg)
	asked := askedOf(&cfg)
	came, err := kernel.Try(plan.Network, asked)
	if err != nil || asked == (kernel.SocketOptions{}) {
		return nil
	}
	var said []string
	for _, c := range system.Cuts("/", asked, came) {
		said = append(said, c.String())
	}
	return said
}
