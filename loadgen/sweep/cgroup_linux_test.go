package sweep

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"connbench/loadgen/system"
	"connbench/results"
	"connbench/results/read"
)

// TestKilledForMemory: a server that the kernel killed while a control group was full is
// lost for memory, and the group's limit is named; one that killed itself is not.
func TestKilledForMemory(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, events string
		bound        read.Bound
		says         string
	}{
		{"in its group", "cg/a/memory.events", read.BoundMemory, "for want of memory, with a cgroup limit of 300 MiB: server starved: "},
		{"by somebody", "elsewhere", read.BoundFailure, "server starved: it did not live through the trial: ended (signal: killed)"},
	} {
		s := newStage(t, "starved")
		s.Cgroups = system.Cgroups{Root: t.TempDir()}
		if err := os.CopyFS(s.Cgroups.Root, fstest.MapFS{
			"proc/42/cgroup":      {Data: []byte("0::/a\n")},
			"proc/42/mountinfo":   {Data: []byte("31 23 0:28 / /cg rw - cgroup2 cgroup2 rw\n")},
			"cg/a/memory.max":     {Data: []byte("314572800\n")},
			"cg/a/memory.current": {Data: []byte("314572800\n")},
			"cg/a/memory.events":  {Data: []byte("oom 0\noom_kill 0\n")},
		}); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("42", filepath.Join(s.Cgroups.Root, "proc/self")); err != nil {
			t.Fatal(err)
		}
		starved := s.Rows["starved"]
		starved.Command = append(starved.Command, filepath.Join(s.Cgroups.Root, row.events))
		s.Rows["starved"] = starved
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		trial := s.trials(t)["starved"]
		if !strings.Contains(trial.Failure, row.says) {
			t.Errorf("%s: %q, want %q", row.name, trial.Failure, row.says)
		}
		if bound := (read.Goal{}).Bound(&trial); bound != row.bound {
			t.Errorf("%s: bound by %s, want %s", row.name, bound, row.bound)
		}
	}
}

func TestKilled(t *testing.T) {
	death := errors.New("server x: it did not live through the trial: ended (signal: killed)")
	full := &results.Strain{Killed: 1, MemoryLimitBytes: 300 << 20}
	if got := killed(death, full).Error(); !strings.HasPrefix(got, "the kernel killed a process for want of memory, with a cgroup limit of 300 MiB: server x") {
		t.Error(got)
	}
	for _, err := range []error{killed(death, nil), killed(death, &results.Strain{Refused: 1})} {
		if err != death {
			t.Error(err)
		}
	}
	if err := errors.New("exit status 2"); killed(err, full) != err {
		t.Error("an exit is said to be a kill")
	}
}
