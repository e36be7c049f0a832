package sweep

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connbench/loadgen"
	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

func TestRunMeasures(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	s.Plan.Trials = 2
	s.Plan.Duration = Duration(300 * time.Millisecond)
	var seen []int
	s.Begin = func(t Trial, attempt int) { seen = append(seen, t.Number, attempt) }
	s.Progress = func(p Progress) {
		seen = append(seen, p.Done, p.Total, p.Trial.Trial)
	}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 2) // a fresh one for each
	if diff := cmp.Diff([]int{0, 0, 1, 2, 0, 1, 0, 2, 2, 1}, seen); diff != "" {
		t.Errorf("progress: %s", diff)
	}
	_, stored, _, err := results.Open(s.dir)
	if err != nil || len(stored) != 2 {
		t.Fatal(stored, err)
	}
	for i, trial := range stored {
		if trial.Trial != i || trial.Block != i || trial.Seed != s.Plan.Seed+uint64(i) {
			t.Errorf("trial %d: number %d, block %d, seed %d", i, trial.Trial, trial.Block, trial.Seed)
		}
		if trial.Failure != "" || trial.Requests == 0 || trial.Failed() > 0 {
			t.Fatalf("trial %d: %d requests, errors %v, failure %q", i, trial.Requests, trial.Errors, trial.Failure)
		}
		if u := trial.ServerUsage; u == nil || u.ServerThreads == 0 || u.ServerRSSBytes == 0 || u.ServerCounters["accepted"] != 1 {
			t.Errorf("trial %d: server %+v", i, u)
		}
		if trial.ClientCPUPerRequest == nil {
			t.Errorf("trial %d has no client CPU", i)
		}
		log, err := os.Open(filepath.Join(s.dir, trial.Histograms))
		if err != nil {
			t.Fatal(err)
		}
		distributions, err := results.ReadLog(log)
		log.Close()
		if err != nil || distributions["service"] == nil || distributions["service"].TotalCount() != trial.Requests {
			t.Errorf("trial %d: the histogram log is not that of %d requests: %v", i, trial.Requests, err)
		}
	}
}

// A server that goes wrong costs its own trial, which says why, and no other.
func TestRunSurvives(t *testing.T) {
	t.Parallel()
	whys := map[string][]string{
		"exit":     {"server exit: no address", "exit status 3", "no such license"},
		"garbage":  {"server garbage: no address", "invalid character 'L'"},
		"nowhere":  {"server nowhere: no address", "no addr"},
		"silent":   {"server silent: no address", "nothing within 500ms"},
		"closed":   {"server closed: no address", "EOF"},
		"dying":    {"server dying: it did not live through the trial", "exit status 4", "out of memory"},
		"leaving":  {"server leaving: it did not live through the trial", "exit status 0"},
		"escaping": {"server escaping: no address", `"\x1b[2J127.0.0.1:80" is no address`},
	}
	s := newStage(t, append(slices.Collect(maps.Keys(whys)), "good")...)
	s.Plan.Duration = Duration(300 * time.Millisecond) // in which whoever dies of a request has got one
	s.hurry("silent")
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, len(whys)+1)
	trials := s.trials(t)
	if len(trials) != len(whys)+1 || trials["good"].Failure != "" {
		t.Errorf("%d trials; the good one: %q", len(trials), trials["good"].Failure)
	}
	for actor, why := range whys {
		failed := trials[actor]
		for _, part := range why {
			if !strings.Contains(failed.Failure, part) {
				t.Errorf("%s: failure %q does not say %q", actor, failed.Failure, part)
			}
		}
		if failed.Requests != 0 || failed.Histograms != "" || failed.Clients != 2 {
			t.Errorf("a failed trial with figures: %+v", failed)
		}
	}
}

// A server that does not end keeps its trial, which notes that.
func TestRunKeepsTrialOfSlowEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t, "deaf")
	s.StopTimeout = 100 * time.Millisecond
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 1)
	trial := s.trials(t)["deaf"]
	if trial.Failure != "" || trial.Requests == 0 || trial.ServerKilledAfterNS != int64(s.StopTimeout) {
		t.Errorf("failure %q, %d requests, killed after %d ns", trial.Failure, trial.Requests, trial.ServerKilledAfterNS)
	}
}

// What cannot be started is a failed trial too.
func TestRunWithoutCommand(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good", "absent")
	s.Rows["absent"] = Row{Name: "absent", Network: "tcp", Command: []string{"/none/such"}}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if why := s.trials(t)["absent"].Failure; !strings.Contains(why, "server absent: start /none/such: ") {
		t.Errorf("server: %q", why)
	}
	s = newStage(t, "good")
	s.Client = []string{"/none/such"}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if why := s.trials(t)["good"].Failure; !strings.Contains(why, "start /none/such: ") {
		t.Errorf("client: %q", why)
	}
	s.deserted(t, 0)
}

// A client process that dies or hangs costs its trial, which says why, and not the
// run; the server ends all the same.
func TestRunSurvivesClient(t *testing.T) {
	for _, row := range []struct{ actor, why string }{
		{"client-dying", "client process: ended (exit status 7): out of luck"},
		{"client-mute", "client process: no result within 5.251s"},
		{"client-hanging", "client process: no result within 5.251s"},
	} {
		t.Run(row.actor, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "good")
			s.Plan.Trials, s.Plan.Timeout, s.ClientSlack = 2, Duration(100*time.Millisecond), time.Millisecond
			// The client's own number shows that it is gone.
			s.Client = []string{executable(t), "act-" + row.actor, s.actors}
			s.Progress = func(p Progress) {
				if p.Done == 1 {
					s.Client, s.ClientSlack = []string{executable(t), "act-client"}, patience
				}
			}
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.deserted(t, 3)
			_, stored, _, err := results.Open(s.dir)
			if err != nil || len(stored) != 2 {
				t.Fatal(stored, err)
			}
			if failed := stored[0]; failed.Failure != row.why || failed.Requests != 0 || failed.Histograms != "" {
				t.Errorf("failure %q, want %q; %d requests, log %q", failed.Failure, row.why, failed.Requests, failed.Histograms)
			}
			if stored[1].Failure != "" {
				t.Errorf("the next trial: %q", stored[1].Failure)
			}
		})
	}
}

// A server that stops answering, and lives, is a trial with errors.
func TestRunOfHangingServer(t *testing.T) {
	t.Parallel()
	s := newStage(t, "hanging")
	s.Plan.Timeout = Duration(100 * time.Millisecond)
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 1)
	hung := s.trials(t)["hanging"]
	if hung.Failure != "" || hung.Errors["read_timeout"] == 0 || !slices.Contains(hung.Verdicts, results.Errors) {
		t.Errorf("errors %v, verdicts %v, failure %q; want read timeouts", hung.Errors, hung.Verdicts, hung.Failure)
	}
}

// What a load comes to can be watched while it runs.
func TestRunLive(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := newStage(t, "good")
	s.Plan.Duration = Duration(patience)
	s.Live = func(l loadgen.Live) {
		if l.ThroughputRPS > 0 {
			cancel()
		}
	}
	if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, and no requests were seen", err)
	}
	s.deserted(t, 1)
}

// What a server has started ends with it, even if that does not listen.
func TestRunLeavesNoChild(t *testing.T) {
	t.Parallel()
	s := newStage(t, "parent")
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if why := s.trials(t)["parent"].Failure; why != "" {
		t.Error(why)
	}
	s.deserted(t, 2)
}

// What is done is not done again.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	s.Plan.Trials = 3
	s.Stored = []results.Trial{{Trial: 0}, {Trial: 2}}
	var done []int
	s.Progress = func(p Progress) { done = append(done, p.Done, p.Total, p.Trial.Trial) }
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{3, 3, 1}, done); diff != "" {
		t.Error(diff)
	}
	s.deserted(t, 1)
}

// The end of the context drops the trial at hand and keeps those before it.
func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	t.Run("between trials", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, "good")
		s.Plan.Trials = 3
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.Progress = func(Progress) { cancel() }
		if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if n := len(s.trials(t)); n != 1 {
			t.Errorf("%d trials are stored, want the one that was finished", n)
		}
		s.deserted(t, 1)
	})
	for _, actor := range []string{"silent", "good"} {
		t.Run("in one, of "+actor, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, actor)
			s.Plan.Duration = Duration(patience)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ran := make(chan error, 1)
			go func() { ran <- s.Run(ctx) }()
			late := time.After(patience)
			for started := false; !started; {
				numbers, _ := os.ReadDir(s.actors)
				started = len(numbers) > 0
				select {
				case <-late:
					t.Fatal("no server was started")
				case <-time.After(time.Millisecond):
				}
			}
			cancel()
			if err := <-ran; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if n := len(s.trials(t)); n != 0 {
				t.Errorf("%d trials are stored", n)
			}
			s.deserted(t, 1)
		})
	}
}

// A trial that cannot be stored ends the run.
func TestRunCannotStore(t *testing.T) {
	t.Parallel()
	s := newStage(t, "good")
	s.Plan.Trials = 2
	s.Store.Close()
	if err := s.Run(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	s.deserted(t, 1)
}
