package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"connbench/cmd/connbench/live"
	"connbench/loadgen"
	"connbench/loadgen/pace"
	"connbench/loadgen/sweep"
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
	Threads     int    `help:"Threads that drive the clients; 0 for one a CPU." default:"0"`
	Seed        uint64 `help:"Seed of the payloads." default:"1"`
	JSON        bool   `help:"Print the trial as JSON."`
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
		spec.PayloadBytes = spec.ResponseBytes
	}
	return spec
}

func (c *loadCommand) Help() string {
	return "Interrupted by SIGINT or SIGTERM, it prints what it has measured until then, marked as interrupted, and its exit status is 1; " +
		"what is unanswered a second later counts as failed. A second signal ends it at once."
}

func (c *loadCommand) check(given []string) error {
	switch {
	case c.RateAsked.IsZero() && slices.Contains(given, "rate"):
		return &loadgen.SpecError{Field: "rate", Value: c.RateAsked.Rate, Allowed: "more than 0; without --rate the loop is closed"}
	case c.RateAsked.IsZero() && slices.Contains(given, "arrivals"):
		return arrivalsOfNothing(c.Arrivals, "rate")
	}
	spec := c.spec()
	if slices.Contains(given, "payload") && !spec.Message().Carries() {
		return &loadgen.SpecError{Field: "payload", Value: c.Payload.Size, Allowed: "none with '" + spec.Message().Asks() + "', which carries none; --response-size says how long an answer has to be"}
	}
	return spec.Validate()
}

// arrivalsOfNothing is the error of arrivals without the flag of an open loop.
func arrivalsOfNothing(a loadgen.Arrivals, flag string) error {
	return &loadgen.SpecError{Field: "arrivals", Value: a, Allowed: "only with --" + flag + ", which makes an open loop"}
}

func (c *loadCommand) Run(ctx context.Context, s streams) error {
	spec := c.spec()
	result, err := c.measure(context.WithoutCancel(ctx), spec, loadgen.Stages{
		Connecting: tellConnecting(s.err, spec.Clients),
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
		err = writeTrial(s.out, &trial)
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

// measure runs the load here, or where it takes several processes in those.
func (c *loadCommand) measure(ctx context.Context, spec loadgen.Spec, stages loadgen.Stages) (*loadgen.Result, error) {
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

func writeTrial(w io.Writer, t *results.Trial) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s "+format+"\n", append([]any{name}, args...)...)
	}
	line("load", "%s, %d clients, %s, %s", stats.Workload([]stats.Point{{Key: t.Key()}}), t.Clients,
		t.Key().Payload(), t.Key().LoopLabel())
	line("address", "%s", t.Address)
	switch {
	case t.RateProfile != "":
		line("asked", "%s: %s/s on average, %s arrivals", t.RateProfile, results.Count(t.RateRPS), t.Arrivals)
	case t.Loop == results.OpenLoop:
		line("asked", "%s/s, %s arrivals", results.Count(t.RateRPS), t.Arrivals)
	}
	line("requests", "%d in %v: %s/s", t.Requests, time.Duration(t.DurationNS), results.Count(t.ThroughputRPS))
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
		var classes []string
		for _, class := range slices.Sorted(maps.Keys(t.Errors)) {
			classes = append(classes, fmt.Sprintf("%s %d", class, t.Errors[class]))
		}
		errors = strings.Join(classes, ", ")
	}
	line("errors", "%s", errors)
	for _, v := range t.Verdicts {
		line("verdict", "%s: %s", v, results.Explain(v))
	}
	if t.Series != nil {
		b.WriteString("\n")
		said := document.Series(t.Series)
		if err := said.Text(&b, columns(w)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type clientCommand struct{}

func (clientCommand) Run(ctx context.Context, s streams) error {
	return loadgen.Serve(ctx, s.in, s.out)
}
