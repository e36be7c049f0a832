package kernel

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestOneShotReportsOnce(t *testing.T) {
	p := newPoller(t)
	peer, fd := halfPair(t)
	check(t, p.Add(fd, Readable|OneShot))
	peer.Write([]byte("x")) // and nobody reads it
	for _, when := range []string{"added", "armed again"} {
		for _, want := range []int{1, 0} {
			events := make([]unix.EpollEvent, 4)
			if n, err := p.Poll(events); n != want || err != nil {
				t.Errorf("%s: %d events, want %d (%v)", when, n, want, err)
			}
		}
		peer.Close()
		check(t, p.Modify(fd, Readable|OneShot))
	}
}
