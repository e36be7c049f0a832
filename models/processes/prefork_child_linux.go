package processes

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"connbench/models"
	"connbench/models/readiness"
)

// preforkServing is a child, as it sees itself.
type preforkServing struct {
	server models.Server
	mu     sync.Mutex // of say
	say    *json.Encoder
}

// runChild reads nothing from its parent but orders, and the end of that is the end of both.
func runChild(find func(string) (models.Model, error)) int {
	// Ctrl-C in a terminal, and what ends a whole group of processes, is for the
	// parent, which tells its children to drain.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	control, err := controlConn(childControl)
	if err != nil {
		fmt.Fprintf(os.Stderr, "prefork: this process was not started as a child: %v\n", err)
		return 1
	}
	child := &preforkServing{say: json.NewEncoder(control)}
	if err := child.serve(control, find); err != nil {
		child.report(preforkReport{Final: true, Error: err.Error()})
		return 1
	}
	child.report(preforkReport{Final: true})
	return 0
}

func (p *preforkServing) serve(control net.Conn, find func(string) (models.Model, error)) error {
	var is childSpec
	if err := json.Unmarshal([]byte(os.Getenv(childEnv)), &is); err != nil {
		return fmt.Errorf("%s: %w", childEnv, err)
	}
	m := readiness.Reactor
	var err error
	if is.Model == preforkName {
		runtime.GOMAXPROCS(1) // one loop has use for no more
	} else if m, err = find(is.Model); err != nil {
		return err
	}
	if p.server, err = m.Listen(is.Config); err != nil {
		return err
	}
	p.report(preforkReport{})
	go p.obey(control)
	return p.server.Serve()
}

// obey follows the parent's orders to its end.
func (p *preforkServing) obey(control net.Conn) {
	ctx, cut := context.WithCancel(context.Background())
	for orders := json.NewDecoder(control); ; {
		var o preforkOrder
		if orders.Decode(&o) != nil {
			os.Exit(1) // nobody is there to serve for
		}
		switch o.Do {
		case orderCount:
			p.report(preforkReport{ID: o.ID})
		case orderDrain:
			go p.server.Shutdown(ctx)
		case orderCut:
			cut()
			go p.server.Shutdown(ctx)
		}
	}
}

// report says how it is, with the counters.
func (p *preforkServing) report(r preforkReport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		r.Counters = map[string]int64{}
	}
	if counting, ok := p.server.(models.Counting); ok {
		r.Counters = counting.Counters()
	}
	p.say.Encode(r) // of a parent that has ended, obey hears
}
