package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"connbench/cmd/connbench/fleet"
	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/pace"
	"connbench/loadgen/sweep"
	"connbench/models/wire"
	"connbench/results"
	"connbench/results/document"
	"connbench/results/stats"
)

type loadCommand struct {
	Address string `arg:"" name:"addr" help:"host:port, or the path of a Unix socket."`

	Network        string `help:"tcp, unix or udp; by default tcp." default:"tcp" placeholder:"NETWORK"`
	protocolFlags  `embed:""`
	TLS            bool          `name:"tls" help:"TLS over the stream; any certificate will do."`
	Clients        int           `help:"Connections; sockets on udp." default:"1"`
	Payload        sweep.Payload `help:"Bytes of payload in a request. Or a mix: of 64B*9+64KiB*1 nine requests of ten have 64 B, at random, and each size is measured apart." default:"64B"`
	Duration       time.Duration `help:"How long to measure, up to a week (168h)." default:"5s"`
	Warmup         time.Duration `help:"How long to load the server before that, discarded." default:"500ms"`
	Timeout        time.Duration `help:"How long to wait for an answer." default:"5s"`
	ConnectTimeout time.Duration `help:"How long to wait for a connection. All together have a second for each 1,000 clients more; and when as many as are tried at once get none, the rest is given up." default:"5s"`

	RateAsked   pace.Profile `name:"rate" help:"Requests a second in all, sent when they are due: an open loop. By default a closed one. It may change over what is measured: 1000..20000/10s is a ramp that takes 10 s, 5000,spike=50000@3s+1s has another rate from 3 s on for 1 s; more spikes follow behind commas." placeholder:"R"`
	clientFlags `embed:""`
	Fleet       fleet.Flags `embed:""`
	FillBytes   sweep.Size  `name:"fill" help:"Of a get, like 'GET key:{n}': put a value of that size under each of the keys before the load, over what is there; 0 for not." default:"0" placeholder:"SIZE"`
	Threads     int         `help:"Threads that drive the clients; 0 for one a CPU." default:"0"`
	Seed        uint64      `help:"Seed of the payloads." default:"1"`
	JSON        bool        `help:"Print the trial as JSON."`
	quietFlag   `embed:""`
}

func (c *loadCommand) spec() (spec loadgen.Spec) {
	assign(&spec, c)
	c.Payload.Put(&spec)
	if c.RateAsked.Constant() {
		spec.Rate = c.RateAsked.Rate
	} else {
		spec.Profile = c.RateAsked
	}
	if len(spec.Mix) == 0 && !spec.Message().Carries() {
		spec.PayloadBytes = cmp.Or(spec.ResponseBytes, spec.FillBytes)
	}
	return spec
}

func (c *loadCommand) Help() string {
	return "Interrupted by SIGINT or SIGTERM, it prints what it has measured until then, marked as interrupted, and its exit status is 1; " +
		"what is unanswered a second later counts as failed. A second signal ends it at once."
}

func (c *loadCommand) check(given []string) error {
	if err := c.Fleet.Check(false); err != nil {
		return err
	}
	switch {
	case c.RateAsked.IsZero() && slices.Contains(given, "rate"):
		return &loadgen.SpecError{Field: "rate", Value: c.RateAsked.Rate, Allowed: "more than 0; without --rate the loop is closed"}
	case c.RateAsked.IsZero() && slices.Contains(given, "arrivals"):
		return arrivalsOfNothing(c.Arrivals, "rate")
	}
	spec := c.spec()
	if asks := spec.Message(); slices.Contains(given, "payload") && !asks.Carries() {
		instead := "--response-size says how long an answer has to be"
		if asks.Gets() {
			instead = "--fill says how long the values are that it puts under the keys first"
		} else if spec.Framing != wire.HTTPCodec {
			instead = "no answer's length is known"
		}
		return &loadgen.SpecError{Field: "payload", Value: c.Payload.Size, Allowed: "none with '" + asks.Asks() + "', which carries none; " + instead}
	}
	return spec.Validate()
}

// arrivalsOfNothing is the error of arrivals without the flag of an open loop.
func arrivalsOfNothing(a loadgen.Arrivals, flag string) error {
	return &loadgen.SpecError{Field: "arrivals", Value: a, Allowed: "only with --" + flag + ", which makes an open loop"}
}

func (c *loadCommand) Run(ctx context.Context, s streams) error {
	team, release, err := s.claim(ctx, &c.Fleet, false)
	if err != nil {
		return err
	}
	defer release()
	spec := c.spec()
	result, err := c.measure(context.WithoutCancel(ctx), spec, team, loadgen.Stages{
		Connecting: tellConnecting(c.progress(s), spec.Clients),
		Interrupt:  ctx.Done(),
	})
	if err != nil {
		return badAddress(err)
	}
	trial := result.Trial(&spec)
	trial.Address = result.Address
	if c.JSON {
		err = json.NewEncoder(s.out).Encode(trial)
	} else {
		err = c.writeTrial(s.out, &trial)
	}
	if err == nil && trial.Interrupted {
		err = errInterrupted
	}
	return err
}

// tellConnecting tells w how many clients of how many are connected, once a second at
// most.
func tellConnecting(w io.Writer, clients int) func(connected int) {
	var last time.Time
	return func(connected int) {
		if now := time.Now(); now.Sub(last) > 900*time.Millisecond {
			last = now
			fmt.Fprintln(w, "connbench: "+live.Connected(connected, clients))
		}
	}
}

// measure runs the load on the machines of a team, or here, or where it takes several processes in those.
func (c *loadCommand) measure(ctx context.Context, spec loadgen.Spec, team *fleet.Team, stages loadgen.Stages) (*loadgen.Result, error) {
	if team != nil {
		clients, err := team.Hosts.Clients(ctx, &spec)
		if err != nil {
			return nil, err
		}
		defer clients.Stop(0)
		return clients.Run(ctx, spec, stages)
	}
	if spec.Processes() == 1 {
		return loadgen.Run(ctx, spec, stages)
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	clients, err := loadgen.StartClients([]string{executable, "client"}, spec.Processes(), nil)
	if err != nil {
		return nil, err
	}
	defer clients.Stop(0)
	return clients.Run(ctx, spec, stages)
}

// whyMissing says what to do where keys were missing.
func (c *loadCommand) whyMissing() string {
	spec := c.spec()
	switch {
	case !spec.Message().Gets():
		return ""
	case c.FillBytes == 0:
		return ": put them first, by a load that sets them, or with --fill " + results.ExactBytes(int(c.Payload.Size)) + " in this one"
	}
	return " although they were put before: the server does not hold so much, or is several processes with values of their own"
}

// otherProtocol says what to try where no request was answered because, as it seems, the server
// speaks another protocol, or is none of datagrams.
func (c *loadCommand) otherProtocol(t *results.Trial) string {
	if t.Framing == results.Datagram && t.Requests == 0 && t.Errors["refused"] > 0 {
		return "nobody listens there on udp"
	}
	hint := results.OtherProtocol(t.Framing, t.Errors)
	if t.Requests > 0 || hint == "" {
		return ""
	}
	others := slices.DeleteFunc(wire.Names(), func(name string) bool { return name == t.Framing })
	tls := "--tls"
	if c.TLS {
		tls = "do without --tls"
	}
	return fmt.Sprintf("%s; try --framing %s, or %s", hint, strings.Join(others, ", "), tls)
}

// clientsOf is how many clients there are, and what shares of them are in no other figure.
func (c *loadCommand) clientsOf(t *results.Trial) string {
	of := results.Plural(t.Clients, "client")
	if c.Active < 1 {
		of += fmt.Sprintf(" of which %.3g %% send", 100*c.Active)
	}
	if c.Slow > 0 {
		of += fmt.Sprintf(" (%.3g %% of those that send are slow)", 100*c.Slow)
	}
	return of
}

func (c *loadCommand) writeTrial(w io.Writer, t *results.Trial) error {
	var b strings.Builder
	const indent = "             "
	width := cmp.Or(columns(w), unlimited)
	line := func(name, format string, args ...any) {
		wrapped := document.Wrap(indent+fmt.Sprintf(format, args...), width)
		fmt.Fprintf(&b, "%-12s %s\n", name, wrapped[len(indent):])
	}
	fmt.Fprintf(&b, "%s\n\n", document.Wrap(loadVerdict(t), width))
	line("load", "%s, %s, %s, %s", stats.Workload([]stats.Point{{Key: t.Key()}}), c.clientsOf(t),
		t.Key().Payload(), t.Key().LoopLabel())
	line("address", "%s", t.Address)
	switch {
	case t.RateProfile != "":
		line("asked", "%s: %s/s on average, %s arrivals", t.RateProfile, results.Count(t.RateRPS), t.Arrivals)
	case t.Loop == results.OpenLoop:
		line("asked", "%s/s, %s arrivals", results.Count(t.RateRPS), t.Arrivals)
	}
	line("requests", "%d in %v: %s/s", t.Requests, time.Duration(t.DurationNS), results.Count(t.ThroughputRPS))
	if t.Missing > 0 {
		share, _ := results.Missing.Of(t)
		line("missing", "%s%s", document.Misses(share), c.whyMissing())
	}
	if t.Interrupted {
		line("interrupted", "the window ended there")
	}
	latency := func(name string, l *results.Latency) {
		if l != nil {
			line(name, "p50 %v, p90 %v, p99 %v, p99.9 %v, max %v, mean %v", l.P50, l.P90, l.P99, l.P999, l.Max, l.Mean)
		}
	}
	switch {
	case t.ServiceLatency == nil:
		line("latency", "not measured")
	case t.Slip == nil:
		latency("latency", t.ServiceLatency)
	default:
		latency("response", t.ResponseLatency)
		latency("service", t.ServiceLatency)
		latency("slip", t.Slip)
	}
	if few := t.TooFew(); few != "" {
		line("", "%s", few)
	}
	for _, size := range t.Sizes {
		if l := size.ResponseLatency; l != nil {
			line("of "+results.Bytes(int64(size.PayloadBytes)), "p50 %v, p90 %v, p99 %v, p99.9 %v, max %v, mean %v (%d requests)", l.P50, l.P90, l.P99, l.P999, l.Max, l.Mean, size.Requests+size.Unanswered)
		}
	}
	latency("slow clients", t.SlowLatency)
	latency("connect", t.ConnectLatency)
	if sp := t.Split; sp != nil {
		line("round trip", "p50 %v to send, %v beyond, %v to receive (%d sampled)", sp.Send.P50, sp.Server.P50, sp.Receive.P50, sp.Samples)
	}
	served := fmt.Sprintf("%d of %d clients", t.ClientsServed, t.ClientsActive)
	if t.FairnessJain != nil {
		served += fmt.Sprintf(", fairness %.3f (Jain)", *t.FairnessJain)
	}
	line("served", "%s", served)
	if t.ClientCPUPerRequest != nil {
		line("client CPU", "%v a request", results.Nanos(*t.ClientCPUPerRequest))
	}
	if d := t.Datagrams; d != nil {
		line("datagrams", "%d lost, %d duplicated, %d reordered", d.Lost, d.Duplicated, d.Reordered)
	}
	errors := "none"
	if len(t.Errors) > 0 {
		classes := results.Map(slices.Sorted(maps.Keys(t.Errors)), func(class string) string { return fmt.Sprintf("%s %d", class, t.Errors[class]) })
		errors = strings.Join(classes, ", ")
	}
	line("errors", "%s", errors)
	for _, v := range t.Verdicts {
		line("verdict", "%s: %s", v, results.Explain(v, results.ClientLimits(t)...))
	}
	if hint := c.otherProtocol(t); hint != "" {
		line("hint", "%s", hint)
	}
	if t.Series != nil {
		b.WriteString("\n")
		said := document.Series(t.Series)
		if err := said.Text(&b, columns(w)); err != nil {
			return err
		}
	}
	b.WriteString("\nmore:    the same with --json has all that was measured\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// loadVerdict is what a load came to, in a sentence.
func loadVerdict(t *results.Trial) string {
	said := fmt.Sprintf("%s requests/s", results.Count(t.ThroughputRPS))
	if t.ResponseLatency != nil {
		said += ", p99 " + t.ResponseLatency.P99Text()
	}
	said += fmt.Sprintf(", %d of %s served", t.ClientsServed, results.Plural(t.ClientsActive, "client"))
	failed := int64(0)
	for _, n := range t.Errors {
		failed += n
	}
	if failed > 0 {
		said += ", " + results.Plural(int(failed), "error")
	}
	if len(t.Verdicts) > 0 {
		said += "; not to be trusted: " + strings.Join(t.Verdicts, ", ")
	}
	return said + "."
}

type clientCommand struct{}

func (clientCommand) Run(ctx context.Context, s streams) error {
	return loadgen.Serve(ctx, s.in, s.out)
}
