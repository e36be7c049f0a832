package hosts

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"connbench/loadgen/process"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Kind is a kind of process that an agent starts: the command, and the CPUs that it may
// use, none for all. The program is the connbench to start, the agent's own or one that a
// controller has shipped.
type Kind func(program string) (command []string, cpus []int)

// Agent is what runs on a machine to start processes there for a controller.
type Agent struct {
	Join        string // see [CheckURL]
	Key         *Key
	Info        Info   // but for incarnation, interfaces, times and busy, which are the agent's own to say
	Program     string // the connbench of its processes
	Kinds       map[string]Kind
	Launch      func(command []string, cpus []int) (process.Peer, error) // of a simulation; nil for real processes
	OrphanAfter time.Duration                                            // without its controller it ends what that has started; 0 for 15 s
	Say         func(line string)                                        // what becomes of it, for people; nil for nobody
}

// Check reports what is wrong with an agent before it runs.
func (a *Agent) Check() error {
	if err := CheckURL(a.Join); err != nil {
		return fmt.Errorf("join: %q is not allowed (%w)", a.Join, err)
	}
	if err := CheckName(a.Info.Name); err != nil {
		return err
	}
	switch {
	case a.Key.Role != RoleAgent:
		return fmt.Errorf("%s is the key of a %s, not of an agent", a.Key.path, a.Key.Role)
	case a.Key.Name != "" && a.Key.Name != a.Info.Name:
		return fmt.Errorf("%s is the key of agent %s, not of %s", a.Key.path, a.Key.Name, a.Info.Name)
	}
	return nil
}

// serving is an agent that runs.
type serving struct {
	Agent
	conn     *nats.Conn
	objects  *objects
	again    chan struct{} // it has connected anew
	handlers sync.WaitGroup

	leasing sync.Mutex // is held by who changes the lease, and while what ran is ended

	mu         sync.Mutex
	registered bool
	lease      *lease // nil while it is free
	ending     string // the lease of which what ran is being ended
	left       bool   // nothing is begun any more
}

// do begins what the agent waits for before it ends.
func (s *serving) do(what func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.left {
		s.handlers.Go(what)
	}
}

// Run joins the server, waits for it as long as it takes, and serves controllers until ctx
// ends; then all that it has started has ended. It returns an error where the server refuses
// it, or another agent has its name.
func (a Agent) Run(ctx context.Context) error {
	if err := a.run(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

func (a Agent) run(ctx context.Context) error {
	if err := a.Check(); err != nil {
		return err
	}
	a.OrphanAfter = cmp.Or(a.OrphanAfter, defaultOrphanAfter)
	if a.Launch == nil {
		a.Launch = launch
	}
	a.Say = onceEach(a.Say)
	removeOrphans()
	s := &serving{Agent: a, again: make(chan struct{}, 1)}
	s.Info.Incarnation, s.Info.Interfaces, s.Info.Started = rand.Text(), interfaces(), time.Now().UTC()
	if err := s.connect(ctx); err != nil {
		return err
	}
	defer s.leave()
	if err := s.subscribe(nameOf(s.Info.Name), s.onName); err != nil {
		return err
	}
	if err := s.register(ctx); err != nil {
		return err
	}
	if err := s.listen(); err != nil {
		return err
	}
	s.Say(fmt.Sprintf("agent %s at %s waits for work of %s", s.Info.Name, s.Info.Address, s.Join))
	return s.serve(ctx)
}

// onceEach leaves out what was said just before, as of each attempt to connect.
func onceEach(say func(line string)) func(line string) {
	var mu sync.Mutex
	last := ""
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if say != nil && line != last {
			say(line)
		}
		last = line
	}
}

func (s *serving) serve(ctx context.Context) error {
	const looks = 8 // in the time after which it is an orphan
	tick := time.NewTicker(max(time.Millisecond, s.OrphanAfter/looks))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.again:
			if err := s.register(ctx); err != nil {
				return err
			}
			s.Say("agent " + s.Info.Name + " is connected again")
		case <-tick.C:
			s.endOrphans()
		}
	}
}

// leave ends what runs and closes the connection.
func (s *serving) leave() {
	s.leasing.Lock()
	s.endLease("its agent was ended")
	s.mu.Lock()
	s.left = true
	s.mu.Unlock()
	s.leasing.Unlock()
	if s.conn.IsConnected() {
		s.conn.FlushTimeout(requestTimeout)
	}
	s.conn.Close()
	s.handlers.Wait()
}

// connect connects, and keeps at it where the server may be there later.
func (s *serving) connect(ctx context.Context) error {
	options, err := s.Key.options("connbench agent "+s.Info.Name, agentsInbox(s.Info.Name))
	if err != nil {
		return err
	}
	options = append(options, s.Key.secure(), nats.NoEcho(),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				s.Say(fmt.Sprintf("agent %s is disconnected: %v", s.Info.Name, err))
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			select {
			case s.again <- struct{}{}:
			default:
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			s.Say(fmt.Sprintf("agent %s: %v", s.Info.Name, err))
		}),
	)
	for {
		if s.conn, err = nats.Connect(s.Join, options...); err == nil {
			break
		}
		if refused := s.Key.refusal(s.Join, err); refused != nil {
			return refused
		}
		if errors.Is(err, nats.ErrNoServers) {
			err = errors.New("nobody answers there yet")
		}
		s.Say(fmt.Sprintf("agent %s waits for %s: %v", s.Info.Name, s.Join, err))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reconnectPause):
		}
	}
	jet, err := jetstream.New(s.conn)
	s.objects = &objects{jet: jet}
	return err
}

// listen begins to serve, once the name is this agent's.
func (s *serving) listen() error {
	name := s.Info.Name
	return errors.Join(s.subscribe(clockOf(name), s.onClock), s.subscribe(toAgent(name, "*"), s.onMessage), s.subscribe(discovery, s.onInfo))
}

func (s *serving) subscribe(subject string, handle nats.MsgHandler) error {
	_, err := s.conn.Subscribe(subject, handle)
	return err
}

// respond answers whoever wants an answer.
func (s *serving) respond(m *nats.Msg, v any) {
	if m.Reply == "" {
		return
	}
	data, err := encode(v)
	if err == nil {
		err = m.Respond(data)
	}
	if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		s.Say(fmt.Sprintf("agent %s: an answer could not be sent: %v", s.Info.Name, err))
	}
}
