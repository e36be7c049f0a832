package hosts

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"connbench/results"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Options are how a controller works.
type Options struct {
	NATS string // of a server of the user's own, see [CheckURL]; empty for an embedded one
	Keys string // a folder of [MakeKeys], or with NATS the file of a controller's key; empty for keys of this session alone

	Listen string   // host:port of the embedded one, port 0 for any free one; empty for :4222, or what Keys say
	Agents []string // that have a key each, of keys of this session; nil for one that all share

	Program string // the connbench that agents are to have too; beside it may be connbench-engines
	Commit  string // of it, if it is known

	Heartbeat time.Duration // between two renewals; 0 for 2 s
	Silence   time.Duration // without an answer to one a host is lost; 0 for 10 s
}

// Controller claims agents and has them start processes.
type Controller struct {
	options Options
	version Version
	id, who string
	server  *embedded       // nil with one of the user's own
	keys    Keys            // of the embedded one
	folder  *results.Folder // of the embedded one, with the keys of this session; nil if there is none
	conn    *nats.Conn
	objects *objects

	mu      sync.Mutex
	claimed []*Host
	ended   context.Context // of the heartbeat
	end     func()
	beating sync.WaitGroup
}

// Open connects a controller to the server of the options, or embeds one. The caller
// calls Close.
func Open(ctx context.Context, o Options) (*Controller, error) {
	o.Heartbeat, o.Silence = cmp.Or(o.Heartbeat, defaultHeartbeat), cmp.Or(o.Silence, defaultSilence)
	c := &Controller{options: o, id: rand.Text(), who: whoAmI()}
	c.ended, c.end = context.WithCancel(context.Background())
	c.version = Version{Protocol: Protocol, Commit: o.Commit, OS: runtime.GOOS, Arch: runtime.GOARCH}
	var err error
	if o.Program != "" {
		if c.version.Program, err = Fingerprint(o.Program); err != nil {
			return nil, err
		}
	}
	if o.NATS == "" {
		err = c.embed()
	} else {
		err = c.join(ctx)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	c.beating.Go(c.beat)
	return c, nil
}

// whoAmI is what others are told of who has an agent, or its name.
func whoAmI() string {
	name := "somebody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	machine, _ := os.Hostname()
	return fmt.Sprintf("%s@%s (process %d)", name, machine, os.Getpid())
}

// embed starts a server in this process and connects to it without a socket.
func (c *Controller) embed() (err error) {
	if c.folder, err = makeFolder(); err != nil {
		return err
	}
	c.keys = Keys{Dir: c.options.Keys, Listen: c.options.Listen, Agents: c.options.Agents}
	if c.keys.Dir == "" {
		c.keys.Dir = c.folder.Dir
		_, err = MakeKeys(c.keys)
	} else {
		c.keys.Agents, err = agentsIn(c.keys.Dir)
	}
	if err != nil {
		return err
	}
	if c.server, err = embed(c.keys.Dir, c.options.Listen, filepath.Join(c.folder.Dir, "jetstream")); err != nil {
		return err
	}
	key, err := ReadKey(filepath.Join(c.keys.Dir, controllerKeyFile))
	if err != nil {
		return err
	}
	return c.connect(key, nats.InProcessServer(c.server.server))
}

// join connects to a server of the user's own.
func (c *Controller) join(ctx context.Context) error {
	if err := CheckURL(c.options.NATS); err != nil {
		return fmt.Errorf("nats: %q is not allowed (%w)", c.options.NATS, err)
	}
	path := c.options.Keys
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, controllerKeyFile)
	}
	key, err := ReadKey(path)
	if err != nil {
		return err
	}
	if key.Role != RoleController {
		return fmt.Errorf("%s is the key of an %s, not of a controller", key.path, key.Role)
	}
	if err := c.connect(key, key.secure()); err != nil {
		if refused := key.refusal(c.options.NATS, err); refused != nil {
			return refused
		}
		return fmt.Errorf("%s: %w", c.options.NATS, err)
	}
	limited, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if _, err := c.objects.jet.AccountInfo(limited); err != nil {
		return fmt.Errorf("%s: JetStream is needed, and %w", c.options.NATS, err)
	}
	return nil
}

func (c *Controller) connect(key *Key, how nats.Option) error {
	options, err := key.options("connbench controller "+c.who, controllersInbox)
	if err != nil {
		return err
	}
	url := cmp.Or(c.options.NATS, "nats://embedded")
	// What is wrong with a connection shows in the hosts, which are lost.
	options = append(options, how, nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if c.conn, err = nats.Connect(url, options...); err != nil {
		return err
	}
	jet, err := jetstream.New(c.conn)
	c.objects = &objects{jet: jet}
	return err
}

// Close releases all hosts, which then have nothing running that was started for this
// controller, and ends the embedded server. The error says of which host that is not known.
// It may be called more than once.
func (c *Controller) Close() error {
	c.end()
	c.beating.Wait()
	claimed := c.hosts()
	errs := make([]error, len(claimed))
	var releasing sync.WaitGroup
	for i, h := range claimed {
		releasing.Go(func() { errs[i] = h.release() })
	}
	releasing.Wait()
	if c.conn != nil {
		c.conn.Close()
	}
	if c.server != nil {
		c.server.close()
	}
	if c.folder != nil {
		removeFolder(c.folder)
	}
	return errors.Join(errs...)
}

// hosts are those whose leases are to be renewed.
func (c *Controller) hosts() []*Host {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.claimed)
}

// remember is for a host whose lease is to be renewed.
func (c *Controller) remember(h *Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.claimed, h) {
		c.claimed = append(c.claimed, h)
	}
}

// forget is for a host whose lease is given back.
func (c *Controller) forget(h *Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claimed = slices.DeleteFunc(c.claimed, func(other *Host) bool { return other == h })
}

// beat renews the leases of all hosts until the controller is closed.
func (c *Controller) beat() {
	tick := time.NewTicker(c.options.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-c.ended.Done():
			return
		case now := <-tick.C:
			for _, h := range c.hosts() {
				h.renew(now)
			}
		}
	}
}
