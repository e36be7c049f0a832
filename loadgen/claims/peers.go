package claims

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"connbench/loadgen/sweep"
	"connbench/models/wire"
	"connbench/results/read"

	"github.com/prometheus/procfs"
)

var peers = experiment{
	number: "10",
	title:  "what peers that go do to a server",
	words: []string{
		"A closed peer shows as a zero-length read (clean) or EPIPE (write after close); a silent one as a timeout.",
		"A killed peer shows as ECONNRESET.",
		"None of these that go may take the server down.",
		"Nor may one that is silent.",
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
	findings := []finding{readSigns(signs, false), readSigns(signs, true)}
	var survived []survival
	for _, model := range b.Models {
		s, err := b.survives(ctx, model)
		if err != nil {
			return findings, err
		}
		survived = append(survived, s)
	}
	return append(findings, readSurvival(survived), readBeside(survived)), nil
}

// sign is how the end of a peer shows, each time it was tried, and how it should.
type sign struct {
	what, said string
	see        func() error
	seen       []string
	killed     bool
}

func (b *Bench) signs(ctx context.Context) ([]sign, error) {
	signs := []sign{
		{"the peer closes", "zero-length read", closedPeer, nil, false},
		{"the peer is killed with unread bytes", "ECONNRESET", func() error { return b.killedPeer(ctx, unreadBytes) }, nil, true},
		{"written to after the peer has closed", "EPIPE", writtenPeer, nil, false},
		{"the peer says nothing", "timeout", silentPeer, nil, false},
		// The tutorial does not tell this one from the second.
		{"the peer is killed and had read all", "ECONNRESET", func() error { return b.killedPeer(ctx, 0) }, nil, true},
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
	return between(true, func(here, there *net.TCPConn) error {
		there.Close()
		return readOne(here, patience)
	})
}

func writtenPeer() error {
	return between(true, func(here, there *net.TCPConn) (err error) {
		there.Close()
		here.SetWriteDeadline(time.Now().Add(patience))
		for err == nil {
			_, err = here.Write([]byte{1})
		}
		return err
	})
}

func silentPeer() error {
	return between(true, func(here, _ *net.TCPConn) error { return readOne(here, silence) })
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
		if err := halt(ctx, server.PID()); err != nil {
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

// halt stops a process, and waits until no thread of it runs: one that does would read.
func halt(ctx context.Context, pid int) error {
	const glance, stopped = time.Millisecond, "T"
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		threads, err := procfs.AllThreads(pid)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(threads, func(t procfs.Proc) bool { s, err := t.Stat(); return err == nil && s.State != stopped }) {
			return nil
		}
		select {
		case <-time.After(glance):
		case <-limited.Done():
			return fmt.Errorf("process %d does not stop: %w", pid, limited.Err())
		}
	}
}

func readOne(c net.Conn, limit time.Duration) error {
	c.SetReadDeadline(time.Now().Add(limit))
	_, err := c.Read(make([]byte, 1))
	return err
}

// readSigns is of the peers that were killed, or of the others: each is to show as it is said to.
func readSigns(signs []sign, killed bool) finding {
	r := finding{outcome: read.Confirmed, sentence: "Each shows as it is said to."}
	if killed {
		r.sentence = "Each that was killed shows so."
	}
	for _, s := range signs {
		if s.killed != killed {
			continue
		}
		instead := r.saw(s)
		switch {
		case instead == "":
			continue
		case killed:
			r.sentence = fmt.Sprintf("Where %s there is a %s: it cannot be told from one that closes, since the kernel closes for it.", s.what, instead)
		default:
			r.sentence = fmt.Sprintf("Where %s there is a %s and not a %s.", s.what, instead, s.said)
		}
		r.outcome = read.Refuted
	}
	return r
}

// saw adds the figure of a sign, and returns what was seen instead, "" if nothing was.
func (r *finding) saw(s sign) (instead string) {
	as := 0
	for _, seen := range s.seen {
		if seen == s.said {
			as++
		} else {
			instead = seen
		}
	}
	figure := read.Figure(s.what, float64(as), "times").Noted("%s, of %d times", s.said, len(s.seen))
	if instead != "" {
		figure = figure.Noted("%s; else %s", figure.Note, instead)
	}
	r.figures = append(r.figures, figure)
	return instead
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

func readSurvival(all []survival) finding {
	var down []string
	for _, s := range all {
		if !s.lives {
			down = append(down, s.model+" ("+s.becomes+")")
		}
	}
	r := finding{
		outcome:  confirmedIf(len(down) == 0),
		sentence: fmt.Sprintf("All %d servers of streams go on.", len(all)),
		figures:  []read.ClaimFigure{read.Figure("servers that answer afterwards", float64(len(all)-len(down)), "servers").Noted("of %d", len(all))},
	}
	if len(down) > 0 {
		r.sentence = fmt.Sprintf("%d of %d servers do not answer afterwards: %s.", len(down), len(all), strings.Join(down, ", "))
	}
	return r
}

// readBeside refutes if any server that lives answers nobody beside a client that is silent.
func readBeside(all []survival) finding {
	var alone []string
	lives := 0
	for _, s := range all {
		if s.lives {
			lives++
			if !s.beside {
				alone = append(alone, s.model)
			}
		}
	}
	r := finding{outcome: confirmedIf(len(alone) == 0), sentence: "All answer beside a client that says nothing."}
	figure := read.Figure("that answer beside a client that says nothing", float64(lives-len(alone)), "servers").Noted("of %d", lives)
	if lives == 0 {
		r.outcome, r.sentence = read.Undecidable, "No server is left to ask."
	}
	if len(alone) > 0 {
		figure = figure.Noted("of %d; not %s", lives, strings.Join(alone, ", "))
		r.sentence = "As long as one client says nothing nobody else is answered by " + strings.Join(alone, ", ") + ": they have no timeout, and one client at a time."
	}
	r.figures = []read.ClaimFigure{figure}
	return r
}
