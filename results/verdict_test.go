package results

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sound is a closed trial without anything to say against it: 10 clients, each
// answered after 100 µs, over a second.
func sound() Trial {
	steal, fairness := 0.01, 1.0
	return Trial{
		Loop: ClosedLoop, Clients: 10, ClientsActive: 10, Pipeline: 1, DurationNS: int64(time.Second),
		Requests: 100_000, ThroughputRPS: 100_000,
		ResponseLatency: &Latency{P50: 95e3, P99: 300e3, Mean: 100e3}, ServiceLatency: &Latency{P50: 95e3, P99: 300e3, Mean: 100e3},
		ClientsServed: 10, FairnessJain: &fairness, StealFraction: &steal, ServerUsage: &ServerUsage{ServerCPUFraction: 0.5},
		Client: &Client{
			Threads: 1, CPUFraction: 0.7, WaitFraction: 0.01, Completed: 100_000,
			WindowRPS: tenths(100e3, 100e3), WindowMeanNS: tenths(100e3, 100e3),
		},
	}
}

func with(t Trial, change func(*Trial)) Trial {
	change(&t)
	return t
}

// soundOpen is the same at a rate, which is a tenth of what the server can do.
func soundOpen() Trial {
	t := sound()
	t.Loop, t.RateRPS, t.Arrivals, t.Pipeline = OpenLoop, 10_000, "constant", 64
	t.Requests, t.ThroughputRPS, t.Client.Completed = 10_000, 10_000, 10_000
	t.Client.WindowRPS = tenths(10e3, 10e3)
	t.Slip, t.Client.Pacing = &Latency{P99: 5e3}, &Latency{P99: 5e3}
	return t
}

// tenths are a window's parts: five of one value, then five of another.
func tenths(first, second float64) []float64 {
	return append(slices.Repeat([]float64{first}, 5), slices.Repeat([]float64{second}, 5)...)
}

func TestJudge(t *testing.T) {
	closed, open := sound, soundOpen
	for _, test := range []struct {
		name  string
		trial func() Trial
		spoil func(*Trial)
		want  string // the only verdict; empty for none
	}{
		{"a sound closed loop", closed, func(*Trial) {}, ""},
		{"a sound open loop", open, func(*Trial) {}, ""},

		{"client busy", closed, func(t *Trial) { t.Client.CPUFraction = 0.95 }, ClientBound},
		{"client almost busy", closed, func(t *Trial) { t.Client.CPUFraction = 0.949 }, ""},
		{"client and server busy", closed, func(t *Trial) { t.Client.CPUFraction, t.ServerCPUFraction = 1, 0.85 }, ""},
		{"client busy, server almost", closed, func(t *Trial) { t.Client.CPUFraction, t.ServerCPUFraction = 1, 0.849 }, ClientBound},
		{"client busy, server unseen", closed, func(t *Trial) { t.Client.CPUFraction, t.ServerUsage = 1, nil }, ClientBound},
		{"client of an open loop busy and in time", open, func(t *Trial) { t.Client.CPUFraction = 1 }, ""},

		{"one host of clients busy", closed, onHosts(Host{CPUFraction: 0.5}, Host{CPUFraction: 0.95}), ClientBound},
		{"hosts of clients almost busy", closed, onHosts(Host{CPUFraction: 0.949}, Host{CPUFraction: 0.949}), ""},
		{"one host of clients late", open, onHosts(Host{}, Host{PacingP99: nanos(300_001)}), ClientBound},
		{"hosts as late as they may be", open, onHosts(Host{PacingP99: nanos(300_000)}, Host{}), ""},
		{"one host robbed", closed, onHosts(Host{}, Host{StealFraction: share(0.051)}), Noisy},
		{"hosts robbed a little", closed, onHosts(Host{StealFraction: share(0.05)}, Host{StealFraction: share(0.05)}), ""},

		{"pacing late", open, pacing(300_001, 3e6), ClientBound},
		{"pacing as late as it may be", open, pacing(300_000, 3e6), ""},
		{"pacing late beside low latencies", open, pacing(100_001, 200e3), ClientBound},
		{"pacing as late as a CPU wakes up", open, pacing(100_000, 200e3), ""},
		{"pacing late, latency infinite", open, pacing(1e9, Infinite), ""},

		{"constant rate missed", open, func(t *Trial) { t.Client.Completed = 9899 }, MissedRate},
		{"constant rate reached", open, func(t *Trial) { t.Client.Completed = 9900 }, ""},
		{"poisson rate missed", open, func(t *Trial) { t.Arrivals, t.Client.Completed = "poisson", 9499 }, MissedRate},
		{"poisson rate reached", open, func(t *Trial) { t.Arrivals, t.Client.Completed = "poisson", 9500 }, ""},
		{"low rate reached but for one", open, func(t *Trial) { t.RateRPS, t.Client.Completed = 10, 9 }, ""},
		{"no rate to miss", closed, func(t *Trial) { t.Client.Completed = 1 }, ""},

		{"rate drops", closed, rates(tenths(100e3, 74.9e3)...), NonStationary},
		{"rate drops a little", closed, rates(tenths(100e3, 75.1e3)...), ""},
		{"rate rises", closed, rates(tenths(74.9e3, 100e3)...), NonStationary},
		{"a tenth without answers", closed, rates(100e3, 100e3, 0, 100e3, 100e3, 100e3, 100e3, 100e3, 100e3, 100e3), ""},
		{"the last two tenths without answers", closed, rates(100e3, 100e3, 100e3, 100e3, 100e3, 100e3, 100e3, 100e3, 0, 0), NonStationary},
		{"rounds of 10 clients: 3 and 2", closed, rates(100, 0, 100, 0, 100, 0, 100, 0, 100, 0), ""},
		{"rounds of 10 clients: 3 and 1", closed, rates(100, 0, 100, 0, 100, 0, 100, 0, 0, 0), NonStationary},

		{"latency grows", open, means(tenths(100e3, 201e3)...), NonStationary},
		{"latency grows a little", open, means(tenths(100e3, 199e3)...), ""},
		{"latency falls", open, means(tenths(201e3, 100e3)...), NonStationary},
		{"a queue grows since a short warm-up", open, means(2, 3, 4, 5, 6, 7, 8, 9, 10, 11), NonStationary},
		{"one stall", open, means(1, 1, 1, 1, 1, 1, 100, 1, 1, 1), ""},
		{"a stall in every other tenth", open, means(100, 1, 100, 1, 100, 1, 100, 1, 100, 1), ""},
		{"tenths without a request", open, sparse(100e3, 0, 0, 0, 0, 100e3, 100e3, 100e3, 100e3, 0), ""},
		{"a half without a request", open, sparse(100e3, 100e3, 100e3, 100e3, 100e3, 0, 0, 0, 0, 0), ""},
		{"no request at all", open, sparse(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ""},
		{"an open loop's uneven rate", open, rates(tenths(5e3, 15e3)...), ""},

		{"errors", closed, func(t *Trial) { t.Errors = map[string]int64{"reset": 100, "timeout": 1} }, Errors},
		{"few errors", closed, func(t *Trial) { t.Errors = map[string]int64{"reset": 100} }, ""},
		{"errors of an open loop", open, func(t *Trial) { t.Errors = map[string]int64{"timeout": 11} }, Errors},
		{"nothing but errors", closed, func(t *Trial) {
			*t = Trial{Loop: ClosedLoop, ClientsActive: 10, Pipeline: 1, DurationNS: 1e9, Errors: map[string]int64{"timeout": 10}}
		}, Errors},

		{"nothing was due", closed, func(t *Trial) { t.Requests, t.ThroughputRPS, t.ResponseLatency, t.ServiceLatency = 0, 0, nil, nil }, NoRequests},
		{"nothing was due at a rate", open, func(t *Trial) {
			t.Requests, t.Client.Completed, t.RateRPS, t.ResponseLatency, t.ServiceLatency = 0, 0, 0.5, nil, nil
		}, NoRequests},
		{"a connection lost", closed, func(t *Trial) { t.Errors = map[string]int64{ConnectionLost: 1} }, Lost},
		{"a connection lost of a thousand clients", closed, func(t *Trial) {
			t.Clients, t.Errors = 1000, map[string]int64{ConnectionLost: 1}
		}, ""},
		{"connections lost are no failed requests", open, func(t *Trial) { t.Errors = map[string]int64{ConnectionLost: 10_000} }, Lost},

		{"an idle client unserved", closed, func(t *Trial) { t.Errors = map[string]int64{IdleUnserved: 1} }, UnservedIdle},
		{"an idle client of a thousand", closed, func(t *Trial) {
			t.Clients, t.Errors = 1000, map[string]int64{IdleUnserved: 1}
		}, ""},
		{"idle clients are no failed requests", open, func(t *Trial) { t.Errors = map[string]int64{IdleUnserved: 10_000} }, UnservedIdle},

		{"steal", closed, func(t *Trial) { *t.StealFraction = 0.051 }, Noisy},
		{"little steal", closed, func(t *Trial) { *t.StealFraction = 0.05 }, ""},
		{"run queue", open, func(t *Trial) { t.Client.WaitFraction = 0.051 }, Noisy},
		{"short run queue", open, func(t *Trial) { t.Client.WaitFraction = 0.05 }, ""},

		{"a client not served", closed, mean(89.9e3), Little},
		{"all clients served", closed, mean(90.1e3), ""},
		{"more open than there can be", closed, mean(110.1e3), Little},
		{"a pipeline", closed, func(t *Trial) { t.Pipeline, t.ServiceLatency.Mean = 8, 800e3 }, ""},
		{"idle clients", closed, func(t *Trial) { t.Clients = 1000 }, ""},
		{"only idle clients count", closed, func(t *Trial) { t.ClientsActive = 1000 }, Little},
		{"five rounds and a sixth begun", closed, longRequests(60), ""},
		{"five rounds and two more", closed, longRequests(70), Little},
		{"a client that thinks", closed, func(t *Trial) { t.Slip, t.ServiceLatency.Mean = &Latency{}, 10e3 }, ""},
		{"a client that connects anew", closed, func(t *Trial) { t.RequestsPerConn, t.ServiceLatency.Mean = 1, 10e3 }, ""},
		{"open requests of an open loop", open, mean(10e3), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			trial := test.trial()
			test.spoil(&trial)
			want := []string{}
			if test.want != "" {
				want = append(want, test.want)
			}
			if got := Judge(&trial); got == nil || !slices.Equal(got, want) {
				t.Errorf("got %#v, want %#v", got, want)
			}
		})
	}
}

func pacing(p99, response Nanos) func(*Trial) {
	return func(t *Trial) { t.Client.Pacing.P99, t.ResponseLatency.P99 = p99, response }
}

func rates(values ...float64) func(*Trial) {
	return func(t *Trial) { t.Client.WindowRPS = values }
}

func means(values ...float64) func(*Trial) {
	return func(t *Trial) { t.Client.WindowMeanNS = values }
}

// sparse has as many requests in each part as there are latencies: one or none.
func sparse(values ...float64) func(*Trial) {
	return func(t *Trial) {
		t.Client.WindowMeanNS = values
		t.Client.WindowRPS = slices.Clone(values)
		for i := range values {
			t.Client.WindowRPS[i] = min(values[i], 10)
		}
	}
}

func mean(ns Nanos) func(*Trial) {
	return func(t *Trial) { t.ServiceLatency.Mean = ns }
}

// longRequests take a fifth of the window each; the clients sent so many of them.
func longRequests(n int64) func(*Trial) {
	return func(t *Trial) {
		t.Requests, t.ThroughputRPS, t.ServiceLatency.Mean = n, float64(n), 200e6
	}
}

// What a verdict says must be worth reading, and be said of every one.
func TestExplain(t *testing.T) {
	all := []string{ClientBound, MissedRate, NonStationary, NoRequests, Errors, Lost, UnservedIdle, Noisy, Little}
	seen := map[string]bool{}
	for _, v := range all {
		e := Explain(v)
		if e == v || e == "" || seen[e] {
			t.Errorf("%s: %q", v, e)
		}
		seen[e] = true
	}
	if len(judgements) != len(all) {
		t.Errorf("%d judgements of %d verdicts", len(judgements), len(all))
	}
	if got := Explain("UNHEARD_OF"); got != "UNHEARD_OF" {
		t.Errorf("an unknown verdict is explained as %q", got)
	}
}

// Several verdicts come in the order in which they are declared.
func TestJudgeAll(t *testing.T) {
	trial := with(soundOpen(), func(t *Trial) {
		t.Client.Pacing.P99, t.Client.Completed, t.Client.WaitFraction = 1e9, 1, 1
		t.Errors = map[string]int64{"reset": 10_000}
		t.Client.WindowMeanNS = tenths(1, 10)
	})
	if got, want := Judge(&trial), []string{ClientBound, MissedRate, NonStationary, Errors, Noisy}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What was not recorded is not held against a trial.
func TestJudgeAbsent(t *testing.T) {
	for name, forget := range map[string]func(*Trial){
		"nothing known":     func(t *Trial) { *t = Trial{Loop: t.Loop} },
		"no client":         func(t *Trial) { t.Client, t.ServerUsage, t.StealFraction = nil, nil, nil },
		"an empty client":   func(t *Trial) { t.Client = &Client{Completed: t.Client.Completed} },
		"no latency":        func(t *Trial) { t.ResponseLatency, t.ServiceLatency = nil, nil },
		"no window":         func(t *Trial) { t.DurationNS = 0 },
		"no active clients": func(t *Trial) { t.ClientsActive, t.Pipeline = 0, 0 },
		"a tenth missing": func(t *Trial) {
			t.Client.WindowRPS, t.Client.WindowMeanNS = tenths(1, 1), []float64{1, 100}
		},
		"one tenth": func(t *Trial) {
			t.Client.WindowRPS, t.Client.WindowMeanNS = []float64{1}, []float64{1}
		},
		"no numbers": func(t *Trial) {
			t.Client.WindowRPS = slices.Repeat([]float64{math.NaN()}, 10)
			t.Client.WindowMeanNS = slices.Repeat([]float64{math.Inf(1)}, 10)
			t.ServiceLatency.Mean, t.RateRPS = Infinite, math.NaN()
		},
	} {
		for loop, trial := range map[Loop]Trial{ClosedLoop: sound(), OpenLoop: soundOpen()} {
			forget(&trial)
			if got := Judge(&trial); got == nil || len(got) > 0 {
				t.Errorf("%s, %s loop: %#v, want none", name, loop, got)
			}
		}
	}
}

func nanos(n Nanos) *Nanos { return &n }

func share(f float64) *float64 { return &f }

// onHosts makes a trial one of clients on these hosts.
func onHosts(clients ...Host) func(*Trial) {
	return func(t *Trial) {
		if p := t.Client.Pacing; p != nil {
			t.Client.Pacing = &Latency{P99: 0}
			t.ResponseLatency.P99 = 3e6
		}
		t.Hosts = []Host{{Role: ServerRole, CPUFraction: 1}}
		for _, h := range clients {
			h.Role = ClientRole
			t.Hosts = append(t.Hosts, h)
		}
	}
}

// Clients of hosts began apart by what one was later than another, and by what the clocks may be wrong.
func TestStartSkew(t *testing.T) {
	late := func(late, uncertain Nanos) Host {
		return Host{Role: ClientRole, StartLateNS: &late, ClockUncertaintyNS: &uncertain}
	}
	one := Trial{}
	several := Trial{Hosts: []Host{{Role: ServerRole}, late(1_100_000, 20_000), late(1_050_000, 90_000)}}
	if skew := one.StartSkew(); skew != nil {
		t.Errorf("on one host %v", *skew)
	}
	if skew := several.StartSkew(); skew == nil || *skew != 230_000 {
		t.Errorf("got %v, want 230 µs", skew)
	}
}

// Processes of one host are one host: all their requests, the mean of their threads, the worst of the rest.
func TestHostMerge(t *testing.T) {
	h := Host{Name: "b", Role: ClientRole, Requests: 10, Threads: 1, CPUFraction: 0.2, StealFraction: share(0.1)}
	h.Merge(&Host{Name: "b", Role: ClientRole, Requests: 20, Threads: 3, CPUFraction: 0.6, WaitFraction: 0.3, PacingP99: nanos(5)})
	want := Host{Name: "b", Role: ClientRole, Requests: 30, Threads: 4, CPUFraction: 0.5, WaitFraction: 0.3, StealFraction: share(0.1), PacingP99: nanos(5)}
	if h.CPUFraction = math.Round(h.CPUFraction*1e9) / 1e9; !cmp.Equal(h, want) {
		t.Error(cmp.Diff(want, h))
	}
}
