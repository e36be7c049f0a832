package hosts

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connbench/results"
)

// patience is for what is bound to come.
const patience = time.Minute

// open is a controller with an embedded server on loopback, which beats fast.
func open(t *testing.T, change ...func(*Options)) *Controller {
	t.Helper()
	o := Options{Listen: "127.0.0.1:0", Heartbeat: 50 * time.Millisecond, Silence: 5 * time.Second}
	for _, f := range change {
		f(&o)
	}
	c, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// url is where agents join a controller's embedded server.
func (c *Controller) url() string { return c.server.url() }

// log is what an agent says for people.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// member is an agent that runs in this process, with processes that are this test binary.
type member struct {
	Agent
	log   log
	end   context.CancelFunc
	ended chan error // what Run returned
}

// join starts an agent and ends it with the test.
func join(t *testing.T, c *Controller, name string, change ...func(*Agent)) *member {
	t.Helper()
	return joinAt(t, c.url(), readKey(t, c.keys.keyOf(name)), name, change...)
}

func joinAt(t *testing.T, url string, key *Key, name string, change ...func(*Agent)) *member {
	t.Helper()
	m := &member{ended: make(chan error, 1)}
	m.Agent = Agent{
		Join: url, Key: key, Program: os.Args[0], Say: m.log.say, OrphanAfter: patience,
		Info: Info{
			Name: name, Address: "127.0.0.1", CPUs: []int{0},
			Version:     Version{Protocol: Protocol, OS: "linux", Arch: "amd64"},
			Environment: results.Environment{Kernel: "6.1"},
		},
		Kinds: map[string]Kind{},
	}
	for actor := range actors {
		m.Kinds[strings.TrimPrefix(actor, "actor-")] = func(program string) ([]string, []int) { return []string{program, actor}, nil }
	}
	for _, f := range change {
		f(&m.Agent)
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.end = cancel
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.ended <- m.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if t.Failed() {
			t.Logf("agent %s: %s", name, &m.log)
		}
	})
	return m
}

func readKey(t *testing.T, path string) *Key {
	t.Helper()
	k, err := ReadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// claimAll claims agents that are about to join.
func claimAll(t *testing.T, c *Controller, names ...string) []*Host {
	t.Helper()
	hosts, err := c.Claim(t.Context(), names, patience)
	if err != nil {
		t.Fatal(err)
	}
	return hosts
}

// eventually waits for what is bound to come.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// makeKeys makes a folder of keys for a server on loopback.
func makeKeys(t *testing.T, agents ...string) Keys {
	t.Helper()
	k := Keys{Dir: filepath.Join(t.TempDir(), "keys"), Addresses: []string{"127.0.0.1"}, Listen: "127.0.0.1:0", Agents: agents}
	if _, err := MakeKeys(k); err != nil {
		t.Fatal(err)
	}
	return k
}

// running are the numbers of the processes that have not ended.
func (h *Host) running() []int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(maps.Keys(h.processes))
}
