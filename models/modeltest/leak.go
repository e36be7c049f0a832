package modeltest

import (
	"os"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// checkLeaks fails t if, after all its other cleanups, there are goroutines or
// descriptors that were not there now.
func checkLeaks(t *testing.T) {
	t.Helper()
	existing := goleak.IgnoreCurrent()
	descriptors := count("/proc/self/fd")
	t.Cleanup(func() {
		var err error
		eventually(t, func() bool { err = goleak.Find(existing); return err == nil },
			func() { t.Errorf("goroutines left: %v", err) })
		eventually(t, func() bool { return count("/proc/self/fd") <= descriptors },
			func() { t.Errorf("%d descriptors, %d before the test", count("/proc/self/fd"), descriptors) })
	})
}

// count is the number of entries of a folder of Linux's, 0 elsewhere.
func count(dir string) int {
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		panic(err)
	}
	return len(entries)
}

// testThreads starts and stops servers and looks at the number of threads. The
// runtime keeps a thread that it has once needed and uses it again, so that the
// number follows the most that were ever busy at once, plus a few that it starts
// when it finds a processor idle. What a server leaves behind adds up.
func testThreads(t *testing.T, g *target) {
	if runtime.GOOS != "linux" {
		t.Skip("threads are counted on Linux only")
	}
	const cycles, few = 20, 12
	cycle := func() {
		s := g.start(t, nil)
		c := s.greeted(t)
		s.stop(t)
		c.Close()
	}
	for range 5 { // until those that are needed are there
		cycle()
	}
	before := count("/proc/self/task")
	for range cycles {
		cycle()
	}
	if after := count("/proc/self/task"); after > before+few {
		t.Errorf("%d threads after %d starts and stops, %d before", after, cycles, before)
	}
}

// soon is a while that is long for a computer: waiting for it makes a test
// sharper, never wrong.
const soon = 20 * time.Millisecond
