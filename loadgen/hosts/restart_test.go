package hosts

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// restarting is a server of NATS that can be ended and started anew at the same address.
type restarting struct {
	keys Keys
	port string
	*embedded
}

func startServer(t *testing.T) *restarting {
	t.Helper()
	r := &restarting{keys: makeKeys(t), port: "0"}
	r.start(t)
	_, r.port, _ = net.SplitHostPort(r.server.Addr().String())
	t.Cleanup(r.end)
	return r
}

func (r *restarting) start(t *testing.T) {
	t.Helper()
	eventually(t, "the port is free", func() (is bool) {
		e, err := embed(r.keys.Dir, "127.0.0.1:"+r.port, t.TempDir())
		if err == nil {
			r.embedded = e
		}
		return err == nil
	})
}

// end ends the server, if it runs.
func (r *restarting) end() {
	if r.embedded != nil {
		r.embedded.close()
	}
	r.embedded = nil
}

func (r *restarting) url() string { return "tls://127.0.0.1:" + r.port }

// joined is a controller on a server that is not its own.
func joined(t *testing.T, k Keys, port string, change ...func(*Options)) *Controller {
	t.Helper()
	return open(t, append(change, func(o *Options) { o.NATS, o.Keys = "tls://127.0.0.1:"+port, k.Dir })...)
}

// When the server is started anew, both sides come back, and what ran goes on.
func TestServerAnew(t *testing.T) {
	server := startServer(t)
	c := joined(t, server.keys, server.port, func(o *Options) { o.Silence = patience })
	joinAt(t, server.url(), readKey(t, server.keys.keyOf("a")), "a")
	h := claimAll(t, c, "a")[0]
	p := started(t, h, "echo")
	long := strings.Repeat("x", 2*inlineLine)
	say := func(n int) (err error) {
		var w word
		if err = p.Tell(word{n, long}); err == nil {
			err = p.Hear(&w)
		}
		if err == nil && (w.Number != n || w.Text != long) {
			err = errors.New("another line came")
		}
		return err
	}
	if err := say(1); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		server.end()
		server.start(t)
		eventually(t, "both are back", func() bool {
			_, err := c.infoOf(t.Context(), "a")
			return err == nil
		})
		if err := say(n + 2); err != nil {
			t.Fatal(err)
		}
	}
}

// While the server is away hosts are lost; when it is back they can be claimed anew.
func TestServerAway(t *testing.T) {
	server := startServer(t)
	c := joined(t, server.keys, server.port, func(o *Options) { o.Silence = 3 * time.Second })
	joinAt(t, server.url(), readKey(t, server.keys.keyOf("a")), "a")
	h := claimAll(t, c, "a")[0]
	p, pid := running(t, h)
	server.end()
	lostWith(t, p, "a", "its agent has not answered for 3s")
	server.start(t)
	awaited(t, h)
	if !gone(pid) {
		t.Error("what ran under the old lease goes on")
	}
}

// Who ends while the server is away does not wait for it.
func TestEndsWithoutServer(t *testing.T) {
	server := startServer(t)
	c := joined(t, server.keys, server.port)
	m := joinAt(t, server.url(), readKey(t, server.keys.keyOf("a")), "a")
	_, pid := running(t, claimAll(t, c, "a")[0])
	server.end()
	eventually(t, "both have noticed", func() bool { return !c.conn.IsConnected() && strings.Contains(m.log.String(), "is disconnected") })
	if err := c.Close(); err == nil || !strings.Contains(err.Error(), "host a: the server is not there to tell its agent that the work is over") {
		t.Error(err)
	}
	m.end()
	if err := <-m.ended; err != nil || !gone(pid) {
		t.Errorf("its process goes on: %v", err)
	}
}

// debian is the nats-server of a distribution, with the configuration that was made.
func debian(t *testing.T, k Keys, port string) *os.Process {
	t.Helper()
	path, err := exec.LookPath("nats-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(path, "-c", filepath.Join(k.Dir, ConfigurationFile), "-a", "127.0.0.1", "-p", port)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	eventually(t, "it listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return cmd.Process
}

// freePort is one that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// A nats-server of one's own, of the oldest version that Debian has, does all of it.
func TestOwnServer(t *testing.T) {
	program := installed(t)
	for name, agents := range map[string][]string{"a key for all": nil, "a key each": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			k, port := makeKeys(t, agents...), freePort(t)
			server := debian(t, k, port)
			url := "tls://127.0.0.1:" + port
			c := joined(t, k, port, func(o *Options) { o.Program = program })
			joinAt(t, url, readKey(t, k.keyOf("a")), "a", func(a *Agent) {
				a.Info.Version, a.Info.AllowUpdate = c.version, true
				a.Info.Version.Program = "another"
			})
			h := claimAll(t, c, "a")[0]
			p := started(t, h, "echo")
			for n, text := range []string{"short", strings.Repeat("x", 1<<20), "short"} {
				var w word
				if err := p.Tell(word{n, text}); err != nil {
					t.Fatal(err)
				}
				if err := p.Hear(&w); err != nil || w != (word{n, text}) {
					t.Fatalf("%d, %d bytes: %v", w.Number, len(w.Text), err)
				}
			}
			if _, err := h.Clock(t.Context()); err != nil {
				t.Error(err)
			}
			server.Signal(syscall.SIGSTOP) // it is slow
			if err := p.Tell(word{Number: 4}); err != nil {
				t.Fatal(err)
			}
			server.Signal(syscall.SIGCONT)
			var w word
			if err := p.Hear(&w); err != nil || w.Number != 4 {
				t.Error(w, err)
			}
			testPermissions(t, url, readKey(t, k.keyOf("a")))
		})
	}
}
