package claims

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"connbench/loadgen/sweep"
	"connbench/models/wire"
	"connbench/results/read"
)

var peers = experiment{
	number: "10",
	title:  "what peers that go do to a server",
	words: []string{
		"A closed peer shows as a zero-length read (clean), ECONNRESET (killed) or EPIPE (write after close); a silent one as a timeout.",
		"None of these may take the server down.",
	},
	method: fmt.Sprintf("A connection whose peer closes, is killed by SIGKILL with and without bytes that it has not read, closes and is then written to, or says nothing "+
		"for %v. Then each server of streams gets %d clients of each kind: that end within a frame, are reset within a frame, or ask and go without reading, and afterwards one "+
		"that wants an answer; and once more one beside a client that says nothing.", silence, rudeClients),
	run: (*Bench).hostile,
}

const (
	silence     = 200 * time.Millisecond
	rudeClients = 8
	unreadBytes = 64
	signTries   = 5
)

func (b *Bench) hostile(ctx context.Context) ([]finding, error) {
	signs, err := b.signs(ctx)
	if err != nil {
		return nil, err
	}
	findings := []finding{readSigns(signs)}
	var survived []survival
	for _, model := range b.Models {
		s, err := b.survives(ctx, model)
		if err != nil {
			return findings, err
		}
		survived = append(survived, s)
	}
	return append(findings, readSurvival(survived)), nil
}

// sign is how the end of a peer shows, each time it was tried, and how it should.
type sign struct {
	what, said string
	see        func() error
	seen       []string
}

func (b *Bench) signs(ctx context.Context) ([]sign, error) {
	signs := []sign{
		{"the peer closes", "zero-length read", closedPeer, nil},
		{"the peer is killed with unread bytes", "ECONNRESET", func() error { return b.killedPeer(ctx, unreadBytes) }, nil},
		{"written to after the peer has closed", "EPIPE", writtenPeer, nil},
		{"the peer says nothing", "timeout", silentPeer, nil},
		// The tutorial does not tell this one from the second.
		{"the peer is killed and had read all", "zero-length read", func() error { return b.killedPeer(ctx, 0) }, nil},
	}
	for i := range signs {
		s := &signs[i]
		for range signTries {
			err := s.see()
			seen := signOf(err)
			if seen == "" {
				return nil, fmt.Errorf("%s: %w", s.what, err)
			}
			s.seen = append(s.seen, seen)
		}
	}
	return signs, nil
}

// signOf names an error as the tutorial does, "" for any other.
func signOf(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return "zero-length read"
	case errors.Is(err, syscall.ECONNRESET):
		return "ECONNRESET"
	case errors.Is(err, syscall.EPIPE):
		return "EPIPE"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	}
	return ""
}

func closedPeer() error {
	return between(func(here, there *net.TCPConn) error {
		there.Close()
		return readOne(here, patience)
	})
}

// writtenPeer writes until the peer's refusal has arrived.
func writtenPeer() error {
	return between(func(here, there *net.TCPConn) (err error) {
		there.Close()
		here.SetWriteDeadline(time.Now().Add(patience))
		for err == nil {
			_, err = here.Write([]byte{1})
		}
		return err
	})
}

func silentPeer() error {
	return between(func(here, _ *net.TCPConn) error { return readOne(here, silence) })
}

// killedPeer has a server killed by whose client it is seen, with so many bytes that it
// has not read.
func (b *Bench) killedPeer(ctx context.Context, unread int) error {
	row, err := b.Row(ctx, "goroutine", nil)
	if err != nil {
		return err
	}
	return b.with(ctx, row, func(server *sweep.Server) error {
		conn, err := dial(row.Network, server.Address())
		if err != nil {
			return err
		}
		defer conn.Close()
		if err := ask(conn, 64); err != nil {
			return err
		}
		if err := syscall.Kill(server.PID(), syscall.SIGSTOP); err != nil {
			return err
		}
		if _, err := conn.Write(make([]byte, unread)); err != nil {
			return err
		}
		if err := syscall.Kill(server.PID(), syscall.SIGKILL); err != nil {
			return err
		}
		return readOne(conn, patience)
	})
}

func readOne(c net.Conn, limit time.Duration) error {
	c.SetReadDeadline(time.Now().Add(limit))
	_, err := c.Read(make([]byte, 1))
	return err
}

func readSigns(signs []sign) finding {
	r := finding{outcome: read.Confirmed, sentence: "Each shows as it is said to. But one that is killed after it has read everything " +
		"cannot be told from one that closes: the kernel closes for it."}
	for _, s := range signs {
		as := 0
		for _, seen := range s.seen {
			if seen == s.said {
				as++
				continue
			}
			r.outcome = read.Refuted
			r.sentence = fmt.Sprintf("Where %s there is a %s and not a %s.", s.what, seen, s.said)
		}
		r.figures = append(r.figures, read.Figure(s.what, float64(as), "times").Noted("%s, of %d times", s.said, len(s.seen)))
	}
	return r
}

type survival struct {
	model   string
	lives   bool // it answers after the peers that went
	beside  bool // it answers beside one that says nothing
	becomes string
}

func (b *Bench) survives(ctx context.Context, model string) (s survival, err error) {
	s.model = model
	row, err := b.Row(ctx, model, nil)
	if err != nil {
		return s, err
	}
	err = b.with(ctx, row, func(server *sweep.Server) error {
		err := rude(row.Network, server.Address())
		if err == nil {
			err = served(row.Network, server.Address())
		}
		if err != nil {
			s.becomes = err.Error()
			return nil
		}
		s.lives = true
		silent, err := dial(row.Network, server.Address())
		if err != nil {
			return err
		}
		defer silent.Close()
		s.beside = served(row.Network, server.Address()) == nil
		return nil
	})
	return s, err
}

func served(network, address string) error {
	conn, err := dial(network, address)
	if err != nil {
		return err
	}
	defer conn.Close()
	return askWithin(conn, 64, starved)
}

func rude(network, address string) error {
	frame := wire.AppendFrame(nil, make([]byte, 64))
	for range rudeClients {
		for _, leave := range []func(net.Conn) error{
			func(c net.Conn) error { _, err := c.Write(frame[:len(frame)/2]); return err },
			func(c net.Conn) error {
				_, err := c.Write(frame[:len(frame)/2])
				if tcp, ok := c.(*net.TCPConn); ok {
					err = errors.Join(err, tcp.SetLinger(0))
				}
				return err
			},
			func(c net.Conn) error { _, err := c.Write(frame); return err },
		} {
			conn, err := dial(network, address)
			if err != nil {
				return err
			}
			err = leave(conn)
			conn.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readSurvival refutes if any server is lost.
func readSurvival(all []survival) finding {
	var down, alone []string
	for _, s := range all {
		switch {
		case !s.lives:
			down = append(down, s.model+" ("+s.becomes+")")
		case !s.beside:
			alone = append(alone, s.model)
		}
	}
	lives := len(all) - len(down)
	r := finding{
		outcome:  read.Confirmed,
		sentence: fmt.Sprintf("All %d servers of streams go on.", len(all)),
		figures:  []read.ClaimFigure{read.Figure("servers that answer afterwards", float64(lives), "servers").Noted("of %d", len(all))},
	}
	if len(down) > 0 {
		r.outcome = read.Refuted
		r.sentence = fmt.Sprintf("%d of %d servers do not answer afterwards: %s.", len(down), len(all), strings.Join(down, ", "))
	}
	beside := read.Figure("that answer beside a client that says nothing", float64(lives-len(alone)), "servers").Noted("of %d", lives)
	if len(alone) > 0 {
		beside = beside.Noted("of %d; not %s", lives, strings.Join(alone, ", "))
		r.sentence += " A single client that says nothing holds up " + strings.Join(alone, ", ") + ": they have no timeout, and one client at a time."
	}
	r.figures = append(r.figures, beside)
	return r
}
