package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newForeignStage prepares one trial of each foreign actor.
func newForeignStage(t *testing.T, network string, names ...string) *stage {
	t.Helper()
	s := newStage(t, names...)
	for _, name := range names {
		s.Rows[name] = foreigner(t, name, network, s.actors)
	}
	return s
}

// A foreign server is measured as ours are, as long as it echoes.
func TestRunMeasuresForeign(t *testing.T) {
	for _, row := range []struct{ actor, network string }{
		{"good", "tcp"}, {"good", "unix"}, {"good", "udp"},
		{"late", "tcp"}, {"late", "unix"},
		{"sequential", "tcp"}, {"sequential", "unix"},
		{"chatty", "tcp"}, {"java", "tcp"}, {"deaf", "tcp"},
	} {
		t.Run(row.actor+" on "+row.network, func(t *testing.T) {
			t.Parallel()
			s := newForeignStage(t, row.network, row.actor)
			if row.actor == "deaf" {
				s.StopTimeout = hurried
			}
			s.Plan.Clients, s.Plan.Trials = []int{1}, 2 // and the second finds no trace of the first
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.deserted(t, 2)
			trial := s.trials(t)[row.actor]
			if trial.Trial != 1 || trial.Failure != "" || trial.Requests == 0 || trial.Failed() > 0 {
				t.Fatalf("trial %d: %d requests, errors %v, failure %q", trial.Trial, trial.Requests, trial.Errors, trial.Failure)
			}
			if u := trial.ServerUsage; u == nil || u.ServerThreads == 0 || u.ServerRSSBytes == 0 || u.ServerCounters != nil {
				t.Errorf("server %+v", u)
			}
		})
	}
}

// One that goes wrong costs its own trial, which says why.
func TestRunSurvivesForeign(t *testing.T) {
	for _, row := range []struct {
		actor, network string
		why            []string
	}{
		{"never", "tcp", []string{"server never: it did not listen on 127.0.0.1:", " within 500ms, and said compiling"}},
		{"never", "unix", []string{"server never: it did not listen on /", "never.sock within 500ms, and said compiling"}},
		{"never", "udp", []string{"server never: it did not listen on 127.0.0.1:", " within 500ms, and said compiling"}},
		{"silent", "tcp", []string{" within 500ms, and said nothing"}},
		{"exit", "tcp", []string{"server exit: it did not listen on 127.0.0.1:", "exit status 2", "usage: server PORT"}},
		{"leaving", "tcp", []string{"server leaving: it did not listen on", "exit status 0", "gone to the background"}},
		{"dying", "tcp", []string{"server dying: it did not live through the trial", "exit status 4", "out of memory"}},
		{"dying", "unix", []string{"server dying: it did not live through the trial", "exit status 4", "out of memory"}},
	} {
		t.Run(row.actor+" on "+row.network, func(t *testing.T) {
			t.Parallel()
			s := newForeignStage(t, row.network, row.actor, "good")
			s.Plan.Duration = Duration(300 * time.Millisecond)
			if scripts[row.actor] != "" {
				s.hurry(row.actor)
			}
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.deserted(t, 2)
			trials := s.trials(t)
			if good := trials["good"].Failure; good != "" {
				t.Errorf("the good one: %q", good)
			}
			for _, part := range row.why {
				if failure := trials[row.actor].Failure; !strings.Contains(failure, part) {
					t.Errorf("failure %q does not say %q", failure, part)
				}
			}
		})
	}
}

// A server that leaves its process group is measured, and ended. One that leaves its
// parent too is not in the figures, which its trial says instead.
func TestRunEndsStrays(t *testing.T) {
	for _, row := range []struct {
		actor     string
		processes int
		why       string
	}{
		{"session", 2, ""},
		{"daemon", 2, "went on by itself"},
		{"half-daemon", 3, "went on by itself, unmeasured: start the server in the foreground"},
	} {
		t.Run(row.actor, func(t *testing.T) { // not beside others, whose strays these would be
			before := childrenLeft(t) // by others, of which some ended while they were asked
			s := newForeignStage(t, "tcp", row.actor)
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if row.actor == "daemon" { // may be ended before it has entered
				row.processes = s.entered(t)
			}
			s.deserted(t, row.processes)
			trial := s.trials(t)[row.actor]
			if row.why == "" && (trial.Failure != "" || trial.Requests == 0 || trial.ServerUsage.ServerThreads < 3) {
				t.Errorf("failure %q, %d requests, server %+v", trial.Failure, trial.Requests, trial.ServerUsage)
			}
			if !strings.Contains(trial.Failure, row.why) || row.why != "" && !strings.Contains(trial.Failure, "told-good") {
				t.Errorf("failure %q, want %q, and the command", trial.Failure, row.why)
			}
			left := slices.DeleteFunc(childrenLeft(t), func(child string) bool { return slices.Contains(before, child) })
			if len(left) > 0 {
				t.Errorf("children that nobody waits for: %v", left)
			}
		})
	}
}

// childrenLeft are the children of this process, dead ones too.
func childrenLeft(t *testing.T) []string {
	t.Helper()
	var left []string
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		left = append(left, strings.Fields(string(text))...)
	}
	return left
}

// What one server leaves behind is not taken for what another does that runs beside it.
func TestRunTellsStraysApart(t *testing.T) {
	s := newForeignStage(t, "tcp", "good", "half-daemon", "session")
	s.Plan.Think = 0
	s.Plan.Duration, s.Plan.Slice = Duration(60*time.Millisecond), Duration(20*time.Millisecond)
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 6)
	for model, trial := range s.trials(t) {
		if own := strings.Contains(trial.Failure, "server half-daemon: process "); own != (model == "half-daemon") || !own && trial.Failure != "" {
			t.Errorf("%s: failure %q, %d requests", model, trial.Failure, trial.Requests)
		}
	}
}

// What a server says to a terminal reaches none.
func TestForeignSaysPlainly(t *testing.T) {
	t.Parallel()
	s := newForeignStage(t, "tcp", "terminal")
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	failure := s.trials(t)["terminal"].Failure
	if want := `\x1b]0;owned\a\x1b[2J\x1b[31mbad license` + "\ufffd"; !strings.HasSuffix(failure, want) {
		t.Errorf("failure %q, want %q at its end", failure, want)
	}
}

// The end of the context ends the wait for a server that does not listen.
func TestForeignInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	s, err := startServer(ctx, foreigner(t, "never", "tcp", t.TempDir()), nil, patience)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", s, err)
	}
}

// What cannot be started is not waited for.
func TestForeignWithoutCommand(t *testing.T) {
	t.Parallel()
	row := Row{Name: "absent", Network: "tcp", Foreign: true, Command: []string{"/none/such", "{addr}"}}
	if s, err := startServer(t.Context(), row, nil, patience); err == nil || !strings.Contains(err.Error(), "server absent: start /none/such: ") {
		t.Errorf("%v, %v", s, err)
	}
}

// A wrapper is ended with what it has started, and what that uses is the row's.
func TestForeignWrapped(t *testing.T) {
	t.Parallel()
	s := newForeignStage(t, "tcp", "good")
	row := s.Rows["good"]
	row.Command = append([]string{"sh", "-c", `"$0" "$@" & wait`}, row.Command...)
	s.Rows["good"] = row
	s.Plan.Duration = Duration(300 * time.Millisecond)
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.deserted(t, 1)
	trial := s.trials(t)["good"]
	// The wrapper alone has one thread and idles.
	if u := trial.ServerUsage; trial.Failure != "" || u == nil || u.ServerThreads < 3 || u.ServerCPUPerRequest < 500 {
		t.Errorf("failure %q, server %+v", trial.Failure, trial.ServerUsage)
	}
}

// A server that is killed leaves its socket's file, and the next has the path.
func TestForeignSocketLeftBehind(t *testing.T) {
	t.Parallel()
	row := foreigner(t, "good", "unix", t.TempDir())
	for range 2 {
		s, err := startServer(t.Context(), row, nil, patience)
		if err != nil {
			t.Fatal(err)
		}
		s.process.Stop(0)
		if _, err := os.Stat(filepath.Join(row.Sockets, "good.sock")); err != nil {
			t.Error(err)
		}
	}
}

func TestTold(t *testing.T) {
	r := Row{Command: []string{"x", "--to={addr}", "{host} {port}", "{addr}{addr}", "{other}"}}
	want := []string{"x", "--to=127.0.0.1:80", "127.0.0.1 80", "127.0.0.1:80127.0.0.1:80", "{other}"}
	if got := r.told("127.0.0.1:80"); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := r.told("/a b/s"); got[1] != "--to=/a b/s" {
		t.Errorf("%q", got)
	}
}
