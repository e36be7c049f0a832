package modeltest

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connbench/models"
)

// churnEnv asks for a longer testChurn, on every network: how many clients come and go.
const churnEnv = "CONNBENCH_CHURN"

func churned() int64 {
	if n, err := strconv.ParseInt(os.Getenv(churnEnv), 10, 64); err == nil {
		return n
	}
	return 1000
}

// churning is for where testChurn runs: where there is a reset, unless more was asked for.
func churning(g *target) bool {
	return framed(g) && (g.network == "tcp" || os.Getenv(churnEnv) != "")
}

// testChurn has clients connect and reset as fast as they can, some of them inside a
// request or behind one. The server's threads keep up with them, another client is answered all the
// while, and in the end descriptors, threads and memory are what they were.
func testChurn(t *testing.T, g *target) {
	const first, manyThreads, fewThreads, fewBytes = 10, 1000, 250, 16 << 20 // many may be on their way out on a busy machine
	s := g.start(t, func(c *models.Config) { c.Workers = 0 })                // as many as the model wants
	s.churn(t, first, func() {})
	s.awaitEnds(t, first) // what stays for good is there now
	before, clients := used(), churned()
	most := before.threads
	clients += s.beside(t, func() {
		s.churn(t, clients, func() { most = max(most, tasks()) })
	})
	// Where the backlog is full the kernel drops the end of a handshake, and a client that
	// resets then was never seen: one in a hundred, at most.
	eventually(t, func() bool { return s.counts(t)["accepted"] >= first+clients-clients/100 && s.unended(t) == 0 },
		func() {
			t.Fatalf("%d connections, of which %d have not ended: %v", first+clients, s.unended(t), s.counts(t))
		})
	if most > before.threads+manyThreads {
		t.Errorf("up to %d threads while clients came and went, %d before", most, before.threads)
	}
	eventually(t, func() bool {
		now := used()
		return now.descriptors <= before.descriptors && now.threads <= before.threads+fewThreads && now.memory <= before.memory+fewBytes
	}, func() { t.Errorf("%+v after %d clients, %+v before", used(), clients, before) })
	s.stop(t)
}

// tasks is how many threads there are, 0 where descriptors are too few to look.
func tasks() int {
	all, _ := filepath.Glob("/proc/self/task/*")
	return len(all)
}

// churn has n clients connect and reset, a few at once, and calls look now and then.
func (s *server) churn(t *testing.T, n int64, look func()) {
	t.Helper()
	const atOnce, lookEvery, aliveAtOnce = 4, 50, 5000
	fragile := s.target.lack("OutOfDescriptors") != "" // so the clients must not bring that about
	request := s.target.request([]byte("half of this, or all"))
	sent := [][]byte{nil, request[:8], request}
	var next atomic.Int64
	var looking sync.Mutex
	each(t, atOnce, func(int) error {
		for i := next.Add(1); i <= n; i = next.Add(1) {
			for fragile && s.unended(t) > aliveAtOnce {
				time.Sleep(time.Millisecond)
			}
			c, err := s.connect()
			// A Unix socket's backlog may be full, and the server's end of connections that
			// have ended take the descriptors, which it shares with these clients.
			for ; errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EMFILE); c, err = s.connect() {
				time.Sleep(time.Millisecond)
			}
			if err != nil {
				return err
			}
			c.socket().Write(sent[i%3])
			if err := c.abort(); err != nil {
				return err
			}
			if i%lookEvery == 0 {
				looking.Lock()
				look()
				looking.Unlock()
			}
		}
		return nil
	})
}

type usage struct {
	descriptors, threads int
	memory               uint64 // of this process's heap and stacks, in bytes
}

func used() (u usage) {
	children, _ := filepath.Glob("/proc/self/task/*/children")
	processes := []string{"self"}
	for _, name := range children {
		text, _ := os.ReadFile(name)
		processes = append(processes, strings.Fields(string(text))...)
	}
	for _, process := range processes {
		descriptors, _ := filepath.Glob("/proc/" + process + "/fd/*")
		threads, _ := filepath.Glob("/proc/" + process + "/task/*")
		u.descriptors += len(descriptors)
		u.threads += len(threads)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.memory = m.HeapInuse + m.StackInuse
	return u
}
