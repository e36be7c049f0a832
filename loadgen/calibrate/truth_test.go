package calibrate

import (
	"strings"
	"sync"
	"testing"
	"time"

	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

// measured is a repetition with these response times in ns, and noise if any.
func measured(mean, p50, p99 float64, path *Path, noise ...string) Repetition {
	r := Repetition{Path: path, Noise: noise, response: results.NewHistogram()}
	r.response.RecordValue(int64(p50))
	r.ResponseLatency = &results.Latency{Mean: results.Nanos(mean), P50: results.Nanos(p50), P99: results.Nanos(p99)}
	return r
}

// path is one of sojourns that are all the same.
func path(mean, p99 float64) *Path {
	p := &Path{Response: Figures{mean, p99}, sojourns: results.NewHistogram()}
	p.sojourns.RecordValue(int64(p99))
	return p
}

// TestCompare: with a floor of 30 in the mean and 20 in the median, what was
// measured is 4 beyond the path in the mean and 8 in the p99; chance has made the
// paths differ from theory, and what is noisy is absurd.
func TestCompare(t *testing.T) {
	floor := floorOf(1000, []Repetition{
		measured(29, 19, 500, nil), measured(30, 20, 500, nil), measured(31, 21, 500, nil), measured(9e9, 9e9, 9e9, nil, "noisy"),
	})
	if floor.Quiet != 3 || floor.MeanNS != 30 || floor.Response.P50 != 20 {
		t.Errorf("floor %+v", floor)
	}
	truth := Truth{Theory: Figures{Mean: 400, P99: 1600}, Repetitions: repetitionsOf([]Repetition{
		measured(410+30+4, 0, 1500+20+8, path(410, 1500)),
		measured(9e9, 0, 9e9, path(1, 1), "noisy"),
		measured(330+30+4, 0, 1700+20+8, path(330, 1700)),
		measured(430+30+4, 0, 1300+20+8, path(430, 1300)),
	})}
	truth.compare(floor)
	if truth.Quiet != 3 || truth.FloorQuiet != 3 {
		t.Errorf("%d quiet, %d of the floor", truth.Quiet, truth.FloorQuiet)
	}
	for _, tt := range []struct {
		name string
		got  *Interval
		want float64
	}{
		{"mean", truth.Mean.Net, 1},
		{"p99", truth.P99.Net, 0.5},
		{"plain mean", truth.Mean.Plain, 100 * (394 - 400) / 400.0},
		{"plain p99", truth.P99.Plain, 100 * (1508 - 1600) / 1600.0},
	} {
		if !closeTo(tt.got.Estimate, tt.want, 1e-9) || tt.got.Low >= tt.want || tt.got.High <= tt.want {
			t.Errorf("%s: %+v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if net, plain := truth.Mean.Net, truth.Mean.Plain; net.High-net.Low > (plain.High-plain.Low)/5 {
		t.Errorf("the sample path takes out no chance: %+v, plain %+v", net, plain)
	}
	truth.compare(floorOf(1000, nil))
	if truth.Mean.Net != nil || truth.P99.Plain != nil {
		t.Error("a deviation without a floor")
	}
}

func TestClientLate(t *testing.T) {
	r := Repetition{pacing: results.NewHistogram()}
	r.pacing.RecordValues(50e3, 995)
	r.pacing.RecordValues(150e3, 5)
	r.ResponseLatency = &results.Latency{}
	r.judge(bounds{delay: 1})
	if diff := cmp.Diff([]string{"client late with 0.5 % of the requests"}, r.Noise); diff != "" {
		t.Error(diff)
	}
}

func TestJudge(t *testing.T) {
	share := func(v float64) *float64 { return &v }
	server := func(lost, lost2 int64) *results.ServerUsage {
		return &results.ServerUsage{ServerCounters: map[string]int64{counterWatched: 1e9, counterLost: lost, counterLost2: lost2}}
	}
	client := func(wait, pacing float64) *results.Client {
		return &results.Client{WaitFraction: wait, Pacing: &results.Latency{Mean: results.Nanos(pacing)}}
	}
	b := bounds{wait: 0.02, rho: 0.5, delay: 5000}
	tests := []struct {
		name   string
		trial  results.Trial
		path   *Path
		bounds bounds
		want   []string
	}{
		{"nothing known", results.Trial{}, nil, b, []string{}},
		{"quiet", results.Trial{StealFraction: share(0.01), ServerUsage: server(5e6, 4e3), Client: client(0.02, 5000), Requests: 9}, &Path{Requests: 9}, b, []string{}},
		{"steal", results.Trial{StealFraction: share(0.011)}, nil, b, []string{"1.1 % stolen by the hypervisor"}},
		{"client waits", results.Trial{Client: client(0.03, 0)}, nil, b, []string{"client 3.0 % without a CPU"}},
		{"client late", results.Trial{Client: client(0, 6000)}, nil, b, []string{"client interrupted, 6 µs late"}},
		{"pacing is what is measured", results.Trial{Client: client(0, 6000)}, nil, bounds{wait: 0.02}, []string{}},
		{"server lost", results.Trial{ServerUsage: server(2e7, 1)}, nil, b, []string{"server 2.0 % without a CPU"}},
		{"server gone for 4 ms", results.Trial{ServerUsage: server(4e6, 16e6)}, nil, b, []string{"server interrupted, 16 µs late"}},
		{"failures", results.Trial{Errors: map[string]int64{"reset": 2}}, nil, b, []string{"2 requests failed"}},
		{"not all", results.Trial{Requests: 8}, &Path{Requests: 9}, b, []string{"8 requests of 9"}},
	}
	for _, tt := range tests {
		r := Repetition{Trial: tt.trial, Path: tt.path}
		r.ResponseLatency = &results.Latency{}
		r.judge(tt.bounds)
		if diff := cmp.Diff(tt.want, r.Noise); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	var empty Repetition
	if empty.judge(b); empty.Quiet() || mean(&empty) != 0 {
		t.Errorf("without any request: %v, mean %v", empty.Noise, mean(&empty))
	}
}

// report is one of synthetic repetitions: so many quiet ones of everything, off by
// a share of theory.
func syntheticReport(quiet int, off float64) *Report {
	noise := func(i int) []string {
		if i < quiet {
			return nil
		}
		return []string{"noisy"}
	}
	m := (&Bench{Options: DefaultOptions(), Placement: apart}).points()
	for i := range 5 {
		jitter := float64(i)
		for _, p := range m.floors {
			p.repetitions = append(p.repetitions, measured(3e4+jitter, 3e4, 3e4, nil, noise(i)...))
		}
		for j, p := range m.truth {
			theory := m.truths[j].Theory
			p.repetitions = append(p.repetitions, measured(theory.Mean*(1+off)+3e4+jitter, 0, theory.P99*(1+off)+3e4+jitter,
				path(theory.Mean, theory.P99), noise(i)...))
		}
		echo := measured(2e4, 2e4, 4e4, nil, noise(i)...)
		cpu := 4000 + jitter
		echo.ClientCPUPerRequest, echo.ServerUsage = &cpu, &results.ServerUsage{ServerCPUPerRequest: 5000}
		echo.Slip = &results.Latency{P99: 9000}
		echo.Client = &results.Client{Pacing: &results.Latency{P99: results.Nanos(9000 + jitter)}}
		for _, p := range []*point{m.pacing, m.roundTrip, m.capacity} {
			p.repetitions = append(p.repetitions, echo)
		}
	}
	return m.report(&Bench{Options: DefaultOptions(), Placement: apart}, time.Unix(0, 0))
}

// exact is a report of which nothing is off.
var exact = sync.OnceValue(func() *Report { return syntheticReport(5, 0.01) })

func TestFindings(t *testing.T) {
	tests := []struct {
		name  string
		quiet int
		off   float64
		want  Verdict
		texts []string // a part of each finding
	}{
		{"exact", 5, 0.01, Trusted, []string{
			"within 1.0 % of the truth at every load (limit 5 %)", "within 1.0 % ", "within 1.0 % ", "within 1.0 % ",
			"at 50k requests/s one request in a hundred is sent more than 9 µs late", "0.80 times the CPU time",
		}},
		{"off", 5, 0.07, WithCare, []string{
			"rho 0.3: +7.0 to +7.0 %; rho 0.5: +7.0 to +7.0 %; rho 0.7: ", "within 7.0 %", "(limit 5 %)", "(limit 10 %)", "", "",
		}},
		{"noisy", 2, 0.01, Undecidable, []string{
			"fewer than 3 quiet repetitions, of it or its floor, at rho 0.3, 0.5, 0.7, 0.8 (limit 5 %)", "", "", "",
			"2 of 5 repetitions were quiet, 3 are needed", "2 of 5 repetitions were quiet, 3 are needed",
		}},
		{"never quiet", 0, 0.01, Undecidable, []string{"", "", "", "", "0 of 5", "0 of 5"}},
	}
	for _, tt := range tests {
		r := exact()
		if tt.name != "exact" {
			r = syntheticReport(tt.quiet, tt.off)
		}
		if r.Verdict != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, r.Verdict, tt.want)
		}
		for i, part := range tt.texts {
			if !strings.Contains(r.Findings[i].Text, part) {
				t.Errorf("%s: %s: %q lacks %q", tt.name, r.Findings[i].Subject, r.Findings[i].Text, part)
			}
		}
	}
}

func TestSharedCPUsDecideNothing(t *testing.T) {
	m := (&Bench{Options: DefaultOptions(), Placement: shared}).points()
	if len(m.all()) != 3 {
		t.Errorf("%d points", len(m.all()))
	}
	r := m.report(&Bench{Placement: shared}, time.Unix(0, 0))
	if r.Findings[0].Verdict != Undecidable || !strings.Contains(r.Findings[0].Text, "share their CPUs") || r.Verdict != Undecidable {
		t.Errorf("%+v", r.Findings)
	}
}
