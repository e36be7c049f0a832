package loadgen

import (
	"context"
	"errors"
	"testing"
	"time"
)

// What several processes do can be watched while they do it.
func TestClientsLive(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	s.Clients, s.Duration, s.Live = 4, 5*time.Minute, 10*time.Millisecond
	const ticks = 5
	seen := make(chan Live, ticks)
	_, err := Clients{{Peer: child(t, "client", nil)}, {Peer: child(t, "client", nil)}}.Run(ctx, s, Stages{Live: func(l Live) {
		select {
		case seen <- l:
		default: // they are enough
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	answered, tick := 0.0, 0
	for range ticks {
		l := <-seen
		if l.Tick <= tick {
			t.Errorf("tick %d after %d", l.Tick, tick)
		}
		tick = l.Tick
		if l.Failed != 0 || (l.ThroughputRPS > 0) != (l.P99() > 0) {
			t.Errorf("%d failed, %v requests/s, p99 %v", l.Failed, l.ThroughputRPS, l.P99())
		}
		answered += l.ThroughputRPS
	}
	if answered == 0 {
		t.Error("no request was seen")
	}
}

// Who does not ask is told nothing.
func TestRunUnwatched(t *testing.T) {
	s := quick("tcp", echo(t, "tcp", "127.0.0.1:0"))
	if _, err := Run(t.Context(), s, Stages{Live: func(Live) { t.Error("told") }}); err != nil {
		t.Fatal(err)
	}
}
