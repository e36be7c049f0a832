package claims

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"connbench/results/read"
)

func TestPartials(t *testing.T) {
	findings, err := partials()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		outcomeOf(t, f, read.Confirmed, "")
	}
}

func TestPeersOfOneProcess(t *testing.T) {
	for _, row := range []struct {
		see  func() error
		want string
	}{
		{closedPeer, "zero-length read"},
		{writtenPeer, "EPIPE"},
		{silentPeer, "timeout"},
	} {
		if got := signOf(row.see()); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
	if got := signOf(errors.New("something else")); got != "" {
		t.Errorf("%q", got)
	}
}

func TestQueuedUnaccepted(t *testing.T) {
	n, err := queuedUnaccepted(fewBacklog, refusedClients)
	if err != nil || n < fewBacklog || n > 2*fewBacklog {
		t.Errorf("%d of %d connected, %v", n, refusedClients, err)
	}
}

func TestHeld(t *testing.T) {
	h, err := held(t.Context(), true)
	if err != nil || !h.over || h.first != nil {
		t.Errorf("with SO_REUSEADDR: %+v, %v", h, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h, err = held(ctx, false)
	if !errors.Is(err, context.Canceled) || !errors.Is(h.first, syscall.EADDRINUSE) {
		t.Errorf("without: %+v, %v", h, err)
	}
}

func TestPrice(t *testing.T) {
	p, err := priceOn(nil)
	if err != nil || p.fault <= 0 || p.fault > time.Second || p.change < 0 || p.change > time.Second {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestReadStacks(t *testing.T) {
	const smaps = `7f0000000000-7f0000800000 rw-p 00000000 00:00 0
Size:               8192 kB
KernelPageSize:        4 kB
Rss:                   8 kB
7f0001000000-7f0001800000 rw-p 00000000 00:00 0
Size:               8192 kB
Rss:                  16 kB
55d000000000-55d000100000 r-xp 00000000 08:01 1 /usr/bin/python3
Size:               1024 kB
Rss:                 900 kB
Size:               nonsense
Rss:                   1 kB
`
	s := stacks{limit: 8 << 20}
	if err := s.read(strings.NewReader(smaps)); err != nil || s.count != 2 || s.resident != 12<<10 {
		t.Errorf("%+v, %v", s, err)
	}
}
