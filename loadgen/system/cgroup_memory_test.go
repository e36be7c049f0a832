package system

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connbench/results"

	"github.com/google/go-cmp/cmp"
)

func TestGroupMemory(t *testing.T) {
	const none = math.MaxUint64
	const v1None = "9223372036854771712\n"
	for _, row := range []struct {
		name, group, mounts string
		files               map[string]string
		want                GroupMemory
	}{
		{"root of version 2", "0::/\n", mountV2, nil, GroupMemory{none, none, ""}},
		{"max", "0::/a\n", mountV2, map[string]string{"cg/a/memory.max": "max\n", "cg/a/memory.high": "max\n", "cg/a/memory.current": "5\n"}, GroupMemory{none, none, ""}},
		{"version 2, whose files at hand can go", "0::/a\n", mountV2, map[string]string{"cg/a/memory.max": "1000\n", "cg/a/memory.current": "700\n",
			"cg/a/memory.stat": "anon 400\nfile 300\ninactive_file 200\n"}, GroupMemory{1000, 500, "memory.max"}},
		{"high below max", "0::/a\n", mountV2, map[string]string{"cg/a/memory.max": "1000", "cg/a/memory.high": "800", "cg/a/memory.current": "900"},
			GroupMemory{800, 0, "memory.high"}},
		{"the group above", "0::/a/b/c\n", mountV2, map[string]string{"cg/a/memory.max": "1000", "cg/a/memory.current": "900",
			"cg/a/b/memory.max": "max", "cg/a/b/memory.current": "300", "cg/a/b/c/memory.max": "500", "cg/a/b/c/memory.current": "100"}, GroupMemory{1000, 100, "memory.max"}},
		{"the nearest of two alike", "0::/a/b\n", mountV2, map[string]string{"cg/a/memory.max": "1000", "cg/a/memory.current": "900",
			"cg/a/b/memory.max": "300", "cg/a/b/memory.current": "200"}, GroupMemory{300, 100, "memory.max"}},
		{"version 1", "3:memory:/a\n0::/\n", mountsV1, map[string]string{"memory/memory.limit_in_bytes": v1None, "memory/memory.usage_in_bytes": "9",
			"memory/a/memory.limit_in_bytes": "1000", "memory/a/memory.usage_in_bytes": "600", "memory/a/memory.stat": "cache 9\ninactive_file 1\ntotal_inactive_file 100\n"},
			GroupMemory{1000, 500, "memory.limit_in_bytes"}},
		{"version 1 without", "3:memory:/a\n", mountsV1, map[string]string{"memory/a/memory.limit_in_bytes": v1None, "memory/a/memory.usage_in_bytes": "600"}, GroupMemory{none, none, ""}},
		{"both versions, memory in the first", "3:memory:/a\n0::/b\n", mountsV1, map[string]string{"memory/a/memory.limit_in_bytes": "1000", "memory/a/memory.usage_in_bytes": "600",
			"unified/b/memory.max": "10", "unified/b/memory.current": "1"}, GroupMemory{1000, 400, "memory.limit_in_bytes"}},
		{"both versions, memory in the second", "3:pids:/a\n0::/b\n", mountsV1, map[string]string{"unified/b/memory.max": "10", "unified/b/memory.current": "1"}, GroupMemory{10, 9, "memory.max"}},
		{"in a container", "0::/docker/abc\n", container, map[string]string{"cg/memory.max": "1000", "cg/memory.current": "1"}, GroupMemory{1000, 999, "memory.max"}},
	} {
		got, err := groups(t, row.group, row.mounts, row.files).Memory()
		if err != nil || got != row.want {
			t.Errorf("%s: %+v, %v; want %+v", row.name, got, err, row.want)
		}
	}
	if m, err := groups(t, "3:pids:/a\n", mountsV1, nil).Memory(); err == nil {
		t.Errorf("without a controller: %+v", m)
	}
}

// write puts files into groups that are there.
func (c Cgroups) write(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What a group kills or refuses between two looks is told with the limit behind it.
func TestStrain(t *testing.T) {
	for _, row := range []struct {
		name, group, mounts string
		before, after       map[string]string
		want                *results.Strain
	}{
		{"nothing", "0::/a\n", mountV2, map[string]string{"cg/a/memory.events": "oom 3\noom_kill 2\n", "cg/a/pids.events": "max 4\n"}, nil, nil},
		{"killed, version 2", "0::/a\n", mountV2, map[string]string{"cg/a/memory.events": "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n", "cg/a/memory.max": "1048576", "cg/a/memory.current": "1048576"},
			map[string]string{"cg/a/memory.events": "low 0\nhigh 0\nmax 20\noom 2\noom_kill 3\n"}, &results.Strain{Killed: 2, MemoryLimitBytes: 1 << 20}},
		{"killed, version 1", "3:memory:/a\n", mountsV1, map[string]string{"memory/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
			"memory/a/memory.limit_in_bytes": "1048576", "memory/a/memory.usage_in_bytes": "1048576"},
			map[string]string{"memory/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"}, &results.Strain{Killed: 1, MemoryLimitBytes: 1 << 20}},
		{"killed, in no group", "0::/\n", mountV2, map[string]string{"proc/vmstat": "pgfault 8\noom_kill 5\n"}, map[string]string{"proc/vmstat": "pgfault 9\noom_kill 6\n"}, &results.Strain{Killed: 1}},
		{"threads, of a group above", "0::/a/b\n", mountV2, map[string]string{"cg/a/pids.events": "max 0\n", "cg/a/pids.max": "500", "cg/a/b/pids.max": "max"},
			map[string]string{"cg/a/pids.events": "max 7\n"}, &results.Strain{Refused: 7, PIDsLimit: 500}},
		{"threads, version 1", "3:pids:/a\n", mountsV1, map[string]string{"pids/a/pids.events": "max 1\n", "pids/a/pids.max": "100"},
			map[string]string{"pids/a/pids.events": "max 2\n"}, &results.Strain{Refused: 1, PIDsLimit: 100}},
	} {
		c := groups(t, row.group, row.mounts, row.before)
		before := c.Strain()
		c.write(t, row.after)
		if diff := cmp.Diff(row.want, c.Since(before)); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}

func TestQuotaWarning(t *testing.T) {
	for _, row := range []struct {
		group *results.ControlGroup
		want  string
	}{
		{nil, ""},
		{&results.ControlGroup{MemoryBytes: 1}, ""},
		{&results.ControlGroup{CPUs: 2}, ""},
		{&results.ControlGroup{CPUs: 1.5}, "a control group gives 1.5 CPUs of time to a run that uses 2: "},
	} {
		if got := quotaWarning(row.group, 2); !strings.HasPrefix(got, row.want) || row.want == "" && got != "" {
			t.Errorf("%+v: %q", row.group, got)
		}
	}
}

func TestGroupLimits(t *testing.T) {
	all := map[string]string{"cg/a/memory.max": "1000", "cg/a/memory.current": "1", "cg/a/pids.max": "100", "cg/a/cpu.max": "150000 100000"}
	for _, row := range []struct {
		name  string
		files map[string]string
		want  *results.ControlGroup
	}{
		{"none", map[string]string{"cg/a/memory.max": "max", "cg/a/pids.max": "max", "cg/a/cpu.max": "max 100000"}, nil},
		{"all", all, &results.ControlGroup{MemoryBytes: 1000, PIDs: 100, CPUs: 1.5}},
		{"more threads than the machine has", map[string]string{"cg/a/pids.max": "100", "proc/sys/kernel/threads-max": "99\n", "proc/sys/kernel/pid_max": "4194304\n"}, nil},
	} {
		if diff := cmp.Diff(row.want, groups(t, "0::/a\n", mountV2, row.files).limits()); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}

// A run records what its control group allows, and says where that is less than it uses.
func TestDescribeGroup(t *testing.T) {
	files := map[string]string{"cg/a/memory.max": "1000", "cg/a/memory.current": "1", "cg/a/cpu.max": "50000 100000"}
	e := describe(groups(t, "0::/a\n", mountV2, files), []int{0, 1}, Placement{Server: []int{0}, Client: []int{1}})
	if want := (&results.ControlGroup{MemoryBytes: 1000, CPUs: 0.5}); cmp.Diff(want, e.Group) != "" || len(e.Warnings) == 0 || !strings.Contains(e.Warnings[len(e.Warnings)-1], "gives 0.5 CPUs") {
		t.Errorf("%+v, %q", e.Group, e.Warnings)
	}
}
