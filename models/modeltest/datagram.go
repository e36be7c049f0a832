package modeltest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"connbench/models"
)

// ask sends one datagram and expects it back. Over the loopback interface the
// kernel drops one only for want of room, so it is sent again a few times.
func (c *client) ask(datagram []byte) error {
	defer c.SetReadDeadline(time.Now().Add(patience))
	got := make([]byte, len(datagram)+1)
	for wait := 10 * time.Millisecond; wait < patience; wait *= 2 {
		if _, err := c.Write(datagram); err != nil {
			return err
		}
		c.SetReadDeadline(time.Now().Add(wait))
		n, err := c.Read(got)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
		case err != nil:
			return err
		case !bytes.Equal(got[:n], datagram):
			return fmt.Errorf("%w: %d bytes, want %d", errMismatch, n, len(datagram))
		default:
			return nil
		}
	}
	return fmt.Errorf("no answer to a datagram of %d bytes", len(datagram))
}

func testDatagramSizes(t *testing.T, g *target) {
	s := g.start(t, nil)
	for i, n := range []int{0, 1, 2, 1471, 1472, 1473, 9000, models.DefaultReadBuffer + 1, 65506, 65507} {
		// A socket each: a late answer to an earlier question is not taken for
		// the answer to this one.
		if err := s.dial(t).ask(payload(n, i)); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	s.stop(t)
}

// testDatagramEmpty has empty datagrams between others, which may all be received at
// once: each is answered, in order.
func testDatagramEmpty(t *testing.T, g *target) {
	s := g.start(t, nil)
	c := s.dial(t)
	sizes := []int{5, 0, 5, 5, 0, 0, 7, 0, 1}
	for i, n := range sizes {
		c.send(t, payload(n, i))
	}
	got := make([]byte, 10)
	for i, size := range sizes {
		n, err := c.Read(got)
		if check(t, err); !bytes.Equal(got[:n], payload(size, i)) {
			t.Fatalf("answer %d is %q, want %q", i, got[:n], payload(size, i))
		}
	}
	s.stop(t)
}

// testDatagramClientGone has clients ask and leave: the answers find nobody, and
// the others do not notice.
func testDatagramClientGone(t *testing.T, g *target) {
	s := g.start(t, nil)
	for i := range 20 {
		gone := s.dial(t)
		gone.send(t, payload(100, i))
		check(t, gone.Close())
	}
	check(t, s.dial(t).ask(payload(100, 99)))
	s.stop(t)
}

// testDatagramGarbage has many clients send datagrams made up from a seed, of every size and
// content: those that are not too long come back as they are, and the others do not. What the
// kernel dropped, while the server was kept from a CPU, is not asked for again if it is too long.
func testDatagramGarbage(t *testing.T, g *target) {
	const datagrams, most, atOnce = 200, 1000, 16
	s := g.start(t, func(c *models.Config) { c.MaxFrame = most })
	var tooLong int64
	random := rand.New(rand.NewPCG(1, 0))
	garbage := make([][]byte, datagrams)
	for i := range garbage {
		garbage[i] = payload(random.IntN(2*most), i)
		if i < 3 {
			garbage[i] = payload(most-1+i, i)
		}
		if len(garbage[i]) > most {
			tooLong++
		}
	}
	s.inTurn(t, datagrams, atOnce, func(i int) error {
		return s.visit(func(c *client) error { // a socket each, as in testDatagramSizes
			if len(garbage[i]) > most {
				if _, err := c.Write(garbage[i]); err != nil {
					return err
				}
				garbage[i] = garbage[i][:most]
			}
			return c.ask(garbage[i])
		})
	})
	eventually(t, func() bool { c := s.counts(t); return c["oversized"]+c["dropped"] >= tooLong },
		func() { t.Fatalf("oversized and dropped are not %d: %v", tooLong, s.counts(t)) })
	s.stop(t)
	s.checkCounts(t, map[string]int64{"oversized": min(tooLong, s.counts(t)["oversized"])})
}

// testDatagramFlood has a client send much more than there is room for, and never
// read the answers. In between, another is answered.
func testDatagramFlood(t *testing.T, g *target) {
	const rounds, flood = 8, 500
	s := g.start(t, nil)
	flooder := s.dial(t)
	datagram := payload(100, 1)
	for round := range rounds {
		for range flood {
			flooder.send(t, datagram)
		}
		check(t, s.dial(t).ask(payload(300, round)))
	}
	s.stop(t)
	s.checkCounts(t, nil)
}
