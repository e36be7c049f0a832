//go:build !linux

package process

import (
	"errors"
	"runtime"
	"syscall"
	"time"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

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

var began = time.Now()

// Monotonic is the time since this process began: no other's clock compares with it.
func Monotonic() time.Duration { return time.Since(began) }
