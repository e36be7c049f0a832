package stats

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"connbench/results"
	"connbench/results/resultstest"
)

func TestSummarizeFigures(t *testing.T) {
	noisy := func(rps float64) results.Trial {
		return resultstest.With(resultstest.TrialOf("m", rps), func(t *results.Trial) { t.Verdicts = []string{"NOISY"} })
	}
	for _, test := range []struct {
		name       string
		trials     []results.Trial
		throughput Spread
		valid      int
		hasServer  bool
		flagged    bool
		hasFigures bool
	}{
		{"one", []results.Trial{resultstest.TrialOf("m", 7)}, Spread{7, 7, 7}, 1, true, false, true},
		{"odd", []results.Trial{resultstest.TrialOf("m", 30), resultstest.TrialOf("m", 10), resultstest.TrialOf("m", 20)}, Spread{20, 10, 30}, 3, true, false, true},
		{"even", []results.Trial{resultstest.TrialOf("m", 40), resultstest.TrialOf("m", 10), resultstest.TrialOf("m", 30), resultstest.TrialOf("m", 20)}, Spread{25, 10, 40}, 4, true, false, true},
		{"invalid left out", []results.Trial{resultstest.TrialOf("m", 10), noisy(1000)}, Spread{10, 10, 10}, 1, true, false, true},
		{"none valid", []results.Trial{noisy(10), noisy(20), resultstest.Failed("m")}, Spread{15, 10, 20}, 0, true, true, true},
		{"failure left out", []results.Trial{resultstest.Failed("m"), resultstest.TrialOf("m", 10)}, Spread{10, 10, 10}, 1, true, false, true},
		{"only failures", []results.Trial{resultstest.Failed("m"), resultstest.Failed("m")}, Spread{}, 0, false, true, false},
		{
			"a client not served",
			[]results.Trial{resultstest.TrialOf("m", 10), resultstest.With(resultstest.TrialOf("m", 20), func(t *results.Trial) { t.ClientsServed = 1 })},
			Spread{15, 10, 20}, 2, true, true, true,
		},
		{
			"an idle client",
			[]results.Trial{resultstest.With(resultstest.TrialOf("m", 10), func(t *results.Trial) { t.ClientsActive, t.ClientsServed = 1, 1 })},
			Spread{10, 10, 10}, 1, true, false, true,
		},
		{
			"server unseen in one",
			[]results.Trial{resultstest.TrialOf("m", 10), resultstest.With(resultstest.TrialOf("m", 20), func(t *results.Trial) { t.ServerUsage = nil })},
			Spread{15, 10, 20}, 2, true, false, true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			points := Summarize(test.trials, nil)
			if len(points) != 1 {
				t.Fatalf("%d points, want 1", len(points))
			}
			p := points[0]
			if got := p.Figures[results.Throughput]; got != test.throughput {
				t.Errorf("Throughput %+v, want %+v", got, test.throughput)
			}
			if p.Trials != len(test.trials) || p.Valid != test.valid {
				t.Errorf("%d valid of %d, want %d of %d", p.Valid, p.Trials, test.valid, len(test.trials))
			}
			if _, known := p.Of(results.ServerCPU); known != test.hasServer || p.Flagged() != test.flagged || p.HasFigures() != test.hasFigures {
				t.Errorf("server known %t, Flagged %t, HasFigures %t; want %t, %t, %t",
					known, p.Flagged(), p.HasFigures(), test.hasServer, test.flagged, test.hasFigures)
			}
		})
	}
}

func TestSummarizeInfiniteLatency(t *testing.T) {
	inf := math.Inf(1)
	p99 := func(n results.Nanos) results.Trial {
		return resultstest.With(resultstest.TrialOf("m", 1), func(t *results.Trial) { t.ResponseLatency.P99 = n })
	}
	for _, test := range []struct {
		name   string
		trials []results.Trial
		want   Spread
	}{
		{"minority", []results.Trial{p99(results.Infinite), p99(3e3), p99(1e3)}, Spread{3e3, 1e3, inf}},
		{"half", []results.Trial{p99(results.Infinite), p99(1e3)}, Spread{inf, 1e3, inf}},
		{"all", []results.Trial{p99(results.Infinite), p99(results.Infinite)}, Spread{inf, inf, inf}},
	} {
		if got := Summarize(test.trials, nil)[0].Figures[results.P99]; got != test.want {
			t.Errorf("%s: P99 %+v, want %+v", test.name, got, test.want)
		}
	}
}

// What a trial could not measure must not pull a median towards zero.
func TestSummarizeUnmeasured(t *testing.T) {
	cpu, steal := 4000.0, 0.25
	seen := resultstest.With(resultstest.TrialOf("m", 1), func(t *results.Trial) { t.ClientCPUPerRequest, t.StealFraction = &cpu, &steal })
	unseen := resultstest.TrialOf("m", 1)
	for _, test := range []struct {
		name   string
		trials []results.Trial
		cpu    Spread
		steal  Spread
		has    bool
	}{
		{"in all", []results.Trial{seen, seen}, Spread{cpu, cpu, cpu}, Spread{steal, steal, steal}, true},
		{"in some", []results.Trial{unseen, seen, unseen}, Spread{cpu, cpu, cpu}, Spread{steal, steal, steal}, true},
		{"in none", []results.Trial{unseen}, Spread{}, Spread{}, false},
	} {
		p := Summarize(test.trials, nil)[0]
		gotCPU, hasCPU := p.Of(results.ClientCPU)
		gotSteal, hasSteal := p.Of(results.Steal)
		if gotCPU != test.cpu || gotSteal != test.steal || hasCPU != test.has || hasSteal != test.has {
			t.Errorf("%s: ClientCPU %+v (%t), Steal %+v (%t)", test.name, gotCPU, hasCPU, gotSteal, hasSteal)
		}
	}
}

func TestSummarizeCollects(t *testing.T) {
	trials := []results.Trial{
		resultstest.With(resultstest.TrialOf("m", 1), func(t *results.Trial) {
			t.Errors, t.Verdicts = map[string]int64{"timeout": 2, "reset": 1}, []string{"NOISY"}
		}),
		resultstest.With(resultstest.Failed("m"), func(t *results.Trial) { t.Errors = map[string]int64{"timeout": 3} }),
		resultstest.With(resultstest.TrialOf("m", 1), func(t *results.Trial) { t.Verdicts = []string{"NOISY", "CLIENT_BOUND"} }),
	}
	p := Summarize(trials, nil)[0]
	if diff := cmp.Diff(map[string]int64{"timeout": 5, "reset": 1}, p.Errors); diff != "" {
		t.Errorf("Errors (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"CLIENT_BOUND", "NOISY"}, p.Verdicts); diff != "" {
		t.Errorf("Verdicts (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"did not start"}, p.Failures); diff != "" {
		t.Errorf("Failures (-want +got)\n%s", diff)
	}
}

func TestSummarizeOrder(t *testing.T) {
	at := func(model, network string, payload, clients int) results.Trial {
		return resultstest.With(resultstest.TrialOf(model, 1), func(t *results.Trial) { t.Network, t.PayloadBytes, t.Clients = network, payload, clients })
	}
	trials := []results.Trial{
		at("stranger", "tcp", 64, 1),
		at("b", "udp", 64, 1),
		at("b", "tcp", 4096, 1),
		at("b", "tcp", 64, 16),
		at("another", "tcp", 64, 1),
		at("a", "tcp", 64, 1),
		at("b", "tcp", 64, 1),
		at("b", "tcp", 64, 2),
	}
	key := func(model, network string, payload, clients int) results.Key {
		return results.Key{Model: model, Network: network, Framing: "length", Work: "echo", Loop: results.ClosedLoop, PayloadBytes: payload, Clients: clients}
	}
	want := []results.Key{
		key("b", "tcp", 64, 1),
		key("b", "udp", 64, 1),
		key("a", "tcp", 64, 1),
		key("stranger", "tcp", 64, 1),
		key("another", "tcp", 64, 1),
		key("b", "tcp", 64, 2),
		key("b", "tcp", 64, 16),
		key("b", "tcp", 4096, 1),
	}
	var got []results.Key
	for _, p := range Summarize(trials, []string{"b", "a"}) {
		got = append(got, p.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got)\n%s", diff)
	}
}

// Trials at other rates or with other arrivals are other points.
func TestSummarizeOpenLoop(t *testing.T) {
	at := func(arrivals string, clients int, rate float64, slip results.Nanos) results.Trial {
		return resultstest.With(resultstest.TrialOf("m", rate), func(t *results.Trial) {
			t.Loop, t.Arrivals, t.Clients, t.RateRPS, t.Slip = results.OpenLoop, arrivals, clients, rate, &results.Latency{P99: slip}
		})
	}
	trials := []results.Trial{
		at("poisson", 2, 1000, 30), at("poisson", 2, 500, 1), at("constant", 2, 1000, 1),
		at("poisson", 1, 2000, 1), at("poisson", 2, 1000, 10), resultstest.TrialOf("m", 1),
	}
	type line struct {
		arrivals string
		clients  int
		rate     float64
		trials   int
		slip     Spread
	}
	want := []line{
		{"", 2, 0, 1, Spread{}},
		{"constant", 2, 1000, 1, Spread{1, 1, 1}},
		{"poisson", 1, 2000, 1, Spread{1, 1, 1}},
		{"poisson", 2, 500, 1, Spread{1, 1, 1}},
		{"poisson", 2, 1000, 2, Spread{20, 10, 30}},
	}
	var got []line
	for _, p := range Summarize(trials, nil) {
		got = append(got, line{p.Arrivals, p.Clients, p.RateRPS, p.Trials, p.Figures[results.SlipP99]})
		if _, slip := p.Of(results.SlipP99); slip != (p.Loop == results.OpenLoop) || p.Median(results.ServiceP99) != 1e3 {
			t.Errorf("%s loop: slip known %t, service p99 %v", p.Loop, slip, p.Median(results.ServiceP99))
		}
	}
	if !slices.Equal(want, got) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSummarizeNothing(t *testing.T) {
	if points := Summarize(nil, []string{"m"}); len(points) != 0 {
		t.Errorf("%d points of no trials", len(points))
	}
}

// An open loop may ask another number of clients in each trial: a row is flagged for those
// that it left out of them, and for nothing else.
func TestUnservedOfTheAsked(t *testing.T) {
	asked := func(active, served int) results.Trial {
		return results.Trial{Model: "a", Loop: results.OpenLoop, RateRPS: 100, Clients: 1000, ClientsActive: active, ClientsServed: served, Verdicts: []string{}}
	}
	number := func(trials ...results.Trial) []results.Trial {
		for i := range trials {
			trials[i].Trial = i
		}
		return trials
	}
	all := Summarize(number(asked(998, 998), asked(996, 996)), nil)[0]
	if served, active := all.MostUnserved(); all.Flagged() || served != 998 || active != 998 {
		t.Errorf("flagged: %v, %v of %v served", all.Flagged(), served, active)
	}
	less := Summarize(number(asked(998, 998), asked(996, 995)), nil)[0]
	if served, active := less.MostUnserved(); !less.Flagged() || served != 997 || active != 998 {
		t.Errorf("flagged: %v, %v of %v served", less.Flagged(), served, active)
	}
}

// A point of an empty trial and one of 2.38 ms said 1.19 ms.
func TestPointOfAnEmptyTrialAndAnother(t *testing.T) {
	later := resultstest.With(resultstest.Empty(), func(t *results.Trial) { t.Trial, t.Block = 2, 2 })
	noisy := resultstest.With(resultstest.Answered(), func(t *results.Trial) { t.Verdicts = []string{results.Noisy} })
	for name, trials := range map[string][]results.Trial{
		"one valid":                 {resultstest.Empty(), resultstest.Answered()},
		"the other way":             {resultstest.Answered(), later},
		"none valid":                {resultstest.Empty(), noisy},
		"none valid, the other way": {noisy, later},
	} {
		p := Summarize(trials, nil)[0]
		if s, known := p.Of(results.P99); !known || s.Median != 2.38e6 || s.Min != 2.38e6 {
			t.Errorf("%s: p99 %+v", name, s)
		}
		if got, want := p.TooFew(), "p99 of 1 request"; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A client that is left out once, in a short trial, does not cost a row its place; half of them do.
func TestFlaggedByMostTrials(t *testing.T) {
	for out, want := range map[int]bool{0: false, 1: false, 2: false, 3: true, 6: true} {
		trials := resultstest.Race(6, map[string]float64{"a": 5000}, "a")
		for i := range out {
			trials[i].ClientsServed = 63
		}
		if p := Summarize(trials, nil)[0]; p.Flagged() != want {
			t.Errorf("%d of 6 trials left a client out: flagged %v", out, p.Flagged())
		}
	}
}
