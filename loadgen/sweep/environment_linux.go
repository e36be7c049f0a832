package sweep

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"connbench/results"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// sysctls are the kernel's settings that shape a socket benchmark.
var sysctls = []string{
	"net.core.somaxconn", "net.core.rmem_default", "net.core.rmem_max", "net.core.wmem_default", "net.core.wmem_max",
	"net.core.netdev_max_backlog", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_max_syn_backlog",
	"net.ipv4.tcp_syncookies", "net.ipv4.tcp_abort_on_overflow", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_congestion_control",
	"fs.file-max", "fs.nr_open", "kernel.io_uring_disabled", "vm.overcommit_memory",
}

// describeMachine fills in what Linux says of the machine; what it does not say
// stays empty.
func describeMachine(e *results.Environment) {
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		e.Kernel = string(bytes.TrimRight(name.Release[:], "\x00"))
	}
	if fs, err := procfs.NewDefaultFS(); err == nil {
		if cpus, err := fs.CPUInfo(); err == nil && len(cpus) > 0 {
			e.CPU, e.Cores = cpus[0].ModelName, len(cpus)
		}
		if memory, err := fs.Meminfo(); err == nil && memory.MemTotalBytes != nil {
			e.MemoryBytes = int64(*memory.MemTotalBytes)
		}
	}
	e.Sysctls = map[string]string{}
	for _, key := range sysctls {
		if v := readLine(filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/"))); v != "" {
			e.Sysctls[key] = v
		}
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		e.OpenFiles = limit.Cur
	}
	e.Clock = readLine("/sys/devices/system/clocksource/clocksource0/current_clocksource")
}

func readLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b)), " ")
}
