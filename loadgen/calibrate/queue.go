package calibrate

import "time"

// request is one that has arrived at the server and is not answered.
type request struct {
	conn  *conn
	seen  time.Duration // since the server's start
	frame []byte        // the answer
}

// queue is first in, first out. It grows to the most that ever waited at once and
// allocates nothing after that.
type queue struct {
	slots []request // a ring
	head  int
	n     int
}

func (q *queue) push(c *conn, seen time.Duration, frame []byte) {
	if q.n == len(q.slots) {
		slots := make([]request, max(16, 2*q.n))
		moved := copy(slots, q.slots[q.head:])
		copy(slots[moved:], q.slots[:q.head])
		q.slots, q.head = slots, 0
	}
	r := &q.slots[(q.head+q.n)%len(q.slots)]
	r.conn, r.seen = c, seen
	r.frame = append(r.frame[:0], frame...)
	q.n++
}

func (q *queue) first() *request { return &q.slots[q.head] }

func (q *queue) pop() {
	q.first().conn = nil
	q.head = (q.head + 1) % len(q.slots)
	q.n--
}
