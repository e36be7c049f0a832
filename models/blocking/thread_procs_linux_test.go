package blocking

import (
	"runtime"
	"testing"
)

func TestProcessorsCoverTheThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	one, other := processors{most: 40}, processors{most: 10}
	for n := range 100 {
		one.cover(n)
		if got := runtime.GOMAXPROCS(0); got < before+min(n, 40) || got > before+40 {
			t.Fatalf("%d processors for %d threads, %d before", got, n, before)
		}
	}
	other.cover(1000)
	if got := runtime.GOMAXPROCS(0); got != before+50 {
		t.Errorf("%d processors for two servers, want %d", got, before+50)
	}
	one.close()
	other.close()
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("%d processors in the end, %d before", got, before)
	}
}
