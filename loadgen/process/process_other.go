//go:build !linux

package process

import (
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func startOn(cmd *exec.Cmd, cpus []int) error { return OnCPUs(cpus, cmd.Start) }

// OnCPUs calls f. Where it runs is left to the system, which offers no choice.
func OnCPUs(_ []int, f func() error) error { return f() }

// CPU is not to be had of another process.
func CPU(int) (time.Duration, error) { return 0, errors.ErrUnsupported }

// AllowedCPUs lists the CPUs that this process may run on.
func AllowedCPUs() ([]int, error) {
	cpus := make([]int, runtime.NumCPU())
	for i := range cpus {
		cpus[i] = i
	}
	return cpus, nil
}
