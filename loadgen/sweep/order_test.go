package sweep

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func orderPlan(seed uint64, models, clients, payloads, trials int) Plan {
	p := DefaultPlan(nil)
	p.Clients, p.Payloads = nil, nil
	p.Seed, p.Trials = seed, trials
	for i := range models {
		p.Models = append(p.Models, fmt.Sprintf("m%d", i))
	}
	for i := range clients {
		p.Clients = append(p.Clients, i+1)
	}
	for i := range payloads {
		p.Payloads = append(p.Payloads, Payload{Size: 64 << i})
	}
	return p
}

// point is what the trials of a block have in common.
func point(t Trial) Trial { return Trial{Clients: t.Clients, Payload: t.Payload, Rate: t.Rate} }

func TestOrderIsOfCompleteBlocks(t *testing.T) {
	open := orderPlan(3, 2, 2, 1, 2)
	open.Rates = Rates(100, 1000, 10000)
	for name, p := range map[string]Plan{
		"one":        orderPlan(1, 1, 1, 1, 1),
		"one model":  orderPlan(1, 1, 3, 2, 4),
		"one point":  orderPlan(2, 5, 1, 1, 7),
		"many":       orderPlan(9, 5, 4, 3, 6),
		"open loops": open,
	} {
		t.Run(name, func(t *testing.T) {
			order, points := p.Order(), p.points()
			if want := len(points) * len(p.Models) * p.Trials; len(order) != want {
				t.Fatalf("%d trials, want %d", len(order), want)
			}
			measured := map[Trial]int{}
			for n, trial := range order {
				if trial.Number != n || trial.Block != n/len(p.Models) {
					t.Errorf("trial %d is number %d of block %d", n, trial.Number, trial.Block)
				}
			}
			repetition := map[Trial]int{}
			for block := range slices.Chunk(order, len(p.Models)) {
				var models []string
				for _, trial := range block {
					if point(trial) != point(block[0]) {
						t.Errorf("block %d measures several points", trial.Block)
					}
					models = append(models, trial.Model)
					at := point(trial)
					at.Model = trial.Model
					measured[at]++
				}
				slices.Sort(models)
				if diff := cmp.Diff(p.Models, models); diff != "" {
					t.Errorf("block %d has not each model once: %s", block[0].Block, diff)
				}
				// Each point comes once before any comes again.
				repetition[point(block[0])]++
				if n := block[0].Block / len(points); repetition[point(block[0])] != n+1 {
					t.Errorf("block %d is out of its repetition", block[0].Block)
				}
			}
			for at, n := range measured {
				if n != p.Trials {
					t.Errorf("%v is measured %d times, want %d", at, n, p.Trials)
				}
			}
			if diff := cmp.Diff(order, p.Order()); diff != "" {
				t.Errorf("the same plan, another order: %s", diff)
			}
		})
	}
}

func TestOrderFollowsTheSeed(t *testing.T) {
	const models, seeds = 4, 200
	var at [models][models]int // position, model
	orders := map[string]bool{}
	for seed := range uint64(seeds) {
		p := orderPlan(seed, models, 2, 1, 1)
		order := p.Order()
		orders[fmt.Sprint(order)] = true
		for i, trial := range order[:models] {
			at[i][slices.Index(p.Models, trial.Model)]++
		}
	}
	if len(orders) < seeds*9/10 {
		t.Errorf("%d seeds make %d orders", seeds, len(orders))
	}
	// No place in a block belongs to a model: each is expected in it 50 times; the
	// bounds are five standard deviations away.
	for i, counts := range at {
		for m, n := range counts {
			if n < 20 || n > 80 {
				t.Errorf("model %d is at place %d of a block %d times in %d", m, i, n, seeds)
			}
		}
	}
}

// A run that was begun by one version is to be gone on with by the next.
func TestOrderStays(t *testing.T) {
	p := orderPlan(1, 3, 2, 1, 1)
	var got []string
	for _, trial := range p.Order() {
		got = append(got, fmt.Sprintf("%d %s %d %v", trial.Block, trial.Model, trial.Clients, trial.Payload))
	}
	if diff := cmp.Diff(firstOrder, got); diff != "" {
		t.Errorf("a stored seed now means another order: %s", diff)
	}
}

var firstOrder = []string{
	"0 m1 1 64 B",
	"0 m2 1 64 B",
	"0 m0 1 64 B",
	"1 m1 2 64 B",
	"1 m2 2 64 B",
	"1 m0 2 64 B",
}

func TestSpecOfTrials(t *testing.T) {
	p := orderPlan(40, 2, 1, 1, 1)
	p.Framing, p.MaxFrame = "raw", 2048
	p.Warmup, p.Duration, p.Timeout = 1e6, 2e6, 3e6
	p.Pipeline = 4
	for _, trial := range p.Order() {
		s := p.Spec(trial, "unix", "/s")
		if s.Network != "unix" || s.Address != "/s" || s.Framing != "raw" || s.MaxFrame != 2048 || s.Pipeline != 4 ||
			s.Clients != 1 || s.PayloadBytes != 64 || s.Warmup != 1e6 || s.Duration != 2e6 || s.Timeout != 3e6 {
			t.Errorf("%+v", s)
		}
		if want := 40 + uint64(trial.Number); s.Seed != want {
			t.Errorf("trial %d has seed %d, want %d", trial.Number, s.Seed, want)
		}
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// Plans that follow one another take no number of a trial or block twice, and leave none out.
func TestPlansFollow(t *testing.T) {
	var before Numbers
	for i, p := range []Plan{
		{Models: []string{"a", "b", "c"}, Clients: []int{1, 2}, Payloads: Sizes(1), Trials: 2},
		{Models: []string{"d", "e"}, Clients: []int{1, 2, 3}, Payloads: Sizes(1, 2), Trials: 3},
		{Models: []string{"f", "g"}, Clients: []int{1}, Payloads: Sizes(1), Trials: 6},
	} {
		seen := before
		n := 0
		for round := range p.rounds(before) {
			if n++; n > p.Trials {
				break
			}
			for _, b := range round {
				for _, trial := range b {
					if trial.Number != seen.Trials || trial.Block != seen.Blocks {
						t.Errorf("plan %d: trial %d in block %d, want %+v", i, trial.Number, trial.Block, seen)
					}
					seen.Trials++
				}
				seen.Blocks++
			}
		}
		if before = p.After(before); before != seen {
			t.Errorf("after plan %d there are %+v, it says %+v", i, seen, before)
		}
	}
}
