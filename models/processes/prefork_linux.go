package processes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"

	"connbench/models"
	"connbench/models/serving"

	"golang.org/x/sys/unix"
)

// preforkServer is the parent: it accepts nothing, and counts what its children do.
type preforkServer struct {
	serving.Lifecycle
	addr     net.Addr
	children []*preforkChild
	ended    chan *preforkChild // each once, when it has
	alone    chan struct{}      // closed when all have
}

func openPrefork(cfg models.Config) (models.Server, error) {
	cfg.Processes = cmp.Or(cfg.Processes, runtime.GOMAXPROCS(0))
	return openAs(preforkName, cfg)
}

// openAs serves in cfg's number of processes, each the model of that name.
func openAs(model string, cfg models.Config) (models.Server, error) {
	if !hooked.Load() {
		return nil, errors.New("this program cannot be started as a child: its main function does not call processes.Child")
	}
	n := cfg.Processes
	if err := checkDescriptors(n); err != nil {
		return nil, err
	}
	addr, release, err := holdPort(&cfg)
	if err != nil {
		return nil, err
	}
	defer release()
	s := &preforkServer{
		Lifecycle: serving.NewLifecycle(),
		addr:      addr,
		ended:     make(chan *preforkChild, n),
		alone:     make(chan struct{}),
	}
	started := make(chan error)
	cfg.Address, cfg.ReusePort, cfg.Processes = addr.String(), true, 0
	go s.parent(childSpec{model, cfg}, n, started)
	err = <-started
	for _, c := range s.children {
		if err == nil {
			err = c.awaitReady()
		}
	}
	if err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// checkDescriptors reports that the parent may not open as many files as it needs to start
// so many children: a channel and a handle for each, and its own.
func checkDescriptors(processes int) error {
	const each, own = 2, 24
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || uint64(each*processes+own) <= limit.Cur {
		return nil
	}
	return &models.ConfigError{Knob: string(models.KnobProcesses), Value: processes, Allowed: fmt.Sprintf("up to %d here: a process may open %d files (ulimit -n raises that), and needs %d for each and %d of its own",
		max(0, int(limit.Cur)-own)/each, limit.Cur, each, own)}
}

// holdPort takes the port, which must be nobody else's unless cfg wants it shared, and lets the
// children take it too. It is held until they have it.
func holdPort(cfg *models.Config) (addr net.Addr, release func() error, err error) {
	if cfg.Network == "udp" {
		held, err := serving.BindShared(cfg, 1)
		if err != nil {
			return nil, nil, err
		}
		return held[0].LocalAddr(), held[0].Close, nil
	}
	held, err := serving.ListenShared(cfg, 1)
	if err != nil {
		return nil, nil, err
	}
	return held[0].Addr(), held[0].Close, nil
}

// parent starts the children and stays until all have ended. For the kernel the
// thread that has started a process is its parent, with whose end Pdeathsig ends it;
// so that thread is kept.
func (s *preforkServer) parent(is childSpec, n int, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.alone)
	var watchers sync.WaitGroup
	defer watchers.Wait()
	var err error
	for range n {
		var c *preforkChild
		if c, err = startChild(is); err != nil {
			break
		}
		s.children = append(s.children, c)
		watchers.Go(func() {
			c.watch()
			s.ended <- c
		})
	}
	started <- err
}

func (s *preforkServer) Addr() net.Addr { return s.addr }

// Serve waits. When a child dies it cuts the others: the kernel would have shared
// its connections among them, and the row would measure something else unnoticed.
func (s *preforkServer) Serve() error {
	if !s.Begin() {
		return nil
	}
	defer s.End()
	var err error
	for range s.children {
		if c := <-s.ended; c.err != nil && err == nil {
			err = c.err
			s.cut()
		}
	}
	<-s.alone
	return err
}

// Shutdown has the children drain, and cut what is left when its context ends. One
// that has not ended soon after that is killed.
func (s *preforkServer) Shutdown(ctx context.Context) error {
	drain := func() {
		for _, c := range s.children {
			c.tell(preforkOrder{Do: orderDrain})
		}
	}
	return s.Finish(ctx, drain, s.cut, s.release)
}

func (s *preforkServer) cut() {
	for _, c := range s.children {
		c.cut()
	}
}

func (s *preforkServer) release() {
	s.cut()
	<-s.alone
}

// Counters asks the children and returns the sums.
func (s *preforkServer) Counters() map[string]int64 {
	sums := new(serving.Tally).Counters()
	for _, c := range s.children {
		for class, n := range c.count() {
			sums[class] += n
		}
	}
	return sums
}
