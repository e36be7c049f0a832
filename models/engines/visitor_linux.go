package engines

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"connbench/models/kernel"
	"connbench/models/serving"
	"connbench/models/wire"
)

// visitor is a connection of a library that gives each a goroutine, in which it reads, calls a
// handler and writes. It stands between the library and the socket: there it sees what ends
// the connection, and keeps the idle timeout and what Shutdown promises.
type visitor struct {
	net.Conn
	engine *base
	secure *tls.Conn // the Conn, where it speaks TLS
	// room is what the library offers for a read when it holds nothing that it has not
	// handled. Where it offers less, that much of a request has begun to arrive.
	room int
	// refusal is why the library refuses a request, by its own word on it; nil where what is
	// written between turns need not be one.
	refusal func(said []byte) error

	// Of the connection's goroutine.
	shaken  bool // hands, with TLS
	turn    bool // a request is being handled, or its reply is not out
	partial bool // one has begun to arrive and has not ended
	looks   int  // reads between requests since Shutdown began

	woken  atomic.Bool // by Shutdown
	mu     sync.Mutex
	why    error // what ends the connection
	halted bool  // the library has put an end to reading for now
}

// lastLooks bounds how often a connection that always has more is read once Shutdown has
// begun.
const lastLooks = 64

// note keeps what ends the connection: what is said first, but that the end of the stream and
// a request for the end are not the reason where something worse comes.
func (v *visitor) note(why error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.why == nil || v.why == io.EOF || v.why == wire.ErrClose {
		v.why = why
	}
}

func (v *visitor) ending() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.why
}

// begin is for the handler: a request's head has arrived, or all of it.
func (v *visitor) begin(whole bool) { v.turn, v.partial = true, !whole }

// next is for when a reply is out and the connection stays.
func (v *visitor) next() { v.turn, v.partial = false, false }

// Read waits for bytes. What it returns at the end of any kind is what libraries are silent
// about.
func (v *visitor) Read(p []byte) (int, error) {
	if v.secure != nil && !v.shaken {
		if err := v.shakeHands(); err != nil {
			return 0, err
		}
	}
	if len(p) == 1 { // net/http does so beside the connection's goroutine, while a handler has that
		return v.read(p, 0, false)
	}
	if !v.turn {
		v.partial = v.partial || len(p) < v.room
	}
	n, err := v.read(p, v.engine.cfg.IdleTimeout, !v.turn && !v.partial)
	if n > 0 && !v.turn {
		v.partial = true
	}
	return n, err
}

// read reads within a time, 0 for any. Where it is between two requests and Shutdown has begun
// it takes what has arrived, and does not wait.
func (v *visitor) read(p []byte, within time.Duration, between bool) (int, error) {
	for {
		deadline := v.arm(within)
		// After that: Shutdown says stop before it wakes the connection, so that one of
		// the two is always seen.
		stopping := between && v.engine.Stopping()
		if stopping {
			if v.looks++; v.looks > lastLooks {
				v.note(serving.ErrDrained)
				return 0, io.EOF
			}
			if raw, plain := v.Conn.(syscall.Conn); plain {
				return v.arrived(raw, p)
			}
			deadline = v.arm(lookEvery)
		}
		n, err := v.Conn.Read(p)
		switch {
		case err == nil || n > 0:
			return n, nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			v.note(err)
			return 0, err
		case v.isHalted():
			return 0, err
		case deadline.IsZero() || time.Now().Before(deadline): // Shutdown has woken it
		case stopping && v.waits(): // the look was late, and records have arrived
		case stopping:
			v.note(serving.ErrDrained)
			return 0, io.EOF
		default:
			v.note(err)
			return 0, err
		}
	}
}

// waits reports whether records wait at the socket below TLS.
func (v *visitor) waits() (some bool) {
	if v.secure == nil {
		return false
	}
	if raw, ok := v.secure.NetConn().(syscall.Conn); ok {
		if below, err := raw.SyscallConn(); err == nil {
			below.Control(func(fd uintptr) { some = arrived(int(fd)) })
		}
	}
	return some
}

// arrived reads what has arrived already, however late the look is; where that is nothing the
// connection has drained.
func (v *visitor) arrived(raw syscall.Conn, p []byte) (int, error) {
	n, err := kernel.ReadNow(raw, p)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, syscall.EAGAIN):
		err = serving.ErrDrained
	}
	v.note(err)
	return 0, io.EOF
}

// arm sets the deadline of the next read, unless the library has put an end to reading.
func (v *visitor) arm(within time.Duration) (deadline time.Time) {
	if within > 0 {
		deadline = time.Now().Add(within)
	} else if !v.engine.Stopping() {
		return deadline // there is none
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.halted {
		v.Conn.SetReadDeadline(deadline)
	}
	return deadline
}

// SetReadDeadline is for the library, which knows of no timeout and sets one that is over to
// have its reading end.
func (v *visitor) SetReadDeadline(t time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.halted = !t.IsZero()
	return v.Conn.SetReadDeadline(t)
}

func (v *visitor) isHalted() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.halted
}

// Write writes a reply. To who has left, nobody says anything but what a handler has made.
func (v *visitor) Write(p []byte) (int, error) {
	if !v.turn {
		if why := v.ending(); why != nil {
			return 0, why
		}
		if v.refusal != nil {
			v.note(v.refusal(p))
		}
	}
	if idle := v.engine.cfg.IdleTimeout; idle > 0 {
		v.Conn.SetWriteDeadline(time.Now().Add(idle))
	}
	n, err := v.Conn.Write(p)
	if err != nil {
		v.note(err)
	}
	return n, err
}

// CloseWrite ends the server's half, for libraries that do so.
func (v *visitor) CloseWrite() error {
	if half, ok := v.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// shakeHands makes the handshake of TLS within its time. Shutdown ends it: no request can have
// begun.
func (v *visitor) shakeHands() error {
	within := v.engine.cfg.IdleTimeout
	if within == 0 {
		within = serving.HandshakeTime
	}
	deadline := v.arm(within)
	err := error(serving.ErrDrained)
	if !v.engine.Stopping() {
		err = v.secure.Handshake()
		if errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(deadline) {
			err = serving.ErrDrained
		}
	}
	if err != nil {
		v.note(err)
		return io.EOF
	}
	v.shaken = true
	return v.Conn.SetReadDeadline(time.Time{})
}

// wake ends a wait for bytes, once, so that the connection sees that Shutdown has begun.
func (v *visitor) wake() {
	if v.woken.Swap(true) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Conn.SetReadDeadline(time.Unix(1, 0))
}

// cut ends the connection in the middle of what it does.
func (v *visitor) cut() {
	v.note(net.ErrClosed)
	if v.secure != nil {
		v.secure.NetConn().Close() // without a word to the client, for which there may be no room
		return
	}
	v.Conn.Close()
}
