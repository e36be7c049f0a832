package doctor

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"connbench/loadgen/system"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/procfs"
)

func TestNoiseJudgements(t *testing.T) {
	calm := Interruption{CPU: 0, PerSecond: 3, MedianNS: 12_000, LongestNS: 15_000, LostFraction: 0.0001, ClockReadNS: 25}
	noisy := Interruption{CPU: 1, PerSecond: 402, MedianNS: 25_000, LongestNS: 900_000, LostFraction: 0.0103, ClockReadNS: 25}
	absent := Interruption{CPU: 2, PerSecond: 10, MedianNS: 25_000, LongestNS: 3_000_000, LostFraction: 0.0035, ClockReadNS: 1500}
	gone := Interruption{CPU: 3, PerSecond: 20, MedianNS: 4e6, LongestNS: 9e6, LostFraction: 0.08, ClockReadNS: 150}
	for _, row := range []struct {
		name  string
		check Check
		want  Verdict
		says  string
	}{
		{"no steal", judgeSteal(0), OK, "0 %"},
		{"steal", judgeSteal(0.02), Warning, "2.0 %"},
		{"much steal", judgeSteal(0.31), Bad, "31 %"},
		{"unknown steal", (&Noise{}).steal(), Unknown, "vmstat"},
		{"no load", judgeLoad(0.2, 2), OK, "0.20"},
		{"load", judgeLoad(0.9, 2), Warning, ""},
		{"much load", judgeLoad(2.1, 2), Bad, ""},
		{"idle", judgeBusy([]Busy{{0, 0}, {1, 0.005}}), OK, "CPU 1: 0.5 %; CPU 0: 0 %"},
		{"busy", judgeBusy([]Busy{{0, 0.03}, {1, 0}}), Warning, "taskset"},
		{"very busy", judgeBusy([]Busy{{0, 0.5}, {1, 0}}), Bad, "CPU 0: 50 %"},
		{"busy, of many", judgeBusy([]Busy{{0, 0}, {1, 0}, {2, 0.1}, {3, 0}, {4, 0}}), Bad, "CPU 2: 10 %; CPU 0: 0 %; CPU 1: 0 %; and 2 more"},
		{"no processes", judgeProcesses(nil, 2), OK, "none above 1.0 %"},
		{"processes", judgeProcesses([]Process{{7, "go", 0.6}, {8, "vim", 0.02}}, 2), Bad, "go (7): 60 %; vim (8): 2.0 %"},
		{"one process of many CPUs", judgeProcesses([]Process{{7, "go", 0.02}}, 64), OK, ""},
		{"unknown processes", (&Noise{busyErr: errNotShown}).processes(2), Unknown, "top"},
		{"not interrupted", judgeInterruptions([]Interruption{{CPU: 4}}), OK, "CPU 4: none"},
		{"calm", judgeInterruptions([]Interruption{calm}), OK, "3/s of 12 µs"},
		{"interrupted", judgeInterruptions([]Interruption{calm, noisy}), Warning, "CPU 1: 402/s of 25 µs, longest 900 µs, 1.0 % lost; CPU 0: 3/s"},
		{"long away", judgeInterruptions([]Interruption{absent}), Warning, "longest 3 ms"},
		{"gone", judgeInterruptions([]Interruption{calm, gone}), Bad, "8.0 %"},
		{"unknown", (&Noise{watchErr: errors.ErrUnsupported}).interruptions()[0], Unknown, "clock"},
		{"fast clock", judgeClockRead([]Interruption{calm, noisy}), OK, "25 ns"},
		{"slower clock", judgeClockRead([]Interruption{calm, gone}), Warning, "clock source"},
		{"slow clock", judgeClockRead([]Interruption{calm, absent}), Bad, "1.5 µs"},
	} {
		c := row.check
		if c.Verdict != row.want || !strings.Contains(c.Value+" "+c.Advice, row.says) {
			t.Errorf("%s: %+v; want %s, %q", row.name, c, row.want, row.says)
		}
	}
}

func TestActivity(t *testing.T) {
	now := time.Now()
	before := &activity{at: now, processes: map[int]worked{1: {"init", 5}, 2: {"go", 10}},
		cpus: map[int64]procfs.CPUStat{0: {User: 1, Idle: 9}, 1: {System: 3}}}
	after := &activity{at: now.Add(2 * time.Second), processes: map[int]worked{1: {"init", 5}, 2: {"go", 11}, 3: {"new", 0.1}},
		cpus: map[int64]procfs.CPUStat{0: {User: 1.5, System: 0.5, Idle: 10}, 1: {System: 3}}}
	busy, err := busySince(before, after, []int{0, 1})
	if diff := cmp.Diff([]Busy{{0, 0.5}, {1, 0}}, busy); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := busySince(before, after, []int{7}); err == nil {
		t.Error("a CPU that is not there was idle")
	}
	if diff := cmp.Diff([]Process{{2, "go", 0.5}, {3, "new", 0.05}}, processesSince(before, after)); diff != "" {
		t.Error(diff)
	}
}

func TestReadActivity(t *testing.T) {
	m := fixture(t, map[string]string{
		"proc/stat":    "cpu  30 0 40 50 0 0 0 0 0 0\ncpu0 100 0 200 300 0 0 50 60 0 0\nintr 1 2\n",
		"proc/42/stat": "42 (a b) S 1 1 1 0 -1 4194304 1 1 1 1 150 50 0 0 20 0 1 0 1 1 1 18446744073709551615 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
	})
	a, err := m.readActivity()
	if err != nil {
		t.Fatal(err)
	}
	if got := a.processes[42]; got != (worked{"a b", 2}) {
		t.Errorf("process: %+v", got)
	}
	if got := workOf(a.cpus[0]); got != 3.5 {
		t.Errorf("CPU 0 worked for %v s", got)
	}
}

// Nothing is measured once the caller has lost interest.
func TestListenEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := Options{Allowed: []int{0}, Placement: system.Placement{Server: []int{0}, Client: []int{0}}, Duration: time.Minute}
	for _, m := range []machine{{"/"}, fixture(t, nil)} {
		if n, err := m.listen(ctx, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v, %v", n, err)
		}
	}
}
