//go:build !linux

package system

import (
	"math"
	"runtime"

	"connbench/results"
)

func describeMachine(e *results.Environment) { e.Cores = runtime.NumCPU() }

func userThreads() uint64 { return math.MaxUint64 }
