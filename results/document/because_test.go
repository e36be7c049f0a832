package document

import (
	"testing"

	"connbench/results"
	"connbench/results/read"
	"connbench/results/resultstest"
	"connbench/results/stats"
)

// profiled is a profile of a row whose parts are as given, in each of six blocks.
func profiled(model string, calls *results.Calls, parts map[string]float64, change func(*read.Spent)) (all []read.Spent) {
	for block := range 6 {
		t := resultstest.Race(1, map[string]float64{model: 0}, model)[0]
		t.Block = block
		s := read.Spent{Trial: &t, Kernel: true, Parts: map[string]float64{}}
		for part, ns := range parts {
			s.Parts[part] = ns * (1 + 0.01*float64(block%3))
			t.ServerCPUPerRequest += s.Parts[part]
		}
		s.User = t.ServerCPUPerRequest / 4
		t.CPUProfile = &results.CPUProfile{Source: results.ByKernel, File: "profiles/00000.pb.gz", Calls: calls, CallRequests: 1000,
			Voluntary: new(0.05), Involuntary: new(0.01), Faults: new(0.00002)}
		if change != nil {
			change(&s)
		}
		all = append(all, s)
	}
	return all
}

func callsOfRow(each ...results.Call) *results.Calls { return &results.Calls{Each: each} }

// worlds are pairs of rows whose difference is known.
func worlds() map[string][2][]read.Spent {
	reads := callsOfRow(results.Call{Name: "read", Count: 2000, Again: 1000, Bytes: 68_000}, results.Call{Name: "write", Count: 1000, Bytes: 68_000}, results.Call{Name: "epoll_pwait", Count: 40, Events: 1000})
	receives := callsOfRow(results.Call{Name: "recvfrom", Count: 1000, Bytes: 68_000}, results.Call{Name: "sendto", Count: 1000, Bytes: 68_000}, results.Call{Name: "epoll_pwait", Count: 60, Events: 1000})
	slow := map[string]float64{"the call read": 1200, "the call write": 2200, "interrupt work": 2500, "Go's scheduler": 1000, "switching threads": 800, "": 300}
	fast := map[string]float64{"the call recvfrom": 700, "the call sendto": 2000, "interrupt work": 2000, "the row's own code": 300}
	switching := func(s *read.Spent) { s.CPUProfile.Voluntary = new(0.85) }
	functions := func(names map[string]float64) func(*read.Spent) {
		return func(s *read.Spent) { s.Program = names }
	}
	ticks := func(s *read.Spent) {
		s.Kernel, s.User = false, s.Parts["its own code, user time"]
		s.CPUProfile = &results.CPUProfile{Lacking: "sample processes: perf_event_open: permission denied", CallsLacking: "count system calls: tracefs is not mounted",
			Calls: &results.Calls{Partial: true, Each: []results.Call{{Name: "write", Count: 1000, Bytes: 68_000}}}, CallRequests: 1000,
			Voluntary: new(0.05), Involuntary: new(0.01)}
	}
	return map[string][2][]read.Spent{
		"parts":  {profiled("goroutine", reads, slow, switching), profiled("reactor", receives, fast, nil)},
		"turned": {profiled("reactor", receives, fast, nil), profiled("goroutine", reads, slow, switching)},
		"functions": {profiled("goroutine", nil, slow, functions(map[string]float64{"a.py:f": 6000, "b.py:g": 2000})),
			profiled("reactor", nil, fast, functions(map[string]float64{"a.py:f": 4000, "c.py:h": 1000}))},
		"ticks": {profiled("goroutine", nil, map[string]float64{"its own code, user time": 2000, "the kernel, system time": 6000}, ticks),
			profiled("reactor", nil, map[string]float64{"its own code, user time": 1000, "the kernel, system time": 4000}, ticks)},
	}
}

func TestBecause(t *testing.T) {
	trials := resultstest.Race(10, map[string]float64{"reactor": 5000, "goroutine": 8000}, "reactor", "goroutine")
	run := results.Run{Models: []string{"reactor", "goroutine"}}
	for name, rows := range worlds() {
		all, left := read.Becauses(&run, trials, append(rows[0], rows[1]...), rows[0][0].Model, rows[1][0].Model)
		if len(all) != 1 {
			t.Fatalf("%s: %d points, %v", name, len(all), left)
		}
		resultstest.Golden(t, "because-"+name+".txt", said(t, Because(all, left, "runs/a"), ""))
	}
	alike := resultstest.Race(10, map[string]float64{"reactor": 5000, "goroutine": 5003}, "reactor", "goroutine")
	rows := worlds()["parts"]
	all, left := read.Becauses(&run, alike, append(rows[0], rows[1]...), "goroutine", "reactor")
	resultstest.Golden(t, "because-alike.txt", said(t, Because(all, left, "runs/a"), ""))
}

func TestSplits(t *testing.T) {
	rows := worlds()
	all := append(rows["parts"][0], rows["parts"][1]...)
	resultstest.Golden(t, "splits.txt", said(t, Splits(read.Splits(all, nil)), ""))
	resultstest.Golden(t, "splits-one.txt", said(t, Splits(read.Splits(rows["parts"][0], nil)), ""))
	resultstest.Golden(t, "splits-ticks.txt", said(t, Splits(read.Splits(rows["ticks"][0], nil)), ""))
}

func TestBecauseVerdict(t *testing.T) {
	at := func(outcomes ...stats.Outcome) (all []read.Because) {
		for _, o := range outcomes {
			all = append(all, read.Because{A: results.Key{Model: "a"}, B: results.Key{Model: "b"}, Outcome: o})
		}
		return all
	}
	for _, test := range []struct {
		all  []read.Because
		want string
	}{
		{at(stats.Worse, stats.Worse), "a takes more CPU a request than b at 2 of 2 points."},
		{at(stats.Worse, stats.Better, stats.Undecided), "a takes more CPU a request than b at 1 of 3 points, and less CPU a request than b at 1 of 3 points; at 1 they cannot be told apart."},
		{at(stats.NoDifference, stats.Undecided), "a and b cannot be told apart by their CPU time a request at any of 2 points."},
	} {
		if got := becauseVerdict(test.all); got != test.want {
			t.Errorf("%s\nwant %s", got, test.want)
		}
	}
}
