//go:build !linux

package loadgen

import (
	"os/exec"
	"runtime"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// startOn leaves the placement to the system, which offers no other.
func startOn(cmd *exec.Cmd, _ []int) error { return cmd.Start() }

// AllowedCPUs lists the CPUs that this process may run on.
func AllowedCPUs() ([]int, error) {
	cpus := make([]int, runtime.NumCPU())
	for i := range cpus {
		cpus[i] = i
	}
	return cpus, nil
}
