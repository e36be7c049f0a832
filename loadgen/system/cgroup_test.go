package system

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	mountV2   = "31 23 0:28 / /cg rw - cgroup2 cgroup2 rw\n"
	mountsV1  = "30 23 0:27 / /memory rw - cgroup cgroup rw,memory\n31 23 0:28 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n32 23 0:29 / /pids rw - cgroup cgroup rw,pids\n33 23 0:30 / /unified rw - cgroup2 cgroup2 rw\n"
	container = "31 23 0:28 /docker/abc /cg ro - cgroup2 cgroup ro\n"
)

// groups are those of process 42 as this one, in a root of their own.
func groups(t *testing.T, group, mounts string, files map[string]string) Cgroups {
	t.Helper()
	all := maps.Clone(files)
	if all == nil {
		all = map[string]string{}
	}
	all["proc/42/cgroup"], all["proc/42/mountinfo"] = group, mounts
	root := fixture(t, all)
	if err := os.Symlink("42", filepath.Join(root, "proc/self")); err != nil {
		t.Fatal(err)
	}
	return Cgroups{root}
}

func TestQuota(t *testing.T) {
	none := math.Inf(1)
	for _, row := range []struct {
		name, group, mounts string
		files               map[string]string
		want                Quota
	}{
		{"none", "0::/\n", mountV2, nil, Quota{none, 0}},
		{"no limit", "0::/a\n", mountV2, map[string]string{"cg/a/cpu.max": "max 100000"}, Quota{none, 0}},
		{"its own", "0::/a\n", mountV2, map[string]string{"cg/a/cpu.max": "150000 100000",
			"cg/a/cpu.stat": "usage_usec 1\nnr_periods 9\nnr_throttled 4\nthrottled_usec 8\n"}, Quota{1.5, 4}},
		{"of one above", "0::/a/b/c\n", mountV2, map[string]string{"cg/a/cpu.max": "50000 100000", "cg/a/b/cpu.max": "200000 100000",
			"cg/a/b/c/cpu.max": "max 100000"}, Quota{0.5, 0}},
		{"in a container that sees its path", "0::/docker/abc\n", container, map[string]string{"cg/cpu.max": "200000 100000"}, Quota{2, 0}},
		{"in a container that does not", "0::/../..\n", container, map[string]string{"cg/cpu.max": "200000 100000"}, Quota{2, 0}},
		{"version 1", "4:cpu,cpuacct:/a\n3:pids:/\n0::/\n", mountsV1, map[string]string{
			"cpu/a/cpu.cfs_quota_us": "25000", "cpu/a/cpu.cfs_period_us": "100000", "cpu/a/cpu.stat": "nr_periods 9\nnr_throttled 2",
			"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, Quota{0.25, 2}},
	} {
		got, err := groups(t, row.group, row.mounts, row.files).Quota()
		if err != nil || got != row.want {
			t.Errorf("%s: %+v, %v; want %+v", row.name, got, err, row.want)
		}
	}
	if q, err := groups(t, "0::/\n", "22 27 0:21 / /proc rw - proc proc rw\n", nil).Quota(); err == nil {
		t.Errorf("without a mount: %+v", q)
	}
}

func TestPidsMax(t *testing.T) {
	for _, row := range []struct {
		name, group, mounts string
		files               map[string]string
		want                uint64
	}{
		{"none", "0::/a\n", mountV2, map[string]string{"cg/a/pids.max": "max"}, math.MaxUint64},
		{"the least", "0::/a/b\n", mountV2, map[string]string{"cg/a/pids.max": "500", "cg/a/b/pids.max": "4096"}, 500},
		{"version 1", "3:pids:/a\n0::/\n", mountsV1, map[string]string{"pids/a/pids.max": "100"}, 100},
	} {
		got, err := groups(t, row.group, row.mounts, row.files).PIDs()
		if err != nil || got != row.want {
			t.Errorf("%s: %d, %v; want %d", row.name, got, err, row.want)
		}
	}
}

func TestParseCPUMax(t *testing.T) {
	for _, bad := range []string{"", "max", "100000", "max 0", "x 100000", "-2 100000", "1.5 100000", "100000 x", "100000 100000 1"} {
		if cpus, err := parseCPUMax(bad); err == nil {
			t.Errorf("%q was read as %v", bad, cpus)
		}
	}
}

func FuzzParseCPUMax(f *testing.F) {
	for _, text := range []string{"max 100000", "150000 100000", "-1 100000", "0 1", "9007199254740991 1", "max"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cpus, err := parseCPUMax(text)
		switch {
		case err != nil:
		case math.IsNaN(cpus) || cpus < 0:
			t.Errorf("%q was read as %v", text, cpus)
		case math.IsInf(cpus, 1) != (strings.HasPrefix(text, "max ") || strings.HasPrefix(text, "-1 ")):
			t.Errorf("%q was read as %v", text, cpus)
		}
	})
}

func FuzzPair(f *testing.F) {
	f.Add("usage_usec 1 nr_throttled 4 throttled_usec 8")
	f.Add("nr_throttled")
	f.Add("nr_throttled -3")
	f.Fuzz(func(t *testing.T, stat string) { pair(stat, "nr_throttled") })
}
