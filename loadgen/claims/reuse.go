package claims

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"connbench/models/kernel"
	"connbench/results"
	"connbench/results/read"
)

var reuse = experiment{
	number: "6",
	title:  "whether a server can bind again at once (up to 75 s)",
	words: []string{
		"SO_REUSEADDR lets a restarted server bind at once.",
		"Without SO_REUSEADDR, TIME_WAIT can hold the port for about 60 s.",
	},
	method: fmt.Sprintf("A listener has one client, closes that connection first, which leaves it in TIME_WAIT, and goes. Its port is then bound again, with "+
		"SO_REUSEADDR on both listeners or on neither, once a second for at most %v.", holdLimit),
	run: (*Bench).reuses,
}

const (
	holdLimit = 75 * time.Second
	holdStep  = time.Second
)

// hold is how long a port could not be bound again.
type hold struct {
	lasted time.Duration
	over   bool // it could in the end
	first  error
}

func (b *Bench) reuses(ctx context.Context) ([]finding, error) {
	with, err := held(ctx, true)
	if err != nil {
		return nil, err
	}
	without, err := held(ctx, false)
	if err != nil {
		return nil, err
	}
	return []finding{readWith(with), readWithout(without)}, nil
}

// held leaves a connection in TIME_WAIT behind and tries to have its port again.
func held(ctx context.Context, reuse bool) (hold, error) {
	options := kernel.SocketOptions{ReuseAddr: reuse}
	address, err := leaveWaiting(options)
	if err != nil {
		return hold{}, err
	}
	var h hold
	start := time.Now()
	again := time.NewTicker(holdStep)
	defer again.Stop()
	for {
		l, err := kernel.Listen("tcp", address, options)
		h.lasted = time.Since(start)
		switch {
		case err == nil:
			h.over = true
			return h, l.Close()
		case !errors.Is(err, syscall.EADDRINUSE):
			return h, err
		case h.first == nil:
			h.first = err
		}
		if h.lasted > holdLimit {
			return h, nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return h, ctx.Err()
		}
	}
}

// leaveWaiting returns the address of a listener that is gone, with a connection that it
// closed before its client.
func leaveWaiting(o kernel.SocketOptions) (string, error) {
	l, err := kernel.Listen("tcp", "127.0.0.1:0", o)
	if err != nil {
		return "", err
	}
	defer l.Close()
	client, err := dial("tcp", l.Addr().String())
	if err != nil {
		return "", err
	}
	defer client.Close()
	served, err := l.Accept()
	if err != nil {
		return "", err
	}
	if err := served.Close(); err != nil {
		return "", err
	}
	client.SetReadDeadline(time.Now().Add(patience))
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("the client does not see the end of its connection: %w", err)
	}
	return l.Addr().String(), nil // the client closes, and then the listener
}

func readWith(h hold) finding {
	r := finding{
		outcome:  confirmedIf(h.first == nil),
		sentence: fmt.Sprintf("With SO_REUSEADDR the port was bound again after %v.", results.Nanos(h.lasted)),
		figures:  []read.ClaimFigure{read.Figure("until it could be bound again, with SO_REUSEADDR", float64(h.lasted), "ns")},
	}
	if h.first != nil {
		r.figures[0] = r.figures[0].Noted("at first: %v", h.first)
	}
	return r
}

// readWithout takes 45 to 75 s for about 60.
func readWithout(h hold) finding {
	r := finding{
		outcome:  confirmedIf(h.over && h.lasted >= 45*time.Second),
		sentence: fmt.Sprintf("Without SO_REUSEADDR the port could be bound again after %v.", results.Nanos(h.lasted)),
		figures:  []read.ClaimFigure{read.Figure("until it could be bound again, without SO_REUSEADDR", float64(h.lasted), "ns").Noted("tried once a second")},
	}
	if !h.over {
		r.sentence = fmt.Sprintf("Without SO_REUSEADDR the port could not be bound again within %v.", results.Nanos(h.lasted))
	}
	return r
}
