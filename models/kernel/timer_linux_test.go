package kernel

import (
	"testing"
	"time"
)

func TestTimer(t *testing.T) {
	timer, err := NewTimer()
	check(t, err)
	defer timer.Close()
	for _, d := range []time.Duration{-1, 0, 1, 10 * time.Microsecond, time.Millisecond} {
		for range 3 {
			begin := time.Now()
			timer.Pause(d)
			if took := time.Since(begin); took < d {
				t.Errorf("a pause of %v took %v", d, took)
			}
		}
	}
	if allocs := testing.AllocsPerRun(100, func() { timer.Pause(1) }); allocs != 0 {
		t.Errorf("%v allocations a pause", allocs)
	}
}
