package read

import (
	"connbench/results"
	"connbench/results/stats"
)

// ConnectionMemory is what one connection more costs a server in memory, from connections
// that have sent nothing.
type ConnectionMemory struct {
	Each        stats.Interval // bytes; the median of the trials at Connections
	Connections int            // the most at which it was measured
	Kernel      bool           // whether the kernel's part is in it, not the resident one alone
}

// MillionClients is how many clients memory is extrapolated to.
const MillionClients = 1_000_000

// At is what so many connections cost, in bytes: extrapolation, beyond the connections it
// was measured at. It is their growth, without what the server takes for none.
func (m *ConnectionMemory) At(connections int) stats.Interval {
	n := float64(connections)
	return stats.Interval{Estimate: n * m.Each.Estimate, Low: n * m.Each.Low, High: n * m.Each.High}
}

// connectionMemory is that of a row's points, in the order of their clients: from the one
// with the most that has it.
func connectionMemory(points []*stats.Point, trials map[results.Key][]*results.Trial) *ConnectionMemory {
	for i := len(points) - 1; i >= 0; i-- {
		var idle []*results.IdleMemory
		for _, t := range trials[points[i].Key] {
			if t.Valid() && t.ServerUsage != nil && t.ServerIdle != nil {
				idle = append(idle, t.ServerIdle)
			}
		}
		if m := memoryOf(idle); m != nil {
			return m
		}
	}
	return nil
}

// memoryOf is nil where the growth cannot be told from none.
func memoryOf(idle []*results.IdleMemory) *ConnectionMemory {
	if len(idle) == 0 {
		return nil
	}
	m := &ConnectionMemory{Connections: idle[0].Connections, Kernel: true}
	for _, i := range idle {
		m.Kernel = m.Kernel && i.KernelBytes != nil
	}
	each := make([]float64, len(idle))
	for j, i := range idle {
		each[j] = i.ResidentBytes
		if m.Kernel {
			each[j] += *i.KernelBytes
		}
	}
	if m.Each = stats.MedianInterval(each); !(m.Each.Estimate > 0) {
		return nil
	}
	return m
}
