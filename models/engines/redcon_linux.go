package engines

import (
	"net"

	"connbench/models"
	"connbench/models/wire"

	"github.com/tidwall/redcon"
)

type redconServer struct {
	*visits
	redcon *redcon.Server
	values redconValues
}

// redconSlack is how much longer all of a command may be than its longest argument.
const redconSlack = 64 << 10

func openRedcon(cfg models.Config) (models.Server, error) {
	v, err := newVisits(cfg, 0)
	if err != nil {
		return nil, err
	}
	s := &redconServer{visits: v, values: redconValues{all: map[string][]byte{}}}
	v.refusal = func([]byte) error { return wire.ErrMalformed }
	v.wrap = func(v *visitor) net.Conn { return &redconConn{visitor: v} }
	addr := v.Addr()
	s.redcon = redcon.NewServerNetwork(addr.Network(), addr.String(), s.command, nil, s.closed)
	return s, nil
}

func (s *redconServer) Serve() error { return s.serve(s.redcon.Serve) }

// closed is called in the connection's goroutine.
func (s *redconServer) closed(conn redcon.Conn, _ error) {
	c := conn.NetConn().(*redconConn)
	c.partial = c.read > c.taken
	s.left(c.visitor)
}

// redconConn is a visitor of redcon, which handles all commands that it holds before it reads
// again.
type redconConn struct {
	*visitor
	read  int // bytes, since nothing was left of what had been read
	taken int // of them, by commands
	asked int // bytes of values that commands have got since the last read
}

func (c *redconConn) Read(p []byte) (int, error) {
	c.turn, c.asked = false, 0
	if c.taken >= c.read { // more, where a command has come in words: redcon does not say how long that was
		c.read, c.taken = 0, 0
	}
	c.partial = c.read > c.taken
	if c.read-c.taken > c.engine.cfg.MaxFrame+redconSlack {
		c.note(wire.ErrTooLong)
		return 0, net.ErrClosed
	}
	n, err := c.visitor.Read(p)
	c.read += n
	return n, err
}

func (s *redconServer) command(conn redcon.Conn, cmd redcon.Command) {
	c := conn.NetConn().(*redconConn)
	c.begin(true)
	c.taken += len(cmd.Raw)
	if work := s.cfg.Perform(); work != nil {
		work(cmd.Raw)
	}
	if why := s.answer(conn, c, cmd); why != nil {
		c.note(why)
		conn.ReadPipeline() // the commands behind it are not answered
		conn.Close()
	}
}
