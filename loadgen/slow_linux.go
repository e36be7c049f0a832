package loadgen

import "time"

const (
	// slowStep is how often a slow client does something, about what a bad
	// mobile link takes for a packet.
	slowStep = 10 * time.Millisecond
	// slowPieces is into how many pieces it cuts a message, to send or to read.
	slowPieces = 8
)

// step lets a slow client send its next piece, or, when its request is out, read
// the next piece of the answer.
func (w *worker) step(c *conn, now time.Duration) {
	if c.wrote < c.sent {
		out := w.layout.from(w.scratch, c.client, c.wrote, c.offset)
		w.write(c, out[:min(piece(w.layout.size()), len(out))], now)
		return
	}
	if _, ok := w.readOnce(c, w.buf[:min(piece(w.layout.answerSize()), len(w.buf))]); ok {
		w.follow(c, now)
	}
}

// piece is the length of the pieces of a message of n bytes.
func piece(n int) int { return (n + slowPieces - 1) / slowPieces }
