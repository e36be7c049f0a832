package loadgen

import (
	"math"
	"slices"
	"testing"
	"time"

	"connbench/results"
)

// fetched is what a meter has to hand over, nil if there is nothing.
func fetched(m *meter) *Live {
	l := Live{Latencies: Histogram{Histogram: results.NewHistogram()}}
	if !m.fetch(&l) {
		return nil
	}
	return &l
}

func TestMeter(t *testing.T) {
	r := recorder{live: newMeter(time.Second)}
	m := r.live
	m.begin(10 * time.Second)
	count := func(n int, latency time.Duration) {
		for range n {
			r.came(&stamp{due: 0}, latency)
		}
	}
	count(50, time.Millisecond)
	m.turn(10*time.Second + 999*time.Millisecond)
	if l := fetched(m); l != nil {
		t.Fatalf("handed over too early: %+v", l)
	}
	m.turn(11 * time.Second)
	count(5, time.Millisecond) // of the next reading
	l := fetched(m)
	if l == nil || l.ThroughputRPS != 50 || l.Failed != 0 {
		t.Fatalf("first second: %+v, want 50 requests/s", l)
	}
	if p99 := time.Duration(l.P99()); p99 < 990*time.Microsecond || p99 > 1010*time.Microsecond {
		t.Errorf("first second: p99 %v, want a hundredth around 1ms", p99)
	}
	if fetched(m) != nil {
		t.Error("the same twice")
	}

	m.turn(12 * time.Second)
	count(30, time.Millisecond)
	m.turn(13 * time.Second) // nobody has fetched the second one
	count(30, time.Millisecond)
	if l = fetched(m); l == nil || l.ThroughputRPS != 5 {
		t.Fatalf("second one: %+v, want 5 requests/s", l)
	}
	m.turn(14 * time.Second)
	if l = fetched(m); l == nil || l.ThroughputRPS != 30 {
		t.Errorf("third and fourth: %+v, want 60 requests in 2s", l)
	}
}

// Failed requests are in the percentile, those of the warm-up too.
func TestMeterFailures(t *testing.T) {
	r := recorder{live: newMeter(time.Second), from: time.Hour}
	r.live.begin(0)
	r.came(&stamp{}, time.Millisecond)
	r.failed(reset, 0, time.Millisecond)
	r.failed(reset, 0, time.Millisecond)
	r.live.turn(time.Second)
	if l := fetched(r.live); l == nil || l.Failed != 2 || !l.P99().IsInf() {
		t.Errorf("got %+v, want two failures and an infinite p99", l)
	}
	r.live.turn(2 * time.Second)
	if l := fetched(r.live); l == nil || l.Failed != 0 || !math.IsNaN(float64(l.P99())) {
		t.Errorf("then %+v, want nothing at all", l)
	}
}

func TestCombined(t *testing.T) {
	part := func(tick int, rps float64, latency time.Duration) Live {
		l := Live{Tick: tick, ThroughputRPS: rps, Failed: 1, Latencies: Histogram{Histogram: results.NewHistogram()}}
		l.Latencies.RecordValue(int64(latency))
		return l
	}
	var ticks []int
	var rps []float64
	var counts []int64
	hook := combined(2, func(l Live) {
		ticks, rps = append(ticks, l.Tick), append(rps, l.ThroughputRPS)
		counts = append(counts, l.Latencies.TotalCount()+l.Failed)
	})
	hook(part(1, 10, time.Millisecond))
	hook(part(1, 20, time.Second))
	hook(part(2, 1, time.Second))
	hook(part(3, 2, time.Second)) // one of the second is missing
	hook(part(2, 5, time.Second)) // and late
	hook(part(3, 3, time.Second))
	if want := []int{1, 2, 3}; !slices.Equal(ticks, want) {
		t.Errorf("ticks %v, want %v", ticks, want)
	}
	if want := []float64{30, 1, 5}; !slices.Equal(rps, want) {
		t.Errorf("requests/s %v, want %v", rps, want)
	}
	if want := []int64{4, 2, 4}; !slices.Equal(counts, want) {
		t.Errorf("requests %v, want %v", counts, want)
	}
}
