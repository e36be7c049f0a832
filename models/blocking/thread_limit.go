package blocking

import (
	"fmt"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"connbench/models"
	"connbench/models/serving"
)

// maxRuntimeThreads is how many threads the runtime may start beside those of
// connections, to collect garbage: at most one for each of GOMAXPROCS, and no more
// than there are connections.
const maxRuntimeThreads = 1 << 10

// ThreadRoom is the most connections that a model with a thread for each can serve
// at once, as things are now, and the name of the limit that says so. One thread more
// than the system allows, and the Go runtime would end the process; so a part is left
// to other processes, to threads on their way out and to the runtime's own.
func ThreadRoom() (threads int, limit string) {
	room, limit := systemThreads(false)
	const always = 64
	room -= room/16 + always
	return max(0, room/2, room-maxRuntimeThreads), limit
}

// CheckThreads reports, with the limit's name, that fewer than n threads can be started
// here: where a Go program gets none for its runtime, that ends in an abort.
func CheckThreads(n int) error {
	if room, limit := systemThreads(true); room < n {
		return fmt.Errorf("about %d threads are needed, and %s leaves %d: raise it", n, limit, room)
	}
	return nil
}

// threadsAtOnce is ServesAtOnce of the models with a thread per connection.
func threadsAtOnce(cfg models.Config) int {
	if cfg.Workers > 0 {
		return cfg.Workers
	}
	threads, _ := ThreadRoom()
	return max(1, threads)
}

// threadSlots are the threads that a server may have for its connections. All but
// free is for the goroutine that accepts.
type threadSlots struct {
	used      chan struct{} // as much as there are threads
	beginning chan struct{} // as much as there are threads that do not run yet
	raised    bool
}

// maxBeginning is how many connections are taken ahead of the threads that will serve
// them. Of those that end at once, thousands would else wait for their threads to begin
// and to end, which takes the runtime longer the more there are.
const maxBeginning = 16

// newThreadSlots holds cfg against what the system has room for.
func newThreadSlots(cfg models.Config) (*threadSlots, error) {
	room, limit := ThreadRoom()
	if room == 0 {
		return nil, fmt.Errorf("no room for threads: %s is reached", limit)
	}
	most := cfg.Workers
	if most == 0 {
		most = room
	}
	if most > room {
		return nil, &models.ConfigError{Knob: string(models.KnobWorkers), Value: most, Allowed: fmt.Sprintf("there is room for %d threads: %s", room, limit)}
	}
	return &threadSlots{used: make(chan struct{}, most), beginning: make(chan struct{}, maxBeginning)}, nil
}

// take waits for a thread to be free. That it had to wait counts as backoff. It
// returns false when stop comes first.
func (t *threadSlots) take(c *serving.Tally, stop <-chan struct{}) bool {
	if !t.raised {
		allowThreads(cap(t.used))
		t.raised = true
	}
	select {
	case t.used <- struct{}{}:
		return true
	default:
	}
	c.Backoff.Add(1)
	select {
	case t.used <- struct{}{}:
		return true
	case <-stop:
		return false
	}
}

// free gives a thread back, in any goroutine.
func (t *threadSlots) free() { <-t.used }

// close is for when all threads are free again.
func (t *threadSlots) close() {
	if t.raised {
		allowThreads(-cap(t.used))
	}
}

// allowed is what the servers of this process have added to the number of threads at
// which the Go runtime ends it; see [debug.SetMaxThreads].
var allowed struct {
	sync.Mutex
	before, more int
}

// allowThreads raises or lowers that number by n.
func allowThreads(n int) {
	allowed.Lock()
	defer allowed.Unlock()
	if allowed.more == 0 {
		allowed.before = debug.SetMaxThreads(math.MaxInt32) // there is no other way to ask
	}
	allowed.more += n
	limit := allowed.before + allowed.more
	if n > 0 || awaitThreads(limit-limit/16) {
		debug.SetMaxThreads(limit)
	}
}

// awaitThreads waits until there are at most n threads: those of goroutines that have
// ended may be a moment late, and a limit below what there is ends the process. It
// returns false when they do not come to an end.
func awaitThreads(n int) bool {
	live := []metrics.Sample{{Name: "/sched/threads/total:threads"}}
	for range 1000 {
		metrics.Read(live)
		if live[0].Value.Uint64() <= uint64(n) {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}
