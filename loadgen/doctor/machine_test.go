package doctor

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connbench/loadgen/system"
)

// fixture is a machine with the given files, and process 42 as this one.
func fixture(t *testing.T, files map[string]string) machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "proc/42"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("42", filepath.Join(root, "proc/self")); err != nil {
		t.Fatal(err)
	}
	return machine{root}
}

// server is a machine at its best.
var server = map[string]string{
	"proc/sys/kernel/threads-max":                                     "100000\n",
	"proc/sys/kernel/pid_max":                                         "4194304\n",
	"proc/sys/kernel/io_uring_disabled":                               "0\n",
	"proc/sys/kernel/perf_event_paranoid":                             "-1\n",
	"proc/sys/net/core/somaxconn":                                     "4096\n",
	"proc/sys/net/core/rmem_max":                                      "4194304\n",
	"proc/sys/net/core/wmem_max":                                      "4194304\n",
	"proc/sys/net/core/rmem_default":                                  "212992\n",
	"proc/sys/net/ipv4/tcp_rmem":                                      "4096\t131072\t33554432\n",
	"proc/sys/net/ipv4/tcp_wmem":                                      "4096\t16384\t4194304\n",
	"proc/sys/net/ipv4/ip_local_port_range":                           "32768\t60999\n",
	"proc/sys/net/ipv4/tcp_max_syn_backlog":                           "2048\n",
	"proc/sys/net/ipv4/tcp_syncookies":                                "1\n",
	"proc/sys/net/ipv4/tcp_tw_reuse":                                  "2\n",
	"proc/sys/net/ipv4/tcp_congestion_control":                        "cubic\n",
	"proc/net/sockstat":                                               "sockets: used 17\nTCP: inuse 3 orphan 0 tw 7 alloc 3 mem 149\nUDP: inuse 0 mem 0\n",
	"proc/meminfo":                                                    "MemTotal: 24684096 kB\nMemAvailable: 24236836 kB\nSwapTotal: 8388608 kB\nSwapFree: 8388608 kB\n",
	"proc/loadavg":                                                    "0.04 0.79 0.57 4/114 13935\n",
	"proc/cpuinfo":                                                    "processor\t: 0\nflags\t\t: fpu vme sse2\n",
	"proc/42/cgroup":                                                  "0::/user.slice\n",
	"proc/42/mountinfo":                                               "31 23 0:28 / /cg rw - cgroup2 cgroup2 rw\n32 23 0:29 / /tracing rw - tracefs nodev rw\n",
	"cg/user.slice/cpu.max":                                           "max 100000\n",
	"cg/user.slice/pids.max":                                          "50000\n",
	"tracing/events/raw_syscalls/sys_enter/id":                        "348\n",
	"sys/kernel/mm/transparent_hugepage/enabled":                      "always [madvise] never\n",
	"sys/devices/system/cpu/cpu0/topology/thread_siblings_list":       "0,2\n",
	"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor":            "performance\n",
	"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor":            "performance\n",
	"sys/devices/system/cpu/intel_pstate/no_turbo":                    "1\n",
	"sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
}

// examined is all that is read of a machine, and not measured.
func examined(m machine) []Check {
	p := system.Placement{Server: []int{0}, Client: []int{1}}
	checks := []Check{m.threads(true), m.ports(), m.timeWait(), m.memory(), m.swap(), m.loadAverage(2)}
	return append(append(checks, m.settings(false, nil)...), m.cpus([]int{0, 1}, p)...)
}

// Everything that can be well is, and is read where it stands.
func TestGoodMachine(t *testing.T) {
	for _, c := range examined(fixture(t, server)) {
		if c.Verdict != OK || c.Value == "" || c.Advice == "" {
			t.Errorf("%+v", c)
		}
	}
}

// A machine of the server or of clients alone is not asked how it keeps them apart.
func TestApart(t *testing.T) {
	r := &Report{}
	r.add(cpusGroup, examined(fixture(t, nil))...)
	var left []string
	for _, c := range r.Apart() {
		left = append(left, c.Subject)
	}
	if len(left) != len(r.Checks)-2 || slices.Contains(left, placementSubject) || slices.Contains(left, siblingsSubject) || !slices.Contains(left, quotaSubject) {
		t.Errorf("%q of %d", left, len(r.Checks))
	}
}

// What cannot be read is unknown, and there is a word on how to get it; so on a
// system that has none of it.
func TestEmptyMachine(t *testing.T) {
	for _, m := range []machine{fixture(t, nil), {filepath.Join(t.TempDir(), "none")}} {
		for _, c := range examined(m) {
			if c.Subject == placementSubject {
				continue
			}
			if c.Verdict != Unknown && c.Subject != tracefsKey || c.Verdict == Unknown && (c.Value != "" || len(c.Advice) < 20) {
				t.Errorf("%+v", c)
			}
		}
	}
}

// A file that makes no sense is unknown as well.
func TestTornFiles(t *testing.T) {
	torn := map[string]string{}
	for name, text := range server {
		if strings.HasPrefix(name, "proc/sys/") || strings.HasPrefix(name, "cg/") {
			text = "?"
		}
		torn[name] = text
	}
	m := fixture(t, torn)
	for _, c := range []Check{m.ports(), m.timeWait(), m.number(numbers[0], nil), m.number(uring(true), nil), m.number(perf(true), nil), m.quota(2)} {
		if c.Verdict != Unknown || strings.ContainsRune(c.Advice, '\n') {
			t.Errorf("%+v", c)
		}
	}
}

func TestTracefs(t *testing.T) {
	const mount = "32 23 0:29 / /tracing rw - tracefs nodev rw\n"
	const other = "31 23 0:28 / /cg rw - cgroup2 cgroup2 rw\n"
	for _, row := range []struct {
		name, mounts, file string
		want               Verdict
		value              string
	}{
		{"not mounted", other, "", Warning, "not mounted"},
		{"mounted", other + mount, "tracing/events/raw_syscalls/sys_enter/id", OK, "mounted"},
		{"built without", mount, "tracing/README", Warning, "mounted, without system calls"},
	} {
		files := map[string]string{"proc/42/mountinfo": row.mounts}
		if row.file != "" {
			files[row.file] = "1\n"
		}
		if c := fixture(t, files).tracefs(); c.Verdict != row.want || c.Value != row.value {
			t.Errorf("%s: %+v", row.name, c)
		}
	}
	if c := judgeTracing(hiddenTracefs); c.Verdict != Warning || !strings.Contains(c.Advice, "root") {
		t.Errorf("%+v", c)
	}
}

func TestBoost(t *testing.T) {
	for _, row := range []struct {
		path, says string
		want       Verdict
	}{
		{"sys/devices/system/cpu/intel_pstate/no_turbo", "1", OK},
		{"sys/devices/system/cpu/intel_pstate/no_turbo", "0", Warning},
		{"sys/devices/system/cpu/cpufreq/boost", "0", OK},
		{"sys/devices/system/cpu/cpufreq/boost", "1", Warning},
		{"sys/devices/system/cpu/online", "0-1", Unknown},
	} {
		if c := fixture(t, map[string]string{row.path: row.says}).boost(); c.Verdict != row.want {
			t.Errorf("%s %s: %+v", row.path, row.says, c)
		}
	}
}

// A control group's limit on threads counts among the machine's.
func TestThreadsOfGroup(t *testing.T) {
	for most, want := range map[string]string{"max": "100000 (kernel.threads-max)", "500": "500 (cgroup's pids.max)"} {
		files := maps.Clone(server)
		files["cg/user.slice/pids.max"] = most
		if c := fixture(t, files).threads(true); c.Value != want || (c.Verdict == Bad) != (most == "500") {
			t.Errorf("pids.max %s: %+v", most, c)
		}
	}
}

// TestMemoryOfGroup: where a control group leaves less than the machine has, its limit is
// what is told.
func TestMemoryOfGroup(t *testing.T) {
	for _, row := range []struct {
		name, limit, used string
		want              Verdict
		value, advice     string
	}{
		{"none", "max", "0", OK, "23.1 GiB of 23.5 GiB available", ""},
		{"more than there is", "99999999999999", "5", OK, "23.1 GiB of 23.5 GiB available", ""},
		{"300 MB", "314572800", "20971520", Warning, "280 MiB of 300 MiB available to a control group (memory.max)", "docker run --memory"},
		{"nearly full", "314572800", "304087040", Bad, "10 MiB of 300 MiB available to a control group (memory.max)", "MemoryMax"},
		{"enough", "10737418240", "0", OK, "10 GiB of 10 GiB available to a control group (memory.max)", ""},
	} {
		files := maps.Clone(server)
		files["cg/user.slice/memory.max"], files["cg/user.slice/memory.current"] = row.limit, row.used
		c := fixture(t, files).memory()
		if c.Verdict != row.want || c.Value != row.value || !strings.Contains(c.Advice, row.advice) {
			t.Errorf("%s: %+v", row.name, c)
		}
	}
}

// TestTried: what tune tries by default and the kernel cuts is named.
func TestTried(t *testing.T) {
	files := maps.Clone(server)
	files["proc/sys/net/core/rmem_max"], files["proc/sys/net/core/somaxconn"] = "212992\n", "128\n"
	tried := map[string][]int{"net.core.rmem_max": {16 << 10, 256 << 10, 4 << 20}, "net.core.wmem_max": {4 << 20}, "net.core.somaxconn": {128, 1024}}
	says := map[string]string{
		"net.core.rmem_max": "; of what `connbench tune` tries, 256 KiB, 4 MiB come to it", "net.core.wmem_max": "is cut to it",
		"net.core.somaxconn": "; of what `connbench tune` tries, 1024 come to it",
	}
	for _, c := range fixture(t, files).settings(false, tried) {
		if want, asked := says[c.Subject]; asked && (!strings.Contains(c.Advice, want) || strings.Contains(c.Advice, "of what") != strings.Contains(want, "of what")) {
			t.Errorf("%+v, want %q", c, want)
		}
	}
}
