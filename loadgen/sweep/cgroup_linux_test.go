package sweep

import (
	"path/filepath"
	"strings"
	"testing"

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
		s.Cgroups = groups(t, "0::/a\n", mountV2, map[string]string{
			"cg/a/memory.max": "314572800\n", "cg/a/memory.current": "314572800\n", "cg/a/memory.events": "oom 0\noom_kill 0\n",
		})
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
