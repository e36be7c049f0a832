package doctor

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Interruption is how often and for how long a CPU was taken from a loop that did
// nothing but read the clock.
type Interruption struct {
	CPU          int     `json:"cpu"`
	WatchedNS    int64   `json:"watched_ns"`
	PerSecond    float64 `json:"interruptions_per_second"`
	MedianNS     int64   `json:"median_ns"`
	LongestNS    int64   `json:"longest_ns"`
	LostFraction float64 `json:"lost_fraction"`
	ClockReadNS  float64 `json:"clock_read_ns"`
}

const (
	// shortest is the gap between two reads of the clock that counts as an
	// interruption. An interrupt that this kernel handles itself takes up to about
	// 5 µs; another thread, or the hypervisor, takes more than 10.
	shortest = 10 * time.Microsecond
	// longestGap bounds what the histogram holds; beyond it, a gap counts as that.
	longestGap = time.Minute
	// glance is how long the loop runs at a time: half of what Go's scheduler lets it
	// before it interrupts it itself.
	glance = 5 * time.Millisecond
)

type gaps struct {
	lengths *hdrhistogram.Histogram
	longest time.Duration
	lost    time.Duration // in all of them
	watched time.Duration
	reads   int64
}

func newGaps() *gaps {
	return &gaps{lengths: hdrhistogram.New(1, int64(longestGap), 3)}
}

func (g *gaps) look(clock func() time.Duration, length time.Duration) {
	start := clock()
	last := start
	for last-start < length {
		now := clock()
		g.reads++
		if gap := now - last; gap >= shortest {
			g.lengths.RecordValue(int64(min(gap, longestGap)))
			g.longest = max(g.longest, gap)
			g.lost += gap
		}
		last = now
	}
	g.watched += last - start
}

func (g *gaps) interruption(cpu int) Interruption {
	i := Interruption{CPU: cpu, WatchedNS: int64(g.watched), LongestNS: int64(g.longest)}
	if g.watched > 0 {
		i.PerSecond = float64(g.lengths.TotalCount()) / g.watched.Seconds()
		i.LostFraction = float64(g.lost) / float64(g.watched)
	}
	if g.lengths.TotalCount() > 0 {
		i.MedianNS = min(g.lengths.ValueAtQuantile(50), i.LongestNS)
	}
	if g.reads > 0 {
		i.ClockReadNS = float64(g.watched-g.lost) / float64(g.reads)
	}
	return i
}
