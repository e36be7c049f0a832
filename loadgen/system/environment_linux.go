package system

import (
	"bytes"
	"os"
	"slices"
	"strconv"

	"connbench/results"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

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
			if slices.Contains(cpus[0].Flags, "hypervisor") {
				e.Virtual = virtualMachine()
			}
		}
		if memory, err := fs.Meminfo(); err == nil && memory.MemTotalBytes != nil {
			e.MemoryBytes = int64(*memory.MemTotalBytes)
		}
	}
	e.Sysctls = map[string]string{}
	for _, key := range sysctls {
		if v := sysctl("/", key); v != "" {
			e.Sysctls[key] = v
		}
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		e.OpenFiles = limit.Cur
	}
	e.Limits = limits()
	e.Governor = readLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
	e.Clock = readLine("/sys/devices/system/clocksource/clocksource0/current_clocksource")
}

func virtualMachine() string {
	name := "virtual machine"
	for _, path := range []string{"/sys/hypervisor/type", "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name"} {
		if v := readLine(path); v != "" {
			name += ", " + v
		}
	}
	return name
}

// limits are those of this process that its servers inherit, beside open files.
func limits() map[string]string {
	all := map[string]string{}
	for name, resource := range map[string]int{
		"processes": unix.RLIMIT_NPROC, "locked_memory": unix.RLIMIT_MEMLOCK, "stack": unix.RLIMIT_STACK, "address_space": unix.RLIMIT_AS,
	} {
		var limit unix.Rlimit
		if unix.Getrlimit(resource, &limit) == nil {
			all[name] = limitText(limit.Cur) + " / " + limitText(limit.Max)
		}
	}
	return all
}

func userThreads() uint64 {
	var limit unix.Rlimit
	if os.Geteuid() == 0 || unix.Getrlimit(unix.RLIMIT_NPROC, &limit) != nil {
		return unix.RLIM_INFINITY
	}
	return limit.Cur
}

func limitText(v uint64) string {
	if v == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return strconv.FormatUint(v, 10)
}

// readLine is empty for a file that is not there.
func readLine(path string) string {
	text, _ := Line(path)
	return text
}
