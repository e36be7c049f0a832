package serving

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoffGrowsToItsMaximum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Backoff
		for want := minPause; want < maxPause; want *= 2 {
			if got := b.Next(); got != want {
				t.Fatalf("pause %v, want %v", got, want)
			}
		}
		if got := b.Next(); got != maxPause {
			t.Errorf("pause %v, want the maximum of %v", got, maxPause)
		}
		start := time.Now()
		b.Wait(nil)
		if got := time.Since(start); got != maxPause {
			t.Errorf("waited %v, want %v", got, maxPause)
		}
		stop := make(chan struct{})
		close(stop)
		start = time.Now()
		if b.Wait(stop); time.Since(start) != 0 {
			t.Error("waits after stop")
		}
		if b.Reset(); b.Next() != minPause {
			t.Error("reset does not start over")
		}
	})
}
