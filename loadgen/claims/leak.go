package claims

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"syscall"
	"time"

	"connbench/loadgen/sweep"
	"connbench/models/wire"
	"connbench/results/read"
)

var leak = experiment{
	number: "8",
	title:  "what a leaked descriptor per connection leads to",
	words:  []string{"A leaked descriptor per connection exhausts a limit of 1024."},
	method: fmt.Sprintf("A server with a limit of %d descriptors that answers one client after the other and never closes a connection, and the same server that does close: "+
		"how many clients one after the other, each of which closes, are answered before one is not, of %d at most.", LeakLimit, leakClients),
	run: (*Bench).leaks,
}

const (
	// LeakLimit is the limit of descriptors of [Leak].
	LeakLimit   = 1024
	leakClients = 3 * LeakLimit
	starved     = time.Second // that a client waits in vain
)

func (b *Bench) leaks(ctx context.Context) ([]finding, error) {
	leaking, err := b.answeredUntil(ctx, b.Leaker(false))
	if err != nil {
		return nil, err
	}
	closing, err := b.answeredUntil(ctx, b.Leaker(true))
	if err != nil {
		return nil, err
	}
	return []finding{readLeak(leaking, closing)}, nil
}

// answeredUntil is how many clients one after the other a server answers before it
// fails one.
func (b *Bench) answeredUntil(ctx context.Context, row sweep.Row) (n int, err error) {
	err = b.with(ctx, row, func(server *sweep.Server) error {
		for n < leakClients && ctx.Err() == nil && served("tcp", server.Address()) == nil {
			n++
		}
		return ctx.Err()
	})
	return n, err
}

func readLeak(leaking, closing int) finding {
	r := finding{
		outcome:  confirmedIf(leaking < LeakLimit),
		sentence: fmt.Sprintf("The server that leaks answers %d clients and then none; the one that closes answers %d of %d.", leaking, closing, leakClients),
		figures: []read.ClaimFigure{
			read.Figure("answered by the server that leaks", float64(leaking), "clients").Noted("the limit is %d descriptors", LeakLimit),
			read.Figure("answered by the same server that closes", float64(closing), "clients").Noted("of %d", leakClients),
		},
	}
	if closing < leakClients {
		r.outcome = read.Undecidable
		r.sentence = fmt.Sprintf("The server that closes answers %d of %d clients only, so that something else than the leak is in the way.", closing, leakClients)
	}
	return r
}

// Leak serves one client after the other on l, with [LeakLimit] descriptors at most: it
// answers one frame of each, and closes the connection, or leaks it. It returns when l
// is closed.
func Leak(l net.Listener, closes bool) error {
	limit := syscall.Rlimit{Cur: LeakLimit, Max: LeakLimit}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit descriptors to %d: %w", LeakLimit, err)
	}
	var leaked []net.Conn
	defer func() { runtime.KeepAlive(leaked) }() // or the garbage collector would close them
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			time.Sleep(exhausted)
			continue
		}
		if payload, err := wire.ReadFrame(conn, wire.DefaultMaxPayload); err == nil {
			conn.Write(wire.AppendFrame(nil, payload))
		}
		if closes {
			conn.Close()
			continue
		}
		leaked = append(leaked, conn)
	}
}

// exhausted is how long to wait when there is no descriptor for a connection.
const exhausted = 10 * time.Millisecond
