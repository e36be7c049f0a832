package read

import (
	"math"
	"testing"
	"time"

	"connbench/results"
)

// world is a run of two rows, of which A takes as much and B less, whose profiles were made in a
// phase in which all takes so many times as long.
func world(phase float64) (run results.Run, trials []results.Trial, spending []Spent) {
	run = results.Run{Models: []string{"a", "b"}, Trials: 24}
	jitter := []float64{0.99, 1.01, 1, 1.02, 0.98, 1, 0.995, 1.005, 1.01, 0.99, 1, 1}
	base := func(model string, block int, cpu float64) results.Trial {
		return results.Trial{
			Model: model, Block: block, Network: "tcp", Framing: "length", Loop: results.ClosedLoop, Clients: 64, ClientsActive: 64, ClientsServed: 64, PayloadBytes: 64,
			DurationNS: int64(time.Second), Requests: 1000, ThroughputRPS: 1000, Errors: map[string]int64{},
			ServerUsage: &results.ServerUsage{ServerCPUPerRequest: cpu},
		}
	}
	for block, j := range jitter {
		for i, model := range run.Models {
			t := base(model, block, []float64{8000, 6000}[i]*j)
			t.Trial = 2*block + i
			trials = append(trials, t)
		}
	}
	calls := func(n int64) *results.Calls {
		return &results.Calls{Each: []results.Call{{Name: "futex", Count: n}}}
	}
	for block := range 6 {
		j := phase * jitter[block]
		t := base("a", block, 8000*j)
		t.CPUProfile = &results.CPUProfile{Source: results.ByKernel, CallRequests: 100, Calls: calls(120), Voluntary: new(0.75), Involuntary: new(0.05)}
		spending = append(spending, Spent{Trial: &t, User: 3000 * j, Kernel: true, Parts: map[string]float64{
			partSwitch: 1000 * j, callPart + "futex": 600 * j, callPart + "read": 2000 * j, partOwn: 4300 * j, partUnknown: 100 * j}})
		u := base("b", block, 6000*j)
		u.CPUProfile = &results.CPUProfile{Source: results.ByKernel, CallRequests: 100, Calls: calls(20), Voluntary: new(0.0), Involuntary: new(0.02)}
		spending = append(spending, Spent{Trial: &u, User: 2500 * j, Kernel: true, Parts: map[string]float64{
			partSwitch: 100 * j, callPart + "futex": 100 * j, callPart + "read": 2200 * j, partOwn: 3600 * j}})
	}
	return run, trials, spending
}

// Of two trials each there is no drift to take out: what the rows took are their medians.
func TestBecausesOfFewTrials(t *testing.T) {
	run, trials, spending := world(1)
	trials = trials[:4]
	trials[2].ServerCPUPerRequest = 16_000
	all, _ := Becauses(&run, trials, spending, "a", "b")
	a := (trials[0].ServerCPUPerRequest + 16_000) / 2
	if len(all) != 1 || math.Abs(all[0].Took[0]-a) > 1 || all[0].Difference.Bounded() {
		t.Errorf("%+v, want %v", all, a)
	}
}

// Whatever phase the machine was in, the parts are those of the run's difference.
func TestBecauses(t *testing.T) {
	for _, phase := range []float64{1, 2.5} {
		run, trials, spending := world(phase)
		all, _ := Becauses(&run, trials, spending, "a", "b")
		if len(all) != 1 {
			t.Fatalf("%d points", len(all))
		}
		b := all[0]
		near := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > 25 {
				t.Errorf("phase %v: %s is %v, want %v", phase, what, got, want)
			}
		}
		near("the difference", b.Difference.Estimate, 2000)
		near("what is unexplained", b.Unexplained, 100)
		near("of it outside of the kernel", b.User, 500)
		if b.Pairs != 6 || len(b.Causes) != 4 || b.A.Model != "a" {
			t.Fatalf("%d pairs, %+v", b.Pairs, b.Causes)
		}
		for i, want := range []struct {
			part       string
			difference float64
		}{{partSwitch, 900}, {partOwn, 700}, {callPart + "futex", 500}, {taskReceive, -200}} {
			if b.Causes[i].Part != want.part {
				t.Errorf("cause %d is %s, want %s", i, b.Causes[i].Part, want.part)
			}
			near(want.part, b.Causes[i].Difference.Estimate, want.difference)
		}
		if s := b.Causes[0]; s.AEach == nil || math.Abs(*s.AEach-0.8) > 1e-9 || !s.Difference.Bounded() || s.Difference.Low < 800 {
			t.Errorf("switches: %+v", s)
		}
		if f := b.Causes[2]; f.AEach == nil || math.Abs(*f.AEach-1.2)+math.Abs(*f.BEach-0.2) > 1e-9 {
			t.Errorf("futex: %+v", f)
		}
		turned, _ := Becauses(&run, trials, spending, "b", "a")
		back := turned[0]
		near("the difference the other way round", back.Difference.Estimate, -2000)
		near("what is unexplained then", back.Unexplained, -100)
	}
}

// Rows without profiles have nothing to say, and those of other points are not theirs.
func TestBecausesOfNothing(t *testing.T) {
	run, trials, spending := world(1)
	if all, _ := Becauses(&run, trials, nil, "a", "b"); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	for i := range spending {
		spending[i].Clients = 1
	}
	if all, _ := Becauses(&run, trials, spending, "a", "b"); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// Of profiles that others disturbed nothing is taken, unless there are too few of the others.
func TestBecausesOfDisturbedProfiles(t *testing.T) {
	for _, valid := range []int{3, 2} {
		run, trials, spending := world(1)
		for i := range spending {
			if s := &spending[i]; s.Block >= valid {
				s.Verdicts = []string{results.Noisy}
				s.Parts = map[string]float64{partOwn: s.ServerCPUPerRequest}
			}
		}
		all, _ := Becauses(&run, trials, spending, "a", "b")
		b := &all[0]
		if few := valid < fewestPairs; b.Disturbed != few || few == (b.Pairs == valid) || few == (b.Causes[0].Part == partSwitch) {
			t.Errorf("%d valid pairs: %d taken, disturbed %v, %+v", valid, b.Pairs, b.Disturbed, b.Causes[0])
		}
	}
}
