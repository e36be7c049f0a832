package hosts

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/loadgen/process"
)

// gone reports whether a process has ended; its parent may still have to reap it.
func gone(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(b), ") Z ")
}

// running starts a process that does not end by itself, and returns its number.
func running(t *testing.T, h *Host) (process.Peer, int) {
	t.Helper()
	return runningAs(t, h, "deaf")
}

func runningAs(t *testing.T, h *Host, kind string) (process.Peer, int) {
	t.Helper()
	p := started(t, h, kind)
	var w word
	if err := p.Hear(&w); err != nil {
		t.Fatal(err)
	}
	return p, w.Number
}

// lostWith waits until a process is lost.
func lostWith(t *testing.T, p process.Peer, host, want string) {
	t.Helper()
	var w word
	err := p.Hear(&w)
	if !errors.Is(err, process.ErrLost) || !strings.Contains(err.Error(), "host "+host+" is lost: ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, not %q", err, want)
	}
	if err := p.Stop(0); !errors.Is(err, process.ErrLost) {
		t.Errorf("stopped with %v", err)
	}
	if err := p.Tell(w); !errors.Is(err, process.ErrLost) {
		t.Errorf("told with %v", err)
	}
}

// second is another controller on the server of a first one.
func second(t *testing.T, c *Controller) *Controller {
	t.Helper()
	return open(t, func(o *Options) { o.NATS, o.Keys = c.url(), c.keys.Dir })
}

func TestSecondController(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	_, pid := running(t, h)
	other := second(t, c)
	_, err := other.Claim(t.Context(), []string{"a"}, patience)
	if err == nil || !strings.Contains(err.Error(), "host a: busy for "+c.who+" since ") {
		t.Errorf("claimed twice: %v", err)
	}
	found, err := other.Hosts(t.Context())
	if err != nil || len(found) != 1 || found[0].Busy == nil || found[0].Busy.Who != c.who || time.Since(found[0].Busy.Since) > patience {
		t.Errorf("%+v, %v", found, err)
	}
	if err := h.release(); err != nil {
		t.Error(err)
	}
	if !gone(pid) {
		t.Error("what ran under the lease outlives it")
	}
	if _, err := other.Claim(t.Context(), []string{"a"}, 0); err != nil {
		t.Error(err)
	}
}

// All are claimed or none.
func TestClaimAllOrNone(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	claimAll(t, c, "a")[0].release()
	_, err := c.Claim(t.Context(), []string{"a", "b"}, time.Millisecond)
	const want = "host b: its agent did not answer within 1ms (a did); start it there: connbench agent --join "
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), " --name b") {
		t.Error(err)
	}
	if found, err := c.Hosts(t.Context()); err != nil || len(found) != 1 || found[0].Busy != nil {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := c.Claim(t.Context(), []string{"a b"}, 0); err == nil || !strings.Contains(err.Error(), "is no name of a host") {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Claim(ended, []string{"b"}, patience); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A lease is kept while others are waited for.
func TestClaimWaits(t *testing.T) {
	c := open(t)
	const orphanAfter = 2 * time.Second
	a := join(t, c, "a", func(a *Agent) { a.OrphanAfter = orphanAfter })
	claimed := make(chan error, 1)
	var hosts []*Host
	go func() {
		var err error
		hosts, err = c.Claim(t.Context(), []string{"a", "b"}, patience)
		claimed <- err
	}()
	eventually(t, "the first one is claimed", func() bool { return strings.Contains(a.log.String(), "works for") })
	began := time.Now()
	eventually(t, "it would be an orphan", func() bool { return time.Since(began) > 2*orphanAfter })
	join(t, c, "b")
	if err := <-claimed; err != nil {
		t.Fatal(err)
	}
	running(t, hosts[0])
	if strings.Contains(a.log.String(), "is free") {
		t.Errorf("%s", &a.log)
	}
	if _, err := c.Claim(t.Context(), []string{"b"}, 0); err == nil || err.Error() != "host b is claimed already" {
		t.Error(err)
	}
}

// What a controller has started ends when that is gone without a word.
func TestOrphans(t *testing.T) {
	c := open(t)
	m := join(t, c, "a", func(a *Agent) { a.OrphanAfter = 3 * time.Second })
	other := second(t, c)
	_, pid := running(t, claimAll(t, other, "a")[0])
	other.conn.Close() // as if it were killed
	eventually(t, "its process ends", func() bool { return gone(pid) })
	eventually(t, "the agent is free", func() bool {
		return strings.Contains(m.log.String(), "agent a is free: its controller was not heard of")
	})
	claimAll(t, c, "a")
}

// When a controller is closed nothing runs that it had started.
func TestClose(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	join(t, c, "b")
	other := second(t, c)
	var pids []int
	for _, h := range claimAll(t, other, "a", "b") {
		for range 2 {
			_, pid := running(t, h)
			pids = append(pids, pid)
		}
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	for _, pid := range pids {
		if !gone(pid) {
			t.Errorf("process %d goes on", pid)
		}
	}
}

// agentProcess is the life of an agent that can be killed: told where, with which key and
// by what name.
func agentProcess() {
	key, err := ReadKey(os.Args[3])
	if err != nil {
		panic(err)
	}
	a := Agent{Join: os.Args[2], Key: key, Info: Info{Name: os.Args[4], Version: Version{Protocol: Protocol}}, Program: os.Args[0], Kinds: map[string]Kind{
		"deaf": func(program string) ([]string, []int) { return []string{program, "actor-deaf"}, nil },
	}, OrphanAfter: patience}
	if err := a.Run(context.Background()); err != nil {
		panic(err)
	}
}

// startAgent starts an agent in a process of its own.
func startAgent(t *testing.T, c *Controller, name string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "actor-agent", c.url(), c.keys.keyOf(name), name)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGCONT)
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// awaited waits until a host is back, and has it do something.
func awaited(t *testing.T, h *Host) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := h.Await(ctx); err != nil {
		t.Fatal(err)
	}
	running(t, h)
}

func TestAgentKilled(t *testing.T) {
	c := open(t, func(o *Options) { o.Silence = 3 * time.Second })
	agent := startAgent(t, c, "a")
	h := claimAll(t, c, "a")[0]
	p, pid := running(t, h)
	agent.Process.Kill()
	agent.Wait()
	lostWith(t, p, "a", "its agent has not answered for 3s")
	eventually(t, "its process ends", func() bool { return gone(pid) })
	if p, err := h.Start(t.Context(), "deaf"); !errors.Is(err, process.ErrLost) {
		t.Error(p, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := h.Await(short); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "host a") {
		t.Error(err)
	}
	startAgent(t, c, "a")
	awaited(t, h)
}

// An agent that is started anew at once is found out by its own word.
func TestAgentAnew(t *testing.T) {
	c := open(t, func(o *Options) { o.Silence = patience })
	agent := startAgent(t, c, "a")
	h := claimAll(t, c, "a")[0]
	p, _ := running(t, h)
	agent.Process.Kill()
	agent.Wait()
	startAgent(t, c, "a")
	lostWith(t, p, "a", "its agent was started anew")
	awaited(t, h)
}

func TestAgentHangs(t *testing.T) {
	c := open(t, func(o *Options) { o.Silence = 3 * time.Second })
	agent := startAgent(t, c, "a")
	h := claimAll(t, c, "a")[0]
	p, pid := running(t, h)
	agent.Process.Signal(syscall.SIGSTOP)
	lostWith(t, p, "a", "its agent has not answered for 3s")
	agent.Process.Signal(syscall.SIGCONT)
	awaited(t, h)
	if !gone(pid) {
		t.Error("what ran under the old lease goes on under the new one")
	}
}

// An agent that is ended says so, and ends what does not want to.
func TestAgentEnded(t *testing.T) {
	c := open(t, func(o *Options) { o.Silence = patience })
	m := join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	p, pid := runningAs(t, h, "stubborn")
	m.end()
	lostWith(t, p, "a", "its agent was ended")
	if err := <-m.ended; err != nil {
		t.Error(err)
	}
	if !gone(pid) {
		t.Error("its process goes on")
	}
}

// A controller that comes back to a lease of its own has what ran under it ended.
func TestReclaim(t *testing.T) {
	c := open(t)
	join(t, c, "a")
	h := claimAll(t, c, "a")[0]
	p, pid := running(t, h)
	h.lose("the test says so")
	lostWith(t, p, "a", "the test says so")
	awaited(t, h)
	if !gone(pid) {
		t.Error("what ran under the old lease goes on")
	}
}
