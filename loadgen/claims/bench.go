package claims

import (
	"context"
	"slices"
	"strings"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/loadgen/system"
	"connbench/results"
	"connbench/results/read"
)

// Bench is what the experiments are made with.
type Bench struct {
	Client    []string // the command of a client process; see [loadgen.Serve]
	Placement system.Placement
	Repeats   int           // trials, or repetitions, of each row
	Duration  time.Duration // of each
	Seed      uint64

	// Row is the server of a model, told knobs as flags: "backlog" and "5".
	Row func(ctx context.Context, model string, knobs map[string]string) (sweep.Row, error)
	// Models lists those that serve streams and can run here.
	Models []string
	// Trials runs a plan with the given rows and returns its trials. Within, if given, is a command
	// that starts the client processes.
	Trials func(ctx context.Context, plan sweep.Plan, rows map[string]sweep.Row, within ...string) ([]results.Trial, error)
	// Capacity is the most clients of which a model serves each a request a second within
	// 10 ms.
	Capacity func(ctx context.Context, model string) (read.Capacity, error)
	// Leaker is a server of [Leak].
	Leaker func(closes bool) sweep.Row

	// Decided are claims of experiments that are not to be made again.
	Decided []read.Claim
	// Begin, if not nil, is told which experiment begins, and how many are done of how many;
	// place is that among all there are.
	Begin func(done, of, place int, title string)
}

// experiment decides the claims that the tutorial makes in one place.
type experiment struct {
	number string
	title  string
	words  []string // of each claim; several are 4a, 4b
	method string
	run    func(*Bench, context.Context) ([]finding, error)
}

// finding is what came of one claim of an experiment, in their order.
type finding struct {
	outcome  read.ClaimOutcome
	sentence string
	figures  []read.ClaimFigure
}

var experiments = []experiment{
	capacity, stack, churn, backlog, buffers, reuse, partial, leak, datagrams, peers,
}

// Numbers lists the experiments.
func Numbers() []string {
	return results.Map(experiments, func(e experiment) string { return e.number })
}

// Run makes the experiments of the given numbers, or all, in order, and calls each with
// all claims decided so far after every one. It fails only when ctx ends or each does.
func (b *Bench) Run(ctx context.Context, only []string, each func([]read.Claim) error) error {
	chosen := slices.DeleteFunc(slices.Clone(experiments), func(e experiment) bool {
		return len(only) > 0 && !slices.Contains(only, e.number)
	})
	var all []read.Claim
	for i, e := range chosen {
		if known := e.among(b.Decided); len(known) > 0 {
			all = append(all, known...)
			continue
		}
		if b.Begin != nil {
			place := slices.IndexFunc(experiments, func(other experiment) bool { return other.number == e.number })
			b.Begin(i, len(chosen), place, e.title)
		}
		findings, err := e.run(b, ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		all = append(all, e.claims(findings, err)...)
		if err := each(all); err != nil {
			return err
		}
	}
	return nil
}

// among are the claims of the experiment among those that are decided.
func (e *experiment) among(decided []read.Claim) []read.Claim {
	return slices.DeleteFunc(slices.Clone(decided), func(c read.Claim) bool {
		return strings.TrimRight(c.ID, "abcdefghijklmnopqrstuvwxyz") != e.number
	})
}

// claims joins what the tutorial says and what was found. What an error has kept
// from being found is not decidable.
func (e *experiment) claims(findings []finding, err error) []read.Claim {
	var all []read.Claim
	for i, words := range e.words {
		c := read.Claim{ID: e.number, Words: words, Method: e.method, Outcome: read.Undecidable, Figures: []read.ClaimFigure{}}
		if len(e.words) > 1 {
			c.ID += string(rune('a' + i))
		}
		if i < len(findings) {
			f := findings[i]
			c.Outcome, c.Sentence = f.outcome, f.sentence
			c.Figures = append(c.Figures, f.figures...)
		} else if err != nil {
			c.Sentence = cannotTell(err)
		}
		all = append(all, c)
	}
	return all
}

// cannotTell says in a sentence what has kept something from being measured.
func cannotTell(err error) string {
	return "It could not be measured: " + strings.TrimSuffix(err.Error(), ".") + "."
}

// drive puts a row under a load. Before and after, if not nil, are called when the server
// has no client yet, and when the clients have gone.
func (b *Bench) drive(ctx context.Context, row sweep.Row, spec loadgen.Spec, before, after func(*sweep.Server) error) (*sweep.Driven, error) {
	spec.Seed = b.Seed
	d := sweep.Drive{Row: row, Spec: spec, Client: b.Client, Placement: b.Placement, Before: before, After: after}
	return d.Run(ctx)
}

func (b *Bench) with(ctx context.Context, row sweep.Row, do func(*sweep.Server) error) error {
	server, err := sweep.StartServer(ctx, row, b.Placement.Server)
	if err != nil {
		return err
	}
	defer server.Kill()
	return do(server)
}

func (b *Bench) plan(clients, payload int, rows ...string) sweep.Plan {
	p := sweep.DefaultPlan(rows)
	p.Clients, p.Payloads = []int{clients}, sweep.Sizes(sweep.Size(payload))
	p.Trials, p.Duration, p.Seed = b.Repeats, sweep.Duration(b.Duration), b.Seed
	return p
}

// settings are rows of a model, one for each value of a knob, and their names.
func (b *Bench) settings(ctx context.Context, model, knob string, values ...string) (map[string]sweep.Row, []string, error) {
	rows, names := map[string]sweep.Row{}, []string{}
	for _, value := range values {
		row, err := b.Row(ctx, model, map[string]string{knob: value})
		if err != nil {
			return nil, nil, err
		}
		row.Name = knob + "=" + value
		rows[row.Name], names = row, append(names, row.Name)
	}
	return rows, names, nil
}
