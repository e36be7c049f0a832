//go:build !linux

package sample

import "connbench/results"

// There is no /proc to look into.

func sampleTree([]int) *processSample                { return nil }
func parked([]int) results.Parked                    { return nil }
func available() *int64                              { return nil }
func sampleKernel() *results.Kernel                  { return nil }
func kernelMemory(string, string) (*int64, *float64) { return nil, nil }

type callCounter struct{}

func countCalls([]int) callCounter { return callCounter{} }

func (*callCounter) stop() *int64 { return nil }
