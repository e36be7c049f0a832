package calibrate

import (
	"time"

	"connbench/loadgen"
	"connbench/results"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Sojourns are the times that requests spend in a server which serves one at a time,
// in the order in which they arrive, given when that is, ascending, and how long
// each is served (Lindley 1952).
func Sojourns(arrivals, services []time.Duration) []time.Duration {
	sojourns := make([]time.Duration, len(arrivals))
	var free time.Duration // when the server has served all before
	for i, at := range arrivals {
		free = max(free, at) + services[i]
		sojourns[i] = free - at
	}
	return sojourns
}

// Path is what the sojourns of exactly the requests of a window come to.
type Path struct {
	Requests int64   `json:"requests"`
	Response Figures `json:"response_latency_ns"`

	sojourns *hdrhistogram.Histogram
}

// samplePath is the path of an open loop of one process and one thread through a
// server of the given services: of the requests due in the measured window, after
// those of the warm-up.
func samplePath(s loadgen.Spec, services *Services) Path {
	clients := make([]int, s.Clients)
	for i := range clients {
		clients[i] = i
	}
	schedule := s.Schedule(s.Clients, clients)
	var arrivals, served []time.Duration
	for at, _ := schedule.Next(); at < s.Warmup+s.Duration; at, _ = schedule.Next() {
		arrivals = append(arrivals, at)
		served = append(served, services.Next())
	}
	h := results.NewHistogram()
	for i, sojourn := range Sojourns(arrivals, served) {
		if arrivals[i] >= s.Warmup {
			h.RecordValue(int64(sojourn))
		}
	}
	l := results.LatencyOf(h, 0)
	return Path{Requests: h.TotalCount(), Response: Figures{float64(l.Mean), float64(l.P99)}, sojourns: h}
}
