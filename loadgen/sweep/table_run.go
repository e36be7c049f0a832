package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/stats"
)

// TableRunner measures a table. With trials that are stored it goes on where these end:
// what it measures next follows from what it has measured, so they answer what they
// answered before.
type TableRunner struct {
	Runner
	Table Table
	// Stage is called after each step, see [TableSteps], that others follow, with the place of
	// the question that it asked, -1 for none. May be nil.
	Stage func(step, question int)

	number int
	stored map[attemptAt]*results.Trial // in the beginning
}

// attemptAt is an attempt at a trial, of those at which no host was lost.
type attemptAt struct{ number, attempt int }

// TableSteps are the steps in which a table is measured, each with all rows, in words. What one
// comes to tells the next where to begin.
var TableSteps = []string{
	"throughput", "the highest rate of few clients", "the highest rate of many", "busy clients", "clients", "quiet clients", "latency at half of the throughput",
}

// stepQuestions are the questions of the steps between the first and the last.
var stepQuestions = []int{read.RateOfFew, read.RateOfMany, read.Busy, read.Plain, read.Quiet}

// Run measures each row, step by step.
func (r *TableRunner) Run(ctx context.Context) error {
	r.begin()
	random := rand.New(rand.NewPCG(r.Plan.Seed, 1))
	for step := range TableSteps {
		question, err := -1, error(nil)
		switch step {
		case 0:
			err = r.rounds(ctx, results.ProbeSaturation, step, random)
		case len(TableSteps) - 1:
			return r.rounds(ctx, results.ProbeHalf, step, random)
		default:
			question = stepQuestions[step-1]
			if r.Table.Brief && question != read.Plain {
				continue
			}
			for _, model := range r.Plan.Models {
				if err = r.find(ctx, model, question, step); err != nil {
					break
				}
			}
		}
		if err != nil {
			return err
		}
		if r.Stage != nil {
			r.Stage(step, question)
		}
	}
	return nil
}

func (r *TableRunner) rounds(ctx context.Context, probe string, step int, random *rand.Rand) error {
	for range r.Plan.Trials {
		models := slices.Clone(r.Plan.Models)
		random.Shuffle(len(models), func(i, j int) { models[i], models[j] = models[j], models[i] })
		if err := r.round(ctx, probe, step, models); err != nil {
			return err
		}
	}
	return nil
}

func (r *TableRunner) begin() {
	r.Plan = r.Table.Plan
	r.recall()
	r.number, r.stored = r.First.Trials, map[attemptAt]*results.Trial{}
	attempts := map[int]int{}
	for _, t := range r.Stored {
		r.stored[attemptAt{t.Trial, attempts[t.Trial]}] = &t
		attempts[t.Trial]++
	}
}

// Capacity finds how many clients one row serves, and how many trials and blocks there are
// after that: each probe is a block of its own.
func (r *TableRunner) Capacity(ctx context.Context, model string) (read.Capacity, Numbers, error) {
	r.begin()
	err := r.find(ctx, model, read.Plain, slices.Index(stepQuestions, read.Plain)+1)
	after := Numbers{r.number, r.number}
	if err != nil {
		return read.Capacity{}, after, err
	}
	return r.answer(model, read.Plain), after, nil
}

// own are the trials of a model in this table, so far.
func (r *TableRunner) own(model string) (own []*results.Trial) {
	for i := range r.Stored {
		if t := &r.Stored[i]; t.Model == model && r.First.Trials <= t.Trial && t.Trial < r.number {
			own = append(own, t)
		}
	}
	return own
}

func (r *TableRunner) goal() read.Goal { return r.Table.Goal(&r.Store.Run.Environment) }

func (r *TableRunner) answer(model string, question int) read.Capacity {
	return r.goal().CapacityOf(r.goal().Probes(r.Table.questions(), question, r.own(model)))
}

// find asks a question of a row, until [read.Goal.Next] says that it is answered.
func (r *TableRunner) find(ctx context.Context, model string, question, step int) error {
	goal, search := r.goal(), r.search(model, question)
	for {
		own, questions := r.own(model), r.Table.questions()
		probes := goal.Probes(questions, question, own)
		allowed := search
		allowed.Most += len(probes) - len(questions[question].Of(own)) // which cost nothing
		n, sure := goal.Next(allowed, probes)
		if n == 0 {
			return nil
		}
		t := r.Table.trial(question, n, sure)
		t.Number, t.Block, t.Model, t.Payload, t.Step = r.number, r.number, model, r.Plan.Payloads[0], step
		r.number++
		if len(probes) > 0 && goal.Doubtful(probes[len(probes)-1]) {
			r.pause(ctx, t.Number, len(probes))
		}
		if _, err := r.probe(ctx, t, 0); err != nil {
			return err
		}
	}
}

// A search begins with so many clients where nothing is known, and grows by more than where it is
// expected to end nearby.
const (
	unknownFirst  = 1024
	unknownStride = 4
	knownStride   = 1.6
)

// mostProbes are the probes of a question that tell, at the most: a table of all rows is to
// take half an hour, and the numbers of another day differ by more than further ones would tell.
const mostProbes = 5

// search is where a question begins, by what is known of the row: a little below where it is
// expected to end, so that most first probes are kept. What does not saturate is not asked for
// its rate, and what another question answers is not asked; then the limit is 0.
func (r *TableRunner) search(model string, question int) read.Search {
	const below = 0.6
	few, many, plain := r.answer(model, read.RateOfFew), r.answer(model, read.RateOfMany), r.answer(model, read.Plain)
	s := read.Search{First: unknownFirst, Stride: knownStride, Most: mostProbes, Limit: r.Table.limit(&r.Store.Run.Environment)}
	clients := func(rate float64) int {
		return max(1, min(s.Limit, int(below*rate/r.Table.questions()[question].ClientRate)))
	}
	switch question {
	case read.RateOfFew, read.RateOfMany:
		s.First, s.Limit = int(below*2*r.half(model)), maxTableRate
		if question == read.RateOfMany && few.Trial != nil {
			s.First = int(few.Trial.RateRPS) // which was kept, where an estimate may be far beyond
		}
		if s.First == 0 {
			s.Limit = 0
		}
	case read.Busy, read.Plain:
		if question == read.Plain {
			s.Sure, s.Most = time.Duration(r.Table.Confirm), mostProbes+1
		}
		switch left := r.leftOut(model); {
		case many.Most > 0:
			s.First = clients(float64(many.Most))
		case left > 0:
			s.First = left
		case r.half(model) > 0:
			s.First = clients(2 * r.half(model))
		default:
			s.Stride = unknownStride
		}
	case read.Quiet:
		if s.First = s.Limit; plain.Most == 0 || read.Implies(&plain) {
			s.Limit = 0
		}
	}
	return s
}

// maxTableRate is beyond what a client sends.
const maxTableRate = 10_000_000

// leftOut is how many clients a row served of more, 0 where that was not seen.
func (r *TableRunner) leftOut(model string) (served int) {
	goal := r.goal()
	for _, t := range r.own(model) {
		if goal.Bound(t).LeftOut() {
			served = max(served, t.ClientsServed)
		}
	}
	return served
}

// Noise comes in phases of 0.2 to 10 s: noisePause is before the first attempt that is
// to come after one, and twice as long before the next, up to longestPause.
const (
	noisePause   = 300 * time.Millisecond
	longestPause = 2400 * time.Millisecond
)

func (r *TableRunner) pause(ctx context.Context, number, attempt int) {
	if r.stored[attemptAt{number, attempt}] != nil {
		return
	}
	select {
	case <-time.After(min(noisePause<<(attempt-1), longestPause)):
	case <-ctx.Done():
	}
}

func (r *TableRunner) round(ctx context.Context, probe string, step int, models []string) error {
	first := r.number
	for _, model := range models {
		t := Trial{Number: r.number, Block: first, Model: model, Clients: r.Table.Saturating, Payload: r.Plan.Payloads[0], Probe: probe, Step: step}
		if probe == results.ProbeHalf {
			if t.Rate = r.half(model); t.Rate == 0 {
				continue // nothing is known of it
			}
		}
		r.number++
		for attempt := 0; attempt <= r.Plan.Retries; attempt++ {
			trial, err := r.probe(ctx, t, attempt)
			if err != nil {
				return err
			}
			if !disturbed(trial) {
				break
			}
		}
	}
	return nil
}

// disturbed reports whether a trial of throughput or of latency is to be repeated. At
// half of what a server can do the client is late only when it was kept from its CPU: its
// median lateness is then below a microsecond, and one stall of 3 ms is a whole percentile
// of a short window.
func disturbed(t *results.Trial) bool {
	return slices.Contains(t.Verdicts, results.Noisy) ||
		t.Probe == results.ProbeHalf && slices.Contains(t.Verdicts, results.ClientBound)
}

func (r *TableRunner) half(model string) float64 {
	trials := slices.DeleteFunc(slices.Clone(r.Stored), func(t results.Trial) bool { return t.Model != model || t.Probe != results.ProbeSaturation })
	for _, p := range stats.Summarize(trials, nil) {
		return float64(int(p.Median(results.Throughput) / 2))
	}
	return 0
}

// probe runs one attempt at a trial and returns what is stored of it.
func (r *TableRunner) probe(ctx context.Context, t Trial, attempt int) (*results.Trial, error) {
	if stored := r.stored[attemptAt{t.Number, attempt}]; stored != nil {
		if stored.Probe != t.Probe || stored.Model != t.Model || stored.Clients != t.Clients || stored.RateRPS != t.Rate {
			return nil, fmt.Errorf("trial %d is of %s with %d clients, where %s with %d is due: another version has measured it; begin anew",
				t.Number, stored.Model, stored.Clients, t.Model, t.Clients)
		}
		return stored, nil
	}
	if err := r.attempt(ctx, t, attempt); err != nil {
		return nil, err
	}
	if len(r.Stored) == 0 {
		return nil, fmt.Errorf("trial %d was not stored", t.Number)
	}
	return &r.Stored[len(r.Stored)-1], nil
}
