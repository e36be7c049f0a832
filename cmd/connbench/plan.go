package main

import (
	"os"
	"slices"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"

	"github.com/alecthomas/kong"
)

// planFlags are the flags that stand for fields of a plan.
type planFlags struct {
	Models   []string     `help:"Models to compare; by default all that can run here." placeholder:"NAME"`
	Exec     []string     `help:"A server from elsewhere to compare too (repeatable): its command, split at spaces and quotes but read by no shell, with {addr}, or {host} and {port}, in the place of its address. It echoes, and SIGTERM ends it. On udp: NAME@udp=COMMAND." sep:"none" placeholder:"'NAME=COMMAND ... {addr}'"`
	Clients  []int        `help:"Numbers of clients; by default 1,16,256." placeholder:"N"`
	Payloads []sweep.Size `help:"Payloads of a request; by default 64B,4KiB." placeholder:"SIZE"`
	Network  string       `help:"Network of the stream models: tcp or unix; by default tcp. Models of udp are on udp." placeholder:"NETWORK"`
	Framing  string       `help:"Framing of the stream models: length or raw; by default length." placeholder:"length|raw"`
	Work     string       `help:"What the server does for each request; by default echo, nothing more." placeholder:"WORK"`
	MaxFrame sweep.Size   `help:"The longest payload; by default 1MiB." placeholder:"SIZE"`

	Rates           []float64        `help:"Requests a second in all, sent when they are due: open loops. By default a closed loop." placeholder:"R"`
	Arrivals        loadgen.Arrivals `help:"Of open loops: constant or poisson; by default poisson." placeholder:"ARRIVALS"`
	Pipeline        int              `help:"Requests that a client may have unanswered; by default 1 in a closed loop and 64 in an open one." placeholder:"N"`
	ResponseSize    sweep.Size       `help:"Bytes of payload in an answer; by default those of the request." placeholder:"SIZE"`
	Think           time.Duration    `help:"Of a closed loop: pause from an answer to the client's next request." placeholder:"D"`
	RequestsPerConn int              `help:"Connect anew after so many requests; by default never." placeholder:"N"`
	ConnectRate     float64          `help:"Connections a second in the beginning; by default as fast as they come." placeholder:"R"`
	Active          float64          `help:"Share of the clients that send, the others being idle; by default 1." placeholder:"SHARE"`
	Slow            float64          `help:"Share of the active clients that send and read slowly, measured apart; by default 0." placeholder:"SHARE"`

	ClientProcesses int        `help:"Processes to spread the clients over; by default as many as the limit of open files asks for." placeholder:"N"`
	ClientIO        loadgen.IO `name:"client-io" help:"How the client reaches its sockets: auto (by io_uring where there is one) or epoll; by default auto." placeholder:"auto|epoll"`

	Duration  time.Duration `help:"How long a trial measures, up to 168h; by default 300ms." placeholder:"D"`
	Warmup    time.Duration `help:"How long before that, discarded; by default 100ms." placeholder:"D"`
	Timeout   time.Duration `help:"How long to wait for an answer; by default 1s." placeholder:"D"`
	Trials    int           `help:"Trials of each point; by default 20. With --precision the first ones of each point, 6 or more." placeholder:"N"`
	Precision sweep.Percent `help:"Go on with further trials until each comparison that matters (of a row with the best of its point, unless it is far behind) is known to within so much, as 5%." placeholder:"P%"`
	MaxTime   time.Duration `help:"With --precision: begin no further block after this long; by default 30m." placeholder:"D"`
	Retries   int           `help:"How often a noisy trial is repeated at the end of its block; by default twice." placeholder:"N"`
	Seed      uint64        `help:"Seed of the order and the payloads; by default 1." placeholder:"N"`

	StartTimeout time.Duration `help:"How long a server may take until it listens; by default 10s." placeholder:"D"`

	serverKnobs `embed:""`

	ServerCPUs string `name:"server-cpus" help:"CPUs of the servers, like 0,2-3; by default half of the allowed ones." placeholder:"LIST"`
	ClientCPUs string `name:"client-cpus" help:"CPUs of the client; by default the others." placeholder:"LIST"`
}

// plan is the default plan with the fields of a file, if there is one, and the
// given flags over it. Its models are nil where neither names any; see
// [roster.rows].
func (f *planFlags) plan(file string, given []string) (sweep.Plan, error) {
	plan := sweep.DefaultPlan(nil)
	if file != "" {
		r, err := os.Open(file)
		if err != nil {
			return plan, usage(err)
		}
		defer r.Close()
		if err := plan.ReadPlan(r, file); err != nil {
			return plan, usage(err)
		}
	}
	overrides := f.overrides(&plan)
	for _, flag := range given {
		if apply, ok := overrides[flag]; ok {
			apply()
		}
	}
	if slices.Contains(given, "precision") && f.Precision == 0 {
		return plan, &loadgen.SpecError{Field: "precision", Value: f.Precision, Allowed: "more than 0% to 100%"}
	}
	if slices.Contains(given, "arrivals") && len(plan.Rates) == 0 {
		return plan, arrivalsOfNothing(f.Arrivals, "rates")
	}
	f.putKnobs(&plan, given)
	return plan, nil
}

// overrides puts each flag into its field of the plan.
func (f *planFlags) overrides(p *sweep.Plan) map[string]func() {
	return map[string]func(){
		"models":            func() { p.Models = append([]string{}, f.Models...) }, // not nil even if empty
		"exec":              func() { p.Exec = f.Exec },
		"clients":           func() { p.Clients = f.Clients },
		"payloads":          func() { p.Payloads = f.Payloads },
		"network":           func() { p.Network = f.Network },
		"framing":           func() { p.Framing = f.Framing },
		"work":              func() { p.Work = f.Work },
		"max-frame":         func() { p.MaxFrame = f.MaxFrame },
		"rates":             func() { p.Rates = f.Rates },
		"arrivals":          func() { p.Arrivals = f.Arrivals },
		"pipeline":          func() { p.Pipeline = f.Pipeline },
		"response-size":     func() { p.ResponseSize = f.ResponseSize },
		"think":             func() { p.Think = sweep.Duration(f.Think) },
		"requests-per-conn": func() { p.RequestsPerConn = f.RequestsPerConn },
		"connect-rate":      func() { p.ConnectRate = f.ConnectRate },
		"active":            func() { p.Active = f.Active },
		"slow":              func() { p.Slow = f.Slow },
		"client-processes":  func() { p.ClientProcesses = f.ClientProcesses },
		"client-io":         func() { p.ClientIO = f.ClientIO },
		"duration":          func() { p.Duration = sweep.Duration(f.Duration) },
		"warmup":            func() { p.Warmup = sweep.Duration(f.Warmup) },
		"timeout":           func() { p.Timeout = sweep.Duration(f.Timeout) },
		"start-timeout":     func() { p.StartTimeout = sweep.Duration(f.StartTimeout) },
		"trials":            func() { p.Trials = f.Trials },
		"precision":         func() { p.Precision = f.Precision },
		"max-time":          func() { p.MaxTime = sweep.Duration(f.MaxTime) },
		"retries":           func() { p.Retries = f.Retries },
		"seed":              func() { p.Seed = f.Seed },
		"server-cpus":       func() { p.ServerCPUs = f.ServerCPUs },
		"client-cpus":       func() { p.ClientCPUs = f.ClientCPUs },
	}
}

// givenFlags names the flags on the command line: what is given as zero or empty
// is meant to be.
func givenFlags(k *kong.Context) []string {
	var names []string
	for _, p := range k.Path {
		if p.Flag != nil {
			names = append(names, p.Flag.Name)
		}
	}
	return names
}
