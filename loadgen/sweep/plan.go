package sweep

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/results"
)

// Plan is what a run measures: every model at every number of clients and
// payload, so and so many times.
type Plan struct {
	Models   []string `yaml:"models" json:"models"`
	Exec     []string `yaml:"exec" json:"exec,omitempty"` // servers from elsewhere beside them: commands, see [ParseExec], or names that the caller knows
	Network  string   `yaml:"network" json:"network"`     // of the stream models: tcp or unix
	Framing  string   `yaml:"framing" json:"framing"`
	Work     string   `yaml:"work" json:"work"`
	MaxFrame Size     `yaml:"max-frame" json:"max-frame"`

	// Knobs are flags of the servers beside these, by name and as they are written:
	// backlog: 16, nodelay: false. A server without one of them cannot be measured.
	Knobs map[string]string `yaml:"knobs" json:"knobs,omitempty"`

	Clients  []int     `yaml:"clients" json:"clients"`
	Payloads []Payload `yaml:"payloads" json:"payloads"`
	Load     `yaml:",inline"`

	Trials    int      `yaml:"trials" json:"trials"`           // of each point
	Racing    bool     `yaml:"racing" json:"racing,omitempty"` // rows beyond doubt behind leave further blocks; see [Runner]
	Precision Percent  `yaml:"precision" json:"precision"`     // go on until comparisons are known this well; 0 for not
	MaxTime   Duration `yaml:"max-time" json:"max-time"`       // after which no further block begins; only with Precision
	Retries   int      `yaml:"retries" json:"retries"`         // of a noisy trial, at the end of its block
	Warmup    Duration `yaml:"warmup" json:"warmup"`
	Duration  Duration `yaml:"duration" json:"duration"`
	Slice     Duration `yaml:"slice" json:"slice,omitempty"` // of Duration that is measured at a time, trials of a block in turn, where the load allows it; 0 for all at once
	Timeout   Duration `yaml:"timeout" json:"timeout"`

	Profile Duration `yaml:"profile" json:"profile,omitempty"` // how long each row of each point is profiled at a time, in [ProfileRounds] trials of their own; 0 for not

	StartTimeout Duration `yaml:"start-timeout" json:"start-timeout"` // for a server to listen; 0 for 10 s

	Seed       uint64 `yaml:"seed" json:"seed"`
	ServerCPUs string `yaml:"server-cpus" json:"server-cpus"` // as 0,2-3; empty to choose
	ClientCPUs string `yaml:"client-cpus" json:"client-cpus"`
}

const echoWork = "echo"

// What holds where nobody says otherwise. Six trials are the fewest of which an
// interval has two bounds; twenty find a difference of a tenth on a machine that at
// times takes a third longer for everything, as those do whose cores are shared with
// others (ten find it in 7 of 10 runs). See package results.
const (
	defaultTrials   = 20
	precisionTrials = 6
	defaultRetries  = 2
	defaultMaxTime  = Duration(30 * time.Minute) // with a precision
)

// DefaultPlan measures the given models in about five minutes for five of them.
func DefaultPlan(models []string) Plan {
	s := loadgen.DefaultSpec()
	return Plan{
		Models:   models,
		Network:  s.Network,
		Framing:  s.Framing,
		Work:     echoWork,
		MaxFrame: Size(s.MaxFrame),
		Clients:  []int{1, 16, 256},
		Payloads: Sizes(64, 4<<10),
		Load:     Load{Arrivals: s.Arrivals, Resend: Duration(s.Resend), Active: s.Active, ClientIO: s.IO},
		Trials:   defaultTrials,
		Retries:  defaultRetries,
		Warmup:   Duration(100 * time.Millisecond),
		Duration: Duration(300 * time.Millisecond),
		Timeout:  Duration(time.Second),
		Seed:     s.Seed,
	}
}

// Spec is the load of a trial on a server at address of network.
func (p *Plan) Spec(t Trial, network, address string) loadgen.Spec {
	s := loadgen.DefaultSpec()
	s.Network, s.Address, s.Framing = network, address, p.Framing
	s.Clients, s.MaxFrame = t.Clients, int(p.MaxFrame)
	t.Payload.Put(&s)
	p.apply(&s, Rate{t.Rate, t.Profile})
	s.Warmup, s.Duration, s.Timeout = time.Duration(p.Warmup), time.Duration(cmp.Or(t.Window, p.Duration)), time.Duration(p.Timeout)
	if t.Active > 0 {
		s.Active = t.Active
	}
	if t.Probe != "" { // a client of whom nobody knows that it pipelines waits for its answer
		s.Pipeline = cmp.Or(p.Pipeline, 1)
	}
	if t.Probe == results.ProbeCapacity || t.Probe == results.ProbeRate {
		s.Arrivals = loadgen.Constant // so that each client has its turn
		s.Warmup = max(s.Warmup, time.Duration(t.Warmup))
		s.ConnectTimeout = max(s.Timeout, synAgain)
	}
	// A server that closes idle connections would close those that rest.
	if p.Slice > 0 && p.Slice < p.Duration && t.Probe == "" && p.Knobs["idle-timeout"] == "" && s.InTurns() {
		s.Slice = time.Duration(p.Slice)
	}
	switch asks := s.Message(); {
	case asks.Fills(): // the payload is the answer's, unless that has a length of its own
		s.ResponseBytes = cmp.Or(s.ResponseBytes, s.PayloadBytes)
	case asks.Gets():
		s.FillBytes = s.PayloadBytes
	}
	if !s.Message().Carries() && len(s.Mix) == 0 {
		s.PayloadBytes = cmp.Or(s.ResponseBytes, s.FillBytes)
	}
	s.Seed = p.Seed + uint64(t.Number)
	s.TLS = p.Knobs["tls"] == "true"
	return s
}

// payloads are those to measure with: of requests that carry none the plan's if the answer is as
// long, else the length that this is to have, or none.
func (p *Plan) payloads() []Payload {
	if !p.bare() {
		return p.Payloads
	}
	return Sizes(p.ResponseSize)
}

// Bare reports whether the plan's payloads say nothing of its requests, since those carry none,
// nor of their answers.
func (p *Plan) Bare() bool { return p.bare() && p.ResponseSize == 0 }

func (p *Plan) bare() bool {
	s := loadgen.Spec{Network: p.Network, Framing: p.Framing}
	p.apply(&s, Rate{})
	asks := s.Message()
	return !asks.Carries() && !asks.Gets() && (!asks.Fills() || p.ResponseSize != 0)
}

// Asks is what a request asks for; see [message.Request.Asks].
func (p *Plan) Asks() string {
	s := loadgen.Spec{Network: p.Network, Framing: p.Framing}
	p.apply(&s, Rate{})
	return s.Message().Asks()
}

// What a trial takes beside its warm-up and its window: to start and end two processes and to
// sample them, and to connect each client.
const (
	trialOverhead = 250 * time.Millisecond
	eachConnect   = 50 * time.Microsecond
)

// Takes is about how long the plan takes, trials that are repeated and a precision aside.
func (p *Plan) Takes() time.Duration {
	total := time.Duration(0)
	for _, t := range p.Order() {
		total += time.Duration(p.Warmup+p.Duration) + trialOverhead + time.Duration(t.Clients)*eachConnect
	}
	return total
}

// synAgain is enough for a SYN that met a full backlog to be sent again, which is after
// a second, and to be answered then: so many clients may connect faster than they are
// accepted, and that is not what a probe of capacity asks.
const synAgain = 2 * time.Second

func (p *Plan) knobs() string {
	return strings.Join(results.Map(slices.Sorted(maps.Keys(p.Knobs)), func(name string) string { return name + "=" + p.Knobs[name] }), " ")
}

// leastSlice is a few round trips.
const leastSlice = Duration(time.Millisecond)

// maxTrials keeps a slip of the pen from planning a year.
const maxTrials = 1_000_000

// Validate reports the first thing in p that cannot be run, given the network
// that each of its models is measured on.
func (p *Plan) Validate(network func(model string) string) error {
	for _, list := range []struct {
		field string
		empty bool
	}{
		{"models", len(p.Models) == 0},
		{"clients", len(p.Clients) == 0},
		{"payloads", len(p.Payloads) == 0},
	} {
		if list.empty {
			return &loadgen.SpecError{Field: list.field, Value: "an empty list", Allowed: "at least one"}
		}
	}
	for _, repeated := range []error{
		repeats("models", p.Models), repeats("clients", p.Clients), repeats("payloads", p.Payloads), p.sameMean(), p.validateRates(),
	} {
		if repeated != nil {
			return repeated
		}
	}
	if p.StartTimeout < 0 {
		return &loadgen.SpecError{Field: "start-timeout", Value: p.StartTimeout, Allowed: "0 for 10s, or more"}
	}
	if p.Slice != 0 && p.Slice < leastSlice {
		return &loadgen.SpecError{Field: "slice", Value: p.Slice, Allowed: "0 for whole trials, or 1ms or more"}
	}
	if p.Profile != 0 && (p.Profile < leastProfile || p.Profile > mostProfile) {
		return &loadgen.SpecError{Field: "profile", Value: p.Profile, Allowed: fmt.Sprintf("0 for none, or %v to %v", leastProfile, mostProfile)}
	}
	if err := p.validatePrecision(); err != nil {
		return err
	}
	n := len(p.Models) * len(p.points())
	if p.Trials < 1 || p.Trials > maxTrials/n {
		return &loadgen.SpecError{Field: "trials", Value: p.Trials, Allowed: fmt.Sprintf("1 to %d for %d points", maxTrials/n, n)}
	}
	for _, model := range p.Models {
		for _, point := range p.points() {
			on := network(model)
			s := p.Spec(point, on, "127.0.0.1:0")
			err := s.Validate()
			if err != nil && on != p.Network {
				return fmt.Errorf("%s on %s: %w", model, on, err)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sameMean reports a mix of payloads whose mean is another payload: points are told apart by that.
func (p *Plan) sameMean() error {
	for i, a := range p.Payloads {
		for _, b := range p.Payloads[:i] {
			if a.Size == b.Size && a != b {
				return &loadgen.SpecError{Field: "payloads", Value: fmt.Sprintf("%s beside %s", a, b), Allowed: fmt.Sprintf("payloads of different means, which here are %s", a.Size)}
			}
		}
	}
	return nil
}

// validatePrecision reports what there cannot be with a precision, or without.
func (p *Plan) validatePrecision() error {
	switch {
	case p.Retries < 0 || p.Retries > maxRetries:
		return &loadgen.SpecError{Field: "retries", Value: p.Retries, Allowed: fmt.Sprintf("0 to %d", maxRetries)}
	case p.Precision < 0 || p.Precision > 100:
		return &loadgen.SpecError{Field: "precision", Value: p.Precision, Allowed: "more than 0% to 100%"}
	case p.Precision == 0 && p.MaxTime != 0:
		return &loadgen.SpecError{Field: "max-time", Value: p.MaxTime, Allowed: "only with precision; else trials says when it is enough"}
	case p.MaxTime < 0:
		return &loadgen.SpecError{Field: "max-time", Value: p.MaxTime, Allowed: "0 for 30m, or more"}
	case p.Precision > 0 && p.Trials < precisionTrials:
		return &loadgen.SpecError{Field: "trials", Value: p.Trials, Allowed: fmt.Sprintf("%d or more with precision: of fewer no interval has two bounds", precisionTrials)}
	}
	return nil
}

// maxRetries keeps noise from making a run of any length.
const maxRetries = 10

// repeats reports a value that a list has twice.
func repeats[T comparable](field string, list []T) error {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			return &loadgen.SpecError{Field: field, Value: fmt.Sprintf("%v twice", v), Allowed: "list each once"}
		}
	}
	return nil
}
