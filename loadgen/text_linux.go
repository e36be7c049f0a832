package loadgen

import (
	"bytes"
	"time"

	"connbench/loadgen/message"
	"connbench/models/wire"
)

// text is how far an answer is read whose end is not known before.
type text struct {
	answer wire.Answer
	part   []byte // of it, which is to be read with what follows
}

// takeText is take for answers that are read.
func (w *worker) takeText(c *conn, chunk []byte, now time.Duration) bool {
	if c.text == nil {
		c.text = new(text)
	}
	t := c.text
	if len(t.part) > 0 {
		w.pieced = append(append(w.pieced[:0], t.part...), chunk...)
		chunk, t.part = w.pieced, nil
	}
	for len(chunk) > 0 {
		layout := w.reading(c)
		n, payload, err := layout.Reader().Read(chunk, &t.answer)
		if err != nil || c.read == c.sent || !layout.Verify(payload, &t.answer, c.client, c.read) {
			w.fail(c, mismatch, now)
			return false
		}
		if n == 0 {
			t.part = bytes.Clone(chunk)
			c.got++
			break
		}
		chunk, c.got = chunk[n:], c.got+n
		if t.answer.Done && !w.finish(c, now) {
			return false
		}
	}
	return w.stays(c, now)
}

// finish records the answer that c has read to its end. It reports whether the connection lives on.
func (w *worker) finish(c *conn, now time.Duration) bool {
	a := c.text.answer
	c.text.answer, c.got = wire.Answer{}, 0
	s := w.stamp(c, c.read)
	if why, ok := verdict(&a, w.reading(c)); ok {
		if a.Missing {
			w.rec.missed(c.role, s)
		}
		w.answer(c, s, now)
	} else {
		s.open, c.served = false, true
		c.open--
		w.open--
		w.lose(c, s, why, now)
	}
	c.read++
	switch {
	case !a.Close:
		return true
	case c.open > 0: // those behind it nobody answers
		w.fail(c, closed, now)
	default:
		w.renew(c, now)
	}
	return false
}

// verdict says whether an answer is what was asked for, or why it is not.
func verdict(a *wire.Answer, layout *message.Layout) (why class, ok bool) {
	switch {
	case a.Failed:
		return respError, false
	case a.Status >= 500:
		return status5xx, false
	case a.Status >= 400:
		return status4xx, false
	case a.Status >= 300:
		return status3xx, false
	case !layout.Whole(a):
		return mismatch, false
	}
	return 0, true
}
