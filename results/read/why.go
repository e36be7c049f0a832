package read

import "connbench/results"

// signs are what counters may show of a server that misses its latency, the surest first.
var signs = []struct {
	name  string
	shows func(*results.Trial) bool
}{
	{"its CPU is full", func(t *results.Trial) bool { return t.ServerUsage != nil && t.ServerCPUFraction >= 0.9 }},
	{"garbage collection", func(t *results.Trial) bool {
		return t.ServerUsage != nil && t.ServerRuntime != nil && t.ServerRuntime.GCCycles > 0
	}},
	{"full backlog", func(t *results.Trial) bool { return t.Kernel != nil && t.Kernel.ListenOverflows > 0 }},
	{"others on its CPU", func(t *results.Trial) bool {
		return t.Noise != nil && t.Noise.ServerOthers != nil && *t.Noise.ServerOthers >= 0.02
	}},
}

// why names what the latency of lost probes comes from, where counters tell: what they show, and
// those that were kept with about as many do not; empty where there is none.
func (g Goal) why(c *Capacity, probes []*results.Trial) string {
	var lost, kept []*results.Trial
	for _, t := range probes {
		near := asked(t) > c.Most/2 && asked(t) < 2*c.Most
		switch bound := g.Bound(t); {
		case near && bound == Kept:
			kept = append(kept, t)
		case near && bound == BoundLatency && g.Tells(t):
			lost = append(lost, t)
		}
	}
	for _, sign := range signs {
		share := func(of []*results.Trial) float64 {
			n := 0
			for _, t := range of {
				if sign.shows(t) {
					n++
				}
			}
			return float64(n) / float64(max(1, len(of)))
		}
		if often := share(lost); often >= 0.75 && often >= share(kept)+0.5 {
			return sign.name
		}
	}
	return ""
}
