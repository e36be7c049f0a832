package modeltest

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// testOutOfDescriptors lets a client connect when the process has no descriptor
// left: accepting pauses, those it has are served, and the new one is when there are
// descriptors again. That is so twice.
func testOutOfDescriptors(t *testing.T, g *target) {
	const rounds, mostTries = 5, 50
	allowFewDescriptors(t) // before the server starts, which may remember the limit
	s := g.start(t, nil)
	m := g.message(payload(100, 1))
	others := s.others(t)
	descriptors := count("/proc/self/fd")
	for range 2 {
		eventually(t, func() bool { return count("/proc/self/fd") <= descriptors }, // nobody gives one back later
			func() { t.Fatalf("%d descriptors, %d to begin with", count("/proc/self/fd"), descriptors) })
		before := s.counts(t)["backoff"]
		c, release := s.dialWithTheLast(t)
		c.send(t, m.request)
		eventually(t, func() bool { return s.counts(t)["backoff"] > before },
			func() { t.Fatalf("accepting goes on without descriptors: %v", s.counts(t)) })
		for range rounds {
			check(t, exchangeEach(others, m))
			check(t, c.expectNothing())
		}
		if tries := s.counts(t)["backoff"] - before; tries > mostTries {
			t.Errorf("accepting was tried %d times without descriptors: it does not pause", tries)
		}
		release()
		c.receive(t, m.reply)
		check(t, c.Close())
	}
	for _, c := range others {
		check(t, c.Close())
	}
	s.finish(t, map[string]int64{"clean": int64(2 + len(others))})
}

// testManyOutOfDescriptors has more clients wait for the server when it begins than there are
// descriptors for: nobody is cut off, and as each goes when it has its answer, all are served.
func testManyOutOfDescriptors(t *testing.T, g *target) {
	allowFewDescriptors(t)
	s, err := g.listen(t, g.config(t))
	check(t, err)
	var clients []*client
	c, err := s.connect()
	for ; err == nil; c, err = s.connect() {
		clients = append(clients, c)
	}
	if !errors.Is(err, syscall.EMFILE) {
		t.Fatal(err)
	}
	stay := clients[len(clients)/3:] // the descriptors of the others are for the server
	for _, c := range clients[:len(clients)-len(stay)] {
		check(t, c.Close())
	}
	s.serve()
	m := g.message(payload(100, 1))
	each(t, len(stay), func(i int) error {
		defer stay[i].Close()
		return stay[i].exchange(m)
	})
	s.finish(t, map[string]int64{"clean": int64(len(clients))})
}

func allowFewDescriptors(t *testing.T) {
	t.Helper()
	const few = 128
	var before unix.Rlimit
	check(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &before))
	lower := before
	lower.Cur = min(before.Cur, few)
	check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &lower))
	t.Cleanup(func() { check(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &before)) })
}

// dialWithTheLast connects when the client's own descriptor is the last: all others
// are taken until the function returned is called, or the test ends.
func (s *server) dialWithTheLast(t *testing.T) (c *client, release func()) {
	t.Helper()
	var taken []*os.File
	release = func() {
		for _, f := range taken {
			f.Close()
		}
		taken = nil
	}
	t.Cleanup(release)
	c = s.dialBy(t, net.Dialer{Timeout: patience, Control: func(string, string, syscall.RawConn) error {
		for {
			f, err := os.Open(os.DevNull)
			if err != nil {
				return nil
			}
			taken = append(taken, f)
		}
	}})
	return c, release
}

// inProcess is for stream models that serve in the process of the test alone, so that
// they run out of descriptors with it; those that need none for a connection do not.
func inProcess(g *target) bool {
	cfg := g.tweaked()
	return stream(g) && cfg.Processes < 2 && !cfg.Direct
}
