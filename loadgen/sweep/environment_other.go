//go:build !linux

package sweep

import (
	"runtime"

	"connbench/results"
)

func describeMachine(e *results.Environment) { e.Cores = runtime.NumCPU() }
