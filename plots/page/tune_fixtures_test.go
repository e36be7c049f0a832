package page

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"connbench/results"
	"connbench/results/read"
)

// tuned is a tune of two knobs: read-buffer, of which 4 KiB is the best, 256 B is behind
// and 64 KiB has no valid trial with long payloads, and backlog, of which 1 loses clients.
func tuned() (*results.Run, []results.Trial, []*read.Tuning) {
	random := rand.New(rand.NewPCG(5, 6))
	buffers := read.Tuned{Model: "goroutine", Knob: "read-buffer", Default: "read-buffer=16KiB", Metric: "server_cpu_ns_per_request", Frugal: true}
	for _, v := range [][2]string{{"256B", "256 B"}, {"4KiB", "4 KiB"}, {"16KiB", "16 KiB"}, {"64KiB", "64 KiB"}} {
		buffers.Settings = append(buffers.Settings, read.Setting{Row: "read-buffer=" + v[0], Value: v[1], Go: "bufio.NewReaderSize(conn, " + v[0] + ")"})
	}
	backlog := read.Tuned{Model: "goroutine", Knob: "backlog", Default: "backlog=0", Metric: results.ConnectP99.Name, InFlight: map[int]int{64: 64}}
	for _, v := range [][2]string{{"1", "1"}, {"128", "128"}, {"0", "somaxconn"}} {
		backlog.Settings = append(backlog.Settings, read.Setting{Row: "backlog=" + v[0], Value: v[1], Go: "unix.Listen(fd, " + v[0] + ")"})
	}
	var trials []results.Trial
	block := 0
	add := func(t results.Trial) {
		t.Trial, t.Block, t.Histograms = len(trials), block, fmt.Sprintf("histograms/%05d.hlog", len(trials))
		trials = append(trials, t)
	}
	for range 8 {
		for _, payload := range []int{64, 4096} {
			for i, s := range buffers.Settings {
				t := trialOf(s.Row, 16, payload, 0, random)
				t.ServerCPUPerRequest = 1000 * []float64{3, 1, 1.5, 2}[i] * (1 + 0.02*random.Float64())
				if i == 3 && payload == 4096 {
					t.Verdicts = []string{results.Noisy}
				}
				add(t)
			}
			block++
		}
		for i, s := range backlog.Settings {
			add(stormTrial(s.Row, i, random))
		}
		block++
	}
	run := &results.Run{
		Kind: results.TuneRun, Command: []string{"bin/connbench", "tune", "buffers"}, Plan: json.RawMessage(`{}`), Trials: len(trials),
		CreatedAt: time.Date(2026, 11, 27, 20, 0, 0, 0, time.UTC), Environment: *environment(),
	}
	var tunings []*read.Tuning
	for _, t := range []read.Tuned{buffers, backlog} {
		tunings = append(tunings, read.Tune(t, trials))
		for _, s := range t.Settings {
			run.Models = append(run.Models, s.Row)
		}
	}
	return run, trials, tunings
}

// stormTrial is one in which 64 clients connect at once; those of the first value lose
// one, and all have a verdict that does not count.
func stormTrial(row string, value int, random *rand.Rand) results.Trial {
	t := trialOf(row, 64, 64, 0, random)
	t.Verdicts = []string{results.NonStationary}
	t.ConnectLatency = &results.Latency{P50: 2e4, P99: results.Nanos(1e5 * (1 + 0.1*random.Float64()) * float64(value+1))}
	t.Kernel = &results.Kernel{}
	if value == 0 {
		t.Errors, t.Kernel.ListenOverflows = map[string]int64{"connect_timeout": 1}, 40
	}
	return t
}
