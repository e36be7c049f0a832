package blocking

import (
	"encoding/binary"
	"errors"
	"net"
	"os"

	"connbench/models/serving"
)

// recordHeader is the length of what precedes a TLS record's content: its type,
// a version, and the content's length in the last two bytes.
const recordHeader = 5

// recordConn is the connection under a tls.Conn, which has two things that cannot
// be asked of it: to read without waiting, and whether a record has begun.
type recordConn struct {
	net.Conn
	now    bool // take what has arrived already, and time out where nothing has
	seen   bool // something has been read
	header []byte
	left   int // of the content that the last header announced
}

// Read reads as the Conn does, or as now says. A tls.Conn goes on after a timeout
// where it was.
func (c *recordConn) Read(p []byte) (n int, err error) {
	if c.now {
		n, err = arrived(c.Conn, p)
	} else {
		n, err = c.Conn.Read(p)
	}
	if errors.Is(err, serving.ErrDrained) {
		err = os.ErrDeadlineExceeded
	}
	c.follow(p[:n])
	return n, err
}

// follow keeps track of where records begin and end.
func (c *recordConn) follow(p []byte) {
	c.seen = c.seen || len(p) > 0
	for len(p) > 0 {
		n := min(c.left, len(p))
		c.left -= n
		p = p[n:]
		if c.left > 0 {
			return
		}
		n = min(recordHeader-len(c.header), len(p))
		c.header = append(c.header, p[:n]...)
		p = p[n:]
		if len(c.header) == recordHeader {
			c.left = int(binary.BigEndian.Uint16(c.header[recordHeader-2:]))
			c.header = c.header[:0]
		}
	}
}

// inside reports whether a record has begun that has not ended.
func (c *recordConn) inside() bool { return c.left > 0 || len(c.header) > 0 }
