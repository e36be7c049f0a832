package blocking

import (
	"runtime"
	"sync"

	"connbench/models"
)

// ThreadNetpoll gives each connection a thread of its own as well, by
// runtime.LockOSThread alone: the goroutine still waits in the runtime's poller, so
// that the thread sleeps until another, which has polled, hands its processor over.
// Each wake-up is a switch between two threads, and each wait one back. It is what one
// gets who takes the goroutine server and locks, and is here to be told from [Thread].
var ThreadNetpoll = models.Model{
	Name:         "thread-netpoll",
	Summary:      "a locked thread per connection that waits on the runtime's poller",
	Networks:     []string{"tcp", "unix"},
	Unit:         "thread per connection",
	Blocking:     true,
	Knobs:        models.NetConnKnobs(models.KnobWorkers),
	ServesAtOnce: threadsAtOnce,
	Open:         openThreadNetpoll,
}

func openThreadNetpoll(cfg models.Config) (models.Server, error) {
	slots, err := newThreadSlots(cfg)
	if err != nil {
		return nil, err
	}
	d := &lockedThreads{slots: slots}
	s, err := newStreamServer(cfg, d)
	if err != nil {
		return nil, err
	}
	d.server = s
	return s, nil
}

// lockedThreads serves each connection in a locked goroutine, whose thread ends with
// it.
type lockedThreads struct {
	slots  *threadSlots
	server *streamServer
	served sync.WaitGroup
}

// Go waits for a free thread. Once Shutdown has begun there is none: serve, which
// sees that, closes the connection here.
func (l *lockedThreads) Go(serve func()) {
	if !l.slots.take(&l.server.Tally, l.server.Stop) {
		serve()
		return
	}
	l.slots.beginning <- struct{}{}
	l.served.Go(func() {
		defer l.slots.free()
		runtime.LockOSThread()
		<-l.slots.beginning
		serve()
	})
}

// Wait returns when no connection is served any more.
func (l *lockedThreads) Wait() {
	l.served.Wait()
	l.slots.close()
}
