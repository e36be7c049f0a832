package sweep

import (
	"math"
	"time"

	"connbench/loadgen"
	"connbench/results"
	"connbench/results/read"
)

// Table is the plan of a comparison table: how many clients each row serves, how fast it
// is and how its latency is at half of that. Beside what it says itself it takes the
// plan's models, network, framing, work, first payload, knobs, timeouts and CPUs.
type Table struct {
	Plan       `yaml:",inline"`
	SLO        Duration `yaml:"slo" json:"slo"`                 // that the 99th percentile of the response may reach
	ClientRate float64  `yaml:"client-rate" json:"client-rate"` // requests/s of each client
	Confirm    Duration `yaml:"confirm" json:"confirm"`         // how long a probe measures, at the least, by which a number is confirmed
	MaxClients int      `yaml:"max-clients" json:"max-clients"` // where the search ends
	Saturating int      `yaml:"saturating" json:"saturating"`   // clients that are to saturate a server
	Brief      bool     `yaml:"brief" json:"brief,omitempty"`   // of the questions only the first is asked
}

// DefaultTable is the table of the given models: a request a second of each client, with
// its answer within 10 ms.
func DefaultTable(models []string) Table {
	t := Table{
		Plan:       DefaultPlan(models),
		SLO:        Duration(10 * time.Millisecond),
		ClientRate: 1,
		Confirm:    Duration(5 * time.Second),
		MaxClients: 50_000,
		Saturating: 64,
	}
	t.Clients, t.Payloads, t.Arrivals = []int{t.Saturating}, Sizes(64), loadgen.Constant
	t.Trials = 3
	return t
}

// Validate reports the first thing in t that cannot be run; see [Plan.Validate].
func (t *Table) Validate(network func(model string) string) error {
	switch {
	case t.SLO <= 0:
		return &loadgen.SpecError{Field: "slo", Value: t.SLO, Allowed: "more than 0"}
	case !(t.ClientRate >= 0.1 && t.ClientRate <= 1000):
		return &loadgen.SpecError{Field: "client-rate", Value: t.ClientRate, Allowed: "0.1 to 1000 requests/s"}
	case t.Confirm < 0 || time.Duration(t.Confirm) > time.Minute:
		return &loadgen.SpecError{Field: "confirm", Value: t.Confirm, Allowed: "0s to 1m"}
	case t.MaxClients < 1 || t.MaxClients > 1_000_000:
		return &loadgen.SpecError{Field: "max-clients", Value: t.MaxClients, Allowed: "1 to 1000000"}
	case t.Saturating < 1 || t.Saturating > 10_000:
		return &loadgen.SpecError{Field: "saturating", Value: t.Saturating, Allowed: "1 to 10000 clients"}
	}
	return t.Plan.Validate(network)
}

// Goal is what a row has to keep.
func (t *Table) Goal(env *results.Environment) read.Goal {
	goal := read.Goal{P99: results.Nanos(t.SLO), OpenFiles: env.OpenFiles}
	if t.processes() > 1 && env.OpenFiles > 0 {
		goal.OpenFiles = uint64(t.room(env) + results.SpareDescriptors)
	}
	if env.Group != nil {
		goal.PIDs = env.Group.PIDs
	}
	return goal
}

// limit is where the search ends: no server process has room for more connections than
// its limit of open files, and what does not connect takes long to fail.
func (t *Table) limit(env *results.Environment) int {
	if room := t.room(env); room > 0 {
		return min(t.MaxClients, room)
	}
	return t.MaxClients
}

// evenly is the part of the room of several processes that is full when the first of them is: the
// kernel chooses among them by a hash.
const evenly = 0.95

// room is how many connections a server has descriptors for, 0 where that is not known.
func (t *Table) room(env *results.Environment) int {
	room := max(0, int(env.OpenFiles)-results.SpareDescriptors)
	if n := t.processes(); n > 1 {
		return int(evenly * float64(n) * float64(room))
	}
	return room
}

// ProcessesFor is in how many processes a server has descriptors for so many connections, where one
// has room for so many: at least 1.
func ProcessesFor(connections, room int) int {
	if connections <= room {
		return 1
	}
	return int(math.Ceil(float64(connections) / (evenly * float64(room))))
}

func (t *Table) questions() []read.Question { return read.Questions(t.ClientRate, t.Saturating) }

// trial is a probe that asks of a number. It measures a request of each client, and three times as
// long as another trial at the least, after one of each: a connection's first request is slow, and is not what is asked. Of quiet
// clients a part sends, as often as plain ones, and the others rest, which is what all of them do in
// turn. One that is to be sure lasts longer.
func (t *Table) trial(question, n int, sure bool) Trial {
	q := t.questions()[question]
	p := Trial{Clients: n, Rate: float64(n) * q.ClientRate, Probe: results.ProbeCapacity}
	period := time.Duration(float64(time.Second) / t.ClientRate)
	switch question {
	case read.RateOfFew, read.RateOfMany:
		p = Trial{Clients: q.Clients, Rate: float64(n), Probe: results.ProbeRate}
		period = 2 * time.Duration(t.Plan.Warmup)
	case read.Busy:
		period = max(2*time.Duration(t.Plan.Warmup), period/10)
	case read.Quiet:
		p.Active = 0.1
	}
	p.Warmup, p.Window = Duration(period), max(Duration(period), 3*t.Plan.Duration)
	if sure {
		p.Warmup, p.Window = 2*p.Warmup, max(p.Window, t.Confirm)
	}
	return p
}
