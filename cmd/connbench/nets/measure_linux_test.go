//go:build hostsmeasure

package nets

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"connbench/results"
	"connbench/results/stats"
)

// The load is an open loop, whose trials are whole ones on one host too. Its rate is low, since the
// client hosts are processes on one CPU here, who keep each other from it where they are busy.
const (
	measureRate   = "300"
	measureTrials = 4
	measureWindow = time.Second
	measureWarmup = 100 * time.Millisecond
)

// way is a way in which the load is made, and what came of it.
type way struct {
	name   string
	start  func(flags []string) *program
	trials []trial
	p50s   []float64 // of each round, the median of its trials, ns
	beside []float64 // of each trial but a run's first: from the window before to its own, without both windows and the warm-up; ns
}

// TestMeasure says what hosts add to trials: the same load by clients on three hosts, on one, and on
// the server's own without agents, in turns, as often as CONNBENCH_ROUNDS says.
func TestMeasure(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("CONNBENCH_ROUNDS"))
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, "a", "b", "c")
	servers, clients := f.apart()
	path := connbench(t)
	ways := []*way{
		{name: "same host", start: func(flags []string) *program {
			return f.start(server, append([]string{path, "run", "--server-cpus", servers, "--client-cpus", clients}, flags...)...)
		}},
		{name: "same, 3 clients", start: func(flags []string) *program {
			return f.start(server, append([]string{path, "run", "--client-processes", "3", "--server-cpus", servers, "--client-cpus", clients}, flags...)...)
		}},
		{name: "1 client host", start: func(flags []string) *program {
			return f.start(control, append([]string{path, "run", "--host-keys", f.keys, "--hosts", "server=" + server + ",clients=a"}, flags...)...)
		}},
		{name: "3 client hosts", start: func(flags []string) *program { return f.run("run", flags...) }},
	}
	for round := range rounds {
		for i := range ways {
			ways[(round+i)%len(ways)].measure(t)
		}
	}
	fmt.Printf("%-15s %10s %10s %14s %12s %10s\n", "clients on", "p50", "p99", "beside window", "start skew", "at most")
	for _, w := range ways {
		skew, most := w.skew()
		fmt.Printf("%-15s %10v %10v %14v %12s %10s\n", w.name, w.p50(),
			w.median(func(t *trial) results.Nanos { return t.ResponseLatency.P99 }), results.Nanos(median(w.beside)), skew, most)
	}
	alone, processes, one, three := ways[0], ways[1], ways[2], ways[3]
	fmt.Printf("p50 of three client hosts is %s times that of one (to be 0.95 to 1.05), and %s times that of as many processes on one host\n", three.over(one), three.over(processes))
	fmt.Printf("a trial over four hosts takes %v longer than the same processes on one (to be under 150 ms), and %v longer than one client process there\n",
		results.Nanos(median(three.beside)-median(processes.beside)), results.Nanos(median(three.beside)-median(alone.beside)))
}

// measure makes a run.
func (w *way) measure(t *testing.T) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	w.start([]string{"--models", "reactor", "--clients", "12", "--payloads", "64B", "--rates", measureRate, "--arrivals", "constant", "--retries", "0",
		"--trials", strconv.Itoa(measureTrials), "--duration", measureWindow.String(), "--warmup", measureWarmup.String(), "--out", dir}).exits(0)
	trials := whole(t, dir, measureTrials)
	w.trials = append(w.trials, trials...)
	w.p50s = append(w.p50s, median(results.Map(trials, func(t trial) float64 { return float64(t.ResponseLatency.P50) })))
	for i := range trials[1:] {
		w.beside = append(w.beside, float64(trials[i+1].StartedAt.Sub(trials[i].StartedAt)-measureWindow-measureWarmup))
	}
}

// over is the ratio of the p50s of both in the median of the rounds, and its interval of 95 % if they are six or more.
func (w *way) over(other *way) string {
	var ratios []float64
	for i := range w.p50s {
		ratios = append(ratios, w.p50s[i]/other.p50s[i])
	}
	within := stats.MedianInterval(ratios)
	if !within.Bounded() {
		return fmt.Sprintf("%.3f", within.Estimate)
	}
	return fmt.Sprintf("%.3f (%.3f to %.3f)", within.Estimate, within.Low, within.High)
}

func (w *way) p50() results.Nanos {
	return w.median(func(t *trial) results.Nanos { return t.ResponseLatency.P50 })
}

func (w *way) median(of func(*trial) results.Nanos) results.Nanos {
	return results.Nanos(median(results.Map(w.trials, func(t trial) float64 { return float64(of(&t)) })))
}

// skew is the median and the largest of how far apart the hosts' clients began.
func (w *way) skew() (middle, most string) {
	var all []float64
	for i := range w.trials {
		if skew := w.trials[i].StartSkew(); skew != nil {
			all = append(all, float64(*skew))
		}
	}
	if len(all) == 0 {
		return results.Absent, results.Absent
	}
	return results.Nanos(median(all)).String(), results.Nanos(slices.Max(all)).String()
}

func median(values []float64) float64 { return results.Median(slices.Sorted(slices.Values(values))) }
