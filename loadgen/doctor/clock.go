package doctor

import (
	"errors"
	"slices"
	"strings"
)

const (
	clockSubject   = "clock source"
	virtualSubject = "virtualisation"
)

var (
	// fastClocks are read without a system call.
	fastClocks = []string{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "riscv_clocksource"}
	// slowClocks take a microsecond or count in ticks.
	slowClocks = []string{"hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"}
)

func (m machine) clockSource() Check {
	const folder = "sys/devices/system/clocksource/clocksource0"
	available, _ := m.line(folder, "available_clocksource")
	judge := func(current string) Check { return judgeClock(current, strings.Fields(available)) }
	return judged(clockSubject, "the time to read the clock, below, says whether it is a fast one", judge)(m.line(folder, "current_clocksource"))
}

func judgeClock(current string, available []string) Check {
	c := Check{Subject: clockSubject, Value: current}
	switch {
	case slices.Contains(fastClocks, current):
		c.Verdict, c.Advice = OK, "read without a system call"
		return c
	case slices.Contains(slowClocks, current):
		c.Verdict = Bad
		c.Advice = "each request is timed by clock reads of a microsecond or more, on the client's account"
	default:
		c.Verdict, c.Advice = Warning, "not known as one that is read without a system call; see the time to read it"
	}
	for _, fast := range fastClocks {
		if slices.Contains(available, fast) {
			c.Advice += ": `echo " + fast + " > /sys/devices/system/clocksource/clocksource0/current_clocksource`"
			return c
		}
	}
	c.Advice += "; the kernel gave up on faster ones, and `dmesg | grep -i clocksource` says why"
	return c
}

func (m machine) virtual() (bool, error) {
	info, err := m.line("proc/cpuinfo")
	if err != nil {
		return false, err
	}
	words := strings.Fields(info)
	if !slices.Contains(words, "flags") { // as on ARM
		return false, errors.New("/proc/cpuinfo lists no flags of the CPU")
	}
	return slices.Contains(words, "hypervisor"), nil
}

func virtualisation(virtual bool, err error) Check {
	switch {
	case err != nil:
		return unknown(virtualSubject, err, "`systemd-detect-virt` says it")
	case virtual:
		return Check{Subject: virtualSubject, Value: "virtual machine", Verdict: Warning,
			Advice: "others use the host's cores, caches and memory, and steal need not show it: compare rows of one run, with more trials"}
	}
	return Check{Subject: virtualSubject, Value: "none", Verdict: OK, Advice: "no hypervisor takes the CPUs away"}
}
