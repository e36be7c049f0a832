package claims

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	address, err := leaveWaiting(reuse)
	if err != nil {
		return hold{}, err
	}
	var h hold
	start := time.Now()
	again := time.NewTicker(holdStep)
	defer again.Stop()
	for {
		l, err := kernel.Listen("tcp", address, kernel.SocketOptions{ReuseAddr: reuse})
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
func leaveWaiting(reuse bool) (address string, err error) {
	err = between(reuse, func(client, served *net.TCPConn) error {
		address = client.RemoteAddr().String()
		if err := served.Close(); err != nil {
			return err
		}
		if err := readOne(client, patience); !errors.Is(err, io.EOF) {
			return fmt.Errorf("the client does not see the end of its connection: %w", err)
		}
		return nil
	})
	return address, err
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
