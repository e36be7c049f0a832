package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

const (
	governorSubject = "frequency governor"
	boostSubject    = "turbo boost"
	// noFrequency is what to do where the frequency is ruled elsewhere.
	noFrequency = "virtual machines seldom do. Figures move with a frequency that only the host sees, so compare rows of one run"
)

func (m machine) governor(used []int) Check {
	var governors []string
	for _, cpu := range used {
		g, err := m.line(fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu))
		if err != nil {
			return unknown(governorSubject, err, noFrequency)
		}
		if !slices.Contains(governors, g) {
			governors = append(governors, g)
		}
	}
	return judgeGovernors(governors)
}

func judgeGovernors(governors []string) Check {
	c := Check{Subject: governorSubject, Value: strings.Join(governors, ", "), Verdict: OK, Advice: "the CPUs keep to their highest frequency"}
	if !slices.Equal(governors, []string{"performance"}) {
		c.Verdict = Warning
		c.Advice = "the frequency follows the load, so a light load is measured on slower CPUs than a heavy one: `cpupower frequency-set -g performance`"
	}
	return c
}

type boostSwitch struct {
	path string
	on   string // what it says then
	off  string // how to switch it off
}

var boostSwitches = []boostSwitch{
	{"sys/devices/system/cpu/intel_pstate/no_turbo", "0", "`echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo`"},
	{"sys/devices/system/cpu/cpufreq/boost", "1", "`echo 0 > /sys/devices/system/cpu/cpufreq/boost`"},
}

func (m machine) boost() Check {
	for _, s := range boostSwitches {
		says, err := m.line(s.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return unknown(boostSubject, err, noFrequency)
		}
		return judgeBoost(says == s.on, s.off)
	}
	return unknown(boostSubject, fs.ErrNotExist, noFrequency)
}

func judgeBoost(on bool, off string) Check {
	if on {
		return Check{Subject: boostSubject, Value: "on", Verdict: Warning,
			Advice: "the frequency depends on how many cores are busy and how warm they are: " + off}
	}
	return Check{Subject: boostSubject, Value: "off", Verdict: OK, Advice: "the frequency does not depend on other cores"}
}
