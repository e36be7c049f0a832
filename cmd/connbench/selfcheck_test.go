//go:build selfcheck && linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/loadgen/sweep"
	"connbench/results"
)

// These checks measure for half an hour how good the statistics are on this machine, and
// are run by `make selfcheck` alone. They say what they found whether it is good or not.

// bench is a built connbench and where its runs go.
type bench struct {
	*testing.T
	binary, dir string
}

func newBench(t *testing.T) *bench {
	b := &bench{t, filepath.Join(t.TempDir(), "connbench"), t.TempDir()}
	if out, err := exec.Command("go", "build", "-o", b.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return b
}

// row is an --exec of the model reactor under another name, with further flags.
func (b *bench) row(name, flags string) string {
	return fmt.Sprintf("--exec=%s=%s serve reactor %s --addr {addr}", name, b.binary, flags)
}

// run runs 64 clients with 64 bytes on the default plan and returns the run's folder.
func (b *bench) run(seed int, args ...string) string {
	b.Helper()
	dir := filepath.Join(b.dir, fmt.Sprint(seed))
	args = append([]string{"run", "--clients", "64", "--payloads", "64B", "--seed", strconv.Itoa(seed), "--out", dir}, args...)
	if out, err := exec.Command(b.binary, args...).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return dir
}

// differs reports how the figures of two rows compare: whether any differs, and whether
// the server's CPU time per request does.
func (b *bench) differs(dir, x, y string) (any, cpu bool) {
	b.Helper()
	out, err := exec.Command(b.binary, "compare", dir+":"+x, dir+":"+y, "--json").Output()
	if err != nil {
		b.Fatal(err)
	}
	var report struct{ Comparisons []comparison }
	if err := json.Unmarshal(out, &report); err != nil {
		b.Fatal(err)
	}
	for _, c := range report.Comparisons {
		if c.Outcome == results.Better || c.Outcome == results.Worse {
			any = true
			cpu = cpu || c.Metric == "server_cpu_ns_per_request"
		}
	}
	return any, cpu
}

func placement(t *testing.T) sweep.Placement {
	t.Helper()
	allowed, err := loadgen.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := sweep.Place(allowed, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Shared() {
		t.Skip("one CPU")
	}
	return p
}

// burst is a time in which a hog ran.
type burst struct{ from, to time.Time }

// hog takes a CPU in bursts of on in the mean, with pauses of off, until stop is called,
// which returns when.
func hog(cpu int, seed uint64, on, off time.Duration) (stop func() []burst) {
	var bursts []burst
	var running sync.WaitGroup
	done := make(chan struct{})
	random := rand.New(rand.NewPCG(seed, 0))
	about := func(d time.Duration) time.Duration { return time.Duration((0.5 + random.Float64()) * float64(d)) }
	running.Go(func() {
		loadgen.OnCPUs([]int{cpu}, func() error {
			for {
				select {
				case <-done:
					return nil
				case <-time.After(about(off)):
				}
				b := burst{from: time.Now()}
				for end := b.from.Add(about(on)); time.Now().Before(end); {
				}
				b.to = time.Now()
				bursts = append(bursts, b)
			}
		})
	})
	return func() []burst {
		close(done)
		running.Wait()
		return bursts
	}
}

// TestSelfcheckSame holds a row against itself forty times, half of them while others
// take either CPU now and then.
func TestSelfcheckSame(t *testing.T) {
	b, p := newBench(t), placement(t)
	const pairs = 40
	found, foundCPU := 0, 0
	for i := range pairs {
		stop := func() []burst { return nil }
		if i%2 == 1 {
			stopServer := hog(p.Server[0], uint64(i), 500*time.Millisecond, 1500*time.Millisecond)
			stopClient := hog(p.Client[0], uint64(i+pairs), 500*time.Millisecond, 2500*time.Millisecond)
			stop = func() []burst { return append(stopServer(), stopClient()...) }
		}
		any, cpu := b.differs(b.run(i+1, "--models=", b.row("a", ""), b.row("b", "")), "a", "b")
		stop()
		if any {
			found++
		}
		if cpu {
			foundCPU++
		}
	}
	t.Logf("a row against itself: a difference in %d of %d pairs, in CPU per request in %d", found, pairs, foundCPU)
	if found > pairs*5/100 {
		t.Errorf("that is more than 5 %%")
	}
}

// TestSelfcheckPower looks for an extra cost of a tenth, which is first measured.
func TestSelfcheckPower(t *testing.T) {
	b := newBench(t)
	base := b.cost(b.run(1000, "--models=", b.row("a", "")), "a")
	extra := fmt.Sprintf("--work cpu:%dns", int(base/10))
	const runs = 20
	found := 0
	var ratios []float64
	for i := range runs {
		dir := b.run(1001+i, "--models=", b.row("a", ""), b.row("b", extra))
		ratios = append(ratios, b.cost(dir, "b")/b.cost(dir, "a"))
		if _, cpu := b.differs(dir, "a", "b"); cpu {
			found++
		}
	}
	t.Logf("%s on top of %.0f ns: found in %d of %d runs; ratios %.3f", extra, base, found, runs, ratios)
	if found < runs*90/100 {
		t.Errorf("that is less than 90 %%")
	}
}

// cost is a row's server CPU time per request, in ns.
func (b *bench) cost(dir, row string) float64 {
	b.Helper()
	p := b.point(dir, row)
	return p.ServerCPU.Median
}

func (b *bench) point(dir, row string) *results.Point {
	b.Helper()
	_, trials, _, err := results.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range results.Summarize(trials, nil) {
		if p.Model == row {
			return &p
		}
	}
	b.Fatalf("%s has no row %s", dir, row)
	return nil
}

// TestSelfcheckHog takes the server's CPU away in about a third of the trials and
// compares medians with those of a run that is left alone.
func TestSelfcheckHog(t *testing.T) {
	b, p := newBench(t), placement(t)
	rows := []string{"reactor", "goroutine"}
	args := []string{"--models", "reactor,goroutine", "--trials", "20"}
	quiet := b.run(2000, args...)
	stop := hog(p.Server[0], 7, 400*time.Millisecond, 1200*time.Millisecond)
	hogged := b.run(2001, args...)
	bursts := stop()
	for _, row := range rows {
		x, y := b.point(quiet, row), b.point(hogged, row)
		rate, cpu := y.Throughput.Median/x.Throughput.Median, y.ServerCPU.Median/x.ServerCPU.Median
		t.Logf("%s: with the hog %.3f times the throughput and %.3f times the CPU per request; %d of %d valid, %d repeated", row, rate, cpu, y.Valid, y.Trials, y.Noisy)
		if rate < 0.95 || rate > 1.05 || cpu < 0.95 || cpu > 1.05 {
			t.Errorf("%s: the medians moved by more than 5 %%", row)
		}
	}
	_, trials, _, err := results.Open(hogged)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(hits(trials, bursts))
}

// hits says which attempts a hog hit, for at least a tenth of the window, and which
// are marked.
func hits(trials []results.Trial, bursts []burst) string {
	hit, hitMarked, missedMarked := 0, 0, 0
	var unmarked bytes.Buffer
	for i := range trials {
		t := &trials[i]
		noisy := bytes.Contains([]byte(fmt.Sprint(t.Verdicts)), []byte(results.Noisy))
		share := overlap(t, bursts)
		switch {
		case share >= 0.1 && noisy:
			hit, hitMarked = hit+1, hitMarked+1
		case share >= 0.1:
			hit++
			fmt.Fprintf(&unmarked, " %.2f", share)
		case noisy:
			missedMarked++
		}
	}
	return fmt.Sprintf("%d attempts: the hog hit %d, of which %d are marked (not those with a share of%s); of the %d others %d are marked",
		len(trials), hit, hitMarked, unmarked.String(), len(trials)-hit, missedMarked)
}

// overlap is the share of a trial's window in which a hog ran.
func overlap(t *results.Trial, bursts []burst) float64 {
	end := t.StartedAt.Add(time.Duration(t.DurationNS))
	var shared time.Duration
	for _, b := range bursts {
		from, to := b.from, b.to
		if from.Before(t.StartedAt) {
			from = t.StartedAt
		}
		if to.After(end) {
			to = end
		}
		shared += max(0, to.Sub(from))
	}
	return float64(shared) / float64(t.DurationNS)
}
