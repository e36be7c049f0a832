//go:build selfcheck && linux

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"connbench/loadgen/process"
	"connbench/loadgen/system"
	"connbench/results"
	"connbench/results/stats"
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

// verdicts say whether two rows of a run differ: by the ranking that run prints, by
// compare in the server's CPU time per request, and by compare in any figure.
type verdicts struct{ ranking, cpu, any bool }

func (b *bench) differs(dir, x, y string) (v verdicts) {
	b.Helper()
	trials := b.trials(dir, 0)
	for _, r := range stats.Rank(trials, stats.Summarize(trials, nil)) {
		v.ranking = r.Ranked() == 2 && len(r.Standings[0].Alike) == 0
	}
	side := func(row string) stats.Side { return stats.Side{Trials: trials, Row: row} }
	for _, c := range stats.Compare(side(x), side(y), true) {
		if c.Outcome == stats.Better || c.Outcome == stats.Worse {
			v.any = true
			v.cpu = v.cpu || c.Metric.Name == "server_cpu_ns_per_request"
		}
	}
	return v
}

// pairTally counts verdicts.
type pairTally struct{ ranking, cpu, any int }

func (t *pairTally) add(v verdicts) {
	for n, is := range map[*int]bool{&t.ranking: v.ranking, &t.cpu: v.cpu, &t.any: v.any} {
		if is {
			*n++
		}
	}
}

func (t pairTally) String() string {
	return fmt.Sprintf("%d by the ranking, %d by compare in CPU per request, %d in any figure", t.ranking, t.cpu, t.any)
}

func placement(t *testing.T) system.Placement {
	t.Helper()
	_, p, err := system.PlaceHere("", "")
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
		process.OnCPUs([]int{cpu}, func() error {
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
	var found pairTally
	for i := range pairs {
		stop := func() []burst { return nil }
		if i%2 == 1 {
			stopServer := hog(p.Server[0], uint64(i), 500*time.Millisecond, 1500*time.Millisecond)
			stopClient := hog(p.Client[0], uint64(i+pairs), 500*time.Millisecond, 2500*time.Millisecond)
			stop = func() []burst { return append(stopServer(), stopClient()...) }
		}
		dir := b.run(i+1, "--models=", b.row("a", ""), b.row("b", ""))
		stop()
		found.add(b.differs(dir, "a", "b"))
	}
	t.Logf("a row against itself: of %d pairs these differ: %v", pairs, found)
	if max(found.ranking, found.any) > pairs*5/100 {
		t.Errorf("that is more than 5 %%")
	}
}

// TestSelfcheckPower looks for an extra cost of a tenth, which is first measured.
func TestSelfcheckPower(t *testing.T) {
	b := newBench(t)
	base := b.cost(b.run(1000, "--models=", b.row("a", "")), "a")
	extra := fmt.Sprintf("--work cpu:%dns", int(base/10))
	const runs = 20
	var found pairTally
	var ratios []float64
	for i := range runs {
		dir := b.run(1001+i, "--models=", b.row("a", ""), b.row("b", extra))
		ratios = append(ratios, b.cost(dir, "b")/b.cost(dir, "a"))
		found.add(b.differs(dir, "a", "b"))
	}
	t.Logf("%s on top of %.0f ns: found in %d runs %v; ratios %.3f", extra, base, runs, found, ratios)
	if found.ranking < runs*90/100 {
		t.Errorf("that is less than 90 %%")
	}
}

// cost is a row's server CPU time per request, in ns.
func (b *bench) cost(dir, row string) float64 {
	b.Helper()
	return pointOf(b.trials(dir, 0), row).Figures[results.ServerCPU].Median
}

// trials are those of a run, with numbers of their own for each run.
func (b *bench) trials(dir string, run int) []results.Trial {
	b.Helper()
	_, trials, _, err := results.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	for i := range trials {
		trials[i].Trial += 1000 * run
	}
	return trials
}

func pointOf(trials []results.Trial, row string) *stats.Point {
	for _, p := range stats.Summarize(trials, nil) {
		if p.Model == row {
			return &p
		}
	}
	return &stats.Point{}
}

// TestSelfcheckHog takes the server's CPU away in about a third of the trials. Runs that
// are left alone come in between, so that a drift of the machine meets both: compared
// are the medians over the trials of all runs of a kind.
func TestSelfcheckHog(t *testing.T) {
	b, p := newBench(t), placement(t)
	rows := []string{"reactor", "goroutine"}
	var quiet, hogged []results.Trial
	var bursts []burst
	const runs, trials = 10, 4
	for i := range 2 * runs {
		args := []string{"--models", "reactor,goroutine", "--trials", strconv.Itoa(trials)}
		if i%2 == 0 {
			quiet = append(quiet, b.trials(b.run(2000+i, args...), i)...)
			continue
		}
		stop := hog(p.Server[0], uint64(i), 400*time.Millisecond, 1200*time.Millisecond)
		hogged = append(hogged, b.trials(b.run(2000+i, args...), i)...)
		bursts = append(bursts, stop()...)
	}
	for _, row := range rows {
		x, y := pointOf(quiet, row), pointOf(hogged, row)
		rate, cpu := y.Median(results.Throughput)/x.Median(results.Throughput), y.Median(results.ServerCPU)/x.Median(results.ServerCPU)
		t.Logf("%s: with the hog %.3f times the throughput and %.3f times the CPU per request; valid %d of %d, after %d attempts more; without %d of %d, %d",
			row, rate, cpu, y.Valid, y.Trials, y.Noisy, x.Valid, x.Trials, x.Noisy)
		if rate < 0.95 || rate > 1.05 || cpu < 0.95 || cpu > 1.05 {
			t.Errorf("%s: the medians moved by more than 5 %%", row)
		}
	}
	t.Log(hits(hogged, bursts))
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
