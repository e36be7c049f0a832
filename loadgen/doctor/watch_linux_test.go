package doctor

import (
	"testing"
	"time"

	"connbench/loadgen/process"

	"github.com/google/go-cmp/cmp"
)

// A CPU is watched for as long as it should be, and the thread is let go.
func TestWatch(t *testing.T) {
	allowed, err := process.AllowedCPUs()
	if err != nil {
		t.Fatal(err)
	}
	const length = 10 * time.Millisecond
	g, err := watch(t.Context(), allowed[0], length)
	if err != nil {
		t.Fatal(err)
	}
	if i := g.interruption(allowed[0]); i.WatchedNS < int64(length) || i.ClockReadNS <= 0 || i.LostFraction < 0 || i.LostFraction > 1 {
		t.Errorf("%+v", i)
	}
	after, err := process.AllowedCPUs()
	if diff := cmp.Diff(allowed, after); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestWatchElsewhere(t *testing.T) {
	if _, err := watch(t.Context(), 1023, time.Millisecond); err == nil {
		t.Error("it ran on CPU 1023")
	}
}
