//go:build selfcheck && linux

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"connbench/loadgen/process"
	"connbench/loadgen/system"
	"connbench/results"
	"connbench/results/stats"
)

// These checks measure for more than an hour how good the statistics are on this machine, and
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

// rankingOf is the ranking of a run's only point.
func (b *bench) rankingOf(trials []results.Trial) *stats.Ranking {
	b.Helper()
	all := stats.Rank(stats.Summarize(trials, nil))
	if len(all) != 1 {
		b.Fatalf("%d rankings", len(all))
	}
	return &all[0]
}

// alike are so many rows of one server.
func (b *bench) alike(n int) []string {
	args := []string{"--models="}
	for i := range n {
		args = append(args, b.row(fmt.Sprintf("row%02d", i), ""))
	}
	return args
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

// times is how often a check measures, which CONNBENCH_RUNS says.
func times(t *testing.T, usual int) int {
	text := os.Getenv("CONNBENCH_RUNS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CONNBENCH_RUNS: %q is not allowed (a number of runs)", text)
	}
	return n
}

// TestSelfcheckSame holds 28 rows of one server against each other, in 6 blocks and in 20,
// half of the runs while others take either CPU now and then.
func TestSelfcheckSame(t *testing.T) {
	b, p := newBench(t), placement(t)
	for _, blocks := range []int{6, 20} {
		runs, wrong, apart, pairs := times(t, 6), 0, 0, 0
		for i := range runs {
			stop := func() []burst { return nil }
			if i%2 == 1 {
				stopServer := hog(p.Server[0], uint64(i), 500*time.Millisecond, 1500*time.Millisecond)
				stopClient := hog(p.Client[0], uint64(i+runs), 500*time.Millisecond, 2500*time.Millisecond)
				stop = func() []burst { return append(stopServer(), stopClient()...) }
			}
			dir := b.run(100*blocks+i, append(b.alike(28), "--trials", strconv.Itoa(blocks))...)
			stop()
			r := b.rankingOf(b.trials(dir, 0))
			if pairs += r.Pairs; r.Apart > 0 {
				wrong++
			}
			apart += r.Apart
		}
		t.Logf("28 rows of one server in %d blocks: in %d of %d runs some are told apart, %d of %d pairs in all", blocks, wrong, runs, apart, pairs)
		if wrong > max(1, runs*5/100) {
			t.Errorf("that is more than 5 %%")
		}
	}
}

// TestSelfcheckPower looks for a tenth more CPU in one of eight rows in runs of less than a
// minute, a sixth of what people give it.
// Measured are eight rows of one server: the tenth is put on a row afterwards, each in turn,
// so that what is to be found is known exactly.
func TestSelfcheckPower(t *testing.T) {
	b := newBench(t)
	const blocks = 12 // in 48 s; what the run took is said
	runs, found, wrong, tried := times(t, 20), 0, 0, 0
	for i := range runs {
		began := time.Now()
		trials := b.trials(b.run(1000+i, append(b.alike(8), "--trials", strconv.Itoa(blocks))...), 0)
		t.Logf("%d blocks of eight rows in %v", blocks, time.Since(began).Round(time.Second))
		for row := range 8 {
			model := fmt.Sprintf("row%02d", row)
			r := b.rankingOf(costlier(trials, model, 1.1))
			s := r.Standings[slices.IndexFunc(r.Standings, func(s stats.Standing) bool { return s.Model == model })]
			if tried++; s.First > 1 {
				found++
			}
			wrong += max(0, r.Apart-7)
		}
	}
	t.Logf("a tenth more on one row of eight: found in %d of %d; %d pairs of equal rows told apart", found, tried, wrong)
	if found < tried*90/100 {
		t.Errorf("that is less than 90 %%")
	}
}

// costlier is trials of which those of a row took so many times as much CPU.
func costlier(trials []results.Trial, model string, times float64) []results.Trial {
	all := slices.Clone(trials)
	for i := range all {
		if t := &all[i]; t.Model == model && t.ServerUsage != nil {
			usage := *t.ServerUsage
			usage.ServerCPUPerRequest *= times
			t.ServerUsage = &usage
		}
	}
	return all
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

// TestSelfcheckHog takes the server's CPU away in about a third of the trials, which are whole,
// since of slices nothing is said of the noise. Runs that
// are left alone come in between, so that a drift of the machine meets both: compared
// are the medians over the trials of all runs of a kind.
func TestSelfcheckHog(t *testing.T) {
	b, p := newBench(t), placement(t)
	rows := []string{"reactor", "goroutine"}
	var quiet, hogged []results.Trial
	var bursts []burst
	const runs, trials = 10, 4
	for i := range 2 * runs {
		args := []string{"--slice", "0", "--models", "reactor,goroutine", "--trials", strconv.Itoa(trials)}
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
