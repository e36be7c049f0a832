package sweep

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/stats"

	"github.com/google/go-cmp/cmp"
)

// fake is what a trial comes to on a machine where every third attempt is noisy and the
// models differ: the same for the same attempt.
func fake(t Trial, attempt int) results.Trial {
	random := rand.New(rand.NewPCG(uint64(t.Number), uint64(attempt)))
	cost := 5000 * math.Exp(0.1*random.NormFloat64())
	if t.Model == "m1" {
		cost *= 3
	}
	trial := results.Trial{
		Trial: t.Number, Attempt: attempt, Block: t.Block, Model: t.Model, Loop: results.ClosedLoop, Clients: t.Clients,
		PayloadBytes: int(t.Payload.Size), ClientsActive: 1, ClientsServed: 1, Verdicts: []string{},
		ServerUsage: &results.ServerUsage{ServerCPUPerRequest: cost},
	}
	if random.IntN(3) == 0 {
		trial.Verdicts = []string{results.Noisy}
	}
	return trial
}

// drive runs at most so many attempts of a plan, after those stored, and returns all.
func drive(plan Plan, stored []results.Trial, most int) []results.Trial {
	r := &Runner{Plan: plan, Stored: stored, Store: &results.Store{}}
	r.recall()
	for t, attempt := range r.schedule() {
		if most--; most < 0 {
			break
		}
		trial := fake(t, attempt)
		r.note(&trial)
	}
	return r.Stored
}

func names(trials []results.Trial) []string {
	var names []string
	for _, t := range trials {
		names = append(names, fmt.Sprintf("%d of block %d, attempt %d: %s", t.Trial, t.Block, t.Attempt, t.Model))
	}
	return names
}

func TestScheduleRepeatsNoiseAtTheEndOfTheBlock(t *testing.T) {
	plan := orderPlan(1, 3, 2, 1, 4)
	all := drive(plan, nil, math.MaxInt)
	last := map[int]results.Trial{}
	repeated := 0
	for i, trial := range all {
		before, again := last[trial.Trial]
		switch {
		case again != (trial.Attempt > 0):
			t.Errorf("%v comes again as if for the first time, or the other way round", names(all[i:i+1]))
		case again && (before.Valid() || trial.Attempt != before.Attempt+1):
			t.Errorf("attempt %d at trial %d after attempt %d, valid: %v", trial.Attempt, trial.Trial, before.Attempt, before.Valid())
		case i > 0 && trial.Block < all[i-1].Block, i > 0 && trial.Block == all[i-1].Block && trial.Attempt < all[i-1].Attempt:
			t.Errorf("%v after %v", names(all[i:i+1]), names(all[i-1:i]))
		}
		if again {
			repeated++
		}
		last[trial.Trial] = trial
	}
	if len(last) != 24 || repeated == 0 {
		t.Errorf("%d trials, %d attempts more", len(last), repeated)
	}
	for n, trial := range last {
		if !trial.Valid() && trial.Attempt != plan.Retries {
			t.Errorf("trial %d was left noisy after attempt %d", n, trial.Attempt)
		}
	}
	plan.Retries = 0
	if all := drive(plan, nil, math.MaxInt); len(all) != 24 {
		t.Errorf("%d attempts without repeating", len(all))
	}
}

// Wherever a run is interrupted, it goes on to exactly the trials of one that was not.
func TestScheduleGoesOn(t *testing.T) {
	precise := orderPlan(7, 3, 2, 1, precisionTrials)
	precise.Precision = 8
	for _, test := range []struct {
		name string
		plan Plan
		step int // a run with a precision looks back at all before it, which takes long
	}{{"fixed", orderPlan(3, 3, 2, 2, 3), 1}, {"precise", precise, 11}} {
		t.Run(test.name, func(t *testing.T) {
			whole := drive(test.plan, nil, math.MaxInt)
			for cut := 0; cut < len(whole); cut += test.step {
				if diff := cmp.Diff(names(whole), names(drive(test.plan, whole[:cut], math.MaxInt))); diff != "" {
					t.Fatalf("interrupted after %d: %s", cut, diff)
				}
			}
		})
	}
}

// With a precision the points that are compared well enough are left alone, a row far
// behind does not count, and in the end there is nothing left to do.
func TestSchedulePrecision(t *testing.T) {
	plan := orderPlan(7, 3, 2, 1, precisionTrials)
	plan.Precision = 8
	all := drive(plan, nil, math.MaxInt)
	least := precisionTrials * 6
	trials := map[int]bool{}
	for _, trial := range all {
		trials[trial.Trial] = true
	}
	if len(trials) <= least || len(trials) > 20*least {
		t.Errorf("%d trials", len(trials))
	}
	if wide := stats.Wide(all, float64(plan.Precision)); len(wide) != 0 {
		t.Errorf("too wide in the end: %v", wide)
	}
	if stats.Wide(all[:len(all)*3/4], float64(plan.Precision)) == nil {
		t.Error("it would have been enough earlier")
	}
	finer := plan
	finer.Precision = 4
	if n := len(drive(finer, nil, math.MaxInt)); n <= len(all) {
		t.Errorf("%d attempts for 4 %%, %d for 8 %%", n, len(all))
	}
}

// When time is up no further block begins, and the first ones are measured all the same.
func TestScheduleMaxTime(t *testing.T) {
	plan := orderPlan(7, 3, 2, 1, precisionTrials)
	plan.Precision, plan.MaxTime = 1, Duration(time.Nanosecond)
	trials := map[int]bool{}
	for _, trial := range drive(plan, nil, math.MaxInt) {
		trials[trial.Trial] = true
	}
	if len(trials) != precisionTrials*6 {
		t.Errorf("%d trials", len(trials))
	}
}

// Blocks are done when nothing of them is left to be repeated.
func TestProgressCountsBlocks(t *testing.T) {
	r := &Runner{Plan: orderPlan(1, 3, 2, 1, 4), Store: &results.Store{}}
	r.recall()
	var seen []Progress
	for trial, attempt := range r.schedule() {
		done := fake(trial, attempt)
		r.note(&done)
		seen = append(seen, r.progress(&done))
	}
	for i, p := range seen {
		blocks := p.Trial.Block
		if i == len(seen)-1 || seen[i+1].Trial.Block > blocks {
			blocks++
		}
		if p.Blocks != blocks {
			t.Errorf("%d blocks after attempt %d at trial %d of block %d, want %d",
				p.Blocks, p.Trial.Attempt, p.Trial.Trial, p.Trial.Block, blocks)
		}
	}
	if last := seen[len(seen)-1]; last.Done != 24 || last.Total != 24 || len(seen) == 24 {
		t.Errorf("%d of %d trials in %d attempts", last.Done, last.Total, len(seen))
	}
}

// raceIn runs at most so many attempts of a plan with racing into the run in dir.
func raceIn(t *testing.T, dir string, plan Plan, stored []results.Trial, most int) *Runner {
	store, _, _, err := results.Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := &Runner{Plan: plan, Stored: stored, Store: store}
	r.recall()
	for trial, attempt := range r.schedule() {
		if most--; most < 0 {
			break
		}
		done := fake(trial, attempt)
		r.note(&done)
	}
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	return r
}

func newRun(t *testing.T, plan Plan) (dir string) {
	dir = filepath.Join(t.TempDir(), "run")
	store, err := results.Create(dir, results.Run{Trials: len(plan.Order()), Models: plan.Models})
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	return dir
}

// A row that costs three times as much leaves a race, and the others measure on; what was
// decided is in the folder, and holds wherever the run was interrupted.
func TestScheduleRaces(t *testing.T) {
	plan := orderPlan(3, 3, 2, 1, 16)
	plan.Racing = true
	dir := newRun(t, plan)
	r := raceIn(t, dir, plan, nil, math.MaxInt)
	blocks := map[string]int{}
	for _, trial := range results.Final(r.Stored) {
		blocks[trial.Model]++
	}
	if blocks["m0"] != 32 || blocks["m2"] != 32 || blocks["m1"] < 16 || blocks["m1"] > 24 {
		t.Errorf("blocks of each row: %v", blocks)
	}
	run, _, _, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if run.Planned() != r.Done() || len(run.Looks) != 2 || run.Looks[0].Left[0].Model != "m1" {
		t.Errorf("%d trials planned, %d done; %+v", run.Planned(), r.Done(), run.Looks)
	}
	last := r.progress(&r.Stored[len(r.Stored)-1])
	if last.Total != last.Done || last.Spared != 96-last.Done {
		t.Errorf("in the end %+v", last)
	}
	whole := names(r.Stored)
	for cut := 0; cut < len(whole); cut += 5 {
		dir := newRun(t, plan)
		first := raceIn(t, dir, plan, nil, cut)
		if diff := cmp.Diff(whole, names(raceIn(t, dir, plan, first.Stored, math.MaxInt).Stored)); diff != "" {
			t.Fatalf("interrupted after %d: %s", cut, diff)
		}
	}
	plan.Racing = false
	if n := raceIn(t, newRun(t, plan), plan, nil, math.MaxInt).Done(); n != 96 {
		t.Errorf("%d trials without racing", n)
	}
}
